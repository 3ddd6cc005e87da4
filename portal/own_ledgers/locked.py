"""An uploaded ledger, locked: what is decided about it is decided one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class LockedLedger:
    """The ledger as it stands."""

    dealer_id: int
    id: int
    number: str
    revision: int
    state: str
    layout: dict[str, Any]
    difference_count: int
    is_answered: bool


def lock_ledger(session: Session, number: str) -> LockedLedger:
    """Lock an uploaded ledger. Raises NotFound out of the session's scope."""
    row = session.execute(_LOCKED, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    # A statement of its own: one that also waited for the lock would not see what was answered meanwhile.
    answered = session.execute(_ANSWERED, {"dealer_id": row.dealer_id, "id": row.id}).scalar_one()
    return value_of(LockedLedger, row, is_answered=answered)


def changed_meanwhile() -> Conflict:
    """Somebody else was quicker."""
    return Conflict(
        "changed_meanwhile",
        N_("Somebody changed this meanwhile."),
        fix=N_("Look at it again, and say what is still to be said."),
    )


_LOCKED = text(
    """
    SELECT dealer_id, id, number, revision, state, layout, difference_count
      FROM own_ledger WHERE number = :number FOR NO KEY UPDATE
    """
)
_ANSWERED = text(
    """
    SELECT EXISTS (SELECT FROM own_ledger_remark WHERE (dealer_id, ledger_id) = (:dealer_id, :id))
        OR EXISTS (SELECT FROM own_ledger_signature WHERE (dealer_id, ledger_id) = (:dealer_id, :id))
    """
)
