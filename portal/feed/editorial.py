"""The feed as headquarters keeps it: every entry within reach, drafts and what was withdrawn too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.feed.queries import FileRow, files
from portal.feed.vocabulary import FeedRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """An entry in the list of headquarters. stage: draft, scheduled, published or withdrawn."""

    id: int
    number: str
    kind: str
    title_zh: str
    title_en: str
    stage: str
    region_zh: str | None
    region_en: str | None
    must_acknowledge: bool
    pinned: bool
    valid_from: datetime | None
    valid_until: datetime | None
    created_at: datetime
    shown_from: datetime | None
    author: str


@dataclass(frozen=True, slots=True)
class EditedEntry:
    """An entry as its editor shows it. Of the addresses the codes; editable: whether the reader answers for
    it.
    """

    id: int
    number: str
    kind: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    link: str
    state: str
    stage: str
    region_zh: str | None
    region_en: str | None
    must_acknowledge: bool
    pinned: bool
    valid_from: datetime | None
    valid_until: datetime | None
    created_at: datetime
    shown_from: datetime | None
    withdrawn_at: datetime | None
    corrected_at: datetime | None
    revoked_at: datetime | None
    author: str
    publisher: str | None
    revision: int
    editable: bool
    regions: list[str]
    tiers: list[str]
    categories: list[str]
    dealers: list[str]
    files: tuple[FileRow, ...]


_STAGE = "CASE WHEN e.state = 'published' AND e.shown_from > :at THEN 'scheduled' ELSE e.state END"
# A region's manager sees the own entries, and of the country's those that reach somebody there: addresses to
# other regions' dealers are not even rows to that manager.
_WITHIN = """
(:everywhere OR e.region_id = ANY (CAST(:region_ids AS bigint[]))
 OR e.region_id IS NULL
    AND EXISTS (SELECT FROM feed_address a LEFT JOIN region s ON s.parent_id = a.region_id
                 WHERE a.entry_id = e.id
                   AND (a.dealer_id IS NOT NULL OR a.region_id IS NULL
                        OR a.region_id = ANY (CAST(:region_ids AS bigint[]))
                        OR s.id = ANY (CAST(:region_ids AS bigint[])))))
"""


@cache
def _entries(with_kind: bool, with_stage: bool, with_q: bool, back: bool | None) -> TextClause:
    conditions = [_WITHIN]
    if with_kind:
        conditions.append("e.kind = :kind")
    if with_stage:
        conditions.append(f"{_STAGE} = :stage")
    if with_q:
        conditions.append("e.search_key LIKE :q")
    if back is not None:
        conditions.append(f"(e.created_at, e.id) {'>' if back else '<'} (:from_moment, :from_id)")
    order = "ASC" if back else "DESC"
    return text(
        f"""
        SELECT e.id, e.number, e.kind, e.title_zh, e.title_en, {_STAGE} AS stage, r.name_zh AS region_zh,
               r.name_en AS region_en, e.must_acknowledge, e.pinned, e.valid_from, e.valid_until,
               e.created_at, e.shown_from, e.created_by_label AS author
          FROM feed_entry e LEFT JOIN region r ON r.id = e.region_id
         WHERE {" AND ".join(conditions)}
         ORDER BY e.created_at {order}, e.id {order} LIMIT :limit
        """
    )


_ENTRY = text(
    f"""
    SELECT e.id, e.number, e.kind, e.title_zh, e.title_en, e.text_zh, e.text_en, e.link, e.state,
           {_STAGE} AS stage, r.name_zh AS region_zh, r.name_en AS region_en, e.must_acknowledge, e.pinned,
           e.valid_from, e.valid_until, e.created_at, e.shown_from, e.withdrawn_at, e.corrected_at,
           e.revoked_at,
           e.created_by_label AS author, e.published_by_label AS publisher, e.revision,
           (:everywhere OR e.region_id = ANY (CAST(:region_ids AS bigint[]))) IS TRUE AS editable,
           ARRAY(SELECT DISTINCT o.code FROM feed_address a JOIN region o ON o.id = a.region_id
                  WHERE a.entry_id = e.id ORDER BY o.code) AS regions,
           ARRAY(SELECT DISTINCT a.tier FROM feed_address a
                  WHERE a.entry_id = e.id AND a.tier IS NOT NULL ORDER BY a.tier) AS tiers,
           ARRAY(SELECT DISTINCT a.category_code FROM feed_address a
                  WHERE a.entry_id = e.id AND a.category_code IS NOT NULL
                  ORDER BY a.category_code) AS categories,
           ARRAY(SELECT DISTINCT d.code FROM feed_address a JOIN dealer d ON d.id = a.dealer_id
                  WHERE a.entry_id = e.id ORDER BY d.code LIMIT 500) AS dealers
      FROM feed_entry e LEFT JOIN region r ON r.id = e.region_id
     WHERE e.number = :number AND {_WITHIN}
    """
)


def entries(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    kind: str = "",
    stage: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[EntrySummary]:
    """Entries of the whole country and of the actor's regions, those made last first."""
    actor.require(FeedRight.EDIT, FeedRight.PUBLISH)
    cursors = paging.cursors(session, "notices", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {**_reach(actor), "at": at, "kind": kind, "stage": stage, "q": containing(q)}
    if place:
        parameters["from_moment"], parameters["from_id"] = place.key
    statement = _entries(bool(kind), bool(stage), bool(q.strip()), None if place is None else place.back)
    rows = session.execute(statement, parameters | {"limit": limit + 1})
    found = [EntrySummary(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda entry: (entry.created_at.isoformat(), entry.id), place)


def edited_entry(session: Session, *, actor: Actor, number: str, at: datetime) -> EditedEntry:
    """One entry with whom it is for. Raises NotFound for another region's."""
    actor.require(FeedRight.EDIT, FeedRight.PUBLISH)
    row = session.execute(_ENTRY, {**_reach(actor), "number": number, "at": at}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(EditedEntry, row, files=files(session, row.id))


def _reach(actor: Actor) -> dict[str, Any]:
    return {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
