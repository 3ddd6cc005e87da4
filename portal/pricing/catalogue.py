"""The catalogue as one dealer sees it: products with own price and regional stock, one statement a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.catalogue import rules
from portal.catalogue.related import RELATED
from portal.catalogue.rules import Sought
from portal.dealers.queries import DealerFacts
from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.errors import Fault, NotFound
from portal.kernel.paging import Page
from portal.kernel.searching import code_key
from portal.pricing.queries import OFFER_COLUMNS, Offer, offer_parameters, offers_from
from portal.stock.fragments import shown_to_dealers


@dataclass(frozen=True, slots=True)
class Category:
    """A product line with the number of products that are shown in it and below."""

    code: str
    name_zh: str
    name_en: str
    parent_code: str | None
    products: int


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """What a product page shows beyond the offer.

    registrant: who holds the certificate, empty where it is the maker. certificate_to: its last day, also
    while its renewal is undecided, when the offer has none. is_shown: whether the catalogue has it.
    storage_min, storage_max: °C. packages: level, GTIN and units of sale, the smallest first. related: kind,
    SKU and names of what is sold beside it or instead.
    """

    offer: Offer
    registrant: str
    certificate_to: date | None
    renewal_asked_on: date | None
    is_shown: bool
    storage_min: Decimal | None
    storage_max: Decimal | None
    packages: tuple[dict[str, Any], ...]
    related: tuple[dict[str, Any], ...]
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


class Match(IntEnum):
    """How a product answers to what was sought, the best first."""

    EXACT = 0  # its SKU or GTIN, as typed
    CODE = 1  # its SKU but for what is easily mistaken in one
    WORD = 2  # whole words, or whole syllables of its reading
    READING = 3  # the beginning of syllables
    INITIALS = 4
    BEGINNING = 5  # the beginning of words
    WITHIN = 6
    NEAR = 7  # not all words

    @property
    def group(self) -> str:
        """What is said of it: ``exact``, ``words`` (every word occurs) or ``near``."""
        return "near" if self is Match.NEAR else "exact" if self <= Match.CODE else "words"


@dataclass(frozen=True, slots=True)
class Found(Page[Offer]):
    """Products found.

    matches: how each answers; none where nothing was sought. hint: why a GTIN that is sought is not found.
    """

    matches: tuple[Match, ...] = ()
    hint: Fault | None = None


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
) -> Found:
    """Products that are shown to dealers, in Chinese order.

    Of those that answer to `q` the better first: its SKU or GTIN, then those with every word.

    If nothing has them all, the nearest come instead. margin_days: days a lot must have before its expiry.
    category: a code, with everything below it. Raises Invalid for a foreign cursor.
    """
    sought = rules.sought(q)
    parameters = {
        **offer_parameters(dealer, at, today, margin_days),
        "limit": limit + 1,
        "category": category,
        **_sought(sought),
    }
    cursors = paging.cursors(session, "catalogue", int, str, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_match"], parameters["from_pinyin"], parameters["from_id"] = place.key
    statement = _listing(bool(sought.words), bool(category), None if place is None else place.back)
    rows = session.execute(statement, parameters).all()
    if not rows and parameters["pieces"] and not place:
        # Pieces of a number are in thousands of others: only a slip of the finger makes one like it.
        pieces = [] if sought.number else parameters["grams"]
        rows = session.execute(_nearest(), {**parameters, "grams": pieces}).all()[:limit]
    found = list(zip(offers_from(rows), (Match(row.match) for row in rows), strict=True))
    page = cursors.page_of(found, limit, lambda one: (int(one[1]), one[0].pinyin, one[0].id), place)
    matches = tuple(match for _, match in page.items) if sought.words else ()
    hint = sought.misread if not rows or Match.NEAR in matches else None
    return Found(
        tuple(offer for offer, _ in page.items), page.next_cursor, page.previous_cursor, matches, hint
    )


def _sought(sought: Sought) -> dict[str, Any]:
    """Parameters of what is sought."""
    patterns = [rules.reading_patterns(word) for word in sought.words]
    grams = rules.query_grams(sought.words)
    slips = sorted({slip for of_word in sought.slips for slip in of_word})
    return {
        "typed": sought.typed,
        "code": code_key(sought.typed),
        "gtin": sought.gtin,
        "grams": grams,
        "slips": slips,
        "pieces": [*grams, *slips],
        "words": list(sought.words),
        "patterns": [f"%{word}%" for word in sought.words],
        "wholes": [pattern.whole for pattern in patterns],
        "beginnings": [pattern.beginning for pattern in patterns],
        "initials": [pattern.initials for pattern in patterns],
        "slips_of_words": [" ".join(of_word) for of_word in sought.slips],
    }


def product(
    session: Session, *, dealer: DealerFacts, sku: str, at: datetime, today: date, margin_days: int = 1
) -> ProductDetail:
    """One product, also a withdrawn one. Raises NotFound."""
    row = session.execute(
        _product(), {**offer_parameters(dealer, at, today, margin_days), "sku": sku}
    ).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(
        ProductDetail,
        row,
        offer=offers_from([row])[0],
        certificates=tuple(row.certificates or ()),
        packages=tuple(row.packages or ()),
        related=tuple(row.related or ()),
    )


def categories(session: Session, today: date) -> list[Category]:
    """Every product line that has active products in it or below, by code."""
    return [Category(**row._mapping) for row in session.execute(_CATEGORIES, {"today": today})]


@cache
def _listing(with_words: bool, with_category: bool, back: bool | None) -> TextClause:
    """The page after the place, or before it going `back`; None begins at the beginning.

    Nearest to the place first.
    """
    conditions = [_SHOWN]
    if with_words:
        conditions.append(f"({_IS_IT} OR {_HAS_ALL})")
    if with_category:
        conditions.append("starts_with(c.category_code, :category)")
    if back is not None:
        key, place = (f"{_MATCH}, ", ":from_match, ") if with_words else ("", "")
        conditions.append(f"({key}c.pinyin, c.id) {'<' if back else '>'} ({place}:from_pinyin, :from_id)")
    turn = " DESC" if back else ""
    order = f"c.pinyin{turn}, c.id{turn}"
    if with_words:
        return _page(_MATCH, " AND ".join(conditions), f"{_MATCH}{turn}, {order}")
    return _page(str(int(Match.WITHIN)), " AND ".join(conditions), order)


_SHOWN = shown_to_dealers("c")
_OF_PACKAGE = "c.id = (SELECT k.product_id FROM product_package k WHERE k.gtin = :gtin)"
_IS_IT = f"c.sku_key = :code OR c.udi_di = :gtin OR {_OF_PACKAGE}"
_HAS_ALL = "(c.search_grams @> CAST(:grams AS text[]) AND c.search_text LIKE ALL (CAST(:patterns AS text[])))"

# The worst of the words decides. Words hold letters and digits only, so they are patterns without more ado.
_MATCH = f"""
CASE WHEN lower(c.sku) = :typed OR c.udi_di = :gtin OR {_OF_PACKAGE} THEN {Match.EXACT:d}
     WHEN c.sku_key = :code THEN {Match.CODE:d} ELSE (
  SELECT max(CASE WHEN ' ' || c.search_text || ' ' LIKE '% ' || w.word || ' %' OR c.syllables ~ w.whole
                       THEN {Match.WORD:d}
                  WHEN c.syllables ~ w.beginning THEN {Match.READING:d}
                  WHEN c.syllables ~ w.initials THEN {Match.INITIALS:d}
                  WHEN ' ' || c.search_text LIKE '% ' || w.word || '%' THEN {Match.BEGINNING:d}
                  ELSE {Match.WITHIN:d} END)
    FROM unnest(CAST(:words AS text[]), CAST(:wholes AS text[]), CAST(:beginnings AS text[]),
                CAST(:initials AS text[]))
         AS w(word, whole, beginning, initials)) END
