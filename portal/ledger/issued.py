"""An invoice as it was issued, of goods or of a service, or a credit note: lines, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.ledger.documents import OPEN
from portal.ledger.rules import EntryKind


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """What is charged, or given back, VAT included. text: of a service, in the words of its quote.

    sku: empty for what is no product.
    """

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    text: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvoice:
    """An invoice with its lines.

    order_no, shipment_no: of goods. request_no: the service request it bills. open: what is still to be
    settled; reversed_at: when it was taken back.
    """

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    kind: str
    order_no: str | None
    shipment_no: str | None
    request_no: str | None
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    reason: str
    entry_id: int
    period: str
    late: bool
    posted_at: datetime
    reversed_at: datetime | None
    reversed_in: str | None
    open: Decimal
    lines: tuple[IssuedLine, ...] = ()

    @property
    def is_service(self) -> bool:
        """Whether it bills a service."""
        return self.kind == EntryKind.SERVICE


def issued_invoice(session: Session, number: str) -> IssuedInvoice:
    """An invoice of the dealers that the session sees, with its lines. Raises NotFound."""
    row = session.execute(_HEAD, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    lines = _SERVICE_LINES if row.kind == EntryKind.SERVICE else _LINES
    about = {"dealer_id": row.dealer_id, "id": row.id}
    found = tuple(IssuedLine(**one._mapping) for one in session.execute(lines, about))
    return value_of(IssuedInvoice, row, lines=found)


_HEAD = text(
    f"""
    SELECT v.dealer_id, v.id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, v.number,
           v.kind, o.number AS order_no, s.number AS shipment_no, v.request_no, v.issued_on, v.due_on, v.net,
           v.tax, v.gross, v.reason, e.id AS entry_id, e.period, e.late, e.posted_at,
           r.posted_at AS reversed_at, r.period AS reversed_in, {OPEN} AS open
      FROM (SELECT dealer_id, id, number, kind, order_id, shipment_id, CAST(NULL AS text) AS request_no,
                   issued_on, due_on, net, tax, gross, reason
              FROM invoice WHERE number = :number
             UNION ALL
            SELECT dealer_id, id, number, 'service', NULL, NULL, reference, issued_on, due_on, net, tax,
                   gross, ''
              FROM service_invoice WHERE number = :number) v
      JOIN dealer d ON d.id = v.dealer_id
      LEFT JOIN sales_order o ON (o.dealer_id, o.id) = (v.dealer_id, v.order_id)
      LEFT JOIN shipment s ON (s.dealer_id, s.id) = (v.dealer_id, v.shipment_id)
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (v.dealer_id, v.number) AND e.reverses_id IS NULL
      LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
    """
)
_LINES = text(
    """
    SELECT l.line_no, p.sku, p.name_zh, p.name_en, '' AS text, CAST(l.quantity AS numeric) AS quantity,
           l.unit_price, l.discount, l.amount, l.tax_rate, l.tax
      FROM invoice_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.invoice_id = :id ORDER BY l.line_no
    """
)
_SERVICE_LINES = text(
    """
    SELECT l.line_no, coalesce(p.sku, '') AS sku, coalesce(p.name_zh, '') AS name_zh,
           coalesce(p.name_en, '') AS name_en, l.text, l.quantity, l.unit_price,
           CAST(0 AS numeric) AS discount, l.amount, l.tax_rate, l.tax
      FROM service_invoice_line l LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.invoice_id = :id ORDER BY l.line_no
    """
)
