"""Tax invoices as lists, one by one, and of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.tax_invoices.fragments import LEFT

MISSING_MAX = 200  # shown of the documents without a tax invoice
FORMS_MAX = 50  # shown of one tax invoice


@dataclass(frozen=True, slots=True)
class TaxInvoiceRow:
    """A tax invoice in a list."""

    id: int
    number: str
    document: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    issued_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    state: str
    verdict: str
    taken_at: datetime
    taken_by_label: str


@dataclass(frozen=True, slots=True)
class TaxInvoiceDetail:
    """A tax invoice with what was found and decided. red_no: the latest one that takes it back."""

    id: int
    dealer_id: int
    number: str
    document: str
    blue_no: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    issued_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    state: str
    verdict: str
    differences: Sequence[dict[str, Any]]
    sha256: str
    taken_at: datetime
    taken_by: str
    taken_by_label: str
    accepted_at: datetime | None
    accepted_by_label: str | None
    reason: str
    left: Decimal
    red_no: str | None


@dataclass(frozen=True, slots=True)
class RedFormRow:
    """A red-letter confirmation form."""

    number: str
    blue_no: str
    gross: Decimal
    state: str
    asked_at: datetime
    moved_at: datetime
    moved_by_label: str


@dataclass(frozen=True, slots=True)
class OfDocument:
    """The tax invoice of a document, as its dealer sees it. left: what of it no red letter takes back."""

    number: str
    issued_on: date
    gross: Decimal
    left: Decimal
    blue_no: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A document that has no tax invoice yet."""

    number: str
    kind: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    issued_on: date
    gross: Decimal


@dataclass(frozen=True, slots=True)
class LimitRow:
    """Limits from a day on."""

    valid_from: date
    per_line: Decimal
    per_invoice: Decimal
    set_by_label: str
    set_at: datetime


def tax_invoices(
    session: Session,
    *,
    state: str = "",
    document: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[TaxInvoiceRow]:
    """Tax invoices in scope, the latest first. q: part of a number of one or of its document."""
    sought = {"state": state, "document": document, "q": q}
    return TAX_INVOICES.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_tax_invoices(session: Session, *, state: str = "", document: str = "", q: str = "") -> int:
    """How many `tax_invoices` gives, at most one more than `paging.COUNTED_MAX`."""
    return TAX_INVOICES.count(session, {"state": state, "document": document, "q": q})


def tax_invoice_of(session: Session, number: str) -> TaxInvoiceDetail:
    """One tax invoice; of several removed ones the latest. Raises NotFound outside the session's scope."""
    row = session.execute(_DETAIL, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(TaxInvoiceDetail, row)


def content_of(session: Session, number: str) -> bytes:
    """The XML as it came. Raises NotFound outside the session's scope."""
    content: bytes | None = session.execute(_CONTENT, {"number": number}).scalar()
    if content is None:
        raise NotFound()
    return bytes(content)


def of_document(session: Session, dealer_id: int, document: str) -> OfDocument | None:
    """The tax invoice that stands for a document; none while it waits for somebody to look at it."""
    row = session.execute(_OF_DOCUMENT, {"dealer_id": dealer_id, "document": document}).one_or_none()
    return None if row is None else OfDocument(**row._mapping)


def forms_of(session: Session, dealer_id: int, number: str) -> list[RedFormRow]:
    """Red-letter confirmation forms of a tax invoice, the latest first."""
    about = {"dealer_id": dealer_id, "number": number, "limit": FORMS_MAX}
    return [RedFormRow(**row._mapping) for row in session.execute(_FORMS, about)]


def missing(session: Session, *, first: date, last: date) -> list[Missing]:
    """Documents issued from one day to another that no tax invoice stands beside, at most `MISSING_MAX`.

    What costs nothing needs none.
    """
    about = {"first": first, "last": last, "limit": MISSING_MAX}
    return [Missing(**row._mapping) for row in session.execute(_MISSING, about)]


def limit_rows(session: Session) -> list[LimitRow]:
    """Limits for rounding, the latest first."""
    return [LimitRow(**row._mapping) for row in session.execute(_LIMITS)]


TAX_INVOICES = DocumentList(
    "tax-invoices",
    "t",
    "taken_at",
    TaxInvoiceRow,
    columns="""
    t.id, t.number, t.document_no AS document, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, t.issued_on, t.net, t.tax, t.gross, t.state, t.verdict, t.taken_at,
    t.taken_by_label
    """,
    tables="FROM tax_invoice t JOIN dealer d ON d.id = t.dealer_id",
    conditions={
        "state": "t.state = :state",
        "document": "t.document_no = :document",
        "code": f"(t.number LIKE :code OR {number_key('t.document_no')} LIKE :code)",
    },
)
LATEST_FIRST = TAX_INVOICES.latest_first
_DETAIL = text(
    f"""
    SELECT t.id, t.dealer_id, t.number, t.document_no AS document, t.blue_no, d.code AS dealer_code,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en, t.issued_on, t.net, t.tax, t.gross, t.state,
           t.verdict, t.differences, t.sha256, t.taken_at, t.taken_by, t.taken_by_label, t.accepted_at,
           t.accepted_by_label, t.reason, {LEFT} AS left,
           (SELECT r.number FROM tax_invoice r
             WHERE (r.dealer_id, r.blue_no) = (t.dealer_id, t.number) AND r.state <> 'removed'
             ORDER BY r.id DESC LIMIT 1) AS red_no
      FROM tax_invoice t JOIN dealer d ON d.id = t.dealer_id
     WHERE t.number = :number
     ORDER BY t.state = 'removed', t.id DESC LIMIT 1
    """
)
_CONTENT = text(
    "SELECT content FROM tax_invoice WHERE number = :number ORDER BY state = 'removed', id DESC LIMIT 1"
)
_OF_DOCUMENT = text(
    f"""
    SELECT t.number, t.issued_on, t.gross, {LEFT} AS left, t.blue_no
      FROM tax_invoice t
     WHERE (t.dealer_id, t.document_no) = (:dealer_id, :document) AND t.state IN ('attached', 'accepted')
     ORDER BY t.id DESC LIMIT 1
    """
)
_FORMS = text(
    """
    SELECT number, blue_no, gross, state, asked_at, moved_at, moved_by_label
      FROM red_form WHERE (dealer_id, blue_no) = (:dealer_id, :number)
     ORDER BY asked_at DESC, id DESC LIMIT :limit
    """
)
_MISSING = text(
    """
    SELECT v.number, v.kind, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           v.issued_on, v.gross
      FROM dealer d
      JOIN LATERAL (SELECT i.number, i.kind, i.issued_on, i.gross FROM invoice i
                     WHERE i.dealer_id = d.id AND i.issued_on BETWEEN :first AND :last
                     UNION ALL
                    SELECT s.number, 'service', s.issued_on, s.gross FROM service_invoice s
                     WHERE s.dealer_id = d.id AND s.issued_on BETWEEN :first AND :last) v
        ON v.gross <> 0 AND NOT EXISTS (SELECT FROM tax_invoice t
                                         WHERE (t.dealer_id, t.document_no) = (d.id, v.number)
                                           AND t.state <> 'removed')
     ORDER BY d.id LIMIT :limit
    """
)
_LIMITS = text(
    """
    SELECT valid_from, per_line, per_invoice, set_by_label, set_at FROM tax_invoice_limit
     ORDER BY valid_from DESC LIMIT 100
    """
)
