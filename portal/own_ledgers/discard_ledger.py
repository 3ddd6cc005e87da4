"""A dealer takes an uploaded ledger away again; what nobody compared goes by itself after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.own_ledgers.ask_match import FORGET
from portal.own_ledgers.locked import LockedLedger, changed_meanwhile, lock_ledger
from portal.own_ledgers.rules import LedgerState
from portal.own_ledgers.vocabulary import OwnLedgerAction, OwnLedgerRight

KEPT_DAYS = 90
"""Days that a ledger which never came to a result is kept."""
_AT_ONCE_MAX = 500


def discard_ledger(session: Session, *, actor: Actor, number: str, revision: int, at: datetime) -> None:
    """Delete the file of a ledger that nobody signed, and what comparing it came to.

    What was said of its differences stays with them. Raises Conflict for one that was signed or changed
    meanwhile, NotFound, Forbidden.
    """
    actor.require(OwnLedgerRight.COMPARE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer discards its own ledger."))
    ledger = lock_ledger(session, number)
    if ledger.state == LedgerState.DISCARDED:
        return
    if ledger.is_signed:
        raise Conflict(
            "signed_already",
            N_("Its sheet has been signed; it stays."),
            fix=N_("Upload the ledger once more to compare it anew."),
        )
    if ledger.revision != revision:
        raise changed_meanwhile()
    _discard(session, ledger, actor, at)


def forget_unfinished(session: Session, *, actor: Actor, at: datetime) -> int:
    """Discard what was uploaded long ago and never came to a result; how many."""
    before = at - timedelta(days=KEPT_DAYS)
    rows = session.execute(_OLD, {"before": before, "most": _AT_ONCE_MAX}).all()
    for row in rows:
        _discard(session, lock_ledger(session, row.number), actor, at)
    return len(rows)


def _discard(session: Session, ledger: LockedLedger, actor: Actor, at: datetime) -> None:
    key = {"dealer_id": ledger.dealer_id, "id": ledger.id}
    if not ledger.is_answered:
        session.execute(FORGET, key)
    session.execute(_DISCARD, {**key, "at": at, "label": actor.label})
    told = {"state": ledger.state}
    audit.record(
        session,
        OwnLedgerAction.DISCARDED,
        ledger.number,
        actor=actor,
        dealer_id=ledger.dealer_id,
        before=told,
    )


_DISCARD = text(
    """
    UPDATE own_ledger
       SET revision = revision + 1, state = 'discarded', content = '', error = NULL, discarded_at = :at,
           discarded_by_label = :label
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_OLD = text(
    """
    SELECT number FROM own_ledger
     WHERE state IN ('draft', 'failed') AND uploaded_at < :before
     ORDER BY uploaded_at, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
    """
)
