"""What a claim holds of a budget: the one place from which budgets are called."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from portal.budgets import use
from portal.claims.locked import LockedClaim


def reserve(session: Session, claim: LockedClaim, amount: Decimal) -> None:
    """Hold the amount for the claim, of its activity or its programme.

    Raises Conflict when it is used up, Invalid for an activity that the dealer has not.
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
    """Spend so much of what the claim holds, and give back the rest."""
    use.spend(session, dealer_id=claim.dealer_id, document=claim.number, amount=amount)
