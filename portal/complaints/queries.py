"""Complaints as a list and one by one: for quality whole, for a dealer what it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.complaints.fragments import lot_of
from portal.complaints.rules import ComplaintState, keep_until, shown_state
from portal.complaints.vocabulary import READERS
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList, Sought
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key

STATES = ("triage", "open", "closed")
"""What the list is narrowed to: nobody of quality has decided yet, not closed yet, closed."""


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint in a list. event_state: of its adverse event, if it has one."""

    id: int
    number: str
    kept_state: str | None
    is_held: bool
    subject: str
    severity: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    sku: str | None
    product_zh: str | None
    product_en: str | None
    lot_no: str
    category: str | None
    grade: str | None
    somebody_harmed: bool
    event_state: str | None
    event_due_at: datetime | None
    asked_at: datetime

    @property
    def state(self) -> ComplaintState:
        """How far it is."""
        return shown_state(self.kept_state, is_held=self.is_held)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field as somebody wrote it."""

    field: str
    value: str
    author_label: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDetail:
    """A complaint with what headquarters found out, and who wrote what when, the latest first."""

    number: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    subject: str
    text: str
    severity: str
    request_state: str
    is_held: bool
    somebody_harmed: bool
    asked_at: datetime
    asked_by_label: str
    revision: int
    kept_state: str | None
    stop_use: str
    measure: str
    answer: str
    closed_at: datetime | None
    closed_by_label: str
    category: str
    grade: str
    possible_event: bool | None
    event_reason: str
    sku: str
    product_zh: str
    product_en: str
    implantable: bool | None
    lot_no: str
    expires_on: date | None
    serials: str
    cause: str
    follow_up: str
    told_how: str
    told_at: datetime | None
    proposed_by_label: str
    proposed_at: datetime | None
    decided_by_label: str
    decided_at: datetime | None
    event_state: str | None
    event_due_at: datetime | None
    history: tuple[FieldRow, ...] = ()

    @property
    def state(self) -> ComplaintState:
        """How far it is."""
        return shown_state(self.kept_state, is_held=self.is_held)

    def kept_until(self, zone: ZoneInfo, at: datetime) -> date | None:
        """The last day on which it has to be kept, as it stands; None: always."""
        ended_on = (self.closed_at or at).astimezone(zone).date()
        return keep_until(self.expires_on, ended_on, is_implant=bool(self.implantable))


@dataclass(frozen=True, slots=True)
class ComplaintAnswer:
    """What a dealer sees of its complaint."""

    state: ComplaintState
    stop_use: str
    measure: str
    answer: str
    closed_at: datetime | None


def complaints(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ComplaintRow]:
    """Complaints, the latest first. state: one of `STATES`. q: part of a number, a SKU or a lot."""
    actor.require(*READERS)
    return COMPLAINTS.page(session, _sought(state, q), limit=limit, cursor=cursor, sort=sort)


def count_complaints(session: Session, *, actor: Actor, state: str = "", q: str = "") -> int:
    """How many complaints `complaints` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(*READERS)
    return COMPLAINTS.count(session, _sought(state, q))


def complaint(session: Session, *, actor: Actor, number: str) -> ComplaintDetail:
    """One complaint. Raises NotFound out of scope, Forbidden."""
    actor.require(*READERS)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    rows = session.execute(_HISTORY, {"number": number})
    return value_of(ComplaintDetail, row, history=tuple(FieldRow(**one._mapping) for one in rows))


def next_to_triage(session: Session, *, actor: Actor, but: str) -> str | None:
    """Number of the complaint that waits longest for quality's triage, another than `but`."""
    actor.require(*READERS)
    return session.execute(_NEXT, {"but": but}).scalar_one_or_none()


def answer_of(session: Session, number: str) -> ComplaintAnswer | None:
    """What the dealer of a request is told of it as a complaint; None for another kind, or out of scope."""
    row = session.execute(_ANSWER, {"number": number}).one_or_none()
    if row is None:
        return None
    state = shown_state(row.state, is_held=row.is_held)
    is_decided = state in (ComplaintState.TRIAGED, ComplaintState.CLOSED)  # the desk only proposes
    return ComplaintAnswer(state, row.stop_use if is_decided else "", row.measure, row.answer, row.closed_at)


def _sought(state: str, q: str) -> Sought:
    sought: dict[str, object] = {"q": q}
    return sought | ({state: "yes"} if state in STATES else {"all": "complaint"})