"""

# Each word with a letter more, less or another, or with two swapped.
_SLIPPED = """
NOT EXISTS (SELECT FROM unnest(CAST(:words AS text[]), CAST(:slips_of_words AS text[])) AS w(word, slips)
             WHERE c.search_text NOT LIKE '%' || w.word || '%'
               AND NOT c.search_slips && string_to_array(w.slips, ' '))
"""


@cache
def _nearest() -> TextClause:
    # A slip of the finger first; then at least half of the pieces in common, most in common first.
    common = (
        "cardinality(ARRAY(SELECT unnest(c.search_grams) INTERSECT SELECT unnest(CAST(:grams AS text[]))))"
    )
    conditions = (
        f"{_SHOWN}"
        " AND (c.search_slips && CAST(:slips AS text[]) OR c.search_grams && CAST(:grams AS text[]))"
        " AND (:category = '' OR starts_with(c.category_code, :category))"
        f" AND ({_SLIPPED} OR {common} * 2 >= greatest(cardinality(CAST(:grams AS text[])), 1))"
    )
    return _page(str(int(Match.NEAR)), conditions, f"({_SLIPPED}) DESC, {common} DESC, c.id")


def _page(match: str, conditions: str, order: str) -> TextClause:
    return text(
        f"WITH page AS MATERIALIZED (SELECT c.id, {match} AS match,"
        f" row_number() OVER (ORDER BY {order}) AS place FROM product c"
        f" WHERE {conditions} ORDER BY {order} LIMIT :limit)"
        f" SELECT {OFFER_COLUMNS}, page.match FROM page JOIN product p ON p.id = page.id ORDER BY page.place"
    )


@cache
def _product() -> TextClause:
    return text(
        f"""
        SELECT {OFFER_COLUMNS}, p.maker_country, p.origin, p.lot_controlled, p.serial_controlled,
               p.expiry_controlled, p.implantable, p.sterile, p.storage_zh, p.storage_en, p.storage_min,
               p.storage_max, p.registrant, p.registration_to AS certificate_to,
               p.registration_renewal_asked_on AS renewal_asked_on, {shown_to_dealers("p")} AS is_shown,
               (SELECT json_agg(json_build_object('level', k.level, 'gtin', k.gtin, 'units', k.units)
                                ORDER BY k.units)
                  FROM product_package k WHERE k.product_id = p.id) AS packages,
               {RELATED} AS related,
               g.name_zh AS category_zh, g.name_en AS category_en,
               (SELECT json_agg(json_build_object('body', c.notified_body, 'standard', c.standard,
                                                  'number', c.number,
                                                  'valid_from', c.valid_from, 'valid_to', c.valid_to)
                                ORDER BY c.valid_to DESC)
                  FROM product_certificate c WHERE c.product_id = p.id) AS certificates
          FROM product p JOIN category g ON g.code = p.category_code
         WHERE p.sku = :sku
        """
    )


# Counted once by code, then rolled up over the few hundred codes there are.
_CATEGORIES = text(
    f"""
    WITH counted AS (
      SELECT c.category_code, count(*) FILTER (WHERE {_SHOWN}) AS products
        FROM product c WHERE c.state = 'active' GROUP BY 1
    )
    SELECT c.code, c.name_zh, c.name_en, c.parent_code, sum(n.products)::bigint AS products
      FROM category c JOIN counted n ON starts_with(n.category_code, c.code)
     GROUP BY c.code ORDER BY c.code
    """
)
