"""The order desk's list: what headquarters has to work on, the longest waiting first.

No read grows with the orders that are open. What is frequent is met soon when the orders are gone through in
their order; what is rare (the dealers of one province, an order number) is looked up, and then sorted. So few
dealers and few numbers are asked for one by one, many are a condition on the way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.kernel import paging
from portal.kernel.numbering import ALPHABET
from portal.kernel.paging import Page, Sort
from portal.kernel.search_pattern import containing, product_in
from portal.kernel.searching import code_key
from portal.orders.lifecycle import Status
from portal.orders.queries import COUNTED_MAX

OPEN = (Status.ON_HOLD, Status.CONFIRMED, Status.PICKING, Status.PARTIALLY_SHIPPED)
"""States in which headquarters has something to do."""

SORTS = ("placed_at",)
LONGEST_WAITING_FIRST = Sort("placed_at")

_FEW = 500  # dealers, or orders with a number: looked up one by one up to here


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """A row of the desk's list.

    `units_open`: neither shipped nor cancelled. `picking`: number of the parcel being picked.
    """

    id: int
    dealer_id: int
    number: str
    status: str
    holds: list[str]
    purchase_order_no: str
    channel: str
    placed_at: datetime
    requested_date: date | None
    total: Decimal
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    warehouse_code: str
    line_count: int
    units_open: int
    picking: str | None


def desk_orders(
    session: Session,
    *,
    statuses: Collection[str] = OPEN,
    region_id: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DeskOrder]:
    """Orders in scope, the longest waiting first; by ``-placed_at`` the latest.

    region_id: an area or a province of the dealer. q: the beginning of an order number, of the part behind
    its dash or of a purchase-order number, a part of the dealer's code, name or credit code, or the code of
    a product that was ordered.
    """
    order_by = paging.sort_of(sort, SORTS, LONGEST_WAITING_FIRST)
    parameters = {"limit": limit + 1, **_sought(statuses, region_id, q)}
    cursors = paging.cursors(session, f"desk {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    flags = (region_id is not None, bool(q.strip()), parameters["gtin"] is not None)
    statement = _orders(*flags, place is not None, order_by.descending)
    rows = session.execute(statement, parameters)
    return cursors.page_of(
        [DeskOrder(**row._mapping) for row in rows], limit, lambda order: (order.placed_at, order.id)
    )


def count_desk_orders(
    session: Session, *, statuses: Collection[str] = OPEN, region_id: int | None = None, q: str = ""
) -> int:
    """How many orders `desk_orders` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(statuses, region_id, q)}
    flags = (region_id is not None, bool(q.strip()), parameters["gtin"] is not None)
    count: int = session.execute(_count(*flags), parameters).scalar_one()
    return count


def _sought(statuses: Collection[str], region_id: int | None, q: str) -> dict[str, Any]:
    words = q.strip()
    named = [str(Status(status)) for status in statuses]
    return {
        "statuses": named,
        "few": _FEW,
        "region_id": region_id,
        "q": containing(words),
        "gtin": product_in(words),
        **_numbers(words),
    }


def desk_counts(session: Session) -> dict[str, int]:
    """Orders in scope that headquarters has something to do with, by status; every such status is there.

    At most `COUNTED_MAX` + 1.
    """
    parameters = {"statuses": list(map(str, OPEN)), "few": _FEW, "most": COUNTED_MAX + 1}
    return {row.status: row.orders for row in session.execute(_COUNTS, parameters)}


def _numbers(words: str) -> dict[str, str | None]:
    """What an order's number, its random part and the dealer's own number could begin with.

    None if they could not.
    """
    code = code_key(words[:_Q_MAX])
    if not code:
        return {"number": None, "body": None, "key": None}
    capitals = code.upper()
    number = f"SO{capitals[2:]}" if capitals.startswith("S0") else capitals
    body = capitals if set(capitals) <= set(ALPHABET) else None
    return {
        "number": number[:_MONTH_END] + f"-{number[_MONTH_END:]}" * (len(number) > _MONTH_END),
        "body": body,
        "key": code,
    }


