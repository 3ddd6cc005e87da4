"""The feed as a dealer reads it.

A dealer is reached by a handful of parties (`feed_address.party`). For each the newest addresses are read in
the order of an index, as many as a page needs, and merged: a page costs the same however many entries there
are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.feed.fragments import DEALERS, PARTIES, REACHED, demanded
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing

PINNED_MAX = 20


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in a list of the feed. standing: unread, read, to_acknowledge or acknowledged.

    revoked_at: since when what it tells of is withdrawn.
    """

    id: int
    number: str
    kind: str
    title_zh: str
    title_en: str
    shown_from: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    is_pinned: bool
    standing: str
    is_unread: bool
    revoked_at: datetime | None
    files: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attachment without its bytes. size: in bytes."""

    place: int
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """An entry as its page shows it to somebody of a dealer; read_at: when that person opened it first."""

    id: int
    number: str
    kind: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    link: str
    shown_from: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    corrected_at: datetime | None
    revoked_at: datetime | None
    must_acknowledge: bool
    is_pinned: bool
    standing: str
    read_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    files: tuple[FileRow, ...]


_ME = f"""
me AS (SELECT d.id AS dealer_id, {PARTIES} AS parties
         FROM {DEALERS} WHERE d.id = :dealer_id)
"""
_IN_LINE = "(a.category_code IS NULL OR feed_deals_in(me.dealer_id, a.category_code))"
_READ_IT = """
EXISTS (SELECT FROM feed_reading g
         WHERE g.dealer_id = :dealer_id AND g.entry_id = e.id AND g.reader = :reader)
"""
_IS_PINNED = "(e.pinned AND (e.valid_until IS NULL OR e.valid_until > :at))"
_STANDING = f"""
CASE WHEN k.acknowledged_at IS NOT NULL THEN 'acknowledged'
     WHEN e.must_acknowledge AND (e.valid_until IS NULL OR e.valid_until > :at) THEN 'to_acknowledge'
     WHEN {_READ_IT} THEN 'read' ELSE 'unread' END AS standing
"""
_ROW = f"""
SELECT e.id, e.number, e.kind, e.title_zh, e.title_en, e.shown_from, e.valid_from, e.valid_until,
       {_IS_PINNED} AS is_pinned, {_STANDING}, NOT {_READ_IT} AS is_unread, e.revoked_at,
       (SELECT count(*) FROM feed_attachment f WHERE f.entry_id = e.id) AS files
