"""What the ERP reports of a request comes back to the stock's figures and to the orders that wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import N_, Forbidden, NotFound
from portal.orders.locking import LockedOrder, lock_orders
from portal.orders.promised_days import set_promised
from portal.orders.vocabulary import OrderRight
from portal.replenishment.rules import (
    Coming,
    Line,
    OnTheWay,
    Report,
    RequestState,
    Standing,
    advanced,
    on_the_way,
    promises,
    withdrawn,
)
from portal.replenishment.vocabulary import SupplyAction
from portal.stock.backorders import lock_levels, set_on_the_way
from portal.stock.rules import LevelKey

ORDERS_MAX = 500
"""Orders that wait at a level and are told a day, the earliest ones."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The request after a report, and how many order lines have another day now."""

    number: str
    standing: Standing
    lines: int


def record_progress(
    session: Session,
    *,
    actor: Actor,
    number: str,
    report: Report,
    today: date,
    at: datetime,
    levels: Collection[LevelKey] = (),
) -> Recorded:
    """Write down what the ERP says of a request; the same report again changes nothing.

    The days of what comes go to the lines that wait, the earliest order first. Locks the orders that wait,
    then the level, together with `levels`, which the caller changes afterwards. Raises NotFound, Forbidden
    for who does not see every dealer, and what `advanced` raises.
    """
    actor.require(OrderRight.DESK)
    if actor.region_ids is not None:
        raise Forbidden(
            "some_regions_only",
            N_("A request for goods concerns dealers of all regions."),
            fix=N_("Ask a colleague who works for all regions."),
        )
    level = _level_of(session, number)
    orders = _lock_waiting(session, level)
    key = (level["warehouse_id"], level["product_id"])
    if levels:
        lock_levels(session, {key, *levels})
    [counted] = lock_levels(session, [key])
    row = session.execute(_REQUEST, {"number": number}).one()
    now = value_of(Standing, row, state=RequestState(row.state))
    after = advanced(now, report, today)
    if after == now:
        return Recorded(number, now, 0)
    others = [Coming(**one._mapping) for one in session.execute(_OTHERS, {**level, "number": number})]
    coming = on_the_way(OnTheWay(counted.in_transit, counted.next_arrival), now, after, others)
    set_on_the_way(session, **level, units=coming.units, next_arrival=coming.next_arrival)
    session.execute(_MOVE, {"number": number, "at": at, **_columns(after)})
    lines = _promise(session, orders, level, coming, withdrawn=withdrawn(now, after))
    audit.record(
        session,
        SupplyAction.PROGRESSED,
        number,
        actor=actor,
        dealer_id=None,
        before=_said(now),
        after=_said(after),
    )
    return Recorded(number, after, lines)


def _level_of(session: Session, number: str) -> dict[str, int]:
    row = session.execute(_LEVEL, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return {"warehouse_id": row.warehouse_id, "product_id": row.product_id}


def _lock_waiting(session: Session, level: dict[str, int]) -> Sequence[LockedOrder]:
    found = session.execute(_WAITING, {**level, "limit": ORDERS_MAX}).all()
    return lock_orders(session, [(row.dealer_id, row.id) for row in found]) if found else []


def _promise(
    session: Session,
    orders: Sequence[LockedOrder],
    level: dict[str, int],
    on_way: OnTheWay,
    *,
    withdrawn: bool,
) -> int:
    """Give the lines that wait at the level their days; how many were given one, or lost it.

    What was withdrawn leaves those that nothing else covers without a day.
    """
    waiting: list[tuple[Line, int]] = [
        ((order.dealer_id, order.id, line.line_no), line.missing)
        for order in sorted(orders, key=lambda order: (order.placed_at, order.id))
        for line in order.lines
        if line.product_id == level["product_id"] and line.missing and order.backorder
    ]
    dated = [Coming(**row._mapping) for row in session.execute(_DATED, level)]
    requested = sum(row.units for row in session.execute(_IN_TRANSIT, level))
    if on_way.next_arrival is not None and on_way.units > requested:
        dated.append(Coming(on_way.next_arrival, on_way.units - requested))
    days = promises(waiting, dated)
    told: dict[Line, date | None] = {line: days.get(line) for line, _ in waiting if withdrawn or line in days}
    set_promised(session, told)
    return len(told)


def _columns(standing: Standing) -> dict[str, Any]:
    return {
        "state": str(standing.state),
        "quantity": standing.quantity,
        "expected_on": standing.expected_on,
        "reference": standing.reference,
    }


def _said(standing: Standing) -> dict[str, Any]:
    day = standing.expected_on
    return _columns(standing) | {"expected_on": day.isoformat() if day else None}


_LEVEL = text("SELECT warehouse_id, product_id FROM supply_request WHERE number = :number")
_REQUEST = text("SELECT state, quantity, expected_on, reference FROM supply_request WHERE number = :number")
_WAITING = text(
    """
    SELECT dealer_id, id FROM (
      SELECT DISTINCT o.dealer_id, o.id, o.placed_at
        FROM order_line l
        JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
         AND o.warehouse_id = :warehouse_id AND o.backorder
       WHERE l.product_id = :product_id AND l.reserved + l.shipped + l.cancelled < l.quantity) waiting
     ORDER BY placed_at, id LIMIT :limit
    """
)
_OTHERS = text(
    """
    SELECT expected_on AS "on", quantity AS units FROM supply_request
     WHERE warehouse_id = :warehouse_id AND product_id = :product_id AND state = 'in_transit'
       AND number <> :number
    """
)
_DATED = text(
    """
    SELECT expected_on AS "on", quantity AS units FROM supply_request
     WHERE warehouse_id = :warehouse_id AND product_id = :product_id AND state IN ('confirmed', 'in_transit')
    """
)
_IN_TRANSIT = text(
    """
    SELECT coalesce(sum(quantity), 0)::int AS units FROM supply_request
     WHERE warehouse_id = :warehouse_id AND product_id = :product_id AND state = 'in_transit'
    """
)
_MOVE = text(
    """
    UPDATE supply_request
       SET state = :state, quantity = :quantity, expected_on = :expected_on, reference = :reference,
           changed_at = :at
     WHERE number = :number
    """
)
