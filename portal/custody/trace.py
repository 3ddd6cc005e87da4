"""A lot with its totals, and a unit with its whole life, as far as whoever asks may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.custody.rules import Totals, totals
from portal.custody.vocabulary import TraceRight
from portal.devices.queries import sees_hospitals
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.lots import lot_key


@dataclass(frozen=True, slots=True)
class TracedLot:
    """A lot of a product. states: of it in the warehouses where it lies; none beyond them."""

    lot_id: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    registration_no: str
    lot: str
    produced_on: date | None
    expires_on: date | None
    states: Sequence[str]


@dataclass(frozen=True, slots=True)
class Step:
    """A unit went from one place to another. Of places that are not the reader's, the kind alone is known."""

    at: datetime
    document: str
    from_kind: str
    from_zh: str
    from_en: str
    to_kind: str
    to_zh: str
    to_en: str


@dataclass(frozen=True, slots=True)
class TracedSerial:
    """A unit with a serial number. kind: of the place where it is, empty where it is not the reader's."""

    lot: TracedLot
    serial: str
    kind: str
    name_zh: str
    name_en: str
    since: datetime | None
    steps: Sequence[Step]


def trace_lot(session: Session, *, actor: Actor, sku: str, lot: str) -> TracedLot:
    """A lot by its number, in whichever capitals. A dealer finds those it had. Raises NotFound, Forbidden."""
    actor.require(TraceRight.READ, TraceRight.HEADQUARTERS)
    about = {"sku": sku, "lot": lot_key(lot), "exact": lot, "everything": actor.is_staff}
    row = session.execute(_LOT, about).first()
    if row is None:
        raise NotFound()
    return TracedLot(**row._mapping)


def totals_of(session: Session, found: TracedLot) -> Totals:
    """Units of a lot by what became of them; of a dealer, its own."""
    about = {"lot_id": found.lot_id}
    held = [(row.kind, row.units) for row in session.execute(_HELD, about)]
    moved = {row.kind: row.units for row in session.execute(_MOVED, about)}
    return totals(held, moved)


def trace_serial(session: Session, *, actor: Actor, sku: str, serial: str) -> TracedSerial:
    """A unit and where it has been. A dealer finds those it had, and of their life its own part.

    Raises NotFound, Forbidden.
    """
    actor.require(TraceRight.READ, TraceRight.HEADQUARTERS)
    about = {"sku": sku, "serial": serial, "hospitals": sees_hospitals(actor)}
    steps = session.execute(_STEPS, about).all()
    if not steps:
        raise NotFound()
    here = session.execute(_HERE, about).first()
    lot = trace_lot(session, actor=actor, sku=sku, lot=steps[-1].lot)
    told = [Step(**{name: value for name, value in one._mapping.items() if name != "lot"}) for one in steps]
    where: dict[str, Any] = {"kind": "", "name_zh": "", "name_en": "", "since": None}
    return TracedSerial(lot=lot, serial=serial, steps=told, **(here._mapping if here else where))


NAMES = """
  LEFT JOIN place {place} ON {place}.id = {column}
  LEFT JOIN warehouse {place}_w ON {place}_w.id = {place}.warehouse_id
  LEFT JOIN dealer {place}_d ON {place}_d.id = {place}.dealer_id
"""
"""SQL: a place with its names; where it is not the reader's, all of it is empty."""


def named(place: str, language: str) -> str:
    """SQL for the name of a place that `NAMES` joined.

    A hospital's is its own where ``:hospitals``, else that of the dealer which told of it.
    """
    own = f"CASE WHEN {place}.kind <> 'hospital' OR :hospitals THEN nullif({place}.name, '') END"
    return f"coalesce({own}, {place}_w.name_{language}, {place}_d.name_{language}, '')"


_LOT = text(
    """
    SELECT t.id AS lot_id, p.sku, p.name_zh, p.name_en, p.unit, p.registration_no, t.lot_no AS lot,
           t.produced_on, t.expires_on,
           ARRAY(SELECT DISTINCT k.state FROM lot_stock k
                  WHERE :everything AND k.lot_id = t.id
                    AND k.on_hand + k.inspecting + k.quarantined > 0 ORDER BY k.state) AS states
      FROM lot t JOIN product p ON p.id = t.product_id
     WHERE p.sku = :sku AND upper(t.lot_no) = :lot
       AND (:everything OR EXISTS (SELECT FROM custody_movement c WHERE c.lot_id = t.id))
     ORDER BY t.lot_no <> :exact LIMIT 1
    """
)
_HELD = text(
    """
    SELECT p.kind, sum(h.quantity)::bigint AS units FROM holding h JOIN place p ON p.id = h.place_id
     WHERE h.lot_id = :lot_id AND h.quantity > 0 GROUP BY p.kind
    """
)
_MOVED = text(
    """
    SELECT kind, sum(quantity)::bigint AS units FROM custody_movement
     WHERE lot_id = :lot_id AND kind IN ('shipment', 'return', 'inspection') GROUP BY kind
    """
)
_STEPS = text(
    f"""
    SELECT s.at, s.document, coalesce(f.kind, 'warehouse') AS from_kind, {named("f", "zh")} AS from_zh,
           {named("f", "en")} AS from_en, coalesce(t.kind, 'warehouse') AS to_kind,
           {named("t", "zh")} AS to_zh, {named("t", "en")} AS to_en, o.lot_no AS lot
      FROM serial_step s JOIN lot o ON o.id = s.lot_id
      {NAMES.format(place="f", column="s.from_place_id")} {NAMES.format(place="t", column="s.to_place_id")}
     WHERE s.product_id = (SELECT id FROM product WHERE sku = :sku) AND s.serial = :serial
     ORDER BY s.id
    """
)
_HERE = text(
    f"""
    SELECT t.kind, {named("t", "zh")} AS name_zh, {named("t", "en")} AS name_en, s.since
      FROM serial_place s {NAMES.format(place="t", column="s.place_id")}
     WHERE s.product_id = (SELECT id FROM product WHERE sku = :sku) AND s.serial = :serial
    """
)
