"""Waves: many orders of a warehouse that are picked together, and those that wait to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort
from portal.shipping.vocabulary import ShippingRight

ORDERS_MAX = 200
"""Orders of one wave."""

LATEST_FIRST = Sort("made_at", descending=True)


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave with its parcels, of which `open_parcels` have not been shipped."""

    id: int
    number: str
    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    made_at: datetime
    made_by_label: str
    parcels: int
    open_parcels: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An order that was left out of a wave. why: messages with their params, as they were said."""

    order: str
    why: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OrderToPick:
    """An order that waits to be picked: its lines that have stock, and their units."""

    number: str
    placed_at: datetime
    requested_date: date | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    lines: int
    units: int


@dataclass(frozen=True, slots=True)
class WarehouseToPick:
    """A warehouse by its code."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class WaveUnits:
    """Units of one lot in one bin for one parcel of a wave."""

    parcel: str
    order_number: str
    dealer_zh: str
    dealer_en: str
    line_no: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    lot_no: str
    expires_on: date | None
    location: str
    quantity: int
    taken_at: datetime | None


def waves(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[WaveRow]:
    """Waves, the latest first; by ``made_at`` the first."""
    actor.require(ShippingRight.SHIP)
    order_by = paging.sort_of(sort, ("made_at",), LATEST_FIRST)
    cursors = paging.cursors(session, f"waves {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _waves(None if place is None else place.back, order_by.descending)
    rows = [WaveRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.made_at, one.id), place)


def count_waves(session: Session, *, actor: Actor) -> int:
    """How many waves there are, at most one more than `paging.COUNTED_MAX`."""
    actor.require(ShippingRight.SHIP)
    count: int = session.execute(_COUNT, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def to_pick(session: Session, *, actor: Actor, warehouse: str) -> list[OrderToPick]:
    """Orders of a warehouse (its code) that wait to be picked, the longest waiting first: as many as a wave
    takes.
    """
    actor.require(ShippingRight.SHIP)
    rows = session.execute(_TO_PICK, {"warehouse": warehouse, "most": ORDERS_MAX})
    return [OrderToPick(**row._mapping) for row in rows]


def warehouses(session: Session, *, actor: Actor) -> list[WarehouseToPick]:
    """Every warehouse."""
    actor.require(ShippingRight.SHIP)
    return [WarehouseToPick(**row._mapping) for row in session.execute(_WAREHOUSES)]


def wave(session: Session, *, actor: Actor, number: str) -> tuple[WaveRow, list[WaveUnits]]:
    """One wave and what its parcels hold, by bin. Raises NotFound."""
    actor.require(ShippingRight.SHIP)
    row = session.execute(_WAVE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    head = WaveRow(**row._mapping)
    return head, [WaveUnits(**unit._mapping) for unit in session.execute(_UNITS, {"wave_id": head.id})]


def refusals(session: Session, *, actor: Actor, wave_id: int) -> list[Refusal]:
    """The orders left out of a wave, those whose order is in the session's scope alone.

    A wave is of a warehouse and serves all regions; what is said of an order is its region's.
    """
    actor.require(ShippingRight.SHIP)
    return [value_of(Refusal, row) for row in session.execute(_REFUSED, {"wave_id": wave_id})]


def summed(units: list[WaveUnits]) -> list[WaveUnits]:
    """What to take from each bin and lot for all parcels together, in the order of the bins."""
    sums: dict[tuple[str, str, str], WaveUnits] = {}
    for unit in units:
        key = (unit.location, unit.sku, unit.lot_no)
        known = sums.get(key)
        sums[key] = replace(known, quantity=known.quantity + unit.quantity) if known else unit
    return list(sums.values())


_TO_PICK = text(
    """
    SELECT o.number, o.placed_at, o.requested_date, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, l.lines, l.units
      FROM sales_order o
      JOIN warehouse h ON h.id = o.warehouse_id AND h.code = :warehouse
      JOIN dealer d ON d.id = o.dealer_id
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS lines, coalesce(sum(l.reserved), 0)::int AS units FROM order_line l
        WHERE l.dealer_id = o.dealer_id AND l.order_id = o.id AND l.reserved > 0) l
     WHERE o.status IN ('confirmed', 'partially_shipped') AND l.units > 0
     ORDER BY o.placed_at, o.id LIMIT :most
    """
)
_COUNT = text("SELECT count(*) FROM (SELECT FROM pick_wave LIMIT :most) met")
_WAREHOUSES = text("SELECT code, name_zh, name_en FROM warehouse ORDER BY id")
_WAVE_ROW = """
    SELECT w.id, w.number, h.code AS warehouse_code, h.name_zh AS warehouse_zh, h.name_en AS warehouse_en,
           w.made_at, w.made_by_label, c.parcels, c.open_parcels
      FROM {waves} w JOIN warehouse h ON h.id = w.warehouse_id
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS parcels, (count(*) FILTER (WHERE s.status = 'picking'))::int AS open_parcels
         FROM shipment s WHERE s.wave_id = w.id) c
"""


@cache
def _waves(back: bool | None, descending: bool) -> TextClause:
    after, order = paging.keyset("w.made_at", "w.id", descending=descending, back=back)
    within = f"WHERE {after}" if after else ""
    page = f"(SELECT * FROM pick_wave w {within} ORDER BY {order} LIMIT :limit)"
    return text(f"{_WAVE_ROW.format(waves=page)} ORDER BY {order}")


_WAVE = text(f"{_WAVE_ROW.format(waves='pick_wave')} WHERE w.number = :number")
_REFUSED = text(
    """
    SELECT o.number AS "order", r.said -> 'why' AS why
      FROM pick_wave w
     CROSS JOIN LATERAL jsonb_array_elements(w.refused) WITH ORDINALITY AS r(said, place)
      JOIN sales_order o ON o.number = r.said ->> 'order'
     WHERE w.id = :wave_id
     ORDER BY r.place
    """
)
_UNITS = text(
    """
    SELECT s.number AS parcel, o.number AS order_number, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           l.line_no, n.sku, n.name_zh, n.name_en, n.specification, n.unit, l.lot_no, l.expires_on,
           coalesce(k.location, '') AS location, l.quantity, l.taken_at
      FROM shipment s
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
      JOIN dealer d ON d.id = s.dealer_id
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
      JOIN order_line n ON (n.dealer_id, n.order_id, n.line_no) = (s.dealer_id, s.order_id, l.line_no)
      LEFT JOIN lot_stock k ON k.warehouse_id = s.warehouse_id AND k.lot_id = l.lot_id
     WHERE s.wave_id = :wave_id AND s.status = 'picking'
     ORDER BY location, n.sku, l.expires_on, l.lot_no, s.number, l.line_no
    """
)
