"""What a request for a return comes to: the units that come back, the gifts that go with them, the money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.rules import COLD_MAX
from portal.kernel import money
from portal.kernel.db import Record, value_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.ledger.billing import billed_lines
from portal.orders.locking import LockedOrder
from portal.returns.gift_rules import DueGift, Kept, beyond_fault, due_gifts, given_back, placed
from portal.returns.gifts import gift_lines, lots_of_gifts
from portal.returns.rules import Asked, Coming, LotKey, ReturnReason, ShippedLot, planned


@dataclass(frozen=True, slots=True)
class Plan:
    """What would come back of a shipment, and what it comes to as things stand.

    gifts: what is not earned any more; of them `elsewhere` left with other shipments, by their ids. credit: ¥
    that would be paid back for the goods.
    """

    parcel: Record
    shipped: Sequence[ShippedLot]
    coming: Sequence[Coming]
    gifts: Sequence[DueGift] = ()
    elsewhere: Mapping[int, Sequence[Coming]] = field(default_factory=dict)
    credit: Decimal = money.ZERO

    @property
    def charge(self) -> Decimal:
        """¥ that would be billed for gifts that stay."""
        return sum((one.charge for one in self.gifts), money.ZERO)


def plan_return(
    session: Session,
    order: LockedOrder,
    *,
    shipment_number: str,
    lines: Sequence[Asked],
    kept: Sequence[Kept] = (),
    has_temperatures: bool,
    may_exceed: bool,
) -> tuple[Plan, list[Fault]]:
    """Judge a request for units of a shipment of a locked order; with every fault.

    kept: units of gifts that stay and are billed; the others come back with the goods. may_exceed: whether
    they may cost more than the goods give back, as headquarters alone may say. Raises Invalid for an unknown
    shipment, Conflict for one that has not left.
    """
    parcel = parcel_of(session, order, shipment_number)
    shipped = shipped_lots(session, order.dealer_id, parcel.id)
    coming, faults = planned(lines, shipped, has_temperatures=has_temperatures)
    if faults:
        return Plan(parcel, shipped, coming), faults
    gifts, faults = due_gifts(
        gift_lines(session, dealer_id=order.dealer_id, order_id=order.id, planned=True), coming, kept
    )
    here, elsewhere, cold = _with_gifts(session, order, parcel, shipped, coming, gifts, has_temperatures)
    plan = Plan(parcel, shipped, here, gifts, elsewhere, _credit(session, order, coming))
    if not may_exceed:
        cold += beyond_fault(plan.charge, plan.credit)
    return plan, faults + cold


def parcel_of(session: Session, order: LockedOrder, number: str) -> Record:
    """A shipment of the order that has left. Raises Invalid, Conflict."""
    about = {"dealer_id": order.dealer_id, "order_id": order.id, "number": number.strip()}
    parcel = session.execute(_PARCEL, about).one_or_none()
    if parcel is None:
        message, fix = N_("The order has no shipment of this number."), N_("Name a shipment of this order.")
        raise Invalid(faults=[Fault("/shipment", "unknown_shipment", message, fix)])
    if parcel.status == "picking":
        message, fix = N_("This shipment has not been sent yet."), N_("Cancel the order instead.")
        raise Conflict("not_shipped", message, fix=fix)
    return parcel


def shipped_lots(session: Session, dealer_id: int, shipment_id: int) -> list[ShippedLot]:
    """What of a shipment may come back."""
    about = {"dealer_id": dealer_id, "shipment_id": shipment_id, "cold": COLD_MAX}
    rows = session.execute(_SHIPPED, about)
    return [value_of(ShippedLot, row, serials=tuple(row.serials)) for row in rows]


def _with_gifts(
    session: Session,
    order: LockedOrder,
    parcel: Record,
    shipped: Sequence[ShippedLot],
    coming: Sequence[Coming],
    gifts: Sequence[DueGift],
    has_temperatures: bool,
) -> tuple[list[Coming], dict[int, list[Coming]], list[Fault]]:
    """What comes back of this shipment and of others, with the gifts, and what is wrong with those."""
    units = {(one.line_no, one.lot_id): one for one in coming}
    if not any(one.coming for one in gifts):
        return list(coming), {}, []
    lots = lots_of_gifts(
        session,
        dealer_id=order.dealer_id,
        order_id=order.id,
        shipment_id=parcel.id,
        lines=[one.line.line_no for one in gifts],
        taken={(parcel.id, *key): one.quantity for key, one in units.items()},
    )
    found = placed(gifts, lots)
    for key, more in found.pop(parcel.id, {}).items():
        units[key] = _more(units.get(key), key, more, coming[0].reason)
    elsewhere = {
        shipment_id: [_more(None, key, more, coming[0].reason) for key, more in of_it.items()]
        for shipment_id, of_it in found.items()
    }
    faults = _cold_faults(shipped, units, has_temperatures)
    for shipment_id, back in elsewhere.items():
        others = shipped_lots(session, order.dealer_id, shipment_id)
        faults += _cold_faults(others, {(one.line_no, one.lot_id): one for one in back}, False)
    return list(units.values()), elsewhere, faults


def _more(found: Coming | None, key: LotKey, units: int, reason: ReturnReason) -> Coming:
    """A gift comes back with the goods, for their reason."""
    if found is None:
        return Coming(*key, units, reason)
    return Coming(*key, found.quantity + units, found.reason, found.serials, found.remedy)


def _cold_faults(
    shipped: Sequence[ShippedLot], units: Mapping[LotKey, Coming], has_temperatures: bool
) -> list[Fault]:
    if has_temperatures:
        return []
    cold = sorted({lot.sku for lot in shipped if lot.is_cold and lot.key in units})
    message = N_("The gift %(sku)s is kept cold: it comes back only with its temperatures since the sale.")
    fix = N_("Return it by its own shipment with the temperature record, or keep it.")
    return [Fault("/gifts", "temperatures_missing", message, fix, {"sku": sku}) for sku in cold]


def _credit(session: Session, order: LockedOrder, coming: Sequence[Coming]) -> Decimal:
    """What the goods give back, if all of them are accepted."""
    billed = billed_lines(session, order.dealer_id, order.id)
    back = {line_no: units for line_no, units in given_back(coming).items() if line_no in billed}
    return sum((billed[line_no].back(units).amount for line_no, units in back.items()), money.ZERO)


_PARCEL = text(
    """
    SELECT id, number, status, warehouse_id, shipped_at FROM shipment
     WHERE dealer_id = :dealer_id AND order_id = :order_id AND number = :number
    """
)
_SHIPPED = text(
    """
    SELECT l.line_no, l.lot_id, l.product_id, p.sku, l.lot_no, l.serials,
           l.quantity - l.returned - l.asked_back AS left,
           coalesce(p.storage_max <= :cold, false) AS is_cold, p.serial_controlled
      FROM shipment_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     ORDER BY l.line_no, l.lot_no
    """
)
