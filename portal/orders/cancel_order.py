"""Cancel an order, or what has not left of it: the stock and the credit are free again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import open_orders_moved
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Progress, Status
from portal.orders.locking import LockedOrder, lock_order
from portal.orders.vocabulary import OrderAction, OrderRight
from portal.promotions.use import give_back
from portal.stock.backorders import change_backordered
from portal.stock.reservations import lock_levels, release_units

REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Units given up, their VAT-inclusive amount, and where the order stands."""

    number: str
    status: Status
    units: int
    amount: Decimal


def cancel_order(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> Cancelled:
    """Cancel everything that has not been shipped. What has been shipped stays and is received as usual.

    A dealer cancels its own order while nothing has left; the order desk also the rest of a partly shipped
    one. Raises Invalid without a reason from staff, Conflict while it is picked or when nothing is left,
    NotFound, Forbidden.
    """
    actor.require(OrderRight.DESK if actor.is_staff else OrderRight.WRITE)
    reason = checked_reason(reason, required=actor.is_staff)
    order = lock_order(session, number)
    _require_cancellable(order, by_dealer=not actor.is_staff)
    status = lifecycle.after(order.status, Act.CANCEL, Progress(order.shipped, 0, order.in_transit))
    amount = sum((line.amount_of_last(line.outstanding) for line in order.lines), money.ZERO)
    gone = {line.line_no: line.outstanding for line in order.lines if line.outstanding}
    give_back(session, dealer_id=order.dealer_id, order_id=order.id, cancelled=gone)
    _release(session, actor, order, at)
    _write(session, order, status, amount, reason, at)
    audit.record(
        session,
        OrderAction.ORDER_CANCELLED,
        number,
        actor=actor,
        dealer_id=order.dealer_id,
        reason=reason or None,
        before={"status": order.status, "holds": list(order.holds)},
        after={"status": str(status), "units": order.outstanding, "amount": money.as_text(amount)},
    )
    told = {"number": number, "state": str(status), "units": order.outstanding}
    outbox.add(session, "order.cancelled", dealer_id=order.dealer_id, **told)
    return Cancelled(number, status, order.outstanding, amount)


def _require_cancellable(order: LockedOrder, *, by_dealer: bool) -> None:
    if by_dealer and order.status == Status.PICKING:
        raise Conflict(
            "already_picking",
            N_("This order is already being picked."),
            fix=N_("Ask the order desk to stop it."),
        )
    lifecycle.require(order.status, Act.CANCEL)
    if by_dealer and not lifecycle.may_cancel(order):
        raise Conflict(
            "partially_shipped",
            N_("Part of the order has been shipped."),
            fix=N_("Ask the order desk to cancel the rest."),
        )


def checked_reason(reason: str, *, required: bool) -> str:
    """A reason without blanks around it.

    Raises Invalid when it is needed and missing, too long, or cannot be stored.
    """
    reason = reason.strip()
    if required and not reason:
        raise Invalid(
            faults=[Fault("/reason", "reason_missing", N_("A reason is needed."), N_("Give a short reason."))]
        )
    if len(reason) > REASON_MAX or "\x00" in reason:
        fix = N_("Shorten it to %(max)s characters.")
        raise Invalid(
            faults=[
                Fault("/reason", "reason_too_long", N_("The reason is too long."), fix, {"max": REASON_MAX})
            ]
        )
    return reason


def _release(session: Session, actor: Actor, order: LockedOrder, at: datetime) -> None:
    """Give back what is reserved, warehouse by warehouse in the order of locks; nothing waits any more."""
    products = {line.line_no: line.product_id for line in order.lines}
    waiting: Counter[int] = Counter()
    for line in order.lines:
        if line.missing and order.backorder:
            waiting[line.product_id] -= line.missing
    for warehouse_id in sorted({order.warehouse_id, *order.warehouses}):
        units: Counter[int] = Counter()
        for line_no, reserved in order.reserved_in(warehouse_id).items():
            units[products[line_no]] += reserved
        if warehouse_id == order.warehouse_id and waiting:
            lock_levels(session, warehouse_id=warehouse_id, products=units.keys() | waiting.keys())
            change_backordered(session, warehouse_id=warehouse_id, units=waiting)
        release_units(
            session,
            warehouse_id=warehouse_id,
            units=units,
            dealer_id=order.dealer_id,
            document=order.number,
            actor=actor,
            at=at,
        )


def _write(
    session: Session, order: LockedOrder, status: Status, amount: Decimal, reason: str, at: datetime
) -> None:
    received_at = at if status is Status.RECEIVED else None
    values = {
        "status": str(status),
        "amount": amount,
        "reason": reason or None,
        "at": at,
        "received_at": received_at,
    }
    session.execute(_CANCEL, {**values, "dealer_id": order.dealer_id, "order_id": order.id})


_CANCEL = text(
    f"""
    WITH lines AS (
      UPDATE order_line SET cancelled = quantity - shipped, reserved = 0
       WHERE dealer_id = :dealer_id AND order_id = :order_id AND shipped + cancelled < quantity
    ), sources AS (
      UPDATE order_line_source SET reserved = 0
       WHERE dealer_id = :dealer_id AND order_id = :order_id AND reserved > 0
    ), account AS (
      {open_orders_moved("- :amount")}
    )
    UPDATE sales_order
       SET status = :status, holds = '{{}}', cancelled_at = :at, cancel_reason = :reason,
           received_at = :received_at
     WHERE dealer_id = :dealer_id AND id = :order_id
    """
)
