"""Of several ledgers of the same days the one that was asked for last counts."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.own_ledgers.rules import Days
from portal.own_ledgers.vocabulary import OwnLedgerAction


def supersede_older(session: Session, *, actor: Actor, dealer_id: int, days: Days) -> None:
    """Replace what was compared of the same days and that nobody signed by the latest of them.

    What was signed stays: it is proof.
    """
    said = {"dealer_id": dealer_id, "first_day": days.first, "last_day": days.last}
    session.execute(_ALONE, {"dealer_id": str(dealer_id)})
    # Statements of their own: who waited for a row would not see what was signed meanwhile.
    session.execute(_LOCK, said)
    for row in session.execute(_SUPERSEDE, said).all():
        audit.record(
            session,
            OwnLedgerAction.SUPERSEDED,
            row.number,
            actor=actor,
            dealer_id=dealer_id,
            after={"by": row.superseded_by},
        )


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('own ledgers of ' || :dealer_id, 0))")
_LOCK = text(
    """
    SELECT FROM own_ledger
     WHERE dealer_id = :dealer_id AND state = 'done' AND first_day = :first_day AND last_day = :last_day
     ORDER BY id FOR NO KEY UPDATE
    """
)
_SUPERSEDE = text(
    """
    WITH latest AS (
      SELECT id, number FROM own_ledger
       WHERE dealer_id = :dealer_id AND state = 'done' AND first_day = :first_day AND last_day = :last_day
       ORDER BY asked_at DESC NULLS LAST, id DESC LIMIT 1
    )
    UPDATE own_ledger o SET state = 'superseded', revision = o.revision + 1, superseded_by = latest.number
      FROM latest
     WHERE o.dealer_id = :dealer_id AND o.state = 'done' AND o.first_day = :first_day
       AND o.last_day = :last_day AND o.id <> latest.id
       AND NOT EXISTS (SELECT FROM own_ledger_signature s
                        WHERE (s.dealer_id, s.ledger_id) = (o.dealer_id, o.id))
    RETURNING o.number, o.superseded_by
    """
)
