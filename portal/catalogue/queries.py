"""The catalogue as one dealer sees it: products with own price and regional stock, one statement a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal import paging
from portal.catalogue import rules
from portal.dealers.queries import DealerFacts
from portal.errors import NotFound
from portal.paging import Page
from portal.pricing.queries import OFFER_COLUMNS, Offer, offer_parameters, offers_from


@dataclass(frozen=True, slots=True)
class Category:
    """A product line with the number of active products in it and below."""

    code: str
    name_zh: str
    name_en: str
    parent_code: str | None
    products: int


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """What a product page shows beyond the offer."""

    offer: Offer
    maker_country: str
    origin: str
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    implantable: bool
    sterile: bool
    storage_zh: str
    storage_en: str
    category_zh: str
    category_en: str
    certificates: tuple[dict[str, Any], ...]


def search(
    session: Session,
    *,
    dealer: DealerFacts,
    at: datetime,
    today: date,
    margin_days: int = 1,
    q: str = "",
    category: str = "",
    limit: int = 24,
    cursor: str | None = None,
) -> Page[Offer]:
    """Active products in Chinese order. Every word of `q` must occur; if nothing has them all, the nearest come instead.

    margin_days: days a lot must have before its expiry. category: a code, with everything below it. Raises Invalid for a foreign cursor.
    """
    words = rules.query_words(q)
    parameters = {
        **offer_parameters(dealer, at, today, margin_days),
        "limit": limit + 1,
        "category": category,
        "grams": rules.query_grams(words),
        "patterns": [f"%{word}%" for word in words],
    }
    cursors = paging.cursors(session, "catalogue", str, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_pinyin"], parameters["from_id"] = place.key
    statement = _listing(bool(words), bool(category), None if place is None else place.back)
    found = offers_from(session.execute(statement, parameters).all())
    if not found and parameters["grams"] and not place:
        found = offers_from(session.execute(_nearest(), parameters).all())[:limit]
    return cursors.page_of(found, limit, lambda offer: (offer.pinyin, offer.id), place)


def product(session: Session, *, dealer: DealerFacts, sku: str, at: datetime, today: date, margin_days: int = 1) -> ProductDetail:
    """One product, also a withdrawn one. Raises NotFound."""
    row = session.execute(_product(), {**offer_parameters(dealer, at, today, margin_days), "sku": sku}).one_or_none()
    if row is None:
        raise NotFound()
    return ProductDetail(offers_from([row])[0], *row[20:31], tuple(row[31] or ()))


def categories(session: Session) -> list[Category]:
    """Every product line that has active products in it or below, by code."""
    return [Category(*row) for row in session.execute(_CATEGORIES)]


@cache
def _listing(with_words: bool, with_category: bool, back: bool | None) -> TextClause:
    """The page after the place, or before it going `back`; None begins at the beginning. Nearest to the place first."""
    conditions = ["c.state = 'active'"]
    if with_words:
        conditions.append("c.search_grams @> CAST(:grams AS text[]) AND c.search_text LIKE ALL (CAST(:patterns AS text[]))")
    if with_category:
        conditions.append("starts_with(c.category_code, :category)")
    if back is not None:
        conditions.append(f"(c.pinyin, c.id) {'<' if back else '>'} (:from_pinyin, :from_id)")
    turn = " DESC" if back else ""
    return _page(" AND ".join(conditions), f"c.pinyin{turn}, c.id{turn}", f"p.pinyin{turn}, p.id{turn}")


@cache
def _nearest() -> TextClause:
    # At least half of the pieces in common, most in common first: a wrong letter still finds the product.
    common = "cardinality(ARRAY(SELECT unnest(c.search_grams) INTERSECT SELECT unnest(CAST(:grams AS text[]))))"
    conditions = (
        "c.state = 'active' AND c.search_grams && CAST(:grams AS text[])"
        f" AND (:category = '' OR starts_with(c.category_code, :category)) AND {common} * 2 >= cardinality(CAST(:grams AS text[]))"
    )
    return _page(conditions, f"{common} DESC, c.id", "page.place")


def _page(conditions: str, inner_order: str, outer_order: str) -> TextClause:
    return text(
        f"WITH page AS MATERIALIZED (SELECT c.id, row_number() OVER (ORDER BY {inner_order}) AS place FROM product c"
        f" WHERE {conditions} ORDER BY {inner_order} LIMIT :limit)"
        f" SELECT {OFFER_COLUMNS} FROM page JOIN product p ON p.id = page.id ORDER BY {outer_order}"
    )


@cache
def _product() -> TextClause:
    return text(
        f"""
        SELECT {OFFER_COLUMNS}, p.maker_country, p.origin, p.lot_controlled, p.serial_controlled, p.expiry_controlled,
               p.implantable, p.sterile, p.storage_zh, p.storage_en, g.name_zh, g.name_en,
               (SELECT json_agg(json_build_object('body', c.notified_body, 'standard', c.standard, 'number', c.number,
                                                  'valid_from', c.valid_from, 'valid_to', c.valid_to) ORDER BY c.valid_to DESC)
                  FROM product_certificate c WHERE c.product_id = p.id) AS certificates
          FROM product p JOIN category g ON g.code = p.category_code
         WHERE p.sku = :sku
        """
    )


# Counted once by code, then rolled up over the few hundred codes there are.
_CATEGORIES = text(
    """
    WITH counted AS (SELECT category_code, count(*) AS products FROM product WHERE state = 'active' GROUP BY 1)
    SELECT c.code, c.name_zh, c.name_en, c.parent_code, sum(n.products)::bigint
      FROM category c JOIN counted n ON starts_with(n.category_code, c.code)
     GROUP BY c.code ORDER BY c.code
    """
)
