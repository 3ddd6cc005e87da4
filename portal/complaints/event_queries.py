"""Adverse events as a list and one by one, with every version of their report.

What tells of a patient only quality reads; it stands in no list, no export and no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.complaints.clock_rules import Light, light
from portal.complaints.fragments import lot_of
from portal.complaints.report_rules import content_of, masked
from portal.complaints.rules import EventState
from portal.complaints.vocabulary import READERS
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList, Sought
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.nonconforming.vocabulary import QualityRight

WHICH = ("running", "overdue", "submitted", "over")
"""What the list is narrowed to."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An adverse event in a list. number: of its complaint."""

    id: int
    number: str
    state: str
    source: str
    harm: str
    is_group: bool
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    sku: str | None
    product_zh: str | None
    product_en: str | None
    lot_no: str
    aware_at: datetime
    due_at: datetime
    warn_first_at: datetime
    notice_due_at: datetime | None
    notice_at: datetime | None
    opened_at: datetime
    version_no: int
    submitted_no: int
    submitted_at: datetime | None
    reference: str | None
    ended_at: datetime | None

    def light(self, at: datetime) -> Light:
        """How it stands against its clock."""
        running = self.state == EventState.OPEN
        return light(due_at=self.due_at, warn_at=self.warn_first_at, is_running=running, at=at)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the report, and its submission where there is one."""

    version_no: int
    kind: str
    content: dict[str, str]
    written_by: str
    written_by_label: str
    written_at: datetime
    submitted_by_label: str | None
    submitted_on: date | None
    reference: str | None
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetail:
    """An adverse event with every version of its report, the latest first."""

    number: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    subject: str
    revision: int
    state: str
    source: str
    harm: str
    is_group: bool
    aware_at: datetime
    due_at: datetime
    warn_first_at: datetime
    notice_due_at: datetime | None
    notice_at: datetime | None
    notice_how: str
    notice_by_label: str
    opened_by_label: str
    opened_at: datetime
    version_no: int
    submitted_no: int
    submitted_at: datetime | None
    ended_at: datetime | None
    ended_by_label: str
    ending_note: str
    versions: tuple[Version, ...] = ()

    def light(self, at: datetime) -> Light:
        """How it stands against its clock."""
        running = self.state == EventState.OPEN
        return light(due_at=self.due_at, warn_at=self.warn_first_at, is_running=running, at=at)

    @property
    def waits_for_submission(self) -> bool:
        """Whether a version was written and not submitted yet."""
        return self.version_no > self.submitted_no and self.state in (EventState.OPEN, EventState.SUBMITTED)


def events(
    session: Session,
    *,
    actor: Actor,
    which: str = "",
    q: str = "",
    at: datetime,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[EventRow]:
    """Adverse events, what is due first first. which: one of `WHICH`. q: part of a number, a SKU or a lot."""
    actor.require(*READERS)
    return EVENTS.page(session, _sought(which, q, at), limit=limit, cursor=cursor, sort=sort or "due_at")


def count_events(session: Session, *, actor: Actor, which: str = "", q: str = "", at: datetime) -> int:
    """How many events `events` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(*READERS)
    return EVENTS.count(session, _sought(which, q, at))


def event(session: Session, *, actor: Actor, number: str) -> EventDetail:
    """The adverse event of a complaint, masked for who is not of quality. Raises NotFound, Forbidden."""
    actor.require(*READERS)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    is_quality = actor.may(QualityRight.DECIDE)
    versions = tuple(
        value_of(
            Version,
            one,
            content=one.content if is_quality else masked(one.content),
            papers=tuple(one.papers),
        )
        for one in session.execute(_VERSIONS, {"number": number})
    )
    return value_of(EventDetail, row, versions=versions)


def prefilled(
    session: Session, *, number: str, reporter: str, contact: str, zone: ZoneInfo
) -> dict[str, str]:
    """What the form begins with: of the request, its dealer, product and lot."""
    row = session.execute(_PREFILL, {"number": number}).one()
    said = {name: _as_text(value) for name, value in row._mapping.items()}
    said["origin"] = Locale("zh").territories.get(said["origin"], said["origin"])  # the regulator reads it
    said["aware_on"] = row.aware_at.astimezone(zone).date().isoformat()
    return content_of(said | {"reporter": reporter, "reporter_contact": contact})


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _sought(which: str, q: str, at: datetime) -> Sought:
    narrowed: dict[str, dict[str, object]] = {
        "running": {"running": "yes"},
        "overdue": {"until": at},
        "submitted": {"state": "submitted"},
        "over": {"over": "yes"},
    }
    return {"q": q, **narrowed.get(which, {})}


