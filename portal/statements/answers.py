"""What the dealer has said to a statement, under its own lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.errors import N_, Conflict, NotFound
from portal.kernel.locks import Rank
from portal.statements.fragments import CURRENT
from portal.statements.rules import StatementAct, StatementState, after


@dataclass(frozen=True, slots=True)
class LockedAnswer:
    """A statement to which nobody else can say anything until the commit. version: the current one."""

    dealer_id: int
    statement_id: int
    number: str
    state: StatementState
    version: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirmed a statement, under which name, when, and what (its content's SHA-256).

    by_clause: nobody did, but time, as the contract says; then there is no name.
    """

    at: datetime
    by_label: str
    name: str
    sha256: str
    means: dict[str, Any]
    by_clause: bool


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """Where a version of a statement stands, and its confirmation once it has one.

    since: when it came into its state, where that is not when it was issued. current: which version stands;
    of another one nothing is said any more.
    """

    state: StatementState
    confirmation: Confirmation | None
    since: datetime | None
    version: int
    current: int
    noticed_at: datetime | None
    dealer_id: int

    @property
    def is_superseded(self) -> bool:
        """Whether a corrected version has taken its place."""
        return self.version != self.current


def lock_answer(session: Session, number: str) -> LockedAnswer:
    """Lock what was said to a statement. Raises NotFound out of scope."""
    key = session.execute(_KEY, {"number": number}).one_or_none()
    if key is None:
        raise NotFound()
    locks.take(session, Rank.STATEMENT, [(key.dealer_id, key.id)])
    mine = {"dealer_id": key.dealer_id, "id": key.id, "version": key.version}
    session.execute(_MAKE, mine)
    state = session.execute(_LOCK, mine).scalar_one()
    # Whoever waited for a correction stands before the version that it superseded.
    if session.execute(_KEY, {"number": number}).one().version != key.version:
        raise Conflict("statement_superseded", N_("A corrected version has been issued."), fix=LOOK_AGAIN)
    return LockedAnswer(key.dealer_id, key.id, number, StatementState(state), key.version)


def move(session: Session, answer: LockedAnswer, act: StatementAct, *, at: datetime) -> StatementState:
    """Bring a locked answer on by an act that is no confirmation. Raises Conflict."""
    state = after(answer.state, act)
    about = {"dealer_id": answer.dealer_id, "id": answer.statement_id, "version": answer.version}
    session.execute(_MOVE, about | {"state": str(state), "at": at})
    return state


def answer_of(session: Session, number: str, version: int | None = None) -> AnswerShown:
    """Where a statement stands, the current version unless one is named. Raises NotFound out of scope."""
    row = session.execute(_SHOWN, {"number": number, "version": version}).one_or_none()
    if row is None:
        raise NotFound()
    signed = None
    if row.confirmed_at is not None:
        who = row.confirmed_by_label, row.signed_name, row.content_sha256, row.means, row.by_clause
        signed = Confirmation(row.confirmed_at, *who)
    return AnswerShown(
        StatementState(row.state),
        signed,
        row.since,
        version or row.current,
        row.current,
        row.noticed_at,
        row.dealer_id,
    )


LOOK_AGAIN = N_("Load the page again and look at it before you go on.")
_KEY = text(f"SELECT s.dealer_id, s.id, {CURRENT} AS version FROM statement s WHERE s.number = :number")
_MINE = "(dealer_id, statement_id, version) = (:dealer_id, :id, :version)"
_MAKE = text(
    "INSERT INTO statement_answer (dealer_id, statement_id, version)"
    " VALUES (:dealer_id, :id, :version) ON CONFLICT DO NOTHING"
)
_LOCK = text(f"SELECT state FROM statement_answer WHERE {_MINE} FOR UPDATE")
_MOVE = text(f"UPDATE statement_answer SET state = :state, since = :at, noticed_at = NULL WHERE {_MINE}")
_SHOWN = text(
    f"""
    SELECT coalesce(a.state, 'issued') AS state, a.confirmed_at, a.confirmed_by_label, a.signed_name,
           a.content_sha256, a.means, a.by_clause, a.since, a.noticed_at, s.current, s.dealer_id
      FROM (SELECT s.*, {CURRENT} AS current FROM statement s WHERE s.number = :number) s
      LEFT JOIN statement_answer a ON (a.dealer_id, a.statement_id, a.version)
           = (s.dealer_id, s.id, coalesce(CAST(:version AS integer), s.current))
    """
)