@cache
def _orders(
    with_region: bool, with_q: bool, with_product: bool, with_cursor: bool, descending: bool
) -> TextClause:
    turn = " DESC" if descending else ""
    return text(
        f"""
        {_found(with_region, with_q, with_product, with_cursor, descending)}, page AS MATERIALIZED (
          SELECT dealer_id, id FROM found ORDER BY placed_at{turn}, id{turn} LIMIT :limit
        )
        {_SHOWN}
         ORDER BY o.placed_at{turn}, o.id{turn}
        """
    )


@cache
def _count(with_region: bool, with_q: bool, with_product: bool) -> TextClause:
    found = _found(with_region, with_q, with_product, with_cursor=False, descending=False)
    return text(f"{found} SELECT count(*) FROM (SELECT FROM found LIMIT :limit) met")


def _found(with_region: bool, with_q: bool, with_product: bool, with_cursor: bool, descending: bool) -> str:
    """SQL: the orders of a page, in ``found``, and what is needed to find them."""
    back = False if with_cursor else None
    beyond, order = paging.keyset("o.placed_at", "o.id", descending=descending, back=back)
    after = f"AND {beyond}" if beyond else ""
    scope = (
        _REGION if with_region else "NOT app_everywhere()"
    )  # which dealers those of some regions are limited to say the policies
    within = " AND (o.dealer_id IN (SELECT id FROM scope)) IS TRUE" if with_region else ""
    met = f" AND ((o.dealer_id IN (SELECT id FROM named)) IS TRUE OR {_BEGINS})" if with_q else ""
    of_dealer, in_order = (
        _pages("WHERE o.dealer_id = d.id AND o.status = s.status", order),
        _pages("WHERE o.status = s.status", order),
    )
    ways = [
        of_dealer.format(of="scope d CROSS JOIN", also=f"{met} {after}", when="(SELECT yes FROM near)"),
        in_order.format(
            of="",
            also=f"{within} {met} {after}",
            when=f"NOT (SELECT yes FROM near){' AND NOT (SELECT yes FROM rare)' * with_q}",
        ),
    ]
    if with_q:
        ways.append(
            of_dealer.format(of="named d CROSS JOIN", also=f"{within} {after}", when="(SELECT yes FROM rare)")
        )
        ways.append(_OF_NUMBERED.format(also=f"{within} {after}", when="(SELECT yes FROM rare)"))
    if with_product:
        ways.append(_OF_PRODUCT.format(also=f"{within} {after}"))
    return f"""
        WITH scope AS MATERIALIZED (
          SELECT d.id FROM dealer d {region_of("d.id")} WHERE {scope}
        ), near AS MATERIALIZED (
          SELECT {"true" if with_region else "NOT app_everywhere()"}
                 AND (SELECT count(*) FROM scope) <= :few AS yes
        ), {_SAID if with_q else ""} found AS ({" UNION ".join(ways)}
        )"""


def _pages(where: str, order: str) -> str:
    """A page of each status.

    `of` which dealers, what `also` holds of the orders, and `when` this is the way.
    """
    return f"""
          (SELECT f.dealer_id, f.id, f.placed_at
             FROM {{of}} unnest(CAST(:statuses AS text[])) AS s(status)
            CROSS JOIN LATERAL (
              SELECT o.dealer_id, o.id, o.placed_at FROM sales_order o {where}{{also}}
               ORDER BY {order} LIMIT :limit) f
            WHERE {{when}})"""


_Q_MAX = 100
_MONTH_END = 6  # of a number such as SO2611-7K3F9Q2MA; there the dash stands
_REGION = "(r.id = :region_id OR r.parent_id = :region_id)"
_NUMBER, _KEY = "CAST(:number AS text)", "CAST(:key AS text)"
_BEGINS = (
    f"(starts_with(o.number, {_NUMBER}) OR starts_with(o.purchase_order_key, {_KEY})"
    " OR starts_with(split_part(o.number, '-', 2), :body))"
)

