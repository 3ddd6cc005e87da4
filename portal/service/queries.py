"""Requests as lists and one by one, for the dealer's pages, headquarters' and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow, files_of_many
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList, Sought
from portal.kernel.errors import NotFound
from portal.kernel.paging import COUNTED_MAX, Page
from portal.kernel.search_pattern import containing_text, number_key
from portal.service.entries import NOTE_KIND, OWNER_KIND
from portal.service.rules import ENDING, OPEN, Act, RequestState, acts
from portal.service.sla_rules import Light, light


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list."""

    id: int
    number: str
    kind: str
    severity: str
    state: str
    subject: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    sku: str | None
    product_zh: str | None
    product_en: str | None
    lot_no: str
    serial: str
    order_no: str
    assignee_id: int | None
    assignee_label: str
    asked_by: str
    asked_by_label: str
    asked_at: datetime
    touched_at: datetime
    due_at: datetime
    warn_at: datetime
    paused_at: datetime | None
    resolved_at: datetime | None
    rating: int | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN

    def light(self, at: datetime) -> Light:
        """How it stands against what was promised."""
        return light(
            due_at=self.due_at, warn_at=self.warn_at, paused_at=self.paused_at, is_open=self.is_open, at=at
        )


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A message, a note or an event. number: of the request in which it was said. files: in their order."""

    number: str
    kind: str
    is_internal: bool
    is_staff: bool
    author: str
    author_label: str
    text: str
    details: dict[str, Any]
    files: tuple[FileRow, ...]
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDetail:
    """A request with its conversation, that of those merged into it among it, the first first.

    merged_into: number of the request in which it goes on; merged: those that go on in this one.
    """

    id: int
    dealer_id: int
    number: str
    revision: int
    kind: str
    severity: str
    state: str
    subject: str
    text: str
    stops_treatment: bool
    somebody_harmed: bool
    is_held: bool
    category: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    sku: str | None
    product_zh: str | None
    product_en: str | None
    lot_no: str
    serial: str
    order_no: str
    contact: str
    preferred_on: date | None
    warranty_until: date | None
    region_id: int | None
    assignee_id: int | None
    assignee_label: str
    lead_id: int | None
    asked_by: str
    asked_by_label: str
    asked_at: datetime
    touched_at: datetime
    first_answer_due_at: datetime
    first_answered_at: datetime | None
    resolution_due_at: datetime
    due_at: datetime
    warn_at: datetime
    paused_at: datetime | None
    resolved_at: datetime | None
    resolved_by_label: str
    resolution: str
    reopenings: int
    ended_at: datetime | None
    rating: int | None
    rating_text: str
    rated_at: datetime | None
    merged_into: str | None
    merged: tuple[str, ...]
    entries: tuple[TimelineEntry, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state in OPEN

    @property
    def acts(self) -> frozenset[Act]:
        """What may be done to it now, by whoever may."""
        return acts(self.state) - ENDING if self.is_held else acts(self.state)

    def light(self, at: datetime) -> Light:
        """How it stands against what was promised."""
        return light(
            due_at=self.due_at, warn_at=self.warn_at, paused_at=self.paused_at, is_open=self.is_open, at=at
        )


def requests(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    mine: bool = False,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[RequestRow]:
    """Requests in scope, the latest first. state: or ``open``, or ``over``. mine: that the actor asked for.

    q: part of a number of the request or its order, of its serial number, or of its subject. Raises Invalid
    for a foreign cursor.
    """
    sought = _sought(actor, dealer_id, state, kind, mine, q)
    return REQUESTS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_requests(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    mine: bool = False,
    q: str = "",
) -> int:
    """How many requests `requests` gives, at most one more than `paging.COUNTED_MAX`."""
    return REQUESTS.count(session, _sought(actor, dealer_id, state, kind, mine, q))


def open_counts(session: Session, *, actor: Actor) -> tuple[int, int]:
    """How many requests of the actor's dealer are open, and how many of them the actor asked for."""
    about = {"dealer_id": actor.own_dealer_id, "actor": actor.key, "most": COUNTED_MAX + 1}
    row = session.execute(_OPEN_COUNTS, about).one()
    return row.company, row.mine


def request_of(session: Session, number: str, *, with_conversation: bool = True) -> RequestDetail:
    """One request: three statements, four where there are internal notes, one without what was said.

    Raises NotFound out of scope.
    """
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    if not with_conversation:
        return value_of(RequestDetail, head, merged=tuple(head.merged), entries=())
    about = {"dealer_id": head.dealer_id, "id": head.id}
    rows = session.execute(_ENTRIES, about).all()
    files = _files(session, [number, *head.merged], any(row.is_internal and row.files for row in rows))
    entries = tuple(
        value_of(TimelineEntry, row, files=tuple(files[one] for one in row.files if one in files))
        for row in rows
    )
    return value_of(RequestDetail, head, merged=tuple(head.merged), entries=entries)


