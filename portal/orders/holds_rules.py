"""Who lets a held order go: one person up to an amount, two above it. Pure.

Limits are said by role and kind of hold (`release_limit`), so that credit can be finance's and compliance can
never be one person's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.identity.rules import Role
from portal.kernel.errors import N_, Fault
from portal.orders.severity_rules import Hold

RELEASING_ROLES = (Role.ORDER_DESK, Role.HQ_FINANCE)

PUT_BY_HAND = (Hold.MANUAL, Hold.PRICE, Hold.COMPLIANCE, Hold.CREDIT)
"""Kinds of hold that somebody may put on an order."""

Limits = Mapping[tuple[str, str], Decimal | None]
"""¥ by (role, kind of hold): up to it one person releases alone, None for any amount."""

_DESK_ALONE, _FINANCE_ALONE, _NOBODY_ALONE = Decimal("100000.00"), Decimal("500000.00"), Decimal("0.00")
USUAL_LIMITS: Limits = {
    **{(role, Hold.TERMS): None for role in RELEASING_ROLES},
    **{(role, Hold.STOCK): None for role in RELEASING_ROLES},
    **{(role, Hold.MANUAL): None for role in RELEASING_ROLES},
    **{(role, Hold.COMPLIANCE): _NOBODY_ALONE for role in RELEASING_ROLES},
    (Role.ORDER_DESK, Hold.STOPPED): _NOBODY_ALONE,
    (Role.HQ_FINANCE, Hold.STOPPED): _FINANCE_ALONE,
    **{(Role.ORDER_DESK, kind): _DESK_ALONE for kind in (Hold.CREDIT, Hold.OVERDUE, Hold.PRICE)},
    **{(Role.HQ_FINANCE, kind): _FINANCE_ALONE for kind in (Hold.CREDIT, Hold.OVERDUE, Hold.PRICE)},
}
"""What holds until somebody decides otherwise."""


class Way(StrEnum):
    """What a person's word does to a held order."""

    RELEASE = "release"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class Proposed:
    """An earlier person's word, and what it was about."""

    by: str
    holds: tuple[str, ...]
    amount: Decimal


def way(
    holds: Collection[str],
    amount: Decimal,
    roles: Iterable[str],
    configured: Limits,
    proposed: Proposed | None,
) -> Way:
    """Whether somebody with `roles` releases alone, agrees to a proposal, or can only propose.

    amount: ¥ of the order that are still open. A proposal counts only for the same holds and no more than its
    amount. That its proposer is another person is the caller's to ask.
    """
    if all(may_alone(hold, amount, roles, configured) for hold in holds):
        return Way.RELEASE
    return Way.RELEASE if proposed is not None and covers(proposed, holds, amount) else Way.PROPOSE


def covers(proposed: Proposed, holds: Collection[str], amount: Decimal) -> bool:
    """Whether a proposal is about the order as it is now."""
    return set(holds) <= set(proposed.holds) and amount <= proposed.amount


def may_alone(hold: str, amount: Decimal, roles: Iterable[str], configured: Limits) -> bool:
    """Whether one of the roles releases this amount from this hold alone.

    A program has no roles: it counts as the order desk.
    """
    return any(
        (limit := limit_of(role, hold, configured)) is None or amount <= limit
        for role in (set(roles) & set(RELEASING_ROLES)) or {Role.ORDER_DESK}
    )


def limit_of(role: str, hold: str, configured: Limits) -> Decimal | None:
    """Up to which amount a role releases from a hold alone; None: any."""
    if (role, hold) in configured:
        return configured[role, hold]
    return USUAL_LIMITS.get((role, hold), _NOBODY_ALONE)


def limit_faults(role: str, hold: str, up_to: Decimal | None) -> list[Fault]:
    """Why a limit cannot be set."""
    if role not in RELEASING_ROLES or hold not in list(Hold):
        fix = N_("Choose one of this list.")
        return [Fault("/hold", "unknown_limit", N_("This role releases no such hold."), fix)]
    if hold == Hold.COMPLIANCE and up_to != _NOBODY_ALONE:
        message = N_("What the law asks for is never released by one person alone.")
        return [Fault("/up_to", "compliance_alone", message, N_("Enter 0."))]
    if up_to is not None and up_to < 0:
        fault = N_("An amount is not negative.")
        return [Fault("/up_to", "negative", fault, N_("Enter 0 or more, or leave it empty for any amount."))]
    return []


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an order goes: units by SKU, its amount in ¥, and where it is sent."""

    units: Mapping[str, int]
    amount: Decimal
    ship_to: Mapping[str, Any]
    hospital: str = ""

    def is_wider_than(self, released: Extent) -> bool:
        """Whether it is more than what somebody released.

        More units, another product, a higher amount, another address or hospital.
        """
        return (
            any(units > released.units.get(sku, 0) for sku, units in self.units.items())
            or self.amount > released.amount
            or self.ship_to != released.ship_to
            or self.hospital != released.hospital
        )


def put_faults(kind: str) -> list[Fault]:
    """Why somebody cannot put a hold of a kind on an order."""
    if kind in PUT_BY_HAND:
        return []
    fix = N_("Choose one of this list.")
    return [Fault("/kind", "unknown_hold", N_("This hold is not put by hand."), fix)]


def with_hold(holds: Sequence[str], kind: str) -> tuple[str, ...]:
    """The holds of an order with one more."""
    return tuple(dict.fromkeys((*holds, kind)))
