"""What dealers asked of a warehouse, week by week: ordered and not cancelled, on the day it was ordered.

What was ordered is demand whether or not it could be shipped; what comes back is none the less demand. A week
is Monday to Sunday of the business's own days, and the one that is under way says nothing yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.planning.forecast_rules import WEEKLY, series
from portal.stock.rules import LevelKey


def this_week(today: date) -> date:
    """The Monday of the week that is under way."""
    return today - timedelta(days=today.weekday())


def weekly_demand(session: Session, keys: Collection[LevelKey], today: date) -> dict[LevelKey, list[int]]:
    """Units of each level by week, the oldest first, from the first week in which any were ordered."""
    parameters = {
        "warehouses": [warehouse_id for warehouse_id, _ in keys],
        "products": [product_id for _, product_id in keys],
        "monday": this_week(today),
        "longest": WEEKLY.history + 1,
    }
    asked: dict[LevelKey, dict[int, int]] = defaultdict(dict)
    for row in session.execute(_BY_LEVEL, parameters):
        asked[row.warehouse_id, row.product_id][row.ago] = row.units
    return {key: series(asked[key]) for key in keys}


def weekly_totals(session: Session, today: date) -> dict[int, list[int]]:
    """Units of all products by warehouse and week, as `weekly_demand`."""
    monday = this_week(today)
    parameters = {"monday": monday, "first": monday - timedelta(weeks=WEEKLY.history)}
    asked: dict[int, dict[int, int]] = defaultdict(dict)
    for row in session.execute(_BY_WAREHOUSE, parameters):
        asked[row.warehouse_id][row.ago] = row.units
    return {warehouse_id: series(weeks) for warehouse_id, weeks in asked.items()}


_AGO = "((:monday - app_day(o.placed_at)) + 6) / 7"

# All that is older than the history counts as one week before it: it tells that the product is not new.
_BY_LEVEL = text(
    f"""
    SELECT o.warehouse_id, l.product_id, least({_AGO}, :longest)::int AS ago,
           sum(l.quantity - l.cancelled)::int AS units
      FROM unnest(CAST(:warehouses AS bigint[]), CAST(:products AS bigint[])) AS k(warehouse_id, product_id)
      JOIN order_line l ON l.product_id = k.product_id
      JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
       AND o.warehouse_id = k.warehouse_id
     WHERE app_day(o.placed_at) < :monday
     GROUP BY 1, 2, 3
    """
)
_BY_WAREHOUSE = text(
    f"""
    SELECT o.warehouse_id, {_AGO} AS ago, sum(l.quantity - l.cancelled)::int AS units
      FROM sales_order o
      JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
     WHERE app_day(o.placed_at) >= :first AND app_day(o.placed_at) < :monday
     GROUP BY 1, 2
    """
)