def _files(session: Session, numbers: Sequence[str], has_internal: bool) -> dict[str, FileRow]:
    kinds = (OWNER_KIND, NOTE_KIND) if has_internal else (OWNER_KIND,)
    return {
        file.id: file
        for kind in kinds
        for files in files_of_many(session, kind, numbers).values()
        for file in files
    }


def _sought(actor: Actor, dealer_id: int | None, state: str, kind: str, mine: bool, q: str) -> Sought:
    sought: dict[str, object] = {"dealer_id": dealer_id, "kind": kind}
    if mine:
        sought["asked_by"] = actor.key
    if q.strip():
        sought |= {"q": q, "words": containing_text(q)}
    if state in ("open", "over"):
        return sought | {state: "yes"}
    return sought | {"state": state if state in list(RequestState) else ""}


COLUMNS = """
    r.id, r.number, r.kind, r.severity, r.state, r.subject, r.dealer_id, d.code AS dealer_code,
    d.name_zh AS dealer_zh, d.name_en AS dealer_en, p.sku, p.name_zh AS product_zh, p.name_en AS product_en,
    r.lot_no, r.serial, r.order_no, r.assignee_id, r.assignee_label, r.asked_by, r.asked_by_label, r.asked_at,
    r.touched_at, r.due_at, r.warn_at, r.paused_at, r.resolved_at, r.rating
"""
IS_OPEN = "r.state IN ('new', 'assigned', 'in_progress', 'waiting')"
"""SQL: requests `r` about which somebody still has to do something."""

REQUESTS = DocumentList(
    "service-requests",
    "r",
    "asked_at",
    RequestRow,
    columns=COLUMNS,
    tables="""
      FROM service_request r JOIN dealer d ON d.id = r.dealer_id LEFT JOIN product p ON p.id = r.product_id
    """,
    conditions={
        "dealer_id": "r.dealer_id = :dealer_id",
        "state": "r.state = :state",
        "kind": "r.kind = :kind",
        "severity": "r.severity = :severity",
        "asked_by": "r.asked_by = :asked_by",
        "open": f"{IS_OPEN} AND :open = 'yes'",
        "over": f"NOT ({IS_OPEN}) AND :over = 'yes'",
        "words": f"""
        (r.subject ILIKE :words OR r.serial ILIKE :words OR p.sku ILIKE :words OR d.code ILIKE :words
         OR {number_key("r.number")} LIKE :code OR {number_key("r.order_no")} LIKE :code)
        """,
        "code": "true",
    },
)
LATEST_FIRST = REQUESTS.latest_first

_OPEN_COUNTS = text(
    """
    SELECT count(*) AS company, count(*) FILTER (WHERE met.asked_by = :actor) AS mine
      FROM (SELECT asked_by FROM service_request
             WHERE dealer_id = :dealer_id AND state IN ('new', 'assigned', 'in_progress', 'waiting')
             LIMIT :most) met
    """
)
_HEAD = text(
    """
    SELECT r.id, r.dealer_id, r.number, r.revision, r.kind, r.severity, r.state, r.subject, r.text,
           r.stops_treatment, r.somebody_harmed, r.is_held, r.category, d.code AS dealer_code,
           d.name_zh AS dealer_zh, d.name_en AS dealer_en, p.sku,
           p.name_zh AS product_zh, p.name_en AS product_en, r.lot_no, r.serial, r.order_no, r.contact,
           r.preferred_on, r.warranty_until, r.region_id, r.assignee_id, r.assignee_label, r.lead_id,
           r.asked_by, r.asked_by_label, r.asked_at, r.touched_at, r.first_answer_due_at, r.first_answered_at,
           r.resolution_due_at, r.due_at, r.warn_at, r.paused_at, r.resolved_at, r.resolved_by_label,
           r.resolution, r.reopenings, r.ended_at, r.rating, r.rating_text, r.rated_at,
           t.number AS merged_into,
           ARRAY(SELECT m.number FROM service_request m
                  WHERE m.dealer_id = r.dealer_id AND m.merged_into = r.id ORDER BY m.id) AS merged
      FROM service_request r
      JOIN dealer d ON d.id = r.dealer_id
      LEFT JOIN product p ON p.id = r.product_id
      LEFT JOIN service_request t ON (t.dealer_id, t.id) = (r.dealer_id, r.merged_into)
     WHERE r.number = :number
    """
)
_ENTRIES = text(
    """
    SELECT r.number, e.kind, e.is_internal, e.is_staff, e.author, e.author_label, e.text, e.details, e.files,
           e.said_at
      FROM service_request r
      JOIN service_entry e ON (e.dealer_id, e.request_id) = (r.dealer_id, r.id)
     WHERE r.dealer_id = :dealer_id AND (r.id = :id OR r.merged_into = :id)
     ORDER BY e.said_at, e.request_id, e.entry_no
    """
)
