"""Devices of the first dealers that can break, and parts for them: in stock nearby, or short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.world.network import FULLY_STAFFED
from demo.world.repairs import Repaired
from portal.kernel.db import Record

SOUTH = "ZN"
_ENOUGH = 20  # units of a part that a warehouse has to spare
# Those that are driven or measure come first; nobody has asked for service for them yet.
_DEVICES = text(
    """
    SELECT d.dealer_id, d.number, d.serial, p.sku, p.category_code, p.name_zh, p.name_en, d.warranty_to,
           a.code AS area, m.region_id
      FROM device d
      JOIN product p ON p.id = d.product_id
      JOIN dealer_region m ON m.dealer_id = d.dealer_id AND m.valid_from <= :today
                          AND coalesce(m.valid_to > :today, true)
      JOIN region r ON r.id = m.region_id
      LEFT JOIN region a ON a.id = r.parent_id
     WHERE d.state = 'installed' AND d.held_until IS NULL AND d.dealer_id <= :dealers
       AND d.held_from < :today - 45 AND d.installed_on IS NOT NULL
       AND NOT EXISTS (SELECT FROM service_request q
                        WHERE q.dealer_id = d.dealer_id AND q.serial = d.serial)
     ORDER BY left(p.category_code, 1) IN ('Z', 'V', 'W') DESC, md5(d.number || d.serial), d.id
    """
)
_PARTS = text(
    """
    SELECT p.sku
      FROM product p
      JOIN stock_level l ON l.product_id = p.id
      JOIN warehouse_service s ON s.warehouse_id = l.warehouse_id AND s.region_id = :region_id AND s.rank = 1
     WHERE p.state = 'active' AND p.device_class = 1 AND p.lot_controlled AND NOT p.serial_controlled
       AND p.pack_multiple = 1
       AND coalesce(p.registration_to > :today, true) AND l.on_hand - l.reserved >= :enough
     ORDER BY left(p.category_code, 1) = left(:category, 1) DESC, l.on_hand - l.reserved DESC, p.sku
     LIMIT 6
    """
)
# What is sold out, or nearly.
_SCARCE = text(
    """
    SELECT p.sku, coalesce(max(l.on_hand - l.reserved), 0) AS units
      FROM product p
      LEFT JOIN (stock_level l JOIN warehouse_service s ON s.warehouse_id = l.warehouse_id
                                                       AND s.region_id = :region_id) ON l.product_id = p.id
     WHERE p.state = 'active' AND p.device_class = 1 AND NOT p.serial_controlled
       AND coalesce(p.registration_to > :today, true)
     GROUP BY p.id, p.sku, p.category_code
     ORDER BY units, left(p.category_code, 1) = left(:category, 1) DESC, p.sku LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A device that is broken. part: SKU of one in stock; scarce_part: of the scarcest, with how many units
    no warehouse that serves the dealer has.
    """

    dealer_id: int
    number: str
    serial: str
    sku: str
    name_zh: str
    name_en: str
    part: str
    scarce_part: str
    too_many: int


class Devices:
    """The devices that can break, each once."""

    def __init__(self, session: Session, today: date) -> None:
        self._session, self._today = session, today
        about = {"today": today, "dealers": FULLY_STAFFED}
        self._left: list[Record] = list(session.execute(_DEVICES, about))
        self._taken = 0

    def broken(self, one: Repaired, asked_on: date) -> Broken | None:
        """A device as a repair wants it: of its dealer, else of another one; None where nobody has such."""
        fit = [
            row
            for row in self._left
            if (row.warranty_to is not None and row.warranty_to >= asked_on) == one.is_covered
            and (row.area == SOUTH or not one.is_south)
        ]
        if not fit:
            return None
        row = next((row for row in fit if row.dealer_id == one.dealer), fit[0])
        self._left.remove(row)
        self._taken += 1
        about = {"region_id": row.region_id, "today": self._today, "category": row.category_code}
        parts = self._session.execute(_PARTS, about | {"enough": _ENOUGH}).scalars().all()
        scarce = self._session.execute(_SCARCE, about).one()
        return Broken(
            dealer_id=row.dealer_id,
            number=row.number,
            serial=row.serial,
            sku=row.sku,
            name_zh=row.name_zh,
            name_en=row.name_en,
            part=parts[self._taken % len(parts)] if parts else "",
            scarce_part=scarce.sku,
            too_many=scarce.units + 1,
        )
