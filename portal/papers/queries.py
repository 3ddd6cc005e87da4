"""Reads of papers, for their dealer and for headquarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.fragments import region_of
from portal.files.attach import FileRow, files_of, files_of_many
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.papers.fault_rules import Standing
from portal.papers.read_files import OWNER_KIND
from portal.papers.vocabulary import PaperAction, PaperRight


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper in a list."""

    id: int
    number: str
    kind: str
    state: str
    paper_no: str
    issuer: str
    valid_from: date
    valid_to: date | None
    ended_on: date | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    filed_by_label: str
    filed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDetail:
    """One paper. replaces: our number of the one it renews, replaced_… what that one says. renewals: our
    numbers of those that renew it, waiting or accepted.
    """

    dealer_id: int
    number: str
    revision: int
    kind: str
    state: str
    paper_no: str
    issuer: str
    category_codes: list[str]
    valid_from: date
    valid_to: date | None
    note: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    credit_code: str
    replaces: str | None
    replaced_no: str | None
    replaced_from: date | None
    replaced_to: date | None
    replaced_codes: list[str] | None
    renewals: list[str]
    filed_by: str
    filed_by_label: str
    filed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    reason: str
    ended_on: date | None
    ended_by_label: str | None
    ended_at: datetime | None
    end_reason: str
    files: tuple[FileRow, ...]


def papers(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    region_id: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[PaperRow]:
    """Papers in scope, the latest filed first. q: part of a number, ours or the authority's."""
    sought = _sought(dealer_id, state, kind, region_id, q)
    return PAPERS.page(session, sought, limit=limit, cursor=cursor, sort=sort)


def count_papers(
    session: Session,
    *,
    dealer_id: int | None = None,
    state: str = "",
    kind: str = "",
    region_id: int | None = None,
    q: str = "",
) -> int:
    """How many papers `papers` gives, at most one more than `paging.COUNTED_MAX`."""
    return PAPERS.count(session, _sought(dealer_id, state, kind, region_id, q))


def paper(session: Session, number: str) -> PaperDetail:
    """One paper with its scans. Raises NotFound outside the session's scope."""
    row = session.execute(_PAPER, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    files = tuple(files_of(session, Owner(OWNER_KIND, number, row.dealer_id)))
    return value_of(PaperDetail, row, files=files)


def standing_papers(session: Session, dealer_id: int) -> list[Standing]:
    """Papers of a dealer that were accepted and neither replaced nor revoked, the kinds together."""
    return [Standing(**row._mapping) for row in session.execute(_STANDING, {"dealer_id": dealer_id})]


def pack(session: Session, *, actor: Actor, dealer_id: int) -> list[tuple[str, FileRow]]:
    """The scans of a dealer's papers that count, each with the number on its paper; that they were taken is
    told by the audit.
    """
    actor.require(PaperRight.DESK if actor.is_staff else PaperRight.READ)
    numbers = {one.number: one.paper_no for one in standing_papers(session, dealer_id)}
    files = files_of_many(session, OWNER_KIND, list(numbers))
    record(
        session,
        PaperAction.PACKED,
        f"papers of {dealer_id}",
        actor=actor,
        dealer_id=dealer_id,
        after={"papers": list(numbers)},
    )
    return [(paper_no, file) for number, paper_no in numbers.items() for file in files.get(number, [])]


def _sought(dealer_id: int | None, state: str, kind: str, region_id: int | None, q: str) -> dict[str, object]:
    return {"dealer_id": dealer_id, "state": state, "kind": kind, "region_id": region_id, "q": q}


PAPERS = DocumentList(
    "papers",
    "p",
    "filed_at",
    PaperRow,
    columns="""
    p.id, p.number, p.kind, p.state, p.paper_no, p.issuer, p.valid_from, p.valid_to, p.ended_on,
    d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, r.name_zh AS region_zh,
    r.name_en AS region_en, p.filed_by_label, p.filed_at, p.decided_by_label, p.decided_at
    """,
    tables=f"FROM dealer_paper p JOIN dealer d ON d.id = p.dealer_id {region_of('d.id')}",
    conditions={
        "dealer_id": "p.dealer_id = :dealer_id",
        "state": "p.state = :state",
        "kind": "p.kind = :kind",
        "region_id": "(r.id = :region_id OR r.parent_id = :region_id)",
        "code": f"({number_key('p.number')} LIKE :code OR {number_key('p.paper_no')} LIKE :code)",
    },
)
LATEST_FIRST = PAPERS.latest_first
_PAPER = text(
    """
    SELECT p.dealer_id, p.number, p.revision, p.kind, p.state, p.paper_no, p.issuer, p.category_codes,
           p.valid_from, p.valid_to, p.note, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, d.credit_code, f.number AS replaces, f.paper_no AS replaced_no,
           f.valid_from AS replaced_from, f.valid_to AS replaced_to, f.category_codes AS replaced_codes,
           ARRAY(SELECT n.number FROM dealer_paper n
                  WHERE (n.dealer_id, n.replaces_id) = (p.dealer_id, p.id)
                    AND n.state IN ('filed', 'accepted') ORDER BY n.id) AS renewals,
           p.filed_by, p.filed_by_label, p.filed_at, p.decided_by_label, p.decided_at, p.reason, p.ended_on,
           p.ended_by_label, p.ended_at, p.end_reason
      FROM dealer_paper p JOIN dealer d ON d.id = p.dealer_id
      LEFT JOIN dealer_paper f ON (f.dealer_id, f.id) = (p.dealer_id, p.replaces_id)
     WHERE p.number = :number
    """
)
_STANDING = text(
    """
    SELECT number, kind, paper_no, valid_from, valid_to FROM dealer_paper
     WHERE dealer_id = :dealer_id AND state = 'accepted' ORDER BY kind, valid_from DESC, id
    """
)
