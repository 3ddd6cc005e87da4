"""The clause of a contract by which time confirms a dealer's statements: set, shown, and carried out.

Silence confirms nothing by itself (Civil Code of China, article 140): it needs the clause. The dealer is told
before, and a dispute ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.queries import dealer_id_of
from portal.kernel import clock, outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid
from portal.notifications.tell import announce
from portal.statements.answers import LOOK_AGAIN, lock_answer
from portal.statements.content import fingerprint
from portal.statements.correction_rules import (
    clause_faults,
    confirms_at,
    is_confirmed_by_clause,
    is_notice_due,
)
from portal.statements.fragments import ANSWERED, CURRENT
from portal.statements.queries import document
from portal.statements.vocabulary import StatementAction, StatementRight

NOTICED, CONFIRMED_BY_CLAUSE = "statement.clause_notice", "statement.clause_confirmed"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Clause:
    """What a dealer's contract says. revision: 0 where nothing was ever set."""

    revision: int = 0
    is_active: bool = False
    days: int = 30
    contract: str = ""
    set_by_label: str = ""
    set_at: datetime | None = None


def clause_of(session: Session, *, dealer_id: int) -> Clause:
    """The clause of a dealer; off where nothing was set."""
    row = session.execute(_CLAUSE, {"dealer_id": dealer_id}).one_or_none()
    return Clause(**row._mapping) if row else Clause()


def clause_of_dealer(session: Session, *, code: str) -> tuple[int, Clause]:
    """A dealer's id and clause, by its code. Raises NotFound out of scope."""
    dealer_id = dealer_id_of(session, code)
    return dealer_id, clause_of(session, dealer_id=dealer_id)


