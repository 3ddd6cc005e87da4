"""The stock's part in taking lots out of the sale: what is due, and the writing of what was decided.

Whose reservations and parcels are concerned is decided above, in `portal.shipping.retire_expired_lots` and
`portal.shipping.block_lots`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.locks import Rank
from portal.stock.rules import DueLot, Level, LevelKey, LotState, MovementKind, Retirement

LotKey = tuple[int, int]
"""Warehouse and lot."""


@dataclass(frozen=True, slots=True)
class GoneLot:
    """What the audit says of a lot that left the sale. expires_on: None only of one that was blocked."""

    warehouse: str
    sku: str
    lot_no: str
    expires_on: date | None
    units: int


def lock_levels(
    session: Session, *, deadline: date | None, more: Collection[LevelKey]
) -> dict[LevelKey, Level]:
    """Lock every level that has a saleable lot expiring on or before `deadline`, if there is one, and `more`,
    which are made where they miss.
    """
    parameters = _columns("warehouse_ids", "product_ids", sorted(more))
    if more:
        session.execute(_ENSURE, parameters)
    found = session.execute(_LOCK_LEVELS, {**parameters, "deadline": deadline})
    levels = {
        (row.warehouse_id, row.product_id): Level(on_hand=row.on_hand, reserved=row.reserved) for row in found
    }
    locks.take(session, Rank.LEVEL, levels)
    return levels


def lock_due_lots(
    session: Session, *, deadline: date, levels: Collection[LevelKey], freed: Mapping[LotKey, int]
) -> list[DueLot]:
    """Lock the saleable lots of locked `levels` that expire on or before `deadline`.

    The lots about to be `freed` are locked too.

    freed: units that parcels hold now and give back in this transaction. Returns the lots that are due.
    """
    parameters = {
        **_columns("freed_warehouse_ids", "freed_lot_ids", freed),
        **_columns("warehouse_ids", "product_ids", levels),
    }
    found = session.execute(_LOCK_LOTS, {**parameters, "deadline": deadline}).all()
    locks.take(session, Rank.LOT, [(row.warehouse_id, row.lot_id) for row in found])
    return [
        DueLot(
            warehouse_id=row.warehouse_id,
            lot_id=row.lot_id,
            product_id=row.product_id,
            units=row.on_hand,
            picked=row.allocated - freed.get((row.warehouse_id, row.lot_id), 0),
        )
        for row in found
        if row.due and (row.warehouse_id, row.product_id) in levels
    ]


def levels_everywhere(session: Session, lots: Collection[int]) -> set[LevelKey]:
    """The levels that lots count in, or would, in every warehouse."""
    rows = session.execute(_EVERYWHERE, {"lots": list(lots)})
    return {(row.warehouse_id, row.product_id) for row in rows}


def lock_blocked_lots(
    session: Session, *, lots: Collection[int], held: Mapping[LotKey, int]
) -> tuple[list[DueLot], dict[LotKey, int]]:
    """Lock lots wherever they lie and are not blocked yet, and the lots that parcels `held`.

    Returns the lots to block, and how many units of each are in any parcel.
    """
    columns = _columns("held_warehouse_ids", "held_lot_ids", held)
    found = session.execute(_LOCK_BLOCKED, {**columns, "lots": list(lots)}).all()
    locks.take(session, Rank.LOT, [(row.warehouse_id, row.lot_id) for row in found])
    allocated = {(row.warehouse_id, row.lot_id): row.allocated for row in found}
    due = [
        DueLot(row.warehouse_id, row.lot_id, row.product_id, row.on_hand, row.allocated)
        for row in found
        if row.due
    ]
    return due, allocated


def write_retirement(
    session: Session,
    retirement: Retirement,
    *,
    numbers: Mapping[int, str],
    homes: Mapping[int, int],
    actor: Actor,
    document: str,
    at: datetime,
    state: LotState = LotState.EXPIRED,
    kind: MovementKind = MovementKind.EXPIRY,
) -> list[GoneLot]:
    """Carry out what was decided: lots, whose `state` it is then, levels and movements.

    `numbers`: order numbers by order id, for the reservations cut. `homes`: warehouses, by
    order id, in which those wait for goods that wait for what they lose.

    Returns the lots that held units. The orders' own lines are the caller's.
    """
    about = {"actor": actor.key, "document": document, "at": at, "state": state, "kind": kind}
    lots = _columns("warehouse_ids", "lot_ids", [(lot.warehouse_id, lot.lot_id) for lot in retirement.lots])
    cuts = {
        "cut_warehouse_ids": [warehouse_id for (warehouse_id, _), _ in retirement.cuts],
        "cut_product_ids": [product_id for (_, product_id), _ in retirement.cuts],
        "cut_units": [cut.quantity for _, cut in retirement.cuts],
        "cut_dealer_ids": [cut.reservation.dealer_id for _, cut in retirement.cuts],
        "cut_homes": [homes.get(cut.reservation.order_id) for _, cut in retirement.cuts],
        "cut_documents": [numbers[cut.reservation.order_id] for _, cut in retirement.cuts],
    }
    return [GoneLot(**row._mapping) for row in session.execute(_RETIRE, {**about, **lots, **cuts})]


def _columns(first: str, second: str, keys: Collection[tuple[int, int]]) -> dict[str, list[int]]:
    return {first: [key[0] for key in keys], second: [key[1] for key in keys]}


_ENSURE = text(
    """
    INSERT INTO stock_level (warehouse_id, product_id, on_hand)
    SELECT *, 0 FROM unnest(CAST(:warehouse_ids AS bigint[]), CAST(:product_ids AS bigint[]))
    ON CONFLICT DO NOTHING
    """
)
_LOCK_LEVELS = text(
    """
    SELECT s.warehouse_id, s.product_id, s.on_hand, s.reserved FROM stock_level s
     WHERE (s.warehouse_id, s.product_id) IN (
             SELECT k.warehouse_id, k.product_id FROM lot_stock k JOIN lot l ON l.id = k.lot_id
              WHERE k.state = 'saleable' AND l.expires_on <= :deadline
              UNION ALL
             SELECT * FROM unnest(CAST(:warehouse_ids AS bigint[]), CAST(:product_ids AS bigint[])))
     ORDER BY s.warehouse_id, s.product_id FOR NO KEY UPDATE
    """
)

_LOCK_LOTS = text(
    """
    SELECT k.warehouse_id, k.lot_id, k.product_id, k.on_hand, k.allocated,
           k.state = 'saleable' AND l.expires_on <= :deadline AS due
      FROM lot_stock k JOIN lot l ON l.id = k.lot_id
     WHERE k.state = 'saleable' AND l.expires_on <= :deadline
           AND (k.warehouse_id, k.product_id) IN (
             SELECT * FROM unnest(CAST(:warehouse_ids AS bigint[]), CAST(:product_ids AS bigint[])))
        OR (k.warehouse_id, k.lot_id) IN (
             SELECT * FROM unnest(CAST(:freed_warehouse_ids AS bigint[]), CAST(:freed_lot_ids AS bigint[])))
     ORDER BY k.warehouse_id, k.lot_id FOR NO KEY UPDATE OF k
    """
)

_EVERYWHERE = text(
    """
    SELECT DISTINCT w.id AS warehouse_id, l.product_id
      FROM lot l CROSS JOIN warehouse w WHERE l.id = ANY (CAST(:lots AS bigint[]))
    """
)
_LOCK_BLOCKED = text(
    """
    SELECT k.warehouse_id, k.lot_id, k.product_id, k.on_hand, k.allocated,
           k.state <> 'blocked' AND k.lot_id = ANY (CAST(:lots AS bigint[])) AS due
      FROM lot_stock k
     WHERE k.lot_id = ANY (CAST(:lots AS bigint[]))
        OR (k.warehouse_id, k.lot_id) IN (
             SELECT * FROM unnest(CAST(:held_warehouse_ids AS bigint[]), CAST(:held_lot_ids AS bigint[])))
     ORDER BY k.warehouse_id, k.lot_id FOR NO KEY UPDATE
    """
)

# On hand and reserved fall in one update, so that the level is never short in between.
_RETIRE = text(
    """
    WITH gone AS MATERIALIZED (
      SELECT k.warehouse_id, k.lot_id, k.product_id, k.on_hand
        FROM lot_stock k
        JOIN unnest(CAST(:warehouse_ids AS bigint[]), CAST(:lot_ids AS bigint[])) AS g(warehouse_id, lot_id)
          ON (k.warehouse_id, k.lot_id) = (g.warehouse_id, g.lot_id)
    ), lots AS (
      UPDATE lot_stock k SET state = :state, on_hand = 0, quarantined = k.quarantined + k.on_hand
        FROM gone g WHERE (k.warehouse_id, k.lot_id) = (g.warehouse_id, g.lot_id)
    ), serials AS (
      UPDATE serial_unit u SET state = 'quarantined', document = :document
        FROM gone g
       WHERE (u.warehouse_id, u.lot_id) = (g.warehouse_id, g.lot_id) AND u.state = 'saleable'
    ), cut AS (
      SELECT * FROM unnest(
        CAST(:cut_warehouse_ids AS bigint[]), CAST(:cut_product_ids AS bigint[]),
        CAST(:cut_units AS integer[]), CAST(:cut_dealer_ids AS bigint[]), CAST(:cut_homes AS bigint[]),
        CAST(:cut_documents AS text[])
      ) AS c(warehouse_id, product_id, units, dealer_id, home_id, document)
    ), change AS (
      SELECT warehouse_id, product_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
             sum(waiting) AS waiting
        FROM (SELECT warehouse_id, product_id, on_hand, 0 AS reserved, 0 AS waiting FROM gone
              UNION ALL
              SELECT warehouse_id, product_id, 0, units, 0 FROM cut
              UNION ALL
              SELECT home_id, product_id, 0, 0, units FROM cut WHERE home_id IS NOT NULL
             ) both_kinds
       GROUP BY warehouse_id, product_id
    ), levels AS (
      UPDATE stock_level s
         SET on_hand = s.on_hand - c.on_hand, reserved = s.reserved - c.reserved,
             backordered = s.backordered + c.waiting
        FROM change c WHERE (s.warehouse_id, s.product_id) = (c.warehouse_id, c.product_id)
    ), moved AS (
      INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, reserved_delta,
                                  quarantined_delta, dealer_id, document, actor)
      SELECT :at, warehouse_id, product_id, lot_id, :kind, -on_hand, 0, on_hand, NULL, :document, :actor
        FROM gone WHERE on_hand > 0
      UNION ALL
      SELECT :at, warehouse_id, product_id, NULL, :kind, 0, -units, 0, dealer_id, document, :actor FROM cut
    )
    SELECT w.code AS warehouse, p.sku, l.lot_no, l.expires_on, g.on_hand AS units
      FROM gone g JOIN warehouse w ON w.id = g.warehouse_id JOIN product p ON p.id = g.product_id
      JOIN lot l ON l.id = g.lot_id
     WHERE g.on_hand > 0 ORDER BY w.code, p.sku, l.lot_no
    """
)
