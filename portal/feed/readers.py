"""Who has read and who has acknowledged an entry: person by person, of the dealers that the asker sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.feed.fragments import DEALERS, REACHED
from portal.kernel import paging
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing

ONLY = ("unread", "unacknowledged")


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A person of a dealer that an entry reaches; acknowledged_by: who did it for the dealer."""

    user_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    tier: str
    region_zh: str
    region_en: str
    person: str
    read_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class Reach(NamedTuple):
    """Dealers that an entry reaches, and those of them in which somebody has read or acknowledged it."""

    dealers: int
    read: int
    acknowledged: int


REACHED_DEALERS = f"""
FROM {DEALERS}
WHERE d.state <> 'closed'
  AND EXISTS (SELECT FROM feed_address a WHERE a.entry_id = :entry_id AND {REACHED})
"""
"""The dealers within the scope of the session that the entry ``entry_id`` reaches, as `d` of region `r`."""

_REACH = text(
    f"""
    SELECT count(*) AS dealers,
           count(*) FILTER (WHERE EXISTS (SELECT FROM feed_reading g
             WHERE g.dealer_id = t.id AND g.entry_id = :entry_id)) AS read,
           count(*) FILTER (WHERE EXISTS (SELECT FROM feed_acknowledgement k
             WHERE k.dealer_id = t.id AND k.entry_id = :entry_id)) AS acknowledged
      FROM (SELECT d.id {REACHED_DEALERS}) t
    """
)


@cache
def _readers(unread: bool, unacknowledged: bool, with_q: bool, back: bool | None) -> TextClause:
    conditions = ["u.disabled_at IS NULL"]
    if unread:
        conditions.append("g.read_at IS NULL")
    if unacknowledged:
        conditions.append("k.acknowledged_at IS NULL")
    if with_q:
        conditions.append("t.search_key LIKE :q")
    if back is not None:
        conditions.append(f"(t.code, u.id) {'<' if back else '>'} (:from_code, :from_id)")
    turn = " DESC" if back else ""
    return text(
        f"""
        SELECT u.id AS user_id, t.code AS dealer_code, t.name_zh AS dealer_zh, t.name_en AS dealer_en, t.tier,
               t.region_zh, t.region_en, u.display_name AS person, g.read_at, k.acknowledged_at,
               k.reader_label AS acknowledged_by
          FROM (SELECT d.id, d.code, d.name_zh, d.name_en, dt.tier, d.search_key, r.name_zh AS region_zh,
                       r.name_en AS region_en {REACHED_DEALERS}) t
          JOIN user_account u ON u.dealer_id = t.id
          LEFT JOIN feed_reading g
            ON g.dealer_id = t.id AND g.entry_id = :entry_id AND g.reader = 'user:' || CAST(u.id AS text)
          LEFT JOIN feed_acknowledgement k ON k.dealer_id = t.id AND k.entry_id = :entry_id
         WHERE {" AND ".join(conditions)}
         ORDER BY t.code{turn}, u.id{turn} LIMIT :limit
        """
    )


def reach(session: Session, entry_id: int) -> Reach:
    """How far an entry has come, among the dealers in the session's scope."""
    return Reach(**session.execute(_REACH, {"entry_id": entry_id}).one()._mapping)


def readers(
    session: Session,
    *,
    entry_id: int,
    only: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ReaderRow]:
    """People of the dealers that an entry reaches, by dealer.

    only: ``unread`` or ``unacknowledged``; q: part of the dealer's code or names.
    """
    cursors = paging.cursors(session, f"notice readers {entry_id}", str, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"entry_id": entry_id, "q": containing(q), "limit": limit + 1}
    if place:
        parameters["from_code"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _readers(only == "unread", only == "unacknowledged", bool(q.strip()), back)
    found = [ReaderRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda row: (row.dealer_code, row.user_id), place)
