"""What the dealer has said to a statement, under its own lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.errors import NotFound
from portal.kernel.locks import Rank
from portal.statements.rules import StatementAct, StatementState, after


@dataclass(frozen=True, slots=True)
class LockedAnswer:
    """A statement to which nobody else can say anything until the commit."""

    dealer_id: int
    statement_id: int
    number: str
    state: StatementState


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirmed a statement, under which name, when, and what (its content's SHA-256)."""

    at: datetime
    by_label: str
    name: str
    sha256: str
    means: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """Where a statement stands, and its confirmation once it has one."""

    state: StatementState
    confirmation: Confirmation | None


def lock_answer(session: Session, number: str) -> LockedAnswer:
    """Lock what was said to a statement. Raises NotFound out of scope."""
    key = session.execute(_KEY, {"number": number}).one_or_none()
    if key is None:
        raise NotFound()
    locks.take(session, Rank.STATEMENT, [(key.dealer_id, key.id)])
    mine = {"dealer_id": key.dealer_id, "id": key.id}
    session.execute(_MAKE, mine)
    state = session.execute(_LOCK, mine).scalar_one()
    return LockedAnswer(key.dealer_id, key.id, number, StatementState(state))


def move(session: Session, answer: LockedAnswer, act: StatementAct) -> StatementState:
    """Bring a locked answer on by an act that is no confirmation. Raises Conflict."""
    state = after(answer.state, act)
    about = {"dealer_id": answer.dealer_id, "id": answer.statement_id, "state": str(state)}
    session.execute(_MOVE, about)
    return state


def answer_of(session: Session, number: str) -> AnswerShown:
    """Where a statement stands. Raises NotFound out of scope."""
    row = session.execute(_SHOWN, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if row.confirmed_at is None:
        return AnswerShown(StatementState(row.state), None)
    signed = Confirmation(
        row.confirmed_at, row.confirmed_by_label, row.signed_name, row.content_sha256, row.means
    )
    return AnswerShown(StatementState(row.state), signed)


_KEY = text("SELECT dealer_id, id FROM statement WHERE number = :number")
_MAKE = text(
    "INSERT INTO statement_answer (dealer_id, statement_id) VALUES (:dealer_id, :id) ON CONFLICT DO NOTHING"
)
_LOCK = text(
    "SELECT state FROM statement_answer WHERE (dealer_id, statement_id) = (:dealer_id, :id) FOR UPDATE"
)
_MOVE = text("UPDATE statement_answer SET state = :state WHERE (dealer_id, statement_id) = (:dealer_id, :id)")
_SHOWN = text(
    """
    SELECT coalesce(a.state, 'issued') AS state, a.confirmed_at, a.confirmed_by_label, a.signed_name,
           a.content_sha256, a.means
      FROM statement s
      LEFT JOIN statement_answer a ON (a.dealer_id, a.statement_id) = (s.dealer_id, s.id)
     WHERE s.number = :number
    """
)
