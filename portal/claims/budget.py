"""The activity of a claim and what it holds of a budget: the one place from which budgets are called."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from portal.budgets import use
from portal.budgets.queries import activity
from portal.claims.entry import ClaimEntry, pointer_of
from portal.claims.locked import LockedClaim
from portal.claims.rules import ClaimKind
from portal.kernel.errors import N_, Fault, NotFound


def activity_faults(session: Session, dealer_id: int, entry: ClaimEntry) -> list[Fault]:
    """What is wrong with a claim's activity: it is the dealer's, of the same kind, and has these days."""
    number = entry.activity.strip()
    if not number:
        return []
    try:
        found = activity(session, number)
    except NotFound:
        found = None
    if found is None or found.dealer_id != dealer_id:
        message, fix = N_("There is no such activity."), N_("Choose one of your approved activities.")
        return [Fault("/activity", "unknown_activity", message, fix)]
    if found.kind != entry.kind:
        message = N_("This activity is for something else than the claim.")
        return [Fault("/activity", "other_kind", message, N_("Choose one of your approved activities."))]
    days = {"first_day": entry.first_day, "last_day": entry.last_day}
    return [
        Fault(
            pointer_of(entry.kind, name),
            "outside_activity",
            N_("The activity runs from %(first)s to %(last)s."),
            N_("Choose days within it."),
            {"first": found.first_day, "last": found.last_day},
        )
        for name, day in days.items()
        if day is not None and not found.first_day <= day <= found.last_day
    ]


def reserve_asked(session: Session, claim: LockedClaim, worth: Decimal | None) -> None:
    """Hold what is asked; of a programme no more than was earned.

    All dealers share that pot: by asking for more nobody finds out what is left of it, nor leaves the others
    without. Raises what `reserve` raises.
    """
    if claim.kind is ClaimKind.PERIOD and worth is not None:
        reserve(session, claim, min(claim.asked, worth))
    else:
        reserve(session, claim, claim.asked)


def reserve(session: Session, claim: LockedClaim, amount: Decimal) -> None:
    """Hold the amount for the claim, of its activity or its programme.

    Raises Invalid for an activity that is not the dealer's, Conflict when it is not open or used up.
    """
    use.reserve(
        session,
        dealer_id=claim.dealer_id,
        activity=claim.activity or None,
        programme=claim.programme or None,
        document=claim.number,
        amount=amount,
    )


def release(session: Session, claim: LockedClaim) -> None:
    """Give back what the claim holds."""
    use.release(session, dealer_id=claim.dealer_id, document=claim.number)


def spend(session: Session, claim: LockedClaim, amount: Decimal) -> None:
    """Spend what is granted, be it more than the claim held, and give back the rest. Raises Conflict."""
    use.draw(
        session,
        dealer_id=claim.dealer_id,
        activity=claim.activity or None,
        programme=claim.programme or None,
        document=claim.number,
        amount=amount,
    )
