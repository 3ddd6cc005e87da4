"""What orders lose when lots leave the sale: reserved units, and with them the way to the warehouse."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.orders.lifecycle import Status
from portal.orders.rules import STOCK

OrderKey = tuple[int, int]
"""Dealer and order."""

LineKey = tuple[int, int, int]
"""Dealer, order and line number."""


def lose_stock(
    session: Session, *, statuses: Mapping[OrderKey, Status], units: Mapping[LineKey, int]
) -> None:
    """Write where locked orders stand now, and take reserved units off their lines; an order that loses some
    is held (`stock`).
    """
    losing = {(dealer_id, order_id) for dealer_id, order_id, _ in units}
    session.execute(
        _LOSE,
        {
            "dealer_ids": [dealer_id for dealer_id, _ in statuses],
            "order_ids": [order_id for _, order_id in statuses],
            "statuses": [str(status) for status in statuses.values()],
            "held": [key in losing for key in statuses],
            "hold": STOCK,
            "cut_dealer_ids": [dealer_id for dealer_id, _, _ in units],
            "cut_order_ids": [order_id for _, order_id, _ in units],
            "cut_line_nos": [line_no for _, _, line_no in units],
            "cut_units": list(units.values()),
        },
    )


def lose_sources(session: Session, *, units: Mapping[tuple[LineKey, int], int]) -> None:
    """Take the units that lines lose in other warehouses than their orders', by line and warehouse, off there
    too.
    """
    if not units:
        return
    session.execute(
        _LOSE_SOURCES,
        {
            "dealer_ids": [dealer_id for (dealer_id, _, _), _ in units],
            "order_ids": [order_id for (_, order_id, _), _ in units],
            "line_nos": [line_no for (_, _, line_no), _ in units],
            "warehouse_ids": [warehouse_id for _, warehouse_id in units],
            "units": list(units.values()),
        },
    )


_LOSE_SOURCES = text(
    """
    UPDATE order_line_source x SET reserved = x.reserved - c.units
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[]), CAST(:line_nos AS smallint[]),
                  CAST(:warehouse_ids AS bigint[]), CAST(:units AS integer[]))
        AS c(dealer_id, order_id, line_no, warehouse_id, units)
     WHERE (x.dealer_id, x.order_id, x.line_no, x.warehouse_id)
         = (c.dealer_id, c.order_id, c.line_no, c.warehouse_id)
    """
)
_LOSE = text(
    """
    WITH lines AS (
      UPDATE order_line l SET reserved = l.reserved - c.units
        FROM unnest(CAST(:cut_dealer_ids AS bigint[]), CAST(:cut_order_ids AS bigint[]),
                    CAST(:cut_line_nos AS smallint[]), CAST(:cut_units AS integer[]))
          AS c(dealer_id, order_id, line_no, units)
       WHERE (l.dealer_id, l.order_id, l.line_no) = (c.dealer_id, c.order_id, c.line_no)
    )
    UPDATE sales_order o
       SET status = m.status,
           holds = CASE WHEN m.held THEN array_append(array_remove(o.holds, :hold), :hold) ELSE o.holds END
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[]), CAST(:statuses AS text[]),
                  CAST(:held AS boolean[])) AS m(dealer_id, order_id, status, held)
     WHERE (o.dealer_id, o.id) = (m.dealer_id, m.order_id)
    """
)
