"""What may be promised of a level, on any day: one rule for every page, call and order.

The hourly retirement writes a lot off; what may be sold does not wait for it. Between the turn of the day and
that job a lot that expired is still counted in its level, and is taken off here. After the job there is
nothing to take off: the partial index ``ix_lot_stock_saleable`` answers with one look that no saleable lot is
that near its expiry.
"""

from __future__ import annotations

_SPENT = """(SELECT sum(spent.on_hand) FROM lot_stock spent
  WHERE spent.warehouse_id = {level}.warehouse_id AND spent.product_id = {level}.product_id
    AND spent.state = 'saleable' AND spent.expires_on <= :too_near)"""


def available(level: str) -> str:
    """SQL for the units of a row of `stock_level`, named `level`, that may be promised; never below 0.

    The statement has the parameter ``too_near``, a date: `portal.stock.rules.too_near` of the business day.
    """
    return f"greatest({level}.on_hand - {level}.reserved - coalesce({_SPENT.format(level=level)}, 0), 0)::int"
