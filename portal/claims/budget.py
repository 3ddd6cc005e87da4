"""What a claim holds of a budget: the one place from which budgets are called."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from portal.claims.locked import LockedClaim


def reserve(session: Session, claim: LockedClaim, amount: Decimal) -> None:
    """Hold the amount for the claim, of its activity or its programme. Raises Conflict when it is used up."""


def release(session: Session, claim: LockedClaim) -> None:
    """Give back what the claim holds."""


def spend(session: Session, claim: LockedClaim, amount: Decimal) -> None:
    """Spend so much of what the claim holds, and give back the rest."""
