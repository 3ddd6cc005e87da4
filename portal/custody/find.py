"""From a scanned or typed code to the lots and serial numbers that it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.custody.vocabulary import TraceRight
from portal.kernel.actor import Actor
from portal.kernel.lots import LOT_MAX, lot_key
from portal.scanning.scan import Scanned, scanned_all

FOUND_MAX = 50


@dataclass(frozen=True, slots=True)
class Traced:
    """A lot, or a unit of it where `serial` is not empty."""

    sku: str
    name_zh: str
    name_en: str
    lot: str
    serial: str
    expires_on: date | None


def find_traced(session: Session, *, actor: Actor, said: str, today: date) -> list[Traced]:
    """What a code can be: a label, an SKU, a lot number or a serial number; at most `FOUND_MAX`.

    A label finds what it names and nothing else. A dealer finds what it had. Raises Forbidden.
    """
    actor.require(TraceRight.READ, TraceRight.HEADQUARTERS)
    said = said.strip().replace("\0", "")
    if not said:
        return []
    (scanned,) = scanned_all(session, [said], today=today)
    sku = lot = serial = ""
    if isinstance(scanned, Scanned) and scanned.article is not None:
        sku = scanned.article.sku
        lot, serial = scanned.reading.lot or "", scanned.serial or ""
    elif len(said) <= LOT_MAX:
        lot = serial = said
    else:
        return []
    about = {
        "sku": sku,
        "lot": lot_key(lot),
        "serial": serial,
        "limit": FOUND_MAX,
        "everything": actor.is_staff,
    }
    rows: list[Traced] = []
    if serial:
        rows += [Traced(**row._mapping) for row in session.execute(_SERIALS, about)]
    if (sku and not rows) or (lot and not sku):
        rows += [Traced(**row._mapping) for row in session.execute(_LOTS, about)]
    return rows[:FOUND_MAX]


# A dealer sees the movements of its own documents alone: what moved for it, it had.
_HAD = "(:everything OR EXISTS (SELECT FROM custody_movement c WHERE c.lot_id = t.id))"
_LOTS = text(
    f"""
    SELECT p.sku, p.name_zh, p.name_en, t.lot_no AS lot, '' AS serial, t.expires_on
      FROM lot t JOIN product p ON p.id = t.product_id
     WHERE (:sku = '' OR p.sku = :sku) AND (:lot = '' OR upper(t.lot_no) = :lot) AND {_HAD}
     ORDER BY t.produced_on DESC NULLS LAST, p.sku, t.lot_no LIMIT :limit
    """
)
_SERIALS = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, t.lot_no AS lot, s.serial, t.expires_on
      FROM serial_place s JOIN lot t ON t.id = s.lot_id JOIN product p ON p.id = s.product_id
     WHERE s.serial = :serial AND (:sku = '' OR p.sku = :sku)
     ORDER BY p.sku LIMIT :limit
    """
)
