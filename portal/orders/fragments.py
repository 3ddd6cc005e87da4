"""Changes of a locked order as parts of a statement that does more; the SQL is the orders' own.

All have the parameters ``dealer_id`` and ``order_id``.
"""

from __future__ import annotations

ELSEWHERE = """
SELECT jsonb_object_agg(x.warehouse_id, x.reserved) FROM order_line_source x
 WHERE (x.dealer_id, x.order_id, x.line_no) = (l.dealer_id, l.order_id, l.line_no) AND x.reserved > 0
"""
"""Units of the order line ``l`` that are reserved in other warehouses than the order's, by their ids."""

SHIP_LINES = """
UPDATE order_line l SET reserved = l.reserved - u.units, shipped = l.shipped + u.units
  FROM (SELECT line_no, sum(quantity) AS units FROM unit GROUP BY line_no) u
 WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id AND l.line_no = u.line_no
"""
"""Counts the units of the CTE ``unit (line_no, quantity)`` as shipped and no longer reserved."""

SHIP_SOURCES = """
UPDATE order_line_source x SET reserved = x.reserved - u.units
  FROM (SELECT line_no, sum(quantity) AS units FROM unit GROUP BY line_no) u
 WHERE x.dealer_id = :dealer_id AND x.order_id = :order_id AND x.line_no = u.line_no
   AND x.warehouse_id = :warehouse_id
"""
"""The same where the parcel is from another warehouse than the order's: ``warehouse_id``."""

RETURN_LINES = """
UPDATE order_line l SET returned = l.returned + b.units
  FROM (SELECT line_no, sum(units) AS units FROM back GROUP BY line_no) b
 WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id AND l.line_no = b.line_no
"""
"""Counts the units of the CTE ``back (line_no, units)`` as returned."""

SET_STATUS = "UPDATE sales_order SET status = :status WHERE dealer_id = :dealer_id AND id = :order_id"
"""Says where the order stands: ``status``."""
