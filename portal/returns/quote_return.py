"""What a return would come to, before it is asked for: the credit, and the gifts that go with the goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.orders.locking import lock_order
from portal.orders.vocabulary import OrderRight
from portal.returns.gift_rules import DueGift, Kept
from portal.returns.plan_return import Plan, plan_return
from portal.returns.rules import Asked
from portal.returns.vocabulary import ReturnRight


@dataclass(frozen=True, slots=True)
class Quote:
    """A return as it would be: ¥ paid back if all goods are accepted, ¥ billed for gifts that stay."""

    shipment_number: str
    credit: Decimal
    charge: Decimal
    gifts: tuple[DueGift, ...]

    @property
    def total(self) -> Decimal:
        """¥ that are left of the credit."""
        return self.credit - self.charge


def quote_return(
    session: Session,
    *,
    actor: Actor,
    order_number: str,
    shipment_number: str,
    lines: Sequence[Asked],
    kept: Sequence[Kept] = (),
    has_temperatures: bool = False,
) -> Quote:
    """What a request for these units would come to as things stand; nothing is written.

    Raises Invalid with every fault, Conflict for a shipment that has not left, NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, ReturnRight.HANDLE)
    plan, faults = plan_return(
        session,
        lock_order(session, order_number),
        shipment_number=shipment_number,
        lines=lines,
        kept=kept,
        has_temperatures=has_temperatures,
        may_exceed=actor.is_staff,
    )
    if faults:
        raise Invalid("return_refused", N_("The return cannot be requested as it is."), faults=faults)
    return quote_of(plan)


def quote_of(plan: Plan) -> Quote:
    """A plan as it is told."""
    return Quote(plan.parcel.number, plan.credit, plan.charge, tuple(plan.gifts))
