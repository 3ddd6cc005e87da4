"""Give goods that have arrived to the orders that wait for them, first come, first served."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import SYSTEM, Actor
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder, OpenLine, lock_orders
from portal.orders.vocabulary import OrderAction
from portal.stock.available import available
from portal.stock.backorders import change_backordered
from portal.stock.promise_rules import Waiting, filled
from portal.stock.reservations import lock_available, reserve_units
from portal.stock.rules import too_near

ORDERS_MAX = 200
"""Orders that one transaction locks at most; the next takes up the others."""

LineKey = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Filled:
    """Units that got stock, by order number. is_all: nothing that could be served was left over."""

    units: Mapping[str, int]
    is_all: bool


def fill_backorders(
    session: Session, *, today: date, at: datetime, margin_days: int = 1, actor: Actor = SYSTEM
) -> Filled:
    """Reserve what is available for the orders that wait for it. Needs a system session.

    The earliest order first, in whole packs; an order on hold is served too, and waits for its release. To
    run it again is harmless: what was served waits no longer. Locks the orders, then levels.
    """
    near = too_near(today, margin_days)
    found = session.execute(_SERVABLE, {"too_near": near, "limit": ORDERS_MAX}).all()
    orders = [order for order in lock_orders(session, [tuple(row) for row in found]) if order.waiting]
    packs = _packs(session, orders)
    served: dict[LineKey, int] = {}
    for warehouse_id, waiting in sorted(_by_warehouse(orders).items()):
        products = {line.product_id for _, line in waiting}
        free = lock_available(
            session, warehouse_id=warehouse_id, products=products, today=today, margin_days=margin_days
        )
        for product_id in sorted(products):
            lines = [
                Waiting((order.dealer_id, order.id, line.line_no), line.missing, packs[product_id])
                for order, line in waiting
                if line.product_id == product_id
            ]
            served |= filled(lines, free.get(product_id, 0))
    return Filled(_write(session, orders, served, actor, at), len(found) < ORDERS_MAX)


def _by_warehouse(orders: Iterable[LockedOrder]) -> dict[int, list[tuple[LockedOrder, OpenLine]]]:
    waiting: dict[int, list[tuple[LockedOrder, OpenLine]]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: (order.placed_at, order.id)):
        waiting[order.warehouse_id].extend((order, line) for line in order.lines if line.missing)
    return waiting


def _packs(session: Session, orders: Sequence[LockedOrder]) -> dict[int, int]:
    products = {line.product_id for order in orders for line in order.lines if line.missing}
    return dict(session.execute(_PACKS, {"products": list(products)}).all())


def _write(
    session: Session, orders: Sequence[LockedOrder], served: Mapping[LineKey, int], actor: Actor, at: datetime
) -> dict[str, int]:
    units_of: dict[str, int] = {}
    for order in orders:
        lines = {
            line: served[order.dealer_id, order.id, line.line_no]
            for line in order.lines
            if (order.dealer_id, order.id, line.line_no) in served
        }
        if not lines:
            continue
        units: Counter[int] = Counter()
        for line, more in lines.items():
            units[line.product_id] += more
        about = {"warehouse_id": order.warehouse_id}
        reserve_units(
            session,
            **about,
            units=units,
            dealer_id=order.dealer_id,
            document=order.number,
            actor=actor,
            at=at,
        )
        change_backordered(session, **about, units={product: -more for product, more in units.items()})
        status = _status_after(order, sum(units.values()))
        session.execute(
            _FILL,
            {
                "dealer_id": order.dealer_id,
                "order_id": order.id,
                "status": str(status),
                "line_nos": [line.line_no for line in lines],
                "units": list(lines.values()),
            },
        )
        _tell(session, order, status, sum(units.values()), actor)
        units_of[order.number] = sum(units.values())
    return units_of


def _status_after(order: LockedOrder, units: int) -> Status:
    progress = replace(order.progress, waiting=order.waiting - units)
    return lifecycle.after(order.status, Act.FILL, progress)


def _tell(session: Session, order: LockedOrder, status: Status, units: int, actor: Actor) -> None:
    audit.record(
        session,
        OrderAction.ORDER_FILLED,
        order.number,
        actor=actor,
        dealer_id=order.dealer_id,
        before={"status": order.status, "units_waiting": order.waiting},
        after={"status": str(status), "units_waiting": order.waiting - units},
    )
    outbox.add(session, "order.filled", dealer_id=order.dealer_id, number=order.number, units=units)


# Orders of which a line waits for a product that its warehouse has, the earliest first.
_SERVABLE = text(
    f"""
    SELECT dealer_id, id FROM (
      SELECT DISTINCT o.dealer_id, o.id, o.placed_at
        FROM stock_level s
        JOIN order_line l ON l.product_id = s.product_id AND l.reserved + l.shipped + l.cancelled < l.quantity
        JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
         AND o.warehouse_id = s.warehouse_id AND o.backorder
        JOIN product p ON p.id = s.product_id
       WHERE s.backordered > 0
         AND {available("s")} >= least(p.pack_multiple, l.quantity - l.reserved - l.shipped - l.cancelled)
    ) servable
     ORDER BY placed_at, id LIMIT :limit
    """
)
_PACKS = text("SELECT id, pack_multiple FROM product WHERE id = ANY (:products)")
_FILL = text(
    """
    WITH lines AS (
      UPDATE order_line l
         SET reserved = l.reserved + f.units,
             promised_on = CASE WHEN l.reserved + f.units + l.shipped + l.cancelled < l.quantity
                                THEN l.promised_on END
        FROM unnest(CAST(:line_nos AS smallint[]), CAST(:units AS integer[])) AS f(line_no, units)
       WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id AND l.line_no = f.line_no
    )
    UPDATE sales_order SET status = :status WHERE dealer_id = :dealer_id AND id = :order_id
    """
)
