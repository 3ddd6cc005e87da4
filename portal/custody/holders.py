"""Who holds a lot, now or at the end of a day, and what moved it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.custody.rules import OUT_THERE
from portal.custody.trace import NAMES, TracedLot, named
from portal.custody.vocabulary import TraceRight
from portal.devices.queries import sees_hospitals
from portal.kernel import clock, paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class Holder:
    """A place and the units of a lot there. code: of the warehouse or dealer. since: of the oldest."""

    place_id: int
    kind: str
    code: str
    name_zh: str
    name_en: str
    quantity: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Units of a lot that went from one place to another. Places that are not the reader's are warehouses."""

    id: int
    at: datetime
    kind: str
    document: str
    from_kind: str
    from_zh: str
    from_en: str
    to_kind: str
    to_zh: str
    to_en: str
    quantity: int


@dataclass(frozen=True, slots=True)
class HolderOfLot:
    """A dealer and the units of a lot that it has to answer for."""

    dealer_id: int
    place_id: int
    lot_id: int
    quantity: int


def holders_of(
    session: Session,
    found: TracedLot,
    *,
    actor: Actor,
    on: date | None = None,
    zone: ZoneInfo,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Holder]:
    """Those who hold units of a lot, most first; `on`: at the end of that day instead of now.

    Raises Forbidden.
    """
    actor.require(TraceRight.READ, TraceRight.HEADQUARTERS)
    cursors = paging.cursors(session, f"holders {found.lot_id} {on}", int, int)
    place = cursors.place_of(cursor)
    about = _asked(actor, found, limit)
    if on is not None:
        about["until"] = clock.start_of(on + timedelta(days=1), zone)
    if place:
        about["from_key"], about["from_id"] = place.key
    statement = _holders(on is not None, None if place is None else place.back)
    rows = [Holder(**row._mapping) for row in session.execute(statement, about)]
    return cursors.page_of(rows, limit, lambda one: (one.quantity, one.place_id), place)


def count_holders(session: Session, found: TracedLot) -> int:
    """Places that hold units of a lot now, at most one more than `paging.COUNTED_MAX`."""
    about = {"lot_id": found.lot_id, "limit": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT, about).scalar_one()
    return count


def count_movements(session: Session, found: TracedLot) -> int:
    """Movements of a lot, at most one more than `paging.COUNTED_MAX`."""
    about = {"lot_id": found.lot_id, "limit": paging.COUNTED_MAX + 1}
    count: int = session.execute(_COUNT_MOVED, about).scalar_one()
    return count


def movements_of(
    session: Session, found: TracedLot, *, actor: Actor, limit: int = 50, cursor: str | None = None
) -> Page[Moved]:
    """What moved units of a lot, the latest first. Raises Forbidden."""
    actor.require(TraceRight.READ, TraceRight.HEADQUARTERS)
    cursors = paging.cursors(session, f"custody {found.lot_id}", paging.moment, int)
    place = cursors.place_of(cursor)
    about = _asked(actor, found, limit)
    if place:
        about["from_key"], about["from_id"] = place.key
    statement = _movements(None if place is None else place.back)
    rows = [Moved(**row._mapping) for row in session.execute(statement, about)]
    return cursors.page_of(rows, limit, lambda one: (one.at.isoformat(), one.id), place)


def _asked(actor: Actor, found: TracedLot, limit: int) -> dict[str, object]:
    return {"lot_id": found.lot_id, "limit": limit + 1, "hospitals": sees_hospitals(actor)}


def dealers_holding(session: Session, lot_ids: Collection[int]) -> Sequence[HolderOfLot]:
    """Every dealer that holds units of some lots, by dealer. Needs a session that sees all dealers."""
    about = {"lots": sorted(set(lot_ids)), "kinds": sorted(OUT_THERE)}
    return [HolderOfLot(**row._mapping) for row in session.execute(_HOLDING, about)]


_THEN = """
  (SELECT e.place_id, sum(e.units)::bigint AS quantity, min(e.at) FILTER (WHERE e.units > 0) AS since
     FROM custody_movement c
    CROSS JOIN LATERAL (VALUES (c.to_place_id, c.quantity, c.at), (c.from_place_id, -c.quantity, c.at))
       AS e(place_id, units, at)
    WHERE c.lot_id = :lot_id AND c.at < :until
    GROUP BY e.place_id)
"""
_NOW = "(SELECT place_id, quantity, since FROM holding WHERE lot_id = :lot_id)"


@cache
def _holders(then: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("h.quantity", "h.place_id", descending=True, back=back)
    return text(
        f"""
        SELECT h.place_id, p.kind, coalesce(p_w.code, p_d.code, p.code) AS code,
               {named("p", "zh")} AS name_zh, {named("p", "en")} AS name_en, h.quantity, h.since
          FROM {_THEN if then else _NOW} h
          {NAMES.format(place="p", column="h.place_id")}
         WHERE h.quantity > 0 AND p.kind <> 'outside' {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


_COUNT = text(
    "SELECT count(*) FROM (SELECT FROM holding WHERE lot_id = :lot_id AND quantity > 0 LIMIT :limit) held"
)


_COUNT_MOVED = text(
    "SELECT count(*) FROM (SELECT FROM custody_movement WHERE lot_id = :lot_id LIMIT :limit) moved"
)


@cache
def _movements(back: bool | None) -> TextClause:
    after, order = paging.keyset("m.at", "m.id", descending=True, back=back)
    return text(
        f"""
        SELECT m.id, m.at, m.kind, m.document, coalesce(f.kind, 'warehouse') AS from_kind,
               {named("f", "zh")} AS from_zh, {named("f", "en")} AS from_en,
               coalesce(t.kind, 'warehouse') AS to_kind, {named("t", "zh")} AS to_zh,
               {named("t", "en")} AS to_en, m.quantity
          FROM custody_movement m
          {NAMES.format(place="f", column="m.from_place_id")}
          {NAMES.format(place="t", column="m.to_place_id")}
         WHERE m.lot_id = :lot_id {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


_HOLDING = text(
    """
    SELECT h.dealer_id, h.place_id, h.lot_id, h.quantity
      FROM holding h JOIN place p ON p.id = h.place_id AND p.kind = ANY (CAST(:kinds AS text[]))
     WHERE h.lot_id = ANY (CAST(:lots AS bigint[])) AND h.quantity > 0
     ORDER BY h.dealer_id, h.place_id, h.lot_id
    """
)
