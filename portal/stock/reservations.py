"""Give reserved units back, or reserve units again, for an order that exists already.

Levels are locked by product, in one statement with the change, and every change leaves its movement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.locks import Rank
from portal.stock.available import available
from portal.stock.rules import too_near

_LOCK = text(
    """
    SELECT FROM stock_level WHERE warehouse_id = :warehouse_id AND product_id = ANY (:products)
     ORDER BY product_id FOR NO KEY UPDATE
    """
)

# A statement of its own: one that also waited for the lock would see the level as it is and its lots as they
# were.
_AVAILABLE = text(
    f"""
    SELECT s.product_id, {available("s")} FROM stock_level s
     WHERE s.warehouse_id = :warehouse_id AND s.product_id = ANY (:products)
    """
)

_CHANGE = text(
    """
    WITH change AS (
      SELECT * FROM unnest(CAST(:products AS bigint[]), CAST(:deltas AS integer[])) AS c(product_id, delta)
    ), locked AS MATERIALIZED (
      SELECT s.product_id, c.delta FROM stock_level s JOIN change c ON c.product_id = s.product_id
       WHERE s.warehouse_id = :warehouse_id ORDER BY s.product_id FOR NO KEY UPDATE OF s
    ), levels AS (
      UPDATE stock_level s SET reserved = s.reserved + l.delta
        FROM locked l WHERE s.warehouse_id = :warehouse_id AND s.product_id = l.product_id
    )
    INSERT INTO stock_movement (at, warehouse_id, product_id, kind, reserved_delta,
                                dealer_id, document, actor)
    SELECT :at, :warehouse_id, l.product_id, :kind, l.delta, :dealer_id, :document, :actor FROM locked l
    """
)


def lock_levels(session: Session, *, warehouse_id: int, products: Collection[int]) -> None:
    """Lock the levels of `products` in a warehouse, in their order."""
    _take(session, warehouse_id, products)
    session.execute(_LOCK, {"warehouse_id": warehouse_id, "products": list(products)})


def lock_available(
    session: Session, *, warehouse_id: int, products: Collection[int], today: date, margin_days: int = 1
) -> dict[int, int]:
    """Lock the levels of `products` and tell how many units of each may be promised today.

    A product without a level is absent.
    """
    lock_levels(session, warehouse_id=warehouse_id, products=products)
    levels = {"warehouse_id": warehouse_id, "products": list(products)}
    return dict(session.execute(_AVAILABLE, {**levels, "too_near": too_near(today, margin_days)}).all())


def release_units(
    session: Session,
    *,
    warehouse_id: int,
    units: Mapping[int, int],
    dealer_id: int,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Give back reserved units (product → units, positive) of an order."""
    deltas = {product_id: -quantity for product_id, quantity in units.items()}
    _change(session, "release", deltas, warehouse_id, dealer_id, document, actor, at)


def reserve_units(
    session: Session,
    *,
    warehouse_id: int,
    units: Mapping[int, int],
    dealer_id: int,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Reserve units (product → units, positive) for an order.

    The database refuses (``stock_short``) what is not available.
    """
    _change(session, "reservation", units, warehouse_id, dealer_id, document, actor, at)


def _take(session: Session, warehouse_id: int, products: Collection[int]) -> None:
    locks.take(session, Rank.LEVEL, [(warehouse_id, product_id) for product_id in products])


def _change(
    session: Session,
    kind: str,
    deltas: Mapping[int, int],
    warehouse_id: int,
    dealer_id: int,
    document: str,
    actor: Actor,
    at: datetime,
) -> None:
    if not deltas:
        return
    _take(session, warehouse_id, deltas)
    values = {"products": list(deltas), "deltas": list(deltas.values()), "kind": kind, "actor": actor.key}
    session.execute(
        _CHANGE,
        {**values, "warehouse_id": warehouse_id, "dealer_id": dealer_id, "document": document, "at": at},
    )
