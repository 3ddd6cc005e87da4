"""Shipments with their lots, for the dealer's pages, headquarters' and the API.

Scope comes from the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """Units of one lot for one order line.

    The product as it was ordered, its registration and the lot's expiry as they were when it was picked.
    """

    line_no: int
    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    registration_no: str
    serial_controlled: bool
    lot_no: str
    expires_on: date | None
    quantity: int
    returned: int
    serials: list[str]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel. `invoice_number` is set from the moment it is shipped."""

    id: int
    dealer_id: int
    number: str
    order_id: int
    order_number: str
    order_status: str
    status: str
    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    carrier: str
    tracking_no: str
    picked_at: datetime
    picked_by: str
    shipped_at: datetime | None
    shipped_on: date | None
    received_at: datetime | None
    received_by: str | None
    invoice_number: str | None
    lines: tuple[ShipmentLine, ...]

    @property
    def units(self) -> int:
        """Units over all lines."""
        return sum(line.quantity for line in self.lines)


def shipments_of(session: Session, dealer_id: int, order_id: int) -> list[Shipment]:
    """The parcels of an order with their lots, oldest first: two statements."""
    return _read(session, _OF_ORDER, {"dealer_id": dealer_id, "order_id": order_id})


def shipment(session: Session, number: str) -> Shipment:
    """One parcel. Raises NotFound outside the session's scope."""
    found = _read(session, _BY_NUMBER, {"number": number})
    if not found:
        raise NotFound()
    return found[0]


def waybill(session: Session, number: str) -> Record:
    """Carrier and tracking number of a shipment that has left."""
    return session.execute(_WAYBILL, {"number": number}).one()


def _read(session: Session, statement: TextClause, parameters: dict[str, Any]) -> list[Shipment]:
    heads = session.execute(statement, parameters).all()
    lines: dict[int, list[ShipmentLine]] = {head.id: [] for head in heads}
    for line in _lines_of(session, heads):
        lines[line.shipment_id].append(value_of(ShipmentLine, line))
    return [Shipment(**head._mapping, lines=tuple(lines[head.id])) for head in heads]


def _lines_of(session: Session, heads: Sequence[Record]) -> Sequence[Record]:
    if not heads:
        return []
    return session.execute(
        _LINES, {"dealer_id": heads[0].dealer_id, "shipment_ids": [head.id for head in heads]}
    ).all()


_HEAD = """
    SELECT s.id, s.dealer_id, s.number, s.order_id, o.number AS order_number, o.status AS order_status,
           s.status, coalesce(e.code, o.names #>> '{warehouse,code}') AS warehouse_code,
           coalesce(e.name_zh, o.names #>> '{warehouse,zh}') AS warehouse_zh,
           coalesce(e.name_en, o.names #>> '{warehouse,en}') AS warehouse_en,
           s.carrier, s.tracking_no, s.picked_at, s.picked_by, s.shipped_at, s.shipped_on, s.received_at,
           s.received_by,
           (SELECT v.number FROM invoice v
             WHERE v.dealer_id = s.dealer_id AND v.order_id = s.order_id AND v.shipment_id = s.id
               AND v.kind = 'invoice') AS invoice_number
      FROM shipment s
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
      LEFT JOIN warehouse e ON e.id = s.warehouse_id AND s.warehouse_id <> o.warehouse_id
"""
_OF_ORDER = text(
    f"{_HEAD} WHERE s.dealer_id = :dealer_id AND s.order_id = :order_id ORDER BY s.picked_at, s.id"
)
_BY_NUMBER = text(f"{_HEAD} WHERE s.number = :number")
_WAYBILL = text("SELECT carrier, tracking_no FROM shipment WHERE number = :number")

_LINES = text(
    """
    SELECT l.shipment_id, l.line_no, l.product_id, o.sku, o.name_zh, o.name_en, o.specification, o.unit,
           l.registration_no, p.serial_controlled, l.lot_no, l.expires_on, l.quantity, l.returned, l.serials
      FROM shipment_line l
      JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (s.dealer_id, s.order_id, l.line_no)
      JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = ANY (:shipment_ids)
     ORDER BY l.shipment_id, l.line_no, l.expires_on, l.lot_no
    """
)
