"""Captures and events in the session's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.epcis.vocabulary import EpcisRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture as lists show it. events: of its document, None before they were counted."""

    id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    state: str
    behaviour: str
    is_xml: bool
    bytes: int
    events: int | None
    captured: int
    repeated: int
    refused: int
    faults: Sequence[Mapping[str, Any]]
    created_at: datetime
    created_by_label: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event as it was sent, with the identifier it is known by and when it was recorded."""

    id: int
    event_id: str
    record_time: datetime
    prefixes: Mapping[str, str]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; what is None or empty narrows nothing."""

    event_types: Sequence[str] = ()
    event_from: datetime | None = None
    event_before: datetime | None = None
    record_from: datetime | None = None
    record_before: datetime | None = None
    actions: Sequence[str] = ()
    biz_steps: Sequence[str] = ()
    dispositions: Sequence[str] = ()
    read_points: Sequence[str] = ()
    biz_locations: Sequence[str] = ()
    epcs: Sequence[str] = ()
    any_epcs: Sequence[str] = ()
    epc_classes: Sequence[str] = ()
    event_ids: Sequence[str] = ()
    is_declaration: bool | None = None


def require_reader(actor: Actor) -> None:
    """Raise Forbidden for who may not look at events."""
    actor.require(EpcisRight.HEADQUARTERS if actor.is_staff else EpcisRight.READ)


def captures(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None
) -> Page[CaptureRow]:
    """Captures, the latest first. Raises Invalid for a foreign cursor, Forbidden."""
    require_reader(actor)
    cursors = paging.cursors(session, "epcis captures", datetime.fromisoformat, int)
    place = cursors.place_of(cursor)
    after = place.key if place else (None, None)
    found = session.execute(_CAPTURES, {"limit": limit + 1, "after": after[0], "after_id": after[1]})
    rows = [value_of(CaptureRow, row) for row in found]
    return cursors.page_of(rows, limit, lambda row: (row.created_at, row.id))


def count_captures(session: Session) -> int:
    """How many captures there are in the session's scope, at most one more than `paging.COUNTED_MAX`."""
    count: int = session.execute(_COUNT, {"most": paging.COUNTED_MAX + 1}).scalar_one()
    return count


def capture(session: Session, *, actor: Actor, number: str) -> CaptureRow:
    """One capture. Raises NotFound out of the session's scope, Forbidden."""
    require_reader(actor)
    return one_capture(session, number)


def one_capture(session: Session, number: str) -> CaptureRow:
    """One capture, for whoever has just sent it. Raises NotFound out of the session's scope."""
    row = session.execute(_CAPTURE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(CaptureRow, row)


def events(
    session: Session, *, actor: Actor, wanted: Wanted, limit: int = 50, cursor: str | None = None
) -> Page[KeptEvent]:
    """Events in the order in which they were recorded. Raises Invalid for a foreign cursor, Forbidden."""
    require_reader(actor)
    cursors = paging.cursors(session, "epcis events", int)
    place = cursors.place_of(cursor)
    asked = {name: _asked(getattr(wanted, name)) for name in Wanted.__slots__}
    statement = _events(
        bool(wanted.any_epcs or wanted.epcs),
        bool(wanted.epc_classes),
        bool(wanted.event_ids),
        bool(wanted.event_from or wanted.event_before),
    )
    found = session.execute(statement, {**asked, "after": place.key[0] if place else 0, "limit": limit + 1})
    rows = [value_of(KeptEvent, row) for row in found]
    return cursors.page_of(rows, limit, lambda row: (row.id,))


def _asked(value: Any) -> Any:
    """A value as PostgreSQL takes it: no list narrows nothing."""
    if isinstance(value, datetime | bool):
        return value
    return list(value) if value else None


_NARROWED = """
       AND (CAST(:event_types AS text[]) IS NULL OR event_type = ANY (CAST(:event_types AS text[])))
       AND (CAST(:record_from AS timestamptz) IS NULL OR record_time >= :record_from)
       AND (CAST(:record_before AS timestamptz) IS NULL OR record_time < :record_before)
       AND (CAST(:actions AS text[]) IS NULL OR action = ANY (CAST(:actions AS text[])))
       AND (CAST(:biz_steps AS text[]) IS NULL OR biz_step = ANY (CAST(:biz_steps AS text[])))
       AND (CAST(:dispositions AS text[]) IS NULL OR disposition = ANY (CAST(:dispositions AS text[])))
       AND (CAST(:read_points AS text[]) IS NULL OR read_point = ANY (CAST(:read_points AS text[])))
       AND (CAST(:biz_locations AS text[]) IS NULL OR biz_location = ANY (CAST(:biz_locations AS text[])))
       AND (CAST(:is_declaration AS boolean) IS NULL OR is_declaration = :is_declaration)
"""


@cache
def _events(with_epcs: bool, with_classes: bool, with_ids: bool, with_times: bool) -> TextClause:
    """What an index finds is asked for only where it is asked, so that the index is used."""
    asked = [_NARROWED]
    if with_epcs:
        asked.append(
            " AND any_epcs && coalesce(CAST(:any_epcs AS text[]), CAST(:epcs AS text[]))"
            " AND (CAST(:epcs AS text[]) IS NULL OR epcs && CAST(:epcs AS text[]))"
        )
    if with_classes:
        asked.append(" AND epc_classes && CAST(:epc_classes AS text[])")
    if with_ids:
        asked.append(" AND event_id = ANY (CAST(:event_ids AS text[]))")
    if with_times:
        asked.append(
            " AND event_time >= coalesce(CAST(:event_from AS timestamptz), '-infinity')"
            " AND event_time < coalesce(CAST(:event_before AS timestamptz), 'infinity')"
        )
    return text(
        f"""
        SELECT id, event_id, record_time, prefixes, content FROM epcis_event
         WHERE id > :after {"".join(asked)} ORDER BY id LIMIT :limit
        """
    )


_COLUMNS = """
    SELECT c.id, c.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, c.state,
           c.behaviour, c.is_xml, c.bytes, c.total AS events, c.captured, c.repeated, c.refused, c.faults,
           c.created_at, c.created_by_label, c.finished_at
"""
_CAPTURES = text(
    f"""{_COLUMNS}
      FROM (SELECT * FROM epcis_capture
             WHERE CAST(:after AS timestamptz) IS NULL OR (created_at, id) < (:after, :after_id)
             ORDER BY created_at DESC, id DESC LIMIT :limit) c
      JOIN dealer d ON d.id = c.dealer_id
     ORDER BY c.created_at DESC, c.id DESC
    """
)
_CAPTURE = text(
    f"{_COLUMNS} FROM epcis_capture c JOIN dealer d ON d.id = c.dealer_id WHERE c.number = :number"
)
_COUNT = text("SELECT count(*) FROM (SELECT FROM epcis_capture LIMIT :most) met")
