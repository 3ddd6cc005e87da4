"""Floors as headquarters reads them, product by product. No dealer reads a row of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing
from portal.pricing.vocabulary import PriceRight


class Standing(StrEnum):
    """Which products a list of floors has."""

    SET = "set"
    COMING = "coming"
    NONE = "none"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class FloorRow:
    """A product on sale with its list price and its floor, VAT included; None where there is none.

    id: of the product. share: floor ÷ list price. since, set_by: of the floor. next_floor: the one to come,
    0 for none any more.
    """

    id: int
    sku: str
    product_zh: str
    product_en: str
    category: str
    list_price: Decimal | None
    floor: Decimal | None
    share: Decimal | None
    since: datetime | None
    set_by: str | None
    next_floor: Decimal | None
    next_from: datetime | None


_HAS = {
    Standing.SET: "f.unit_price > 0",
    Standing.COMING: "n.unit_price IS NOT NULL",
    Standing.NONE: "coalesce(f.unit_price, 0) = 0",
    Standing.ALL: "true",
}
# Of the few products that ever had a floor the list begins with these.
_EVER = "p.id IN (SELECT product_id FROM floor_price)"


@cache
def _floors(standing: Standing, with_q: bool, with_category: bool, back: bool | None) -> TextClause:
    conditions = ["p.state = 'active'", _HAS[standing]]
    conditions += [_EVER] if standing in (Standing.SET, Standing.COMING) else []
    conditions += ["p.search_key LIKE :q"] if with_q else []
    conditions += ["starts_with(p.category_code, :category)"] if with_category else []
    after, order = paging.keyset("p.sku", "p.id", descending=False, back=back)
    conditions += [after] if after else []
    return text(
        f"""
        SELECT p.id, p.sku, p.name_zh AS product_zh, p.name_en AS product_en, p.category_code AS category,
               l.unit_price AS list_price, nullif(f.unit_price, 0) AS floor,
               round(nullif(f.unit_price, 0) / l.unit_price, 4) AS share, f.valid_from AS since,
               f.set_by_label AS set_by, n.unit_price AS next_floor, n.valid_from AS next_from
          FROM product p
          LEFT JOIN LATERAL (SELECT unit_price FROM list_price x
                              WHERE x.product_id = p.id AND x.valid_from <= :at
                              ORDER BY x.valid_from DESC LIMIT 1) l ON true
          LEFT JOIN LATERAL (SELECT unit_price, valid_from, set_by_label FROM floor_price x
                              WHERE x.product_id = p.id AND x.valid_from <= :at
                              ORDER BY x.valid_from DESC LIMIT 1) f ON true
          LEFT JOIN LATERAL (SELECT unit_price, valid_from FROM floor_price x
                              WHERE x.product_id = p.id AND x.valid_from > :at
                              ORDER BY x.valid_from LIMIT 1) n ON true
         WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT :limit
        """
    )


def floors(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    standing: Standing = Standing.SET,
    q: str = "",
    category: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[FloorRow]:
    """Products by SKU with their floors at a moment. category: a code, with everything below it.

    Raises Invalid for a foreign cursor.
    """
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    cursors = paging.cursors(session, "floors", str, int)
    place = cursors.place_of(cursor)
    parameters = {"at": at, "q": containing(q), "category": category, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _floors(standing, bool(q.strip()), bool(category), None if place is None else place.back)
    found = [FloorRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (one.sku, one.id), place)
