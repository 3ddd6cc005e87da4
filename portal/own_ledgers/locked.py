"""An uploaded ledger, locked: what is decided about it is decided one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

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
    return LockedLedger(**row._mapping)


def changed_meanwhile() -> Conflict:
    """Somebody else was quicker."""
    return Conflict(
        "changed_meanwhile",
        N_("Somebody changed this meanwhile."),
        fix=N_("Look at it again, and say what is still to be said."),
    )


_LOCKED = text(
    """
    SELECT o.dealer_id, o.id, o.number, o.revision, o.state, o.layout, o.difference_count,
           EXISTS (SELECT FROM own_ledger_remark r
                    WHERE (r.dealer_id, r.ledger_id) = (o.dealer_id, o.id))
             OR EXISTS (SELECT FROM own_ledger_signature s
                         WHERE (s.dealer_id, s.ledger_id) = (o.dealer_id, o.id)) AS is_answered
      FROM own_ledger o WHERE o.number = :number FOR NO KEY UPDATE OF o
    """
)
