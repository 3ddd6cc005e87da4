"""Repairs as pages and calls show them: quotes, parts, visits, reports; lots to take parts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.ledger.fragments import open_of
from portal.repairs.report_rules import CheckItem, LotForPart
from portal.repairs.rules import QuoteState, RepairState, VisitState
from portal.service.vocabulary import STAFF
from portal.stock.rules import too_near


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a quote."""

    version: int
    kind: str
    sku: str | None
    text: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """A version of a quote."""

    version: int
    state: str
    is_warranty: bool
    valid_until: date
    note: str
    gross: Decimal
    tax: Decimal
    written_by_label: str
    written_at: datetime
    issued_by_label: str
    issued_at: datetime | None
    decided_by_label: str
    decided_at: datetime | None
    reason: str
    lines: tuple[LineRow, ...] = ()


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part that an accepted repair needs."""

    product_id: int
    sku: str
    name_zh: str
    name_en: str
    quantity: int
    reserved: int
    used: int


@dataclass(frozen=True, slots=True)
class UsedRow:
    """Units of a lot that went into the device."""

    visit_no: int
    sku: str
    name_zh: str
    name_en: str
    lot_no: str
    quantity: int
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit, with its report once there is one."""

    visit_no: int
    state: str
    technician_id: int
    technician_label: str
    starts_at: datetime
    ends_at: datetime
    address: str
    contact: str
    phone: str
    note: str
    result: str | None
    findings: str | None
    checks: list[dict[str, str]] | None
    signed_name: str | None
    signature: list[list[int]] | None
    filed_by_label: str | None
    filed_at: datetime | None
    used: tuple[UsedRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDetail:
    """A repair with everything that belongs to it. Quotes: the latest first, drafts for headquarters only.

    invoice_open: what is still to be paid of its invoice.
    is_invoice_reversed: bool
    """

    id: int
    number: str
    revision: int
    state: str
    is_warranty: bool
    quote_version: int | None
    short: bool
    warehouse: str | None
    invoice_no: str | None
    invoice_gross: Decimal | None
    invoice_tax: Decimal | None
    invoice_due_on: date | None
    invoice_open: Decimal | None
    is_invoice_reversed: bool
    made_at: datetime
    ended_at: datetime | None
    quotes: tuple[QuoteRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    visits: tuple[VisitRow, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it is not over."""
        return self.ended_at is None

    @property
    def is_paid(self) -> bool:
        """Whether its invoice is settled, and not by being taken back."""
        return self.invoice_open == 0 and not self.is_invoice_reversed

    @property
    def offered(self) -> QuoteRow | None:
        """What waits for the dealer."""
        return next((one for one in self.quotes if one.state == QuoteState.OFFERED), None)

    @property
    def accepted(self) -> QuoteRow | None:
        """What the dealer accepted, or is done under warranty."""
        return next((one for one in self.quotes if one.state == QuoteState.ACCEPTED), None)

    @property
    def draft(self) -> QuoteRow | None:
        """What headquarters is writing."""
        return next((one for one in self.quotes if one.state == QuoteState.DRAFT), None)

    @property
    def may_quote(self) -> bool:
        """Whether a quote may be written."""
        return self.state in (RepairState.QUOTING, RepairState.OFFERED)


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit of a day, as a technician reads it on the way."""

    request_no: str
    visit_no: int
    state: str
    technician_id: int
    technician_label: str
    starts_at: datetime
    ends_at: datetime
    address: str
    contact: str
    phone: str
    note: str
    subject: str
    serial: str
    dealer_zh: str
    dealer_en: str
    product_zh: str | None
    product_en: str | None
    short: bool


def repair_of(session: Session, actor: Actor, request_no: str) -> RepairDetail | None:
    """The latest repair of a request, None where there is none. Out of scope nobody sees any."""
    row = session.execute(_REPAIR, {"number": request_no}).one_or_none()
    if row is None:
        return None
    key = {"dealer_id": row.dealer_id, "repair_id": row.id, "is_staff": actor.is_staff}
    lines = [LineRow(**one._mapping) for one in session.execute(_LINES, key)]
    quotes = tuple(
        QuoteRow(**one._mapping, lines=tuple(line for line in lines if line.version == one.version))
        for one in session.execute(_QUOTES, key)
    )
    used = [value_of(UsedRow, one, serials=tuple(one.serials)) for one in session.execute(_USED, key)]
    visits = tuple(
        VisitRow(**one._mapping, used=tuple(u for u in used if u.visit_no == one.visit_no))
        for one in session.execute(_VISITS, key)
    )
    parts = tuple(PartRow(**one._mapping) for one in session.execute(_PARTS, key))
    return value_of(RepairDetail, row, quotes=quotes, parts=parts, visits=visits)


def visit_of(session: Session, actor: Actor, request_no: str, visit_no: int) -> tuple[RepairDetail, VisitRow]:
    """A visit of the latest repair of a request. Raises NotFound."""
    found = repair_of(session, actor, request_no)
    visit = next((one for one in found.visits if one.visit_no == visit_no), None) if found else None
    if found is None or visit is None:
        raise NotFound()
    return found, visit


def check_items(session: Session, category: str) -> list[CheckItem]:
    """What is checked at a device of a category, the general points first."""
    return [CheckItem(**row._mapping) for row in session.execute(_ITEMS, {"category": category})]


def lots_for(
    session: Session, dealer_id: int, repair_id: int, *, today: date, margin_days: int
) -> list[LotForPart]:
    """Lots out of which the parts that are held for a repair may be taken, the first to expire first."""
    about = {"dealer_id": dealer_id, "repair_id": repair_id, "too_near": too_near(today, margin_days)}
    return [LotForPart(**row._mapping) for row in session.execute(_LOTS, about)]


def visits_between(
    session: Session, *, actor: Actor, technician_id: int | None, first: datetime, last: datetime
) -> list[DayVisit]:
    """Visits that begin between two moments, in their order; of everybody, or of one technician."""
    actor.require(*STAFF)
    about = {"technician_id": technician_id, "first": first, "last": last}
    return [DayVisit(**row._mapping) for row in session.execute(_DAY, about)]


PLANNED = VisitState.PLANNED

_REPAIR = text(
    f"""
    SELECT r.dealer_id, r.id, r.number, r.revision, r.state, r.is_warranty, r.quote_version, r.short,
           w.code AS warehouse, r.invoice_no, v.gross AS invoice_gross, v.tax AS invoice_tax,
           v.due_on AS invoice_due_on, {open_of("e")} AS invoice_open,
           EXISTS (SELECT FROM journal_entry x WHERE (x.dealer_id, x.reverses_id) = (e.dealer_id, e.id))
             AS is_invoice_reversed, r.made_at, r.ended_at
      FROM service_request q
      JOIN repair r ON r.dealer_id = q.dealer_id AND r.request_id = q.id
      LEFT JOIN warehouse w ON w.id = r.warehouse_id
      LEFT JOIN service_invoice v ON (v.dealer_id, v.number) = (r.dealer_id, r.invoice_no)
      LEFT JOIN journal_entry e ON (e.dealer_id, e.document_no) = (v.dealer_id, v.number)
       AND e.reverses_id IS NULL
     WHERE q.number = :number
     ORDER BY r.id DESC LIMIT 1
    """
)
_QUOTES = text(
    """
    SELECT version, state, is_warranty, valid_until, note, gross, tax, written_by_label, written_at,
           issued_by_label, issued_at, decided_by_label, decided_at, reason
      FROM repair_quote
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND (:is_staff OR issued_at IS NOT NULL)
     ORDER BY version DESC
    """
)
_LINES = text(
    """
    SELECT l.version, l.kind, p.sku, l.text, l.quantity, l.unit_price, l.tax_rate, l.amount, l.tax
      FROM repair_quote_line l LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.repair_id = :repair_id ORDER BY l.version, l.line_no
    """
)
_PARTS = text(
    """
    SELECT n.product_id, p.sku, p.name_zh, p.name_en, n.quantity, n.reserved, n.used
      FROM repair_part n JOIN product p ON p.id = n.product_id
     WHERE n.dealer_id = :dealer_id AND n.repair_id = :repair_id ORDER BY p.sku
    """
)
_USED = text(
    """
    SELECT u.visit_no, p.sku, p.name_zh, p.name_en, t.lot_no, u.quantity, u.serials
      FROM repair_part_used u JOIN product p ON p.id = u.product_id JOIN lot t ON t.id = u.lot_id
     WHERE u.dealer_id = :dealer_id AND u.repair_id = :repair_id ORDER BY u.visit_no, u.line_no
    """
)
_VISITS = text(
    """
    SELECT v.visit_no, v.state, v.technician_id, v.technician_label, v.starts_at, v.ends_at, v.address,
           v.contact, v.phone, v.note, p.result, p.findings, p.checks, p.signed_name, p.signature,
           p.filed_by_label, p.filed_at
      FROM repair_visit v
      LEFT JOIN repair_report p
        ON (p.dealer_id, p.repair_id, p.visit_no) = (v.dealer_id, v.repair_id, v.visit_no)
     WHERE v.dealer_id = :dealer_id AND v.repair_id = :repair_id ORDER BY v.starts_at, v.visit_no
    """
)
_ITEMS = text(
    """
    SELECT id, name_zh, name_en FROM repair_check_item
     WHERE category = '' OR starts_with(:category, category) ORDER BY category, place
    """
)
_LOTS = text(
    """
    SELECT p.id AS product_id, p.sku, t.id AS lot_id, t.lot_no, k.expires_on, k.on_hand - k.allocated AS free,
           p.serial_controlled
      FROM repair r JOIN repair_part n ON (n.dealer_id, n.repair_id) = (r.dealer_id, r.id)
      JOIN product p ON p.id = n.product_id
      JOIN lot_stock k ON k.warehouse_id = r.warehouse_id AND k.product_id = n.product_id
      JOIN lot t ON t.id = k.lot_id
     WHERE r.dealer_id = :dealer_id AND r.id = :repair_id AND n.reserved > 0 AND k.state = 'saleable'
       AND k.on_hand > k.allocated AND coalesce(k.expires_on > :too_near, true)
     ORDER BY p.sku, k.expires_on NULLS LAST, t.lot_no
    """
)
_DAY = text(
    """
    SELECT q.number AS request_no, v.visit_no, v.state, v.technician_id, v.technician_label, v.starts_at,
           v.ends_at, v.address, v.contact, v.phone, v.note, q.subject, q.serial, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, p.name_zh AS product_zh, p.name_en AS product_en, r.short
      FROM repair_visit v
      JOIN repair r ON (r.dealer_id, r.id) = (v.dealer_id, v.repair_id)
      JOIN service_request q ON (q.dealer_id, q.id) = (r.dealer_id, r.request_id)
      JOIN dealer d ON d.id = v.dealer_id
      LEFT JOIN product p ON p.id = q.product_id
     WHERE v.state <> 'cancelled' AND v.starts_at >= :first AND v.starts_at < :last
       AND (CAST(:technician_id AS bigint) IS NULL OR v.technician_id = :technician_id)
     ORDER BY v.starts_at, q.number, v.visit_no LIMIT 500
    """
)
