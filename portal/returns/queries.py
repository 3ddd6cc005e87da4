"""Returns as lists and one by one, for the dealer's pages, headquarters' and the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.ledger.adjustments import NoteOf, notes_of
from portal.returns.gifts import ReturnedGift, gifts_of_return
from portal.returns.rules import OPEN, Remedy


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A return in a list. units: asked back."""

    id: int
    number: str
    state: str
    order_number: str
    shipment_number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    units: int
    asked_by_label: str
    asked_at: datetime
    credit_note_no: str | None
    replacement_no: str | None


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units of one order line and lot of a return."""

    line_no: int
    lot_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    udi_di: str
    registration_no: str
    storage_zh: str
    storage_en: str
    lot_no: str
    expires_on: date | None
    quantity: int
    received: int
    reason: str
    remedy: str
    is_gift: bool
    serials: list[str]


@dataclass(frozen=True, slots=True)
class FoundUnits:
    """What the inspection found of units of one line and lot."""

    line_no: int
    lot_id: int
    disposition: str
    quantity: int
    note: str
    serials: list[str]


@dataclass(frozen=True, slots=True)
class ReturnDetail:
    """A return with its lines and findings, and the gifts that it asks for.

    gifts_of: the return that these gifts belong to, gifts_by: returns of other shipments that bring gifts of
    this one. notes: what was billed, or given back, for gifts.
    """

    id: int
    dealer_id: int
    order_id: int
    number: str
    state: str
    order_number: str
    shipment_number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    warehouse_zh: str
    warehouse_en: str
    note: str
    asked_by: str
    asked_by_label: str
    asked_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str
    received_by_label: str | None
    received_at: datetime | None
    inspected_by_label: str | None
    inspected_at: datetime | None
    credit_note_no: str | None
    replacement_no: str | None
    evidence: str
    temperature_file: str | None
    evidence_findings: list[dict[str, Any]]
    evidence_by_label: str | None
    evidence_at: datetime | None
    evidence_reason: str
    gifts_of: str | None
    lines: tuple[ReturnedLine, ...]
    findings: tuple[FoundUnits, ...]
    gifts: tuple[ReturnedGift, ...]
    gifts_by: tuple[str, ...]
    notes: tuple[NoteOf, ...]

    def found(self, line: ReturnedLine) -> list[FoundUnits]:
        """What was found of a line."""
        return [one for one in self.findings if (one.line_no, one.lot_id) == (line.line_no, line.lot_id)]


@dataclass(frozen=True, slots=True)
class ReturnableLot:
    """Units of one product and lot of a shipment. left: neither returned nor asked back."""

    shipment_number: str
    sku: str
    name_zh: str
    name_en: str
    unit: str
    lot_no: str
    expires_on: date | None
    quantity: int
    left: int


def returns(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ReturnRow]:
    """Returns in scope, the latest first. q: part of a number of the return, its order or its shipment."""
    return RETURNS.page(
        session, {"dealer_id": dealer_id, "state": state, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_returns(session: Session, *, dealer_id: int | None = None, state: str = "", q: str = "") -> int:
    """How many returns `returns` gives, at most one more than `paging.COUNTED_MAX`."""
    return RETURNS.count(session, {"dealer_id": dealer_id, "state": state, "q": q})


def return_of(session: Session, number: str) -> ReturnDetail:
    """One return. Raises NotFound outside the session's scope."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    mine = {"dealer_id": head.dealer_id, "id": head.id}
    lines = tuple(value_of(ReturnedLine, row) for row in session.execute(_LINES, mine))
    findings = tuple(value_of(FoundUnits, row) for row in session.execute(_FINDINGS, mine))
    by = session.execute(_GIFTS_BY, {"dealer_id": head.dealer_id, "number": number}).scalars()
    return value_of(
        ReturnDetail,
        head,
        lines=lines,
        findings=findings,
        gifts=gifts_of_return(
            session,
            dealer_id=head.dealer_id,
            return_id=head.id,
            order_id=head.order_id,
            goods=_goods(lines, received=head.received_at is not None) if head.state in OPEN else None,
        ),
        gifts_by=tuple(by),
        notes=notes_of(session, dealer_id=head.dealer_id, source=number),
    )


def _goods(lines: Sequence[ReturnedLine], *, received: bool) -> Counter[int]:
    """Units that a return takes for good, without its gifts."""
    units: Counter[int] = Counter()
    for line in lines:
        if not line.is_gift and line.remedy != Remedy.EXCHANGE:
            units[line.line_no] += line.received if received else line.quantity
    return units


def returnable(session: Session, *, dealer_id: int, order_id: int) -> list[ReturnableLot]:
    """What of an order's shipments that have left may be asked back, by shipment, product and lot."""
    rows = session.execute(_RETURNABLE, {"dealer_id": dealer_id, "order_id": order_id})
    return [ReturnableLot(**row._mapping) for row in rows]


def returns_of_order(session: Session, *, dealer_id: int, order_id: int) -> list[ReturnRow]:
    """The returns of an order, the latest first."""
    rows = session.execute(_OF_ORDER, {"dealer_id": dealer_id, "order_id": order_id})
    return [ReturnRow(**row._mapping) for row in rows]


