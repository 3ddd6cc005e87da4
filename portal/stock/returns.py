"""Units that come back from a dealer return to the lot they left, in the warehouse they left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.locks import Rank

_LOCK_LEVELS = text(
    """
    SELECT s.product_id FROM stock_level s
     WHERE s.warehouse_id = :warehouse_id
       AND s.product_id IN (SELECT k.product_id FROM lot_stock k
                             WHERE k.warehouse_id = :warehouse_id AND k.lot_id = ANY (:lots))
     ORDER BY s.product_id FOR NO KEY UPDATE
    """
)

# A level counts saleable lots only: units of a lot that expired or was blocked meanwhile lie in the
# warehouse, unsold.
_BRING_BACK = text(
    """
    WITH back AS (
      SELECT * FROM unnest(CAST(:lots AS bigint[]), CAST(:units AS integer[])) AS b(lot_id, units)
    ), locked AS MATERIALIZED (
      SELECT k.lot_id, k.product_id, b.units,
             CASE WHEN k.state = 'saleable' THEN b.units ELSE 0 END AS saleable
        FROM lot_stock k JOIN back b ON b.lot_id = k.lot_id
       WHERE k.warehouse_id = :warehouse_id ORDER BY k.lot_id FOR NO KEY UPDATE OF k
    ), lots AS (
      UPDATE lot_stock k SET on_hand = k.on_hand + l.units
        FROM locked l WHERE k.warehouse_id = :warehouse_id AND k.lot_id = l.lot_id
    ), levels AS (
      UPDATE stock_level s SET on_hand = s.on_hand + l.saleable
        FROM (SELECT product_id, sum(saleable) AS saleable FROM locked GROUP BY product_id) l
       WHERE s.warehouse_id = :warehouse_id AND s.product_id = l.product_id
    )
    INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta,
                                dealer_id, document, actor)
    SELECT :at, :warehouse_id, l.product_id, l.lot_id, 'return', l.saleable, :dealer_id, :document, :actor
      FROM locked l
    """
)


def bring_back(
    session: Session,
    *,
    warehouse_id: int,
    units: Mapping[int, int],
    dealer_id: int,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Put units (lot → units, positive) back on hand, with a movement for each lot."""
    lots = {"warehouse_id": warehouse_id, "lots": list(units)}
    levels = session.execute(_LOCK_LEVELS, lots).scalars()
    locks.take(session, Rank.LEVEL, [(warehouse_id, product_id) for product_id in levels])
    locks.take(session, Rank.LOT, [(warehouse_id, lot_id) for lot_id in units])
    about = {"dealer_id": dealer_id, "document": document, "actor": actor.key, "at": at}
    session.execute(_BRING_BACK, {**lots, **about, "units": list(units.values())})
