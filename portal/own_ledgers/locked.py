"""An uploaded ledger, locked: what is decided about it is decided one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.own_ledgers.rules import LedgerState


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
    superseded_by: str | None
    is_answered: bool
    is_signed: bool


def lock_ledger(session: Session, number: str) -> LockedLedger:
    """Lock an uploaded ledger. Raises NotFound out of the session's scope."""
    row = session.execute(_LOCKED, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    # A statement of its own: one that also waited for the lock would not see what was answered meanwhile.
    said = session.execute(_ANSWERED, {"dealer_id": row.dealer_id, "id": row.id}).one()
    return value_of(
        LockedLedger, row, is_answered=said.is_remarked or said.is_signed, is_signed=said.is_signed
    )


def require_current(ledger: LockedLedger) -> None:
    """Raise Conflict for a ledger that was discarded or replaced."""
    if ledger.state == LedgerState.DISCARDED:
        message, fix = N_("This ledger has been discarded."), N_("Upload it once more to compare it.")
        raise Conflict("ledger_over", message, fix=fix)
    if ledger.state == LedgerState.SUPERSEDED:
        message = N_("A newer ledger of the same days, %(number)s, took its place.")
        raise Conflict("superseded", message, fix=N_("Go on with that one."), number=ledger.superseded_by)


def changed_meanwhile() -> Conflict:
    """Somebody else was quicker."""
    return Conflict(
        "changed_meanwhile",
        N_("Somebody changed this meanwhile."),
        fix=N_("Look at it again, and say what is still to be said."),
    )


_LOCKED = text(
    """
    SELECT dealer_id, id, number, revision, state, layout, difference_count, superseded_by
      FROM own_ledger WHERE number = :number FOR NO KEY UPDATE
    """
)
_ANSWERED = text(
    """
    SELECT EXISTS (SELECT FROM own_ledger_remark WHERE (dealer_id, ledger_id) = (:dealer_id, :id))
             AS is_remarked,
           EXISTS (SELECT FROM own_ledger_signature WHERE (dealer_id, ledger_id) = (:dealer_id, :id))
             AS is_signed
    """
)
