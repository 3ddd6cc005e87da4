"""A return under lock: behind its order, which guards its shipment too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.lots import named_as
from portal.orders.locking import LockedOrder, lock_order_of_shipment
from portal.returns.rules import LotKey


@dataclass(frozen=True, slots=True)
class LockedLine:
    """Units of one order line and lot of a return. serials_sent: those of the lot in the shipment."""

    line_no: int
    lot_id: int
    product_id: int
    sku: str
    lot_no: str
    quantity: int
    received: int
    remedy: str
    serial_controlled: bool
    is_gift: bool
    serials: tuple[str, ...]
    serials_sent: tuple[str, ...]

    @property
    def key(self) -> LotKey:
        """Order line and lot."""
        return self.line_no, self.lot_id


@dataclass(frozen=True, slots=True)
class LockedReturn:
    """A return that nobody else can change until the commit."""

    dealer_id: int
    id: int
    number: str
    order_id: int
    shipment_id: int
    shipment_no: str
    invoice_no: str | None
    warehouse_id: int
    state: str
    evidence: str
    asked_by: str
    decided_by: str | None
    order: LockedOrder
    lines: tuple[LockedLine, ...]

    @property
    def asked(self) -> Mapping[LotKey, int]:
        """Units that are asked back."""
        return {line.key: line.quantity for line in self.lines}

    def named(self, sku: str, lot_no: str, line_no: int | None) -> list[LockedLine]:
        """The lines that somebody means who names a product, a lot and perhaps the order line."""
        name = named_as((sku, lot_no), {(line.sku, line.lot_no) for line in self.lines})
        return [
            line for line in self.lines if (line.sku, line.lot_no) == name and line_no in (None, line.line_no)
        ]

    @property
    def received(self) -> Mapping[LotKey, int]:
        """Units that came, without lines of which none did."""
        return {line.key: line.received for line in self.lines if line.received}


def lock_return(session: Session, number: str) -> LockedReturn:
    """Lock the account and the order of a return, and read it. Raises NotFound out of scope."""
    shipment_no = session.execute(_SHIPMENT, {"number": number}).scalar_one_or_none()
    if shipment_no is None:
        raise NotFound()
    order = lock_order_of_shipment(session, shipment_no)
    head = session.execute(_HEAD, {"number": number}).one()
    lines = session.execute(_LINES, {"dealer_id": head.dealer_id, "id": head.id})
    read = tuple(
        value_of(LockedLine, row, serials=tuple(row.serials), serials_sent=tuple(row.serials_sent))
        for row in lines
    )
    return value_of(LockedReturn, head, order=order, lines=read)


_SHIPMENT = text(
    """
    SELECT s.number FROM return_request r
      JOIN shipment s ON (s.dealer_id, s.id) = (r.dealer_id, r.shipment_id)
     WHERE r.number = :number
    """
)
_HEAD = text(
    """
    SELECT r.dealer_id, r.id, r.number, r.order_id, r.shipment_id, s.number AS shipment_no, r.warehouse_id,
           r.state, r.evidence, r.asked_by, r.decided_by,
           (SELECT v.number FROM invoice v
             WHERE v.dealer_id = r.dealer_id AND v.order_id = r.order_id AND v.shipment_id = r.shipment_id
               AND v.kind = 'invoice') AS invoice_no
      FROM return_request r
      JOIN shipment s ON (s.dealer_id, s.id) = (r.dealer_id, r.shipment_id)
     WHERE r.number = :number
    """
)
_LINES = text(
    """
    SELECT l.line_no, l.lot_id, t.product_id, p.sku, t.lot_no, l.quantity, l.received, l.remedy,
           p.serial_controlled, o.gift AS is_gift, l.serials, s.serials AS serials_sent
      FROM return_line l
      JOIN return_request r ON (r.dealer_id, r.id) = (l.dealer_id, l.return_id)
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (r.dealer_id, r.order_id, l.line_no)
      JOIN shipment_line s ON (s.dealer_id, s.shipment_id, s.line_no, s.lot_id)
                            = (r.dealer_id, r.shipment_id, l.line_no, l.lot_id)
      JOIN lot t ON t.id = l.lot_id JOIN product p ON p.id = t.product_id
     WHERE l.dealer_id = :dealer_id AND l.return_id = :id
     ORDER BY l.line_no, l.lot_id
    """
)
