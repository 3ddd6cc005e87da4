"""Stock as headquarters sees it: levels with their lots, lots on a shelf, and what moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code
from portal.stock.rules import NEVER
from portal.stock.vocabulary import StockRight


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """Units of a product in a warehouse. reserved: of `on_hand`, for orders."""

    warehouse_id: int
    product_id: int
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    unit: str
    on_hand: int
    reserved: int
    in_transit: int
    next_arrival: date | None
    backordered: int
    in_inspection: int
    quarantined: int

    @property
    def available(self) -> int:
        """Units that no order holds; a lot that is too near its expiry counts until it is retired."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class HeldLot:
    """Units of a lot in a warehouse. allocated: of `on_hand`, in shipments that are being picked."""

    warehouse_id: int
    lot_id: int
    product_id: int
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    unit: str
    lot: str
    produced_on: date | None
    expires_on: date | None
    state: str
    on_hand: int
    allocated: int
    inspecting: int
    quarantined: int
    location: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement. lot is empty where only a reservation changed."""

    id: int
    at: datetime
    kind: str
    document: str
    lot: str
    on_hand: int
    reserved: int
    inspecting: int
    quarantined: int
    actor: str


@dataclass(frozen=True, slots=True)
class SoughtLots:
    """Which lots. warehouse: a code; q: part of a SKU, a name or a lot; until: expires on that day or before.

    state: of the lot; apart: ``inspecting`` or ``quarantined``, lots with such units.
    """

    warehouse: str = ""
    q: str = ""
    state: str = ""
    until: date | None = None
    apart: str = ""


def held_levels(
    session: Session,
    *,
    actor: Actor,
    warehouse: str = "",
    sku: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[HeldLevel]:
    """Levels of all warehouses or of one, of all products or of one; by warehouse and product."""
    actor.require(StockRight.HEADQUARTERS)
    parameters: dict[str, Any] = {"limit": limit + 1, "warehouse": warehouse, "sku": sku}
    cursors = paging.cursors(session, "held levels", int, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _levels(bool(warehouse), bool(sku), back)
    rows = [HeldLevel(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.warehouse_id, one.product_id), place)


def lots_of(session: Session, levels: Sequence[HeldLevel]) -> dict[tuple[int, int], list[HeldLot]]:
    """The lots that lie in levels, by warehouse and product, the first to expire first."""
    lots: dict[tuple[int, int], list[HeldLot]] = {}
    columns = {
        "warehouses": [level.warehouse_id for level in levels],
        "products": [level.product_id for level in levels],
    }
    for row in session.execute(_LOTS_OF, columns):
        lots.setdefault((row.warehouse_id, row.product_id), []).append(HeldLot(**row._mapping))
    return lots


def held_level(session: Session, *, actor: Actor, warehouse: str, sku: str) -> HeldLevel:
    """One level. Raises NotFound."""
    page = held_levels(session, actor=actor, warehouse=warehouse, sku=sku, limit=1)
    if not page.items:
        raise NotFound()
    return page.items[0]


def held_lots(
    session: Session, *, actor: Actor, sought: SoughtLots, limit: int = 50, cursor: str | None = None
) -> Page[HeldLot]:
    """Lots of which there are units, the first to expire first."""
    actor.require(StockRight.HEADQUARTERS)
    parameters = {"limit": limit + 1, **_sought(sought)}
    cursors = paging.cursors(session, "held lots", date.fromisoformat, int, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_day"], parameters["from_lot"], parameters["from_warehouse"] = place.key
    statement = _lots(*_flags(sought), back=None if place is None else place.back)
    rows = [HeldLot(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, _place_of, place)


def count_held_lots(session: Session, *, actor: Actor, sought: SoughtLots) -> int:
    """How many lots `held_lots` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(StockRight.HEADQUARTERS)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(sought)}
    count: int = session.execute(_count_lots(*_flags(sought)), parameters).scalar_one()
    return count


def _sought(sought: SoughtLots) -> dict[str, Any]:
    return {
        "warehouse": sought.warehouse,
        "code": containing_code(sought.q.strip()),
        "state": sought.state,
        "until": sought.until,
    }


def _flags(sought: SoughtLots) -> tuple[bool, bool, bool, bool, bool, bool]:
    return (
        bool(sought.warehouse),
        bool(sought.q.strip()),
        bool(sought.state),
        sought.until is not None,
        sought.apart == "inspecting",
        sought.apart == "quarantined",
    )


def movements_of(
    session: Session, *, actor: Actor, level: HeldLevel, limit: int = 50, cursor: str | None = None
) -> Page[Moved]:
    """What moved a level and its lots, the latest first."""
    actor.require(StockRight.HEADQUARTERS)
    parameters: dict[str, Any] = {
        "limit": limit + 1,
        "warehouse_id": level.warehouse_id,
        "product_id": level.product_id,
    }
    cursors = paging.cursors(session, f"movements {level.warehouse_id} {level.product_id}", int)
    place = cursors.place_of(cursor)
    if place:
        (parameters["from_id"],) = place.key
    statement = _movements(None if place is None else place.back)
    rows = [Moved(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.id,), place)


