"""A parcel with all that its papers and pages say of it: lines by bin, how it was reviewed and packed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.shipping.fragments import REVIEWED


@dataclass(frozen=True, slots=True)
class SheetLine:
    """Units of one lot for one order line.

    location: the bin. serials: as they left, before that as they passed the review. taken_at: confirmed at
    the shelf. passed: units that passed the outbound review.
    """

    line_no: int
    lot_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    udi_di: str
    maker: str
    registration_no: str
    storage_zh: str
    storage_en: str
    serial_controlled: bool
    lot_no: str
    produced_on: date | None
    expires_on: date | None
    quantity: int
    location: str
    serials: list[str]
    taken_at: datetime | None
    passed: int

    @property
    def left(self) -> int:
        """Units that nobody has reviewed yet."""
        return self.quantity - self.passed


@dataclass(frozen=True, slots=True)
class PackedBox:
    """A package with its units by order line and lot number. weight_g: grams."""

    number: int
    kind: str
    weight_g: int | None
    sscc: str
    units: Mapping[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class ParcelSheet:
    """A parcel, its dealer by the names of the order.

    pickers: who picked any of it (`Actor.key`). wave: number of the wave it is picked in.
    """

    dealer_id: int
    id: int
    number: str
    status: str
    order_number: str
    purchase_order_no: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    ship_to: dict[str, Any]
    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    warehouse_address: str
    carrier: str
    tracking_no: str
    picked_at: datetime
    shipped_at: datetime | None
    shipped_on: date | None
    wave: str | None
    pickers: list[str]
    lines: tuple[SheetLine, ...] = ()
    packages: tuple[PackedBox, ...] = ()

    @property
    def units(self) -> int:
        """Units over all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def left(self) -> int:
        """Units that nobody has reviewed yet."""
        return sum(line.left for line in self.lines)

    @property
    def untaken(self) -> int:
        """Lines that nobody has confirmed at the shelf."""
        return sum(line.taken_at is None for line in self.lines)


def parcel_sheet(session: Session, number: str) -> ParcelSheet:
    """A parcel, lines in the order of their bins. Raises NotFound outside the session's scope."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    sheet = ParcelSheet(**head._mapping)
    where = {"dealer_id": sheet.dealer_id, "shipment_id": sheet.id}
    lines = tuple(SheetLine(**row._mapping) for row in session.execute(_LINES, where))
    boxes: dict[int, PackedBox] = {}
    for row in session.execute(_PACKAGES, where):
        box = boxes.setdefault(row.number, value_of(PackedBox, row, units={}))
        boxes[row.number] = replace(box, units={**box.units, (row.line_no, row.lot_no): row.quantity})
    return replace(sheet, lines=lines, packages=tuple(boxes.values()))


_HEAD = text(
    """
    SELECT s.dealer_id, s.id, s.number, s.status, o.number AS order_number, o.purchase_order_no,
           o.names #>> '{dealer,code}' AS dealer_code, o.names #>> '{dealer,zh}' AS dealer_zh,
           o.names #>> '{dealer,en}' AS dealer_en, o.ship_to,
           h.code AS warehouse_code, h.name_zh AS warehouse_zh, h.name_en AS warehouse_en,
           h.city || h.address AS warehouse_address, s.carrier, s.tracking_no, s.picked_at, s.shipped_at,
           s.shipped_on, w.number AS wave,
           ARRAY(SELECT s.picked_by UNION
                 SELECT l.taken_by FROM shipment_line l
                  WHERE l.dealer_id = s.dealer_id AND l.shipment_id = s.id AND l.taken_by IS NOT NULL)
             AS pickers
      FROM shipment s
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
      JOIN warehouse h ON h.id = s.warehouse_id
      LEFT JOIN pick_wave w ON w.id = s.wave_id
     WHERE s.number = :number
    """
)
_LINES = text(
    f"""
    SELECT l.line_no, l.lot_id, o.sku, o.name_zh, o.name_en, o.specification, o.unit, p.udi_di, p.maker,
           l.registration_no, p.storage_zh, p.storage_en, p.serial_controlled, l.lot_no, t.produced_on,
           l.expires_on, l.quantity, coalesce(k.location, '') AS location,
           CASE WHEN s.status = 'picking' THEN v.reviewed_serials ELSE l.serials END AS serials, l.taken_at,
           v.passed
      FROM shipment s
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (s.dealer_id, s.order_id, l.line_no)
      JOIN product p ON p.id = l.product_id
      JOIN lot t ON t.id = l.lot_id
      LEFT JOIN lot_stock k ON k.warehouse_id = s.warehouse_id AND k.lot_id = l.lot_id
      {REVIEWED}
     WHERE s.dealer_id = :dealer_id AND s.id = :shipment_id
     ORDER BY location, o.sku, l.expires_on, l.lot_no, l.line_no
    """
)
_PACKAGES = text(
    """
    SELECT b.number, b.kind, b.weight_g, b.sscc, c.line_no, l.lot_no, c.quantity
      FROM package b
      JOIN package_line c ON c.dealer_id = b.dealer_id AND c.shipment_id = b.shipment_id
       AND c.number = b.number
      JOIN shipment_line l ON l.dealer_id = c.dealer_id AND l.shipment_id = c.shipment_id
       AND l.line_no = c.line_no AND l.lot_id = c.lot_id
     WHERE b.dealer_id = :dealer_id AND b.shipment_id = :shipment_id
     ORDER BY b.number, c.line_no, l.lot_no
    """
)