# An order is known by its number, by what follows the dash in it (tried for every month of two years), or by
# the dealer's own number.
_SAID = f"""
        named AS MATERIALIZED (
          SELECT d.id FROM dealer d WHERE d.search_key LIKE :q
        ), numbered AS MATERIALIZED (
          (SELECT o.dealer_id, o.id
             FROM (SELECT {_NUMBER} AS number
                    UNION ALL
                   SELECT 'SO' || to_char(now() - make_interval(months => m), 'YYMM') || '-'
                          || CAST(:body AS text)
                     FROM generate_series(-1, 24) AS m WHERE CAST(:body AS text) IS NOT NULL) AS b
            CROSS JOIN LATERAL (
              SELECT o.dealer_id, o.id FROM sales_order o
               WHERE o.number >= b.number AND o.number < b.number || chr(1114111)
               ORDER BY o.number LIMIT :few + 1) o
            LIMIT :few + 1)
          UNION
          (SELECT o.dealer_id, o.id FROM sales_order o
            WHERE o.purchase_order_key <> '' AND o.purchase_order_key >= {_KEY}
              AND o.purchase_order_key < {_KEY} || chr(1114111)
            ORDER BY o.purchase_order_key LIMIT :few + 1)
        ), rare AS MATERIALIZED (
          SELECT CASE WHEN (SELECT yes FROM near) THEN false
                      ELSE (SELECT count(*) FROM named) <= :few
                           AND (SELECT count(*) FROM numbered) <= :few END AS yes
        ),"""

_OF_NUMBERED = """
          (SELECT o.dealer_id, o.id, o.placed_at
             FROM numbered n
            CROSS JOIN LATERAL (SELECT * FROM sales_order x
                                 WHERE x.dealer_id = n.dealer_id AND x.id = n.id LIMIT 1) o
            WHERE o.status = ANY (CAST(:statuses AS text[])){also} AND {when})"""

_OF_PRODUCT = """
          (SELECT DISTINCT o.dealer_id, o.id, o.placed_at
             FROM product p JOIN order_line l ON l.product_id = p.id
             JOIN sales_order o ON o.dealer_id = l.dealer_id AND o.id = l.order_id
            WHERE p.udi_di = :gtin AND o.status = ANY (CAST(:statuses AS text[])){also})"""

# Everything else is looked up for the rows shown, one by one: a plan made for any limit would rather read
# tables whole.
_SHOWN = f"""
        SELECT o.id, o.dealer_id, o.number, o.status, o.holds, o.purchase_order_no, o.channel, o.placed_at,
               o.requested_date, o.total, d.code AS dealer_code, d.name_zh AS dealer_zh,
               d.name_en AS dealer_en, r.name_zh AS region_zh, r.name_en AS region_en,
               h.code AS warehouse_code, l.line_count, l.units_open,
               (SELECT s.number FROM shipment s
                 WHERE s.dealer_id = o.dealer_id AND s.order_id = o.id AND s.status = 'picking') AS picking
          FROM page
         CROSS JOIN LATERAL (SELECT * FROM sales_order x
                              WHERE x.dealer_id = page.dealer_id AND x.id = page.id LIMIT 1) o
          JOIN dealer d ON d.id = o.dealer_id
          {region_of("d.id")}
          JOIN warehouse h ON h.id = o.warehouse_id
         CROSS JOIN LATERAL (
           SELECT count(*) AS line_count, sum(x.quantity - x.shipped - x.cancelled)::int AS units_open
             FROM order_line x WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id) l
"""

_COUNTS = text(
    """
    WITH limited AS MATERIALIZED (SELECT d.id FROM dealer d WHERE NOT app_everywhere())
    SELECT s.status,
           CASE WHEN app_everywhere() OR (SELECT count(*) FROM limited) > :few
             THEN (SELECT count(*)
                     FROM (SELECT FROM sales_order o WHERE o.status = s.status
                            ORDER BY o.placed_at, o.id LIMIT :most) met)
             ELSE (SELECT count(*)
                     FROM (SELECT FROM limited CROSS JOIN LATERAL (
                             SELECT FROM sales_order o WHERE o.dealer_id = limited.id AND o.status = s.status
                              ORDER BY o.placed_at, o.id LIMIT :most) of_dealer
                            LIMIT :most) met)
           END AS orders
      FROM unnest(CAST(:statuses AS text[])) AS s(status)
    """
)
