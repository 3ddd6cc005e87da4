"""What a claim is worth and how it is paid: the one place from which settlement and the books are called."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.claims.locked import LockedClaim
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.rebates.earned import Earned


def due(session: Session, *, dealer_id: int, earned: Earned, today: date) -> Decimal:
    """What of a period of a programme may be paid now."""
    return earned.accrued


def post_note(
    session: Session, *, actor: Actor, claim: LockedClaim, approved: Decimal, on: date, at: datetime
) -> str:
    """Post the note that pays an approved claim; its number. Raises Conflict when it cannot be paid now."""
    raise Conflict(
        "not_payable_now",
        N_("This claim cannot be paid at present."),
        fix=N_("Pay it later; it stays approved."),
    )
