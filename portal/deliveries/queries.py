"""Deliveries as pages show them: what comes to the door, what was signed, and a shipment's cases.

Scope comes from the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.deliveries.rules import NO_LOT
from portal.kernel.errors import NotFound
from portal.kernel.signature_rules import Strokes, path_of


@dataclass(frozen=True, slots=True)
class DeliveredLot:
    """Units of a lot of a product that are under way or arrived."""

    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    lot_no: str
    expires_on: date | None
    quantity: int

    @property
    def has_lot(self) -> bool:
        """Whether the product is kept by lots."""
        return self.lot_no != NO_LOT


@dataclass(frozen=True, slots=True)
class Delivery:
    """A shipment for whoever takes it over. Nothing of prices, of serials, of other shipments."""

    id: int
    dealer_id: int
    number: str
    order_number: str
    status: str
    carrier: str
    tracking_no: str
    shipped_at: datetime | None
    received_at: datetime | None
    consignee_zh: str
    consignee_en: str
    ship_to: dict[str, Any]
    lots: tuple[DeliveredLot, ...]

    @property
    def units(self) -> int:
        """Units over all lots."""
        return sum(lot.quantity for lot in self.lots)


@dataclass(frozen=True, slots=True)
class ProofLine:
    """A lot as it arrived."""

    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    lot_no: str
    shipped: int
    received: int
    damaged: int

    @property
    def differs(self) -> bool:
        """Whether it arrived otherwise than it was shipped."""
        return self.received != self.shipped or self.damaged > 0


@dataclass(frozen=True, slots=True)
class Proof:
    """Who took a shipment over, and what arrived."""

    way: str
    signed_name: str
    signed_by_label: str
    signed_at: datetime
    address: str | None
    signature: Strokes | None
    note: str
    lines: tuple[ProofLine, ...]

    @property
    def signature_path(self) -> str:
        """The signature as the path of an SVG picture, empty without one."""
        return path_of(self.signature or ())


@dataclass(frozen=True, slots=True)
class ShipmentCase:
    """A case as the pages of its shipment name it."""

    number: str
    kind: str
    state: str
    units: int


def delivery(session: Session, number: str) -> Delivery:
    """A shipment that has left. Raises NotFound, also for one that is still being picked."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    key = {"dealer_id": head.dealer_id, "shipment_id": head.id}
    lots = tuple(DeliveredLot(**row._mapping) for row in session.execute(_LOTS, key))
    return Delivery(**head._mapping, lots=lots)


def proof_of(session: Session, dealer_id: int, shipment_id: int) -> Proof | None:
    """What was signed for a shipment; None before, and for what was confirmed before proofs were kept."""
    key = {"dealer_id": dealer_id, "shipment_id": shipment_id}
    head = session.execute(_PROOF, key).one_or_none()
    if head is None:
        return None
    lines = tuple(ProofLine(**row._mapping) for row in session.execute(_PROOF_LINES, key))
    return Proof(**head._mapping, lines=lines)


def cases_of(session: Session, dealer_id: int, shipment_id: int) -> Sequence[ShipmentCase]:
    """The cases of a shipment."""
    key = {"dealer_id": dealer_id, "shipment_id": shipment_id}
    return [ShipmentCase(**row._mapping) for row in session.execute(_CASES, key)]


_HEAD = text(
    """
    SELECT s.id, s.dealer_id, s.number, o.number AS order_number, s.status, s.carrier, s.tracking_no,
           s.shipped_at, s.received_at, o.names #>> '{dealer,zh}' AS consignee_zh,
           o.names #>> '{dealer,en}' AS consignee_en, o.ship_to
      FROM shipment s JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
     WHERE s.number = :number AND s.status <> 'picking'
    """
)
_LOTS = text(
    """
    SELECT l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit, l.lot_no,
           min(l.expires_on) AS expires_on, CAST(sum(l.quantity) AS integer) AS quantity
      FROM shipment_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     GROUP BY l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit, l.lot_no
     ORDER BY min(l.line_no), l.lot_no
    """
)
_PROOF = text(
    "SELECT way, signed_name, signed_by_label, signed_at, address, signature, note FROM delivery_proof"
    " WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id"
)
_PROOF_LINES = text(
    """
    SELECT l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit, l.lot_no, l.shipped,
           l.received, l.damaged
      FROM delivery_proof_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     ORDER BY p.sku, l.shipped = 0, l.lot_no
    """
)
_CASES = text(
    """
    SELECT c.number, c.kind, c.state,
           (SELECT CAST(sum(l.quantity) AS integer) FROM delivery_case_line l
             WHERE l.dealer_id = c.dealer_id AND l.case_id = c.id) AS units
      FROM delivery_case c
     WHERE c.dealer_id = :dealer_id AND c.shipment_id = :shipment_id
     ORDER BY c.kind
    """
)
