"""Where a dealer counts fewer units than the books say: a question, which moves and proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.custody.vocabulary import TraceRight
from portal.dealers.fragments import region_of
from portal.diversion.rules import SHORTFALL_PERCENT, SHORTFALL_UNITS
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A lot at a dealer by its latest count. books: units that custody has there at the end of that day.

    told: sales in stock reports until then, which move no custody. missing: books less told less counted.
    """

    dealer_id: int
    lot_id: int
    dealer: str
    dealer_zh: str
    dealer_en: str
    sku: str
    name_zh: str
    name_en: str
    lot: str
    day: date
    books: int
    told: int
    counted: int
    missing: int
    report: str


def unexplained(
    session: Session,
    *,
    actor: Actor,
    region_id: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Unexplained]:
    """Lots that are short by more than a tenth and five units, the most units first. Raises Forbidden.

    q: part of a dealer's code, a SKU or a lot number. region_id: dealers that belong to that region today.
    """
    actor.require(TraceRight.HEADQUARTERS)
    cursors = paging.cursors(session, "unexplained", int, int)
    place = cursors.place_of(cursor)
    about: dict[str, object] = {
        "limit": limit + 1,
        "region_id": region_id,
        "code": containing_code(q.strip()),
        "units": SHORTFALL_UNITS,
        "percent": SHORTFALL_PERCENT,
    }
    if place:
        about["from_key"], about["from_id"] = place.key
    statement = _list(region_id is not None, bool(q.strip()), None if place is None else place.back)
    rows = [Unexplained(**row._mapping) for row in session.execute(statement, about)]
    return cursors.page_of(rows, limit, lambda one: (one.missing, _key(one)), place)


def _key(one: Unexplained) -> int:
    """Of a dealer and a lot together, as `_KEY` has it."""
    return one.dealer_id * 10**10 + one.lot_id


_KEY = "(u.dealer_id::bigint * 10000000000 + u.lot_id)"


@cache
def _list(with_region: bool, with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("u.missing", _KEY, descending=True, back=back)
    conditions = ["u.missing > :units", "u.missing * 100 > (u.books - u.told) * :percent"]
    if after:
        conditions.append(after)
    if with_region:
        conditions.append("(r.id = :region_id OR r.parent_id = :region_id)")
    if with_q:
        conditions.append(
            "(code_key(p.sku) LIKE :code OR code_key(t.lot_no) LIKE :code OR code_key(d.code) LIKE :code)"
        )
    return text(
        f"""
        SELECT u.dealer_id, u.lot_id, d.code AS dealer, d.name_zh AS dealer_zh, d.name_en AS dealer_en, p.sku,
               p.name_zh, p.name_en, t.lot_no AS lot, u.day, u.books, u.told, u.counted, u.missing, u.report
          FROM (SELECT b.*, b.books - b.told - b.counted AS missing FROM ({_COUNTED}) b) u
          JOIN dealer d ON d.id = u.dealer_id
          {region_of("u.dealer_id") if with_region else ""}
          JOIN lot t ON t.id = u.lot_id
          JOIN product p ON p.id = t.product_id
         WHERE {" AND ".join(conditions)}
         ORDER BY {order} LIMIT :limit
        """
    )


# The latest count of each lot; what moved after its day is not in the books of that day.
_COUNTED = """
    SELECT c.dealer_id, c.lot_id, c.day, c.quantity AS counted, c.number AS report,
           h.quantity - coalesce(m.units, 0)::int AS books, coalesce(s.units, 0)::int AS told
      FROM (SELECT DISTINCT ON (l.dealer_id, l.lot_id) l.dealer_id, l.lot_id, l.day, l.quantity, r.number
              FROM inventory_report_line l
              JOIN inventory_report r ON (r.dealer_id, r.id) = (l.dealer_id, l.report_id)
             WHERE l.kind = 'stock' AND l.lot_id IS NOT NULL
             ORDER BY l.dealer_id, l.lot_id, l.day DESC, l.report_id DESC) c
      JOIN place f ON f.kind = 'dealer' AND f.dealer_id = c.dealer_id
      JOIN holding h ON (h.lot_id, h.place_id) = (c.lot_id, f.id)
      LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN x.to_place_id = f.id THEN x.quantity ELSE -x.quantity END) AS units
          FROM custody_movement x
         WHERE x.lot_id = c.lot_id AND x.at >= c.day AND app_day(x.at) > c.day
           AND f.id IN (x.to_place_id, x.from_place_id)) m ON true
      LEFT JOIN LATERAL (
        SELECT sum(i.quantity) AS units
          FROM inventory_report_line i
         WHERE i.dealer_id = c.dealer_id AND i.lot_id = c.lot_id AND i.kind = 'sold' AND i.day <= c.day) s
        ON true
"""
