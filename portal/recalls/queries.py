"""Reads of recalls: for headquarters with their holders, for a dealer its own response and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow, files_of, files_of_many
from portal.files.rules import Owner
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


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A recall in a dealer's list, with how far it is itself."""

    id: int
    number: str
    title: str
    level: int
    is_drill: bool
    held: int
    state: str
    is_over: bool
    notified_at: datetime
    notices_by: date
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecall:
    """A recall as its holder sees it, with its own answer and the photos of it."""

    number: str
    title: str
    level: int
    is_drill: bool
    reason: str
    demands: str
    decided_at: datetime
    notices_by: date
    is_over: bool
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
    scope: tuple[ScopeRow, ...]
    photos: tuple[FileRow, ...]


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
    return value_of(RecallDetail, row, scope=_scope(session, row.id, row.version_no))


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
    return _responses(which).page(session, {"recall_id": recall_id}, limit=limit, cursor=cursor, sort="")


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


def own_recalls(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[OwnRow]:
    """Recalls of what a dealer holds or held, the latest first."""
    actor.require(RecallRight.READ)
    sought = {"dealer_id": actor.own_dealer_id}
    return OWN.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_own_recalls(session: Session, *, actor: Actor) -> int:
    """How many recalls `own_recalls` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(RecallRight.READ)
    return OWN.count(session, {"dealer_id": actor.own_dealer_id})


def own_recall(session: Session, *, actor: Actor, number: str) -> OwnRecall:
    """A recall as its holder sees it. Raises NotFound for one that does not concern it, Forbidden."""
    actor.require(RecallRight.READ)
    about = {"number": number, "dealer_id": actor.own_dealer_id}
    row = session.execute(_OWN, about).one_or_none()
    if row is None:
        raise NotFound()
    owner = Owner(OWNER_KIND, owner_number(number, row.code), actor.own_dealer_id)
    scope = _scope(session, row.recall_id, row.version_no)
    return value_of(OwnRecall, row, scope=scope, photos=tuple(files_of(session, owner)))


def _scope(session: Session, recall_id: int, version_no: int) -> tuple[ScopeRow, ...]:
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

_RESPONSE_COLUMNS = """
  r.id, d.code, d.name_zh, d.name_en, d.contact_name, d.contact_phone, r.held, r.state, r.notified_at,
  r.read_at, r.answered_at, r.answered_by_label, r.found, r.used, r.passed_on, r.returned, r.destroyed,
  r.passed_to, r.witness, r.note, r.reminded, r.telephoned_at, r.telephoned_by_label, r.telephone_note,
  r.open_reason
"""
_WHICH = {
    "": "true",
    "silent": "r.answered_at IS NULL",
    "call": "r.answered_at IS NULL AND r.reminded = 100 AND r.telephoned_at IS NULL",
}


def _list_of(which: str) -> DocumentList[ResponseRow]:
    return DocumentList(
        f"recall responses {which}",
        "r",
        "notified_at",
        ResponseRow,
        columns=_RESPONSE_COLUMNS,
        tables=f"""
        FROM (SELECT x.*, x.dealer_id AS id FROM recall_response x) r JOIN dealer d ON d.id = r.dealer_id
         AND {_WHICH[which]}
        """,
        conditions={"recall_id": "r.recall_id = :recall_id"},
    )


_LISTS = {which: _list_of(which) for which in _WHICH}


def _responses(which: str) -> DocumentList[ResponseRow]:
    return _LISTS.get(which, _LISTS[""])


OWN = DocumentList(
    "own recalls",
    "r",
    "notified_at",
    OwnRow,
    columns="""
    r.id, k.number, k.title, k.level, k.is_drill, r.held, r.state, k.ended_at IS NOT NULL AS is_over,
    r.notified_at, k.notices_by, r.answered_at
    """,
    tables="""
    FROM (SELECT x.*, x.recall_id AS id FROM recall_response x) r JOIN recall k ON k.id = r.recall_id
    """,
    conditions={"dealer_id": "r.dealer_id = :dealer_id"},
)
OWN_LATEST_FIRST = OWN.latest_first
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
    SELECT p.sku, p.name_zh, p.name_en, p.registration_no, s.kind, s.lots, s.serial_from, s.serial_to,
           s.without, s.made_from, s.made_to
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
# The scope of the decision that the holder was told of, not of a wider one in preparation.
_OWN = text(
    """
    SELECT r.recall_id, r.version_no, d.code, k.number, k.title, k.level, k.is_drill, k.reason, k.demands,
           k.decided_at, k.notices_by, k.ended_at IS NOT NULL AS is_over, r.held, r.state, r.notified_at,
           r.read_at, r.answered_at, r.answered_by_label, r.found, r.used, r.passed_on, r.returned,
           r.destroyed, r.passed_to, r.witness, r.note
      FROM recall k JOIN recall_response r ON r.recall_id = k.id AND r.dealer_id = :dealer_id
      JOIN dealer d ON d.id = r.dealer_id
     WHERE k.number = :number
    """
)