def _place_of(one: HeldLot) -> tuple[str, int, int]:
    return (one.expires_on or NEVER).isoformat(), one.lot_id, one.warehouse_id


_LOT = """
SELECT k.warehouse_id, k.lot_id, k.product_id, w.code AS warehouse, w.name_zh AS warehouse_zh,
       w.name_en AS warehouse_en, p.sku, p.name_zh, p.name_en, p.unit, t.lot_no AS lot, t.produced_on,
       k.expires_on, k.state, k.on_hand, k.allocated, k.inspecting, k.quarantined, k.location
  FROM lot_stock k
  JOIN lot t ON t.id = k.lot_id
  JOIN product p ON p.id = k.product_id
  JOIN warehouse w ON w.id = k.warehouse_id
"""
_THERE = "k.on_hand + k.inspecting + k.quarantined > 0"
_EXPIRY = "coalesce(k.expires_on, DATE '9999-12-31')"  # as in ix_lot_stock_expiry
_LOTS_OF = text(
    f"""
    {_LOT}
     WHERE (k.warehouse_id, k.product_id) IN (
           SELECT * FROM unnest(CAST(:warehouses AS bigint[]), CAST(:products AS bigint[])))
       AND {_THERE}
     ORDER BY k.warehouse_id, k.product_id, {_EXPIRY}, k.lot_id
    """
)


@cache
def _levels(with_warehouse: bool, with_sku: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("s.warehouse_id", "s.product_id", descending=False, back=back)
    conditions = [after or "true"]
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_sku:
        conditions.append("p.sku = :sku")
    return text(
        f"""
        SELECT s.warehouse_id, s.product_id, w.code AS warehouse, w.name_zh AS warehouse_zh,
               w.name_en AS warehouse_en, p.sku, p.name_zh, p.name_en, p.unit, s.on_hand, s.reserved,
               s.in_transit, s.next_arrival, s.backordered, a.in_inspection, a.quarantined
          FROM stock_level s
          JOIN warehouse w ON w.id = s.warehouse_id
          JOIN product p ON p.id = s.product_id
         CROSS JOIN LATERAL (SELECT coalesce(sum(inspecting), 0)::int AS in_inspection,
                                    coalesce(sum(quarantined), 0)::int AS quarantined
                               FROM lot_stock k
                              WHERE k.warehouse_id = s.warehouse_id AND k.product_id = s.product_id) a
         WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _lots(
    with_warehouse: bool,
    with_q: bool,
    with_state: bool,
    with_until: bool,
    inspecting: bool,
    quarantined: bool,
    back: bool | None,
) -> TextClause:
    turn = " DESC" if back else ""
    where = _met(with_warehouse, with_q, with_state, with_until, inspecting, quarantined)
    if back is not None:
        place = f"({_EXPIRY}, k.lot_id, k.warehouse_id)"
        where += f" AND {place} {'<' if back else '>'} (:from_day, :from_lot, :from_warehouse)"
    return text(
        f"{_LOT} WHERE {where} ORDER BY {_EXPIRY}{turn}, k.lot_id{turn}, k.warehouse_id{turn} LIMIT :limit"
    )


@cache
def _count_lots(
    with_warehouse: bool,
    with_q: bool,
    with_state: bool,
    with_until: bool,
    inspecting: bool,
    quarantined: bool,
) -> TextClause:
    where = _met(with_warehouse, with_q, with_state, with_until, inspecting, quarantined)
    return text(f"SELECT count(*) FROM ({_LOT} WHERE {where} LIMIT :limit) met")


def _met(
    with_warehouse: bool,
    with_q: bool,
    with_state: bool,
    with_until: bool,
    inspecting: bool,
    quarantined: bool,
) -> str:
    conditions = [_THERE]
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_q:
        conditions.append(
            "(code_key(p.sku) LIKE :code OR code_key(t.lot_no) LIKE :code"
            " OR code_key(p.name_zh) LIKE :code OR code_key(p.name_en) LIKE :code)"
        )
    if with_state:
        conditions.append("k.state = :state")
    if with_until:
        conditions.append(f"{_EXPIRY} <= CAST(:until AS date)")
    if inspecting:
        conditions.append("k.inspecting > 0")
    if quarantined:
        conditions.append("k.quarantined > 0")
    return " AND ".join(conditions)


@cache
def _movements(back: bool | None) -> TextClause:
    after = "" if back is None else f"AND m.id {'>' if back else '<'} :from_id"
    return text(
        f"""
        SELECT m.id, m.at, m.kind, m.document, coalesce(t.lot_no, '') AS lot, m.on_hand_delta AS on_hand,
               m.reserved_delta AS reserved, m.inspecting_delta AS inspecting,
               m.quarantined_delta AS quarantined, m.actor
          FROM stock_movement m LEFT JOIN lot t ON t.id = m.lot_id
         WHERE m.warehouse_id = :warehouse_id AND m.product_id = :product_id {after}
         ORDER BY m.id {"" if back else "DESC"} LIMIT :limit
        """
    )
