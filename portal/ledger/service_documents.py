"""An invoice of a service as it is booked, with its lines and what is still to be paid of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.ledger.fragments import open_of


@dataclass(frozen=True, slots=True)
class ServiceLineRow:
    """Hours, kilometres or units that are charged."""

    text: str
    sku: str | None
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ServiceInvoiceDocument:
    """An invoice of a service. reference: the request that it was for; open: what is still to be settled."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    source: str
    reference: str
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    entry_id: int
    period: str
    open: Decimal
    lines: tuple[ServiceLineRow, ...] = ()


def service_invoice(session: Session, number: str) -> ServiceInvoiceDocument | None:
    """The invoice of a service of this number; None where there is none in the session's scope."""
    row = session.execute(_INVOICE, {"number": number}).one_or_none()
    if row is None:
        return None
    rows = session.execute(_LINES, {"dealer_id": row.dealer_id, "id": row.id})
    return value_of(ServiceInvoiceDocument, row, lines=tuple(ServiceLineRow(**one._mapping) for one in rows))


_INVOICE = text(
    f"""
    SELECT v.dealer_id, v.id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, v.number,
           v.source, v.reference, v.issued_on, v.due_on, v.net, v.tax, v.gross, e.id AS entry_id, e.period,
           {open_of("e")} AS open
      FROM service_invoice v
      JOIN dealer d ON d.id = v.dealer_id
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (v.dealer_id, v.number) AND e.reverses_id IS NULL
     WHERE v.number = :number
    """
)
_LINES = text(
    """
    SELECT l.text, p.sku, l.quantity, l.unit_price, l.tax_rate, l.amount
      FROM service_invoice_line l LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.invoice_id = :id ORDER BY l.line_no
    """
)