def clause_of_statement(session: Session, *, number: str) -> datetime | None:
    """When the clause confirms a statement, None where it does not."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    return confirms_at(row.since, row.days) if row else None


def set_clause(
    session: Session,
    *,
    actor: Actor,
    code: str,
    is_active: bool,
    days: int,
    contract: str,
    revision: int,
    at: datetime,
) -> None:
    """Say that a dealer's contract has the clause, or that it has none; statements issued from now on follow.

    revision: of the clause that was looked at. Raises Invalid with every fault, Conflict when somebody else
    has set it since, NotFound, Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    dealer_id, before = clause_of_dealer(session, code=code)
    if is_active and (faults := clause_faults(days, contract)):
        raise Invalid(faults=faults)
    if not is_active:
        days, contract = before.days, before.contract
    values = {
        "dealer_id": dealer_id,
        "revision": revision,
        "is_active": is_active,
        "days": days,
        "contract": contract.strip(),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    if session.execute(_SET, values).one_or_none() is None:
        raise Conflict("clause_changed", N_("Somebody else has changed the clause."), fix=LOOK_AGAIN)
    audit.record(
        session,
        StatementAction.CLAUSE_SET,
        code,
        actor=actor,
        dealer_id=dealer_id,
        before={"is_active": before.is_active, "days": before.days, "contract": before.contract},
        after={"is_active": is_active, "days": days, "contract": contract.strip()},
    )


def due_by_clause(session: Session, *, at: datetime, limit: int = BATCH) -> list[tuple[int, str]]:
    """Dealers and numbers of the first statements about which the clause has something to do now."""
    rows = session.execute(_DUE, {"at": at, "limit": limit})
    return [(row.dealer_id, row.number) for row in rows if _is_due(row, at)]


def carry_out_clause(session: Session, *, actor: Actor, number: str, zone: ZoneInfo, at: datetime) -> str:
    """Tell the dealer that the clause will confirm its statement, or confirm it; what was done, or nothing.

    zone: where the business is done, whose day is told. Finds nothing to do when it is called again, when the
    statement was confirmed or disputed meanwhile, and when the clause was taken away. Raises NotFound,
    Forbidden, InconsistentStatement.
    """
    actor.require(StatementRight.CONFIRM)
    answer = lock_answer(session, number)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None or not _is_due(row, at):
        return ""
    mine = {"dealer_id": answer.dealer_id, "id": answer.statement_id, "version": answer.version}
    if row.noticed_at is None:
        session.execute(_NOTICE, mine | {"at": at})
        _tell(session, row, NOTICED, zone)
        return NOTICED
    sha256 = fingerprint(document(session, number=number, locale="zh", version=answer.version))
    means = {"clause": row.contract, "days": row.days, "noticed_at": row.noticed_at.isoformat()}
    confirmed = {"actor": actor.key, "label": actor.label, "sha256": sha256}
    session.execute(_CONFIRM, mine | confirmed | {"at": at, "means": orjson.dumps(means).decode()})
    audit.record(
        session,
        StatementAction.STATEMENT_CONFIRMED,
        number,
        actor=actor,
        dealer_id=answer.dealer_id,
        before={"state": str(answer.state)},
        after={"by_clause": row.contract, "days": row.days, "sha256": sha256},
    )
    outbox.add(session, "statement.confirmed", dealer_id=answer.dealer_id, number=number)
    _tell(session, row, CONFIRMED_BY_CLAUSE, zone)
    return CONFIRMED_BY_CLAUSE


def _is_due(row: Record, at: datetime) -> bool:
    about = row.since, row.days, row.noticed_at, at
    return is_notice_due(*about) or is_confirmed_by_clause(*about)


def _tell(session: Session, row: Record, event: str, zone: ZoneInfo) -> None:
    facts = {
        "number": row.number,
        "period": row.period,
        "contract": row.contract,
        "days": row.days,
        "on": clock.business_date(confirms_at(row.since, row.days), zone).isoformat(),
    }
    path = f"/statements/{row.number}"
    announce(session, event=event, dealer_id=row.dealer_id, path=path, facts=facts)


_CLAUSE = text(
    """
    SELECT revision, is_active, days, contract, set_by_label, set_at FROM confirmation_clause
     WHERE dealer_id = :dealer_id
    """
)
_SET = text(
    """
    INSERT INTO confirmation_clause (dealer_id, is_active, days, contract, set_by, set_by_label, set_at)
    SELECT :dealer_id, :is_active, :days, :contract, :actor, :label, :at WHERE :revision = 0
        OR EXISTS (SELECT FROM confirmation_clause WHERE dealer_id = :dealer_id)
    ON CONFLICT (dealer_id) DO UPDATE
       SET revision = confirmation_clause.revision + 1, is_active = excluded.is_active, days = excluded.days,
           contract = excluded.contract, set_by = excluded.set_by, set_by_label = excluded.set_by_label,
           set_at = excluded.set_at
     WHERE confirmation_clause.revision = :revision
    RETURNING revision
    """
)
# The days run from when the version was issued, or from the answer to a dispute; what was issued before the
# clause was set is left alone.
_UNDER_CLAUSE = f"""
SELECT s.dealer_id, s.number, s.period, k.days, k.contract, a.noticed_at,
       greatest(i.issued_at, a.since) AS since
  FROM confirmation_clause k
  JOIN statement s ON s.dealer_id = k.dealer_id
  {ANSWERED}
 CROSS JOIN LATERAL (
   SELECT coalesce((SELECT c.decided_at FROM statement_correction c
                     WHERE (c.dealer_id, c.statement_id, c.version) = (s.dealer_id, s.id, {CURRENT})),
                   s.issued_at) AS issued_at) i
 WHERE k.is_active AND i.issued_at >= k.set_at AND coalesce(a.state, 'issued') IN ('issued', 'resolved')
"""
_ONE = text(f"{_UNDER_CLAUSE} AND s.number = :number")
# What was announced and has to wait takes nobody's place.
_DUE = text(
    f"""
    SELECT * FROM ({_UNDER_CLAUSE}) u
     WHERE u.since + make_interval(days => u.days - 5) <= :at
       AND (u.noticed_at IS NULL OR (u.since + make_interval(days => u.days) <= :at
                                     AND u.noticed_at + make_interval(days => 5) <= :at))
     ORDER BY u.since, u.number LIMIT :limit
    """
)
_NOTICE = text(
    "UPDATE statement_answer SET noticed_at = :at"
    " WHERE (dealer_id, statement_id, version) = (:dealer_id, :id, :version)"
)
_CONFIRM = text(
    """
    UPDATE statement_answer
       SET state = 'confirmed', confirmed_at = :at, confirmed_by = :actor, confirmed_by_label = :label,
           by_clause = true, content_sha256 = :sha256, means = CAST(:means AS jsonb)
     WHERE (dealer_id, statement_id, version) = (:dealer_id, :id, :version)
    """
)
