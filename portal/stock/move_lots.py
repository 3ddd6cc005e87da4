"""The one way in which units of lots come, go or change their standing, with levels and movements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.locks import Rank
from portal.stock.rules import MovementKind


@dataclass(frozen=True, slots=True)
class LotMove:
    """Units by which a lot in a warehouse changes, signed: what may be sold, is inspected, is set apart."""

    lot_id: int
    on_hand: int = 0
    inspecting: int = 0
    quarantined: int = 0


def move_lots(
    session: Session,
    *,
    warehouse_id: int,
    moves: Sequence[LotMove],
    kind: MovementKind,
    document: str,
    actor: Actor,
    at: datetime,
    dealer_id: int | None = None,
) -> frozenset[int]:
    """Change lots of a warehouse and the levels they count in, with a movement for each.

    One move a lot. A level or a lot that the warehouse never had is made. Units that would become saleable of
    a lot that is expired or blocked there are set apart instead; returns these lots, whose serials are to be
    set apart too. Locks the levels, then the lots; the database refuses (``stock_short``, ``lot_short``,
    ``not_set_apart``) what is not there or is promised.
    """
    if not moves:
        return frozenset()
    lots = [move.lot_id for move in moves]
    columns = {
        "warehouse_id": warehouse_id,
        "lots": lots,
        "on_hand": [move.on_hand for move in moves],
        "inspecting": [move.inspecting for move in moves],
        "quarantined": [move.quarantined for move in moves],
    }
    products = session.execute(_LEVELS, columns).scalars().all()
    locks.take(session, Rank.LEVEL, [(warehouse_id, product_id) for product_id in products])
    session.execute(_LOCK_LEVELS, {"warehouse_id": warehouse_id, "products": products})
    locks.take(session, Rank.LOT, [(warehouse_id, lot_id) for lot_id in lots])
    session.execute(_LOTS, columns)
    about = {"kind": kind, "document": document, "actor": actor.key, "at": at, "dealer_id": dealer_id}
    about["today"] = at.date()  # behind the business day at most for hours, in which the retirement runs
    return frozenset(session.execute(_MOVE, {**columns, **about}).scalars())


# A row that another transaction makes at the same time is waited for, in the order in which rows are locked.
_LEVELS = text(
    """
    WITH touched AS (
      SELECT DISTINCT product_id FROM lot WHERE id = ANY (CAST(:lots AS bigint[]))
    ), made AS (
      INSERT INTO stock_level (warehouse_id, product_id, on_hand)
      SELECT :warehouse_id, product_id, 0 FROM touched ORDER BY product_id
      ON CONFLICT DO NOTHING
    )
    SELECT product_id FROM touched ORDER BY product_id
    """
)
_LOCK_LEVELS = text(
    """
    SELECT FROM stock_level
     WHERE warehouse_id = :warehouse_id AND product_id = ANY (CAST(:products AS bigint[]))
     ORDER BY product_id FOR NO KEY UPDATE
    """
)
_LOTS = text(
    """
    INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand)
    SELECT :warehouse_id, id, product_id, 0 FROM lot WHERE id = ANY (CAST(:lots AS bigint[])) ORDER BY id
    ON CONFLICT DO NOTHING
    """
)
_MOVE = text(
    """
    WITH move AS (
      SELECT *
        FROM unnest(CAST(:lots AS bigint[]), CAST(:on_hand AS integer[]), CAST(:inspecting AS integer[]),
                    CAST(:quarantined AS integer[])) AS m(lot_id, on_hand, inspecting, quarantined)
    ), changed AS MATERIALIZED (
      SELECT k.lot_id, k.product_id, CASE WHEN barred THEN 0 ELSE m.on_hand END AS on_hand, m.inspecting,
             m.quarantined + CASE WHEN barred THEN m.on_hand ELSE 0 END AS quarantined, barred
        FROM lot_stock k JOIN move m ON m.lot_id = k.lot_id
       CROSS JOIN LATERAL (
             SELECT m.on_hand > 0 AND (k.state <> 'saleable' OR coalesce(k.expires_on <= :today, false))
                    AS barred) b
       WHERE k.warehouse_id = :warehouse_id ORDER BY k.lot_id FOR NO KEY UPDATE OF k
    ), lots AS (
      UPDATE lot_stock k
         SET on_hand = k.on_hand + c.on_hand, inspecting = k.inspecting + c.inspecting,
             quarantined = k.quarantined + c.quarantined
        FROM changed c WHERE k.warehouse_id = :warehouse_id AND k.lot_id = c.lot_id
    ), levels AS (
      UPDATE stock_level s SET on_hand = s.on_hand + c.on_hand
        FROM (SELECT product_id, sum(on_hand) AS on_hand FROM changed GROUP BY product_id) c
       WHERE s.warehouse_id = :warehouse_id AND s.product_id = c.product_id AND c.on_hand <> 0
    ), moved AS (
      INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, inspecting_delta,
                                  quarantined_delta, dealer_id, document, actor)
      SELECT :at, :warehouse_id, product_id, lot_id, :kind, on_hand, inspecting, quarantined, :dealer_id,
             :document, :actor
        FROM changed ORDER BY lot_id
    )
    SELECT lot_id FROM changed WHERE barred
    """
)