COMPLAINTS = DocumentList(
    "complaints",
    "r",
    "asked_at",
    ComplaintRow,
    columns="""
    r.id, r.number, c.state AS kept_state, r.is_held, r.subject, r.severity, d.code AS dealer_code,
    d.name_zh AS dealer_zh, d.name_en AS dealer_en, p.sku, p.name_zh AS product_zh, p.name_en AS product_en,
    coalesce(nullif(a.lot_no, ''), r.lot_no) AS lot_no, a.category, a.grade, r.somebody_harmed,
    e.state AS event_state, CASE WHEN e.state = 'open' THEN e.due_at END AS event_due_at, r.asked_at
    """,
    tables="""
      FROM service_request r
      JOIN dealer d ON d.id = r.dealer_id
      LEFT JOIN complaint c ON (c.dealer_id, c.id) = (r.dealer_id, r.id)
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (r.dealer_id, r.id)
      LEFT JOIN adverse_event e ON (e.dealer_id, e.id) = (r.dealer_id, r.id)
      LEFT JOIN product p ON p.id = coalesce(a.product_id, r.product_id)
    """,
    conditions={
        "triage": "r.kind = 'complaint' AND r.is_held AND a.decided_at IS NULL AND :triage = 'yes'",
        "open": "r.kind = 'complaint' AND r.is_held AND :open = 'yes'",
        "closed": "r.kind = 'complaint' AND NOT r.is_held AND :closed = 'yes'",
        "all": "r.kind = :all",
        "code": f"({number_key('r.number')} LIKE :code OR code_key(p.sku) LIKE :code"
        " OR code_key(coalesce(nullif(a.lot_no, ''), r.lot_no)) LIKE :code)",
    },
)
LATEST_FIRST = COMPLAINTS.latest_first
_ONE = text(
    f"""
    SELECT r.number, r.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           r.subject, r.text, r.severity, r.state AS request_state, r.is_held, r.somebody_harmed, r.asked_at,
           r.asked_by_label, coalesce(c.revision, 0) AS revision, c.state AS kept_state,
           coalesce(c.stop_use, '') AS stop_use, coalesce(c.measure, '') AS measure,
           coalesce(c.answer, '') AS answer, c.closed_at, coalesce(a.closed_by_label, '') AS closed_by_label,
           coalesce(a.category, '') AS category, coalesce(a.grade, '') AS grade, a.possible_event,
           coalesce(a.event_reason, '') AS event_reason, coalesce(p.sku, '') AS sku,
           coalesce(p.name_zh, '') AS product_zh, coalesce(p.name_en, '') AS product_en, p.implantable,
           CASE WHEN a.id IS NULL THEN r.lot_no ELSE a.lot_no END AS lot_no, l.expires_on,
           CASE WHEN a.id IS NULL THEN r.serial ELSE a.serials END AS serials, coalesce(a.cause, '') AS cause,
           coalesce(a.follow_up, '') AS follow_up, coalesce(a.told_how, '') AS told_how, a.told_at,
           coalesce(a.proposed_by_label, '') AS proposed_by_label, a.proposed_at,
           coalesce(a.decided_by_label, '') AS decided_by_label, a.decided_at, e.state AS event_state,
           e.due_at AS event_due_at
      FROM service_request r
      JOIN dealer d ON d.id = r.dealer_id
      LEFT JOIN complaint c ON (c.dealer_id, c.id) = (r.dealer_id, r.id)
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (r.dealer_id, r.id)
      LEFT JOIN adverse_event e ON (e.dealer_id, e.id) = (r.dealer_id, r.id)
      LEFT JOIN product p ON p.id = CASE WHEN a.id IS NULL THEN r.product_id ELSE a.product_id END
      {lot_of("CASE WHEN a.id IS NULL THEN r.lot_no ELSE a.lot_no END")}
     WHERE r.number = :number AND r.kind = 'complaint'
    """
)
_NEXT = text(
    """
    SELECT r.number FROM service_request r
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (r.dealer_id, r.id)
     WHERE r.kind = 'complaint' AND r.is_held AND a.decided_at IS NULL AND r.number <> :but
     ORDER BY r.asked_at, r.id LIMIT 1
    """
)
_HISTORY = text(
    """
    SELECT n.field, n.value, n.author_label, n.said_at
      FROM service_request r
      JOIN complaint_entry n ON (n.dealer_id, n.complaint_id) = (r.dealer_id, r.id)
     WHERE r.number = :number ORDER BY n.entry_no DESC
    """
)
_ANSWER = text(
    """
    SELECT c.state, r.is_held, coalesce(c.stop_use, '') AS stop_use, coalesce(c.measure, '') AS measure,
           coalesce(c.answer, '') AS answer, c.closed_at
      FROM service_request r LEFT JOIN complaint c ON (c.dealer_id, c.id) = (r.dealer_id, r.id)
     WHERE r.number = :number AND r.kind = 'complaint'
    """
)
