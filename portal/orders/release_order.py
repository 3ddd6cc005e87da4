"""Release an order from its holds, so that it can be picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import open_orders_moved
from portal.kernel import money
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault
from portal.orders import lifecycle
from portal.orders.cancel_order import checked_reason
from portal.orders.lifecycle import Act, Progress, Status
from portal.orders.locking import LockedOrder, OpenLine, lock_order
from portal.orders.release_way import held_now, releases
from portal.orders.vocabulary import OrderAction, OrderRight
from portal.promotions.use import give_back, hold_uses
from portal.stock.backorders import change_backordered
from portal.stock.reservations import lock_available, reserve_units


@dataclass(frozen=True, slots=True)
class Released:
    """Where the order stands, and how many units were given up to get there.

    proposed: it is still held, and waits for a second person to agree.
    """

    number: str
    status: Status
    units_cancelled: int
    proposed: bool = False


def release_order(
    session: Session,
    *,
    actor: Actor,
    number: str,
    reason: str,
    today: date,
    at: datetime,
    cancel_missing: bool = False,
    margin_days: int = 1,
) -> Released:
    """Clear every hold, or propose to where one person alone may not (`holds_rules`).

    The dealer's papers are judged again: what would refuse the order now refuses its release, and what would
    hold it counts among its holds. Units whose stock expired meanwhile are reserved again; what is not there
    waits for goods, if the dealer accepts that, or is given up with `cancel_missing`.

    margin_days: days a lot must have before its expiry to count as there on business date `today`. Raises
    Invalid without a reason, Conflict when the order is not on hold or short of stock (with every short
    line), NotFound, Forbidden, also to whoever placed the order.
    """
    actor.require(OrderRight.DESK)
    reason = checked_reason(reason, required=True)
    order = _lock_held(session, actor, number)
    holds = held_now(session, order, today=today, at=at)
    if not releases(session, actor=actor, order=order, holds=holds, reason=reason, at=at):
        return Released(number, Status.ON_HOLD, 0, proposed=True)
    return let_go(
        session,
        actor,
        order,
        reason,
        today=today,
        at=at,
        cancel_missing=cancel_missing,
        margin_days=margin_days,
    )


def let_go(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    reason: str,
    *,
    today: date,
    at: datetime,
    cancel_missing: bool = False,
    margin_days: int = 1,
) -> Released:
    """Release a locked order on hold, as somebody or a rule decided. Raises Conflict, short of stock."""
    missing = [line for line in order.lines if line.missing]
    found, lost = _settled(session, order, missing, cancel_missing, today, margin_days)
    _reserve(session, actor, order, found, at)
    given_up = sum(lost.values())
    waits = _wait_on(session, order, missing, found, lost)
    status = lifecycle.after(
        order.status,
        Act.RELEASE,
        Progress(order.shipped, order.outstanding - given_up, order.in_transit, waiting=waits),
    )
    _write(session, order, status, found, lost, at)
    audit.record(
        session,
        OrderAction.ORDER_RELEASED,
        order.number,
        actor=actor,
        dealer_id=order.dealer_id,
        reason=reason,
        before={"status": order.status, "holds": list(order.holds)},
        after={"status": str(status), "units_reserved": sum(found.values()), "units_cancelled": given_up},
    )
    return Released(order.number, status, given_up)


def _lock_held(session: Session, actor: Actor, number: str) -> LockedOrder:
    order = lock_order(session, number)
    if order.status != Status.ON_HOLD:
        raise Conflict("not_on_hold", N_("The order is not on hold."), fix=N_("Check the order."))
    require_other_person(actor, order.placed_by)
    return order


def _settled(
    session: Session,
    order: LockedOrder,
    missing: Sequence[OpenLine],
    cancel_missing: bool,
    today: date,
    margin_days: int,
) -> tuple[dict[int, int], dict[int, int]]:
    """As `_replacement` of what is there behind the locks; what is lost gives back what promotions took."""
    if cancel_missing:  # budgets before stock
        lines = [line.line_no for line in missing]
        hold_uses(session, dealer_id=order.dealer_id, order_id=order.id, lines=lines)
    free = lock_available(
        session,
        warehouse_id=order.warehouse_id,
        products=[line.product_id for line in missing],
        today=today,
        margin_days=margin_days,
    )
    found, lost = _replacement(order, missing, free, cancel_missing)
    if lost:
        give_back(session, dealer_id=order.dealer_id, order_id=order.id, cancelled=lost)
    return found, lost


def _wait_on(
    session: Session,
    order: LockedOrder,
    missing: Sequence[OpenLine],
    found: Mapping[int, int],
    lost: Mapping[int, int],
) -> int:
    """Count what waits for goods no longer; returns how many units still do."""
    if not order.backorder:
        return 0
    settled: Counter[int] = Counter()
    for line in missing:
        settled[line.product_id] -= found.get(line.line_no, 0) + lost.get(line.line_no, 0)
    change_backordered(session, warehouse_id=order.warehouse_id, units=settled)
    return order.waiting + settled.total()


def _replacement(
    order: LockedOrder, missing: Sequence[OpenLine], free: dict[int, int], cancel_missing: bool
) -> tuple[dict[int, int], dict[int, int]]:
    """Units by line number that can be reserved again, and units that cannot.

    free: what there is, by product.
    """
    found: dict[int, int] = {}
    for line in missing:
        found[line.line_no] = min(line.missing, free.get(line.product_id, 0))
        free[line.product_id] = free.get(line.product_id, 0) - found[line.line_no]
    lost = {
        line.line_no: line.missing - found[line.line_no]
        for line in missing
        if line.missing > found[line.line_no]
    }
    if lost and not cancel_missing and order.backorder:
        lost = {}
    if lost and not cancel_missing:
        faults = [_short(line, found[line.line_no]) for line in missing if line.line_no in lost]
        raise Conflict("stock_short", N_("Stock for this order is missing."), faults=faults)
    if lost and sum(lost.values()) == order.outstanding:
        raise Conflict(
            "nothing_left", N_("Nothing of this order can be delivered."), fix=N_("Cancel the order instead.")
        )
    return {line_no: units for line_no, units in found.items() if units}, lost


def _short(line: OpenLine, found: int) -> Fault:
    message = N_("Not in stock: %(missing)s of %(sku)s.")
    fix = N_("Wait for stock, or release the order without them.")
    return Fault(
        f"/lines/{line.line_no}",
        "stock_short",
        message,
        fix,
        {"missing": line.missing - found, "sku": line.sku},
    )


def _reserve(
    session: Session, actor: Actor, order: LockedOrder, found: Mapping[int, int], at: datetime
) -> None:
    units: dict[int, int] = {}
    for line in order.lines:
        if line.line_no in found:
            units[line.product_id] = units.get(line.product_id, 0) + found[line.line_no]
    reserve_units(
        session,
        warehouse_id=order.warehouse_id,
        units=units,
        dealer_id=order.dealer_id,
        document=order.number,
        actor=actor,
        at=at,
    )


def _write(
    session: Session,
    order: LockedOrder,
    status: Status,
    found: Mapping[int, int],
    lost: Mapping[int, int],
    at: datetime,
) -> None:
    changed = [line for line in order.lines if line.missing]
    session.execute(
        _RELEASE,
        {
            "dealer_id": order.dealer_id,
            "order_id": order.id,
            "status": str(status),
            "at": at,
            "line_nos": [line.line_no for line in changed],
            "found": [found.get(line.line_no, 0) for line in changed],
            "lost": [lost.get(line.line_no, 0) for line in changed],
            "amount": sum((line.amount_of_last(lost.get(line.line_no, 0)) for line in changed), money.ZERO),
        },
    )


_RELEASE = text(
    f"""
    WITH lines AS (
      UPDATE order_line l SET reserved = l.reserved + c.found, cancelled = l.cancelled + c.lost
        FROM unnest(CAST(:line_nos AS smallint[]), CAST(:found AS integer[]), CAST(:lost AS integer[]))
             AS c(line_no, found, lost)
       WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id AND l.line_no = c.line_no
    ), account AS (
      {open_orders_moved("- :amount", ":amount <> 0")}
    ), proposed AS (
      DELETE FROM release_proposal WHERE dealer_id = :dealer_id AND order_id = :order_id
    )
    UPDATE sales_order SET status = :status, holds = '{{}}', released_at = :at,
           verdict = (SELECT coalesce(jsonb_agg(CASE WHEN entry ->> 'severity' = 'hold'
                                                  THEN entry || '{{"severity": "released"}}' ELSE entry END),
                                      '[]')
                        FROM jsonb_array_elements(verdict) AS entry)
     WHERE dealer_id = :dealer_id AND id = :order_id
    """
)