"""
_ACKNOWLEDGED = """
LEFT JOIN feed_acknowledgement k ON k.dealer_id = :dealer_id AND k.entry_id = e.id
"""


@cache
def _entries(with_kind: bool, only_unread: bool, with_q: bool, back: bool | None) -> TextClause:
    conditions = [f"NOT {_IS_PINNED}", *_wanted(with_kind, only_unread, with_q)]
    if back is not None:
        turn = ">" if back else "<"
        conditions.append(f"(a.shown_from, a.entry_id) {turn} (:from_moment, :from_id)")
    order = "ASC" if back else "DESC"
    return text(
        f"""
        WITH {_ME}, found AS (
          SELECT DISTINCT x.shown_from, x.entry_id
            FROM me CROSS JOIN unnest(me.parties) p(party)
           CROSS JOIN LATERAL (
             SELECT DISTINCT a.shown_from, a.entry_id
               FROM feed_address a JOIN feed_entry e ON e.id = a.entry_id
              WHERE a.party = p.party AND a.shown_from <= :at AND {_IN_LINE}
                AND {" AND ".join(conditions)}
              ORDER BY a.shown_from {order}, a.entry_id {order} LIMIT :limit) x
           ORDER BY x.shown_from {order}, x.entry_id {order} LIMIT :limit
        )
        {_ROW} FROM found JOIN feed_entry e ON e.id = found.entry_id {_ACKNOWLEDGED}
         ORDER BY found.shown_from {order}, found.entry_id {order}
        """
    )


@cache
def _pinned(with_kind: bool, only_unread: bool, with_q: bool) -> TextClause:
    conditions = [_IS_PINNED, *_wanted(with_kind, only_unread, with_q)]
    return text(
        f"""
        WITH {_ME}
        {_ROW} FROM me CROSS JOIN feed_entry e {_ACKNOWLEDGED}
         WHERE e.pinned AND e.state = 'published'
           AND EXISTS (SELECT FROM feed_address a
                        WHERE a.entry_id = e.id AND a.party = ANY (me.parties) AND a.shown_from <= :at
                          AND {_IN_LINE})
           AND {" AND ".join(conditions)}
         ORDER BY e.shown_from DESC, e.id DESC LIMIT :most
        """
    )


def _wanted(with_kind: bool, only_unread: bool, with_q: bool) -> list[str]:
    return [
        *(["e.kind = :kind"] if with_kind else []),
        *([f"NOT {_READ_IT}"] if only_unread else []),
        *(["e.search_key LIKE :q"] if with_q else []),
    ]


_ENTRY = text(
    f"""
    SELECT e.id, e.number, e.kind, e.title_zh, e.title_en, e.text_zh, e.text_en, e.link, e.shown_from,
           e.valid_from, e.valid_until, e.corrected_at, e.revoked_at, e.must_acknowledge,
           {_IS_PINNED} AS is_pinned,
           {_STANDING}, g.read_at, k.acknowledged_at, k.reader_label AS acknowledged_by
      FROM feed_entry e
      CROSS JOIN {DEALERS}
      LEFT JOIN feed_reading g
        ON g.dealer_id = :dealer_id AND g.entry_id = e.id AND g.reader = :reader
      {_ACKNOWLEDGED}
     WHERE d.id = :dealer_id AND e.number = :number AND e.state = 'published'
       AND EXISTS (SELECT FROM feed_address a
                    WHERE a.entry_id = e.id AND a.shown_from <= :at AND {REACHED})
    """
)
_FILES = text(
    """
    SELECT place, name, media_type, size, sha256 FROM feed_attachment WHERE entry_id = :entry_id
     ORDER BY place
    """
)

_WAITING = text(
    f"""
    SELECT coalesce(json_array_length({demanded("CAST(:at AS timestamptz)")}), 0)
      FROM {DEALERS} WHERE d.id = :dealer_id
    """
)


def entries(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    kind: str = "",
    unread: bool = False,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[EntryRow]:
    """What the actor's dealer is shown, newest first; what is pinned stands above the first page.

    unread: only what the actor has not opened. q: part of number, titles or texts.
    """
    parameters: dict[str, Any] = {**_reader(actor), "at": at, "kind": kind, "q": containing(q)}
    wanted = (bool(kind), unread, bool(q.strip()))
    cursors = paging.cursors(session, "feed", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_moment"], parameters["from_id"] = place.key
    statement = _entries(*wanted, None if place is None else place.back)
    found = [
        EntryRow(**row._mapping) for row in session.execute(statement, parameters | {"limit": limit + 1})
    ]
    page = cursors.page_of(found, limit, lambda entry: (entry.shown_from.isoformat(), entry.id), place)
    if place is not None:
        return page
    rows = session.execute(_pinned(*wanted), parameters | {"most": PINNED_MAX})
    pinned = tuple(EntryRow(**row._mapping) for row in rows)
    return Page((*pinned, *page.items), page.next_cursor, page.previous_cursor)


def entry(session: Session, *, actor: Actor, number: str, at: datetime) -> EntryPage:
    """One entry. Raises NotFound for one that is not addressed to the actor's dealer, or not yet shown."""
    row = session.execute(_ENTRY, {**_reader(actor), "number": number, "at": at}).one_or_none()
    if row is None:
        raise NotFound()
    return _page(row, files(session, row.id))


def files(session: Session, entry_id: int) -> tuple[FileRow, ...]:
    """The attachments of an entry that was found."""
    return tuple(FileRow(**row._mapping) for row in session.execute(_FILES, {"entry_id": entry_id}))


def demanded_count(session: Session, *, dealer_id: int, at: datetime) -> int:
    """How many entries the dealer has to acknowledge before it orders; counted as far as an order names
    them.
    """
    count: int = session.execute(_WAITING, {"dealer_id": dealer_id, "at": at}).scalar_one()
    return count


def _reader(actor: Actor) -> dict[str, Any]:
    return {"dealer_id": actor.own_dealer_id, "reader": actor.key}


def _page(row: Record, files: tuple[FileRow, ...]) -> EntryPage:
    return value_of(EntryPage, row, files=files)
