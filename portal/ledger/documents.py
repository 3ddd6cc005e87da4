"""One document of the books with what it settles or is settled by, and a dealer's account entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.ledger.fragments import open_of

ALLOCATIONS_MAX = 500  # shown of one document


@dataclass(frozen=True, slots=True)
class PaymentDocument:
    """A payment as it is booked.

    unallocated: what settles nothing yet; reversed_at: when it was taken back.
    """

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    received_on: date
    method: str
    reference: str
    amount: Decimal
    advance_for: str
    entry_id: int
    period: str
    late: bool
    posted_at: datetime
    reversed_at: datetime | None
    reversed_in: str | None
    unallocated: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice or credit note as it is booked. open: what is still to be settled of it."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    kind: str
    order_number: str
    shipment_id: int | None
    shipment_number: str | None
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    reason: str
    entry_id: int
    period: str
    late: bool
    open: Decimal


@dataclass(frozen=True, slots=True)
class ShippedUnits:
    """Units of one lot on an invoice, and how many of them came back.

    discount: of the invoice's line, all of its lots together.
    """

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    lot_no: str
    quantity: int
    returned: int
    unit_price: Decimal
    discount: Decimal
    gift: bool


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """An allocation seen from one of its two documents: the other one. Negative when it was undone."""

    document_no: str
    kind: str
    occurred_on: date
    amount: Decimal
    period: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An entry of a dealer's account.

    open: what of it is neither settled nor settles anything (0 or more).
    """

    kind: str
    document_no: str
    reference: str
    occurred_on: date
    due_on: date | None
    period: str
    late: bool
    receivable: Decimal
    open: Decimal
    is_reversed: bool
    id: int


class Booked(Protocol):
    """A document by its entry in the journal."""

    @property
    def dealer_id(self) -> int: ...

    @property
    def entry_id(self) -> int: ...


OPEN = open_of("e")
"""SQL: what of an entry `e` is neither settled nor settles anything."""
_PAYMENT = text(
    f"""
    SELECT p.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, p.number,
           p.received_on, p.method, p.reference, p.amount, p.advance_for, e.id AS entry_id,
           e.period, e.late, e.posted_at, r.posted_at AS reversed_at, r.period AS reversed_in,
           {OPEN} AS unallocated
      FROM payment p
      JOIN dealer d ON d.id = p.dealer_id
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (p.dealer_id, p.number) AND e.reverses_id IS NULL
      LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
     WHERE p.number = :number
    """
)
_INVOICE = text(
    f"""
    SELECT v.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           v.number, v.kind, o.number AS order_number, v.shipment_id, s.number AS shipment_number,
           v.issued_on, v.due_on, v.net, v.tax, v.gross, v.reason, e.id AS entry_id, e.period, e.late,
           {OPEN} AS open
      FROM invoice v
      JOIN dealer d ON d.id = v.dealer_id
      JOIN sales_order o ON (o.dealer_id, o.id) = (v.dealer_id, v.order_id)
      LEFT JOIN shipment s ON (s.dealer_id, s.id) = (v.dealer_id, v.shipment_id)
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (v.dealer_id, v.number) AND e.reverses_id IS NULL
     WHERE v.number = :number
    """
)
_SHIPPED = text(
    """
    SELECT l.line_no, p.sku, p.name_zh, p.name_en, p.unit, l.lot_no, l.quantity, l.returned, o.unit_price,
           i.discount, o.gift
      FROM shipment_line l
      JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (s.dealer_id, s.order_id, l.line_no)
      JOIN invoice v ON (v.dealer_id, v.shipment_id) = (s.dealer_id, s.id) AND v.kind = 'invoice'
      JOIN invoice_line i ON (i.dealer_id, i.invoice_id, i.order_line_no) = (v.dealer_id, v.id, l.line_no)
      JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     ORDER BY l.line_no, l.lot_no
    """
)
_ALLOCATIONS = text(
    """
    SELECT o.document_no, o.kind, o.occurred_on, a.amount, a.period, w.posted_at
      FROM allocation a
      JOIN journal_entry o
        ON o.dealer_id = a.dealer_id
       AND o.id = CASE WHEN a.credit_id = :entry_id THEN a.debit_id ELSE a.credit_id END
      JOIN journal_entry w ON (w.dealer_id, w.id) = (a.dealer_id, a.posted_with_id)
     WHERE a.dealer_id = :dealer_id AND (a.credit_id = :entry_id OR a.debit_id = :entry_id)
     ORDER BY a.id LIMIT :limit
    """
)
_ACCOUNT = text(
    f"""
    SELECT e.kind, e.document_no, e.reference, e.occurred_on, e.due_on, e.period, e.late, e.receivable,
           {OPEN} AS open, r.id IS NOT NULL AS is_reversed, e.id
      FROM journal_entry e
      LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
     WHERE e.dealer_id = :dealer_id AND (CAST(:after_id AS bigint) IS NULL OR e.id < :after_id)
     ORDER BY e.id DESC LIMIT :limit
    """
)


_COUNT = text("SELECT count(*) FROM (SELECT FROM journal_entry WHERE dealer_id = :dealer_id LIMIT :most) met")


def payment(session: Session, number: str) -> PaymentDocument:
    """A payment. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_PAYMENT, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return PaymentDocument(**row._mapping)


def invoice(session: Session, number: str) -> InvoiceDocument:
    """An invoice or credit note. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_INVOICE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return InvoiceDocument(**row._mapping)


def shipped_units(session: Session, document: InvoiceDocument) -> list[ShippedUnits]:
    """What the shipment behind an invoice holds, by line and lot."""
    keys = {"dealer_id": document.dealer_id, "shipment_id": document.shipment_id}
    return [ShippedUnits(**row._mapping) for row in session.execute(_SHIPPED, keys)]


def allocations(session: Session, document: Booked) -> list[AllocationRow]:
    """What a document settles or is settled by, in the order in which it was posted.

    The first `ALLOCATIONS_MAX`.
    """
    keys = {"dealer_id": document.dealer_id, "entry_id": document.entry_id, "limit": ALLOCATIONS_MAX}
    return [AllocationRow(**row._mapping) for row in session.execute(_ALLOCATIONS, keys)]


def account(
    session: Session, *, dealer_id: int, limit: int = 50, cursor: str | None = None
) -> Page[AccountRow]:
    """A dealer's entries as they were posted, the latest first. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, f"account of {dealer_id}", int)
    place = cursors.place_of(cursor)
    rows = session.execute(
        _ACCOUNT, {"dealer_id": dealer_id, "after_id": place and place.key[0], "limit": limit + 1}
    )
    return cursors.page_of([AccountRow(**row._mapping) for row in rows], limit, lambda row: (row.id,))


def count_entries(session: Session, *, dealer_id: int) -> int:
    """How many entries a dealer's account has, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"dealer_id": dealer_id, "most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT, parameters).scalar_one()
    return count
