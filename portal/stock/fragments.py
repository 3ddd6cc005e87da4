"""Changes of stock as parts of a statement that does more; the SQL is the stock's own.

Levels are locked by product, then lots by id, as in `portal.stock.reservations`; every change of a level
leaves its movement.
"""

from __future__ import annotations

from portal.catalogue.fragments import has_certificate, registration_end
from portal.stock.available import available


def shown_to_dealers(product: str) -> str:
    """SQL for whether a row of `product` is shown to those who may order: by its certificate, parameter
    ``:today``, or by units at hand that were made while that ran and so stay lawful.
    """
    return f"""
    ({product}.state = 'active'
     AND ({has_certificate(product)} OR {product}.registration_no <> '' AND EXISTS (
       SELECT FROM lot l JOIN lot_stock k ON k.lot_id = l.id
        WHERE l.product_id = {product}.id AND k.state = 'saleable' AND k.on_hand > k.allocated
          AND l.produced_on BETWEEN {product}.registration_from AND {registration_end(product)})))
    """


RESERVE = f"""
held AS MATERIALIZED (
  SELECT s.product_id FROM stock_level s
   WHERE s.warehouse_id = :warehouse_id AND s.product_id IN (SELECT product_id FROM wanted)
   ORDER BY s.product_id FOR NO KEY UPDATE
), taken AS (
  UPDATE stock_level s
     SET reserved = s.reserved + wanted.quantity, backordered = s.backordered + wanted.waiting
    FROM held JOIN wanted ON wanted.product_id = held.product_id
   WHERE s.warehouse_id = :warehouse_id AND s.product_id = held.product_id
     AND (wanted.quantity = 0 OR {available("s")} >= wanted.quantity)
  RETURNING s.product_id
), moved AS (
  INSERT INTO stock_movement (at, warehouse_id, product_id, kind, reserved_delta, dealer_id, document, actor)
  SELECT :moment, :warehouse_id, product_id, 'reservation', quantity, :dealer_id, :number, :actor
    FROM wanted WHERE quantity > 0
)
"""
"""CTEs that reserve the units of the CTE ``wanted (product_id, quantity, waiting)`` in one warehouse, a row a
product, and count those that wait for goods; ``taken`` holds the products of which there were enough.

Parameters: ``warehouse_id``, ``too_near`` (see `available`), ``moment``, ``dealer_id``, ``number``,
``actor``.
"""

ALLOCATE = """
UPDATE lot_stock k SET allocated = k.allocated + taken.units
  FROM (SELECT lot_id, sum(quantity) AS units FROM line GROUP BY lot_id) taken
 WHERE k.warehouse_id = :warehouse_id AND k.lot_id = taken.lot_id
"""
"""A statement that allocates the units of the CTE ``line (lot_id, quantity)``, of lots that are locked.

Parameter: ``warehouse_id``.
"""

FREE = """
held AS MATERIALIZED (
  SELECT k.warehouse_id, k.lot_id, u.quantity
    FROM lot_stock k JOIN units u ON (u.warehouse_id, u.lot_id) = (k.warehouse_id, k.lot_id)
   ORDER BY k.warehouse_id, k.lot_id FOR NO KEY UPDATE OF k
), freed AS (
  UPDATE lot_stock k SET allocated = k.allocated - h.quantity
    FROM held h WHERE (k.warehouse_id, k.lot_id) = (h.warehouse_id, h.lot_id)
)
"""
"""CTEs that take back the allocation of the CTE ``units (warehouse_id, lot_id, quantity)``; ``held`` holds
the lots.
"""

FREE_LOTS = """
UPDATE lot_stock k SET allocated = k.allocated - f.units
  FROM unnest(CAST(:warehouse_ids AS bigint[]), CAST(:lot_ids AS bigint[]), CAST(:units AS integer[]))
    AS f(warehouse_id, lot_id, units)
 WHERE (k.warehouse_id, k.lot_id) = (f.warehouse_id, f.lot_id)
"""
"""A statement that takes back allocations of locked lots: ``warehouse_ids``, ``lot_ids``, ``units``."""

SHIP = """
level_held AS MATERIALIZED (
  SELECT product_id FROM stock_level
   WHERE warehouse_id = :warehouse_id AND product_id IN (SELECT product_id FROM unit)
   ORDER BY product_id FOR NO KEY UPDATE
), lot_held AS MATERIALIZED (
  SELECT lot_id FROM lot_stock
   WHERE warehouse_id = :warehouse_id AND lot_id IN (SELECT lot_id FROM unit)
     AND (SELECT count(*) FROM level_held) > 0
   ORDER BY lot_id FOR NO KEY UPDATE
), levels AS (
  UPDATE stock_level s SET on_hand = s.on_hand - u.units, reserved = s.reserved - u.units
    FROM (SELECT product_id, sum(quantity) AS units FROM unit WHERE lot_id IN (SELECT lot_id FROM lot_held)
           GROUP BY product_id) u
   WHERE s.warehouse_id = :warehouse_id AND s.product_id = u.product_id
), lots AS (
  UPDATE lot_stock k SET on_hand = k.on_hand - u.units, allocated = k.allocated - u.units
    FROM (SELECT lot_id, sum(quantity) AS units FROM unit GROUP BY lot_id) u JOIN lot_held USING (lot_id)
   WHERE k.warehouse_id = :warehouse_id AND k.lot_id = u.lot_id
), moved AS (
  INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, reserved_delta,
                              dealer_id, document, actor)
  SELECT :at, :warehouse_id, product_id, lot_id, 'shipment', -quantity, -quantity, :dealer_id, :number, :actor
    FROM unit ORDER BY lot_id
)
"""
"""CTEs that let the units of the CTE ``unit (lot_id, product_id, quantity)`` leave, which are reserved and
allocated. The levels are locked before the lots, and only then does anything change; the movements are
written in the order of the lots, in which what each place holds is locked behind them.

Parameters: ``warehouse_id``, ``at``, ``dealer_id``, ``number``, ``actor``.
"""
