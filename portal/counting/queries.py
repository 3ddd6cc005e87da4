"""Stock counts as a list, and one with its lines: what should lie there is told once the counting is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.counting.vocabulary import CountingRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key

LINES_SHOWN = 200
"""Lines that one page of a count shows."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count. lines, counted: how many lots there are to count, and how many have been, in this round."""

    id: int
    number: str
    state: str
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    scope: Mapping[str, Any]
    opened_by: str
    opened_by_label: str
    opened_at: datetime
    submitted_by: str | None
    submitted_by_label: str | None
    submitted_at: datetime | None
    decided_by_label: str | None
    decided_at: datetime | None
    note: str
    lines: int
    counted: int


@dataclass(frozen=True, slots=True)
class CountLine:
    """A lot as it is counted. is_due: somebody still has to count it in this round.

    expected, difference and value are None, missing and surplus empty, until the counting is over. value: of
    the difference, at list prices in yuan.
    """

    sku: str
    name_zh: str
    name_en: str
    unit: str
    serial_controlled: bool
    lot_id: int
    lot_no: str
    expires_on: date | None
    location: str
    standing: str
    is_due: bool
    counted: int | None
    expected: int | None
    difference: int | None
    value: Decimal | None
    missing: Sequence[str]
    surplus: Sequence[str]


@dataclass(frozen=True, slots=True)
class CountSums:
    """Of a count that is over: lots that differ, units too many and too few, and what they are worth."""

    differing: int
    units_over: int
    units_under: int
    value: Decimal


def counts(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    warehouse: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[CountRow]:
    """Counts, the latest first. q: part of a number."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    return COUNTS.page(
        session, {"state": state, "warehouse": warehouse, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_counts(session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = "") -> int:
    """How many counts `counts` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    return COUNTS.count(session, {"state": state, "warehouse": warehouse, "q": q})


def stock_count(session: Session, *, actor: Actor, number: str) -> CountRow:
    """One count. Raises NotFound, Forbidden."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return CountRow(**row._mapping)


def count_lines(
    session: Session, *, actor: Actor, count: CountRow, at: datetime, part: int = 1
) -> list[CountLine]:
    """A part of its lines, `LINES_SHOWN` of them: those to be counted first, or those that differ."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    about = {"id": count.id, "at": at, "limit": LINES_SHOWN, "offset": (max(part, 1) - 1) * LINES_SHOWN}
    return [CountLine(**row._mapping) for row in session.execute(_LINES, about)]


def lines_by_product(
    session: Session,
    *,
    actor: Actor,
    count: CountRow,
    at: datetime,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[CountLine]:
    """All its lines by SKU, an order that stands while people count. Raises Invalid for a foreign cursor."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    cursors = paging.cursors(session, f"count lines {count.id}", str, int, str)
    place = cursors.place_of(cursor)
    about: dict[str, Any] = {"id": count.id, "at": at, "limit": limit + 1}
    if place:
        about["from_sku"], about["from_lot"], about["from_standing"] = place.key
    statement = _AFTER if place else _BY_PRODUCT
    found = [CountLine(**row._mapping) for row in session.execute(statement, about)]
    return cursors.page_of(found, limit, lambda one: (one.sku, one.lot_id, one.standing))


def count_sums(session: Session, *, actor: Actor, count: CountRow, at: datetime) -> CountSums | None:
    """What the differences of a count come to; None while people count."""
    actor.require(CountingRight.COUNT, CountingRight.APPROVE)
    if count.state in ("counting", "recounting"):
        return None
    return CountSums(**session.execute(_SUMS, {"id": count.id, "at": at}).one()._mapping)


_DIFFERS = "(l.counted <> l.expected OR l.missing <> '[]' OR l.surplus <> '[]')"
_IS_DUE = f"""
(c.state = 'counting' AND l.counted IS NULL
 OR c.state = 'recounting' AND l.round = 1 AND (l.counted IS NULL OR {_DIFFERS}))
"""
_IS_OVER = "c.state NOT IN ('counting', 'recounting')"
_PRICE = """
(SELECT f.unit_price FROM list_price f WHERE f.product_id = l.product_id AND f.valid_from <= :at
  ORDER BY f.valid_from DESC LIMIT 1)
"""
COUNTS = DocumentList(
    "counts",
    "c",
    "opened_at",
    CountRow,
    columns="""
    c.id, c.number, c.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en,
    c.scope, c.opened_by, c.opened_by_label, c.opened_at, c.submitted_by, c.submitted_by_label,
    c.submitted_at, c.decided_by_label, c.decided_at, c.note, s.lines, s.counted
    """,
    tables="FROM stock_count c JOIN warehouse w ON w.id = c.warehouse_id",
    each=f"""
     CROSS JOIN LATERAL (SELECT count(*)::int AS lines,
                                (count(*) FILTER (WHERE NOT {_IS_DUE}))::int AS counted
                           FROM stock_count_line l WHERE l.count_id = c.id) s
    """,
    conditions={
        "state": "c.state = :state",
        "warehouse": "w.code = :warehouse",
        "code": f"{number_key('c.number')} LIKE :code",
    },
)
LATEST_FIRST = COUNTS.latest_first
_ONE = text(f"{COUNTS.select} WHERE c.number = :number")
_LINE = f"""
    SELECT p.sku, p.name_zh, p.name_en, p.unit, p.serial_controlled, l.lot_id, t.lot_no, t.expires_on,
           coalesce(k.location, '') AS location, l.standing, {_IS_DUE} AS is_due, l.counted,
           CASE WHEN {_IS_OVER} THEN l.expected END AS expected,
           CASE WHEN {_IS_OVER} THEN l.counted - l.expected END AS difference,
           CASE WHEN {_IS_OVER} THEN (l.counted - l.expected) * {_PRICE} END AS value,
           CASE WHEN {_IS_OVER} THEN l.missing ELSE '[]' END AS missing,
           CASE WHEN {_IS_OVER} THEN l.surplus ELSE '[]' END AS surplus
      FROM stock_count c
      JOIN stock_count_line l ON l.count_id = c.id
      JOIN product p ON p.id = l.product_id
      JOIN lot t ON t.id = l.lot_id
      LEFT JOIN lot_stock k ON (k.warehouse_id, k.lot_id) = (c.warehouse_id, l.lot_id)
     WHERE c.id = :id
"""
_LINES = text(
    f"""
    {_LINE}
     ORDER BY NOT {_IS_DUE}, NOT ({_IS_OVER} AND coalesce({_DIFFERS}, false)), k.location, p.sku, t.lot_no,
              l.standing
     LIMIT :limit OFFSET :offset
    """
)
_IN_ORDER = "ORDER BY p.sku, l.lot_id, l.standing LIMIT :limit"
_BY_PRODUCT = text(f"{_LINE} {_IN_ORDER}")
_AFTER = text(
    f"{_LINE} AND (p.sku, l.lot_id, l.standing) > (:from_sku, :from_lot, :from_standing) {_IN_ORDER}"
)
_SUMS = text(
    f"""
    SELECT (count(*) FILTER (WHERE {_DIFFERS}))::int AS differing,
           coalesce(sum(greatest(l.counted - l.expected, 0)), 0)::int AS units_over,
           coalesce(sum(greatest(l.expected - l.counted, 0)), 0)::int AS units_under,
           coalesce(sum((l.counted - l.expected) * {_PRICE}), 0)::numeric(16, 2) AS value
      FROM stock_count_line l WHERE l.count_id = :id
    """
)
