"""Reads of recalls: for headquarters with their holders, for a dealer its own response and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow, files_of_many
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls.read_files import OWNER_KIND, owner_number
from portal.recalls.rules import Answer, Held
from portal.recalls.vocabulary import RecallRight

DESK = (RecallRight.DESK, QualityRight.DECIDE)
"""Any of them sees recalls at headquarters."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall in the list of headquarters."""

    id: int
    number: str
    state: str
    level: int
    is_drill: bool
    title: str
    version_no: int
    drafted_by_label: str
    drafted_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    notices_by: date | None
    report_by: date | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRow:
    """A line of a scope with its product."""

    sku: str
    name_zh: str
    name_en: str
    specification: str
    registration_no: str
    kind: str
    lots: Sequence[str]
    serial_from: str
    serial_to: str
    without: Sequence[str]
    made_from: date | None
    made_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallDetail:
    """One recall with the scope of its version at hand."""

    id: int
    number: str
    revision: int
    state: str
    version_no: int
    level: int
    is_drill: bool
    title: str
    reason: str
    demands: str
    notice_text: str
    written_by: Sequence[str]
    drafted_by_label: str
    drafted_at: datetime
    confirmed_by: str | None
    confirmed_by_label: str | None
    confirmed_at: datetime | None
    decided_by_label: str | None
    decided_at: datetime | None
    notices_by: date | None
    report_by: date | None
    ended_by_label: str | None
    ended_at: datetime | None
    end_reason: str
    summary_by: date | None
    kept_until: date | None
    scope: tuple[ScopeRow, ...]

    @property
    def is_running(self) -> bool:
        """Whether holders answer it: it was decided and is not over, whatever becomes of a wider scope."""
        return self.decided_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRow:
    """What a dealer held and said, in a list."""

    id: int
    code: str
    name_zh: str
    name_en: str
    contact_name: str
    contact_phone: str
    held: int
    state: str
    notified_at: datetime
    read_at: datetime | None
    answered_at: datetime | None
    answered_by_label: str
    found: int
    used: int
    passed_on: int
    returned: int
    destroyed: int
    passed_to: str
    witness: str
    note: str
    reminded: int
    telephoned_at: datetime | None
    telephoned_by_label: str
    telephone_note: str
    open_reason: str


def recalls(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[RecallRow]:
    """Recalls, the latest first. q: part of a number."""
    actor.require(*DESK)
    return RECALLS.page(session, {"state": state, "q": q}, limit=limit, cursor=cursor, sort=sort)


def count_recalls(session: Session, *, actor: Actor, state: str = "", q: str = "") -> int:
    """How many recalls `recalls` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(*DESK)
    return RECALLS.count(session, {"state": state, "q": q})


def recall(session: Session, *, actor: Actor, number: str) -> RecallDetail:
    """One recall for headquarters. Raises NotFound, Forbidden."""
    actor.require(*DESK)
    row = session.execute(_RECALL, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(RecallDetail, row, scope=scope_of(session, row.id, row.version_no))


def responses(
    session: Session,
    *,
    actor: Actor,
    recall_id: int,
    which: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ResponseRow]:
    """Holders of what a recall is about, as far as the session sees them. which: ``silent``, ``call``."""
    actor.require(*DESK)
    sought = {"recall_id": recall_id, "silent": which == "silent" or "", "call": which == "call" or ""}
    return RESPONSES.page(session, sought, limit=limit, cursor=cursor, sort="")


def every_response(session: Session, *, actor: Actor, recall_id: int) -> list[ResponseRow]:
    """All that `responses` gives page by page, in the order of codes."""
    page = responses(session, actor=actor, recall_id=recall_id, limit=_AT_ONCE)
    found = list(page.items)
    while page.next_cursor:
        page = responses(session, actor=actor, recall_id=recall_id, limit=_AT_ONCE, cursor=page.next_cursor)
        found += page.items
    return sorted(found, key=lambda one: one.code)


def photos_of(session: Session, number: str, codes: Sequence[str]) -> dict[str, list[FileRow]]:
    """Photos of answers, by the code of the dealer."""
    found = files_of_many(session, OWNER_KIND, [owner_number(number, code) for code in codes])
    return {owner.rsplit(" ", 1)[1]: files for owner, files in found.items()}


def held_by_all(session: Session, recall_id: int) -> list[Held]:
    """Every holder with its answer, in the order of their codes."""
    return [
        Held(
            row.code,
            row.held,
            Answer(row.found, row.used, row.passed_on, row.returned, row.destroyed) if row.answered else None,
        )
        for row in session.execute(_HELD, {"id": recall_id})
    ]


def scope_of(session: Session, recall_id: int, version_no: int) -> tuple[ScopeRow, ...]:
    """The lines of a version of a scope."""
    rows = session.execute(_SCOPE, {"recall_id": recall_id, "version_no": version_no})
    return tuple(ScopeRow(**row._mapping) for row in rows)


RECALLS = DocumentList(
    "recalls",
    "r",
    "drafted_at",
    RecallRow,
    columns="""
    r.id, r.number, r.state, r.level, r.is_drill, r.title, r.version_no, r.drafted_by_label, r.drafted_at,
    r.decided_by_label, r.decided_at, r.notices_by, r.report_by, r.ended_at
    """,
    tables="FROM recall r",
    conditions={"state": "r.state = :state", "code": f"{number_key('r.number')} LIKE :code"},
)
LATEST_FIRST = RECALLS.latest_first

RESPONSES = DocumentList(
    "recall responses",
    "r",
    "notified_at",
    ResponseRow,
    columns="""
    r.id, d.code, d.name_zh, d.name_en, d.contact_name, d.contact_phone, r.held, r.state, r.notified_at,
    r.read_at, r.answered_at, r.answered_by_label, r.found, r.used, r.passed_on, r.returned, r.destroyed,
    r.passed_to, r.witness, r.note, r.reminded, r.telephoned_at, r.telephoned_by_label, r.telephone_note,
    r.open_reason
    """,
    tables="""
    FROM (SELECT x.*, x.dealer_id AS id FROM recall_response x) r JOIN dealer d ON d.id = r.dealer_id
    """,
    conditions={
        "recall_id": "r.recall_id = :recall_id",
        "silent": "(r.answered_at IS NULL) = :silent",
        "call": "(r.answered_at IS NULL AND r.reminded = 100 AND r.telephoned_at IS NULL) = :call",
    },
)
_RECALL = text(
    """
    SELECT id, number, revision, state, version_no, level, is_drill, title, reason, demands, notice_text,
           written_by, drafted_by_label, drafted_at, confirmed_by, confirmed_by_label, confirmed_at,
           decided_by_label, decided_at, notices_by, report_by, ended_by_label, ended_at, end_reason,
           summary_by, kept_until
      FROM recall WHERE number = :number
    """
)
_SCOPE = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, p.specification, p.registration_no, s.kind, s.lots, s.serial_from,
           s.serial_to, s.without, s.made_from, s.made_to
      FROM recall_scope s JOIN product p ON p.id = s.product_id
     WHERE s.recall_id = :recall_id AND s.version_no = :version_no ORDER BY s.line_no
    """
)
_HELD = text(
    """
    SELECT d.code, r.held, r.answered_at IS NOT NULL AS answered, r.found, r.used, r.passed_on, r.returned,
           r.destroyed
      FROM recall_response r JOIN dealer d ON d.id = r.dealer_id
     WHERE r.recall_id = :id ORDER BY d.code
    """
)