EVENTS = DocumentList(
    "adverse-events",
    "e",
    "due_at",
    EventRow,
    columns="""
    e.id, r.number, e.state, e.source, e.harm, e.is_group, d.code AS dealer_code, d.name_zh AS dealer_zh,
    d.name_en AS dealer_en, p.sku, p.name_zh AS product_zh, p.name_en AS product_en,
    coalesce(nullif(a.lot_no, ''), r.lot_no) AS lot_no, e.aware_at, e.due_at, e.warn_first_at,
    e.notice_due_at, e.notice_at, e.opened_at, e.version_no, e.submitted_no, e.submitted_at, s.reference,
    e.ended_at
    """,
    tables="""
      FROM adverse_event e
      JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.id)
      JOIN dealer d ON d.id = e.dealer_id
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (e.dealer_id, e.id)
      LEFT JOIN product p ON p.id = coalesce(a.product_id, r.product_id)
      LEFT JOIN adverse_submission s
        ON (s.dealer_id, s.event_id, s.version_no) = (e.dealer_id, e.id, e.submitted_no)
    """,
    conditions={
        "state": "e.state = :state",
        "running": "e.state = 'open' AND :running = 'yes'",
        "until": "e.state = 'open' AND e.due_at <= :until",
        "over": "e.state IN ('closed', 'dismissed') AND :over = 'yes'",
        "code": f"({number_key('r.number')} LIKE :code OR code_key(p.sku) LIKE :code"
        " OR code_key(coalesce(nullif(a.lot_no, ''), r.lot_no)) LIKE :code)",
    },
)
_ONE = text(
    """
    SELECT r.number, e.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           r.subject, e.revision, e.state, e.source, e.harm, e.is_group, e.aware_at, e.due_at,
           e.warn_first_at, e.notice_due_at, e.notice_at, e.notice_how, e.notice_by_label, e.opened_by_label,
           e.opened_at, e.version_no, e.submitted_no, e.submitted_at, e.ended_at, e.ended_by_label,
           e.ending_note
      FROM adverse_event e
      JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.id)
      JOIN dealer d ON d.id = e.dealer_id
     WHERE r.number = :number
    """
)
_VERSIONS = text(
    """
    SELECT w.version_no, w.kind, w.content, w.written_by, w.written_by_label, w.written_at,
           s.submitted_by_label, s.submitted_on, s.reference,
           ARRAY(SELECT f.locale FROM adverse_paper f
                  WHERE (f.dealer_id, f.event_id, f.version_no) = (w.dealer_id, w.event_id, w.version_no)
                  ORDER BY f.locale) AS papers
      FROM service_request r
      JOIN adverse_report w ON (w.dealer_id, w.event_id) = (r.dealer_id, r.id)
      LEFT JOIN adverse_submission s
        ON (s.dealer_id, s.event_id, s.version_no) = (w.dealer_id, w.event_id, w.version_no)
     WHERE r.number = :number ORDER BY w.version_no DESC
    """
)
_PREFILL = text(
    f"""
    SELECT p.name_zh AS product, p.registration_no, coalesce(nullif(p.registrant, ''), p.maker) AS registrant,
           CASE p.origin WHEN 'domestic' THEN '国产' WHEN 'imported' THEN '进口' ELSE p.origin END AS origin,
           (ARRAY['第一类', '第二类', '第三类'])[p.device_class] AS device_class,
           p.specification AS model, p.udi_di AS udi, coalesce(nullif(a.lot_no, ''), r.lot_no) AS lot,
           replace(coalesce(nullif(a.serials, ''), r.serial), E'\\n', ' ') AS serial, l.produced_on,
           l.expires_on, e.harm, e.aware_at, d.name_zh AS place, r.text AS description, c.measure AS measures,
           a.cause AS first_cause
      FROM adverse_event e
      JOIN service_request r ON (r.dealer_id, r.id) = (e.dealer_id, e.id)
      JOIN dealer d ON d.id = e.dealer_id
      LEFT JOIN complaint c ON (c.dealer_id, c.id) = (e.dealer_id, e.id)
      LEFT JOIN complaint_analysis a ON (a.dealer_id, a.id) = (e.dealer_id, e.id)
      LEFT JOIN product p ON p.id = coalesce(a.product_id, r.product_id)
      {lot_of("coalesce(nullif(a.lot_no, ''), r.lot_no)")}
     WHERE r.number = :number
    """
)