def return_replaced_by(session: Session, *, dealer_id: int, order_number: str) -> str | None:
    """The return whose goods an order sends once more; None for any other order."""
    about = {"dealer_id": dealer_id, "number": order_number}
    number: str | None = session.execute(_REPLACED_BY, about).scalar_one_or_none()
    return number


RETURNS = DocumentList(
    "returns",
    "r",
    "asked_at",
    ReturnRow,
    columns="""
    r.id, r.number, r.state, o.number AS order_number, s.number AS shipment_number, d.code AS dealer_code,
    d.name_zh AS dealer_zh, d.name_en AS dealer_en,
    (SELECT sum(l.quantity)::int FROM return_line l
      WHERE (l.dealer_id, l.return_id) = (r.dealer_id, r.id)) AS units,
    r.asked_by_label, r.asked_at, r.credit_note_no, r.replacement_no
    """,
    tables="""
      FROM return_request r
      JOIN sales_order o ON (o.dealer_id, o.id) = (r.dealer_id, r.order_id)
      JOIN shipment s ON (s.dealer_id, s.id) = (r.dealer_id, r.shipment_id)
      JOIN dealer d ON d.id = r.dealer_id
    """,
    conditions={
        "dealer_id": "r.dealer_id = :dealer_id",
        "state": "r.state = :state",
        "code": f"({number_key('r.number')} LIKE :code OR {number_key('o.number')} LIKE :code"
        f" OR {number_key('s.number')} LIKE :code)",
    },
)
LATEST_FIRST = RETURNS.latest_first
_OF_ORDER = text(
    f"{RETURNS.select} WHERE r.dealer_id = :dealer_id AND r.order_id = :order_id"
    " ORDER BY r.asked_at DESC, r.id DESC"
)
_REPLACED_BY = text(
    "SELECT number FROM return_request WHERE dealer_id = :dealer_id AND replacement_no = :number"
)
_HEAD = text(
    """
    SELECT r.id, r.dealer_id, r.order_id, r.number, r.state, o.number AS order_number,
           s.number AS shipment_number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, r.note, r.asked_by, r.asked_by_label,
           r.asked_at, r.decided_by_label, r.decided_at, r.decision_note, r.received_by_label, r.received_at,
           r.inspected_by_label, r.inspected_at, r.credit_note_no, r.replacement_no,
           r.evidence, r.temperature_file, r.evidence_findings, r.evidence_by_label, r.evidence_at,
           r.evidence_reason, r.gifts_of
      FROM return_request r
      JOIN sales_order o ON (o.dealer_id, o.id) = (r.dealer_id, r.order_id)
      JOIN shipment s ON (s.dealer_id, s.id) = (r.dealer_id, r.shipment_id)
      JOIN dealer d ON d.id = r.dealer_id
      JOIN warehouse w ON w.id = r.warehouse_id
     WHERE r.number = :number
    """
)
_LINES = text(
    """
    SELECT l.line_no, l.lot_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit, p.udi_di,
           x.registration_no, p.storage_zh, p.storage_en, t.lot_no, t.expires_on, l.quantity, l.received,
           l.reason, l.remedy, o.gift AS is_gift, l.serials
      FROM return_line l
      JOIN return_request r ON (r.dealer_id, r.id) = (l.dealer_id, l.return_id)
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (r.dealer_id, r.order_id, l.line_no)
      JOIN shipment_line x ON (x.dealer_id, x.shipment_id, x.line_no, x.lot_id)
                            = (r.dealer_id, r.shipment_id, l.line_no, l.lot_id)
      JOIN lot t ON t.id = l.lot_id JOIN product p ON p.id = t.product_id
     WHERE l.dealer_id = :dealer_id AND l.return_id = :id
     ORDER BY l.line_no, t.lot_no
    """
)
_FINDINGS = text(
    """
    SELECT line_no, lot_id, disposition, quantity, note, serials FROM return_finding
     WHERE dealer_id = :dealer_id AND return_id = :id ORDER BY line_no, lot_id, disposition
    """
)
_GIFTS_BY = text(
    "SELECT number FROM return_request WHERE dealer_id = :dealer_id AND gifts_of = :number ORDER BY id"
)
_RETURNABLE = text(
    """
    SELECT s.number AS shipment_number, o.sku, o.name_zh, o.name_en, o.unit, l.lot_no, l.expires_on,
           sum(l.quantity)::int AS quantity, sum(l.quantity - l.returned - l.asked_back)::int AS left
      FROM shipment s
      JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
      JOIN order_line o ON (o.dealer_id, o.order_id, o.line_no) = (s.dealer_id, s.order_id, l.line_no)
     WHERE s.dealer_id = :dealer_id AND s.order_id = :order_id AND s.status <> 'picking'
     GROUP BY s.number, s.id, o.sku, o.name_zh, o.name_en, o.unit, l.lot_no, l.expires_on
     ORDER BY s.id, min(l.line_no), l.lot_no
    """
)
