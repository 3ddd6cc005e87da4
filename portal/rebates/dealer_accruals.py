"""What every dealer has earned in a period of a programme, for headquarters, and the lines behind it.

Row-level security keeps a region's manager to the dealers of its regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.kernel import paging
from portal.kernel.paging import Page, Sort, SortKey
from portal.rebates.earned import EarnedLine


class AccrualSort(StrEnum):
    """What the dealers of a period are sorted by."""

    CODE = "code"
    QUALIFIED = "qualified"
    REACHED_TIER = "reached_tier"
    ACCRUED = "accrued"


_OF_A_PERIOD = "(the accruals of a period, one a dealer)"
_SORTED_BY = {
    AccrualSort.CODE: SortKey("d.code", str, _OF_A_PERIOD),
    AccrualSort.QUALIFIED: SortKey("a.qualified", Decimal, _OF_A_PERIOD),
    AccrualSort.REACHED_TIER: SortKey("a.reached_tier", int, _OF_A_PERIOD),
    AccrualSort.ACCRUED: SortKey("a.accrued", Decimal, _OF_A_PERIOD),
}
MOST_EARNED = Sort(AccrualSort.ACCRUED, descending=True)


@dataclass(frozen=True, slots=True)
class DealerAccrual:
    """A dealer's period. qualified: ¥ or pieces. unmet: conditions that do not hold."""

    id: int
    code: str
    name_zh: str
    name_en: str
    region_zh: str | None
    region_en: str | None
    period: str
    first_day: date
    last_day: date
    qualified: Decimal
    reached_tier: int
    accrued: Decimal
    unmet: Sequence[str]


@dataclass(frozen=True, slots=True)
class DealerLine:
    """A line behind a dealer's figure."""

    dealer_id: int
    code: str
    name_zh: str
    name_en: str
    product_zh: str
    product_en: str
    line: EarnedLine


def first_day_of(session: Session, *, programme_id: int, period: str, today: date) -> date | None:
    """When a period of a programme begins, without a name the latest that has; None if there is none."""
    parameters = {"id": programme_id, "period": period, "today": today}
    found: date | None = session.execute(_FIRST_DAY, parameters).scalar_one_or_none()
    return found


def dealer_accruals(
    session: Session,
    *,
    programme_id: int,
    first_day: date,
    dealer: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DealerAccrual]:
    """The dealers of a period, who earned most first, or as `sort` says. dealer: the code of one of them."""
    order_by = paging.sort_of(sort, list(AccrualSort), MOST_EARNED)
    key = AccrualSort(order_by.key)
    name = f"rebate-dealers {programme_id} {first_day} {order_by}"
    cursors = paging.cursors(session, name, _SORTED_BY[key].read, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"id": programme_id, "first_day": first_day, "dealer": dealer}
    parameters["limit"] = limit + 1
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _dealers(bool(dealer), None if place is None else place.back, key, order_by.descending)
    found = [DealerAccrual(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (getattr(one, key), one.id), place)


def lines_of_dealers(
    session: Session,
    *,
    programme_id: int,
    first_day: date,
    dealer: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[DealerLine]:
    """Every line of a period, dealer by dealer. dealer: the code of one of them."""
    cursors = paging.cursors(session, f"rebate-dealer-lines {programme_id} {first_day} {dealer}", int, int)
    place = cursors.place_of(cursor)
    back = None if place is None else place.back
    parameters: dict[str, Any] = {"id": programme_id, "first_day": first_day, "dealer": dealer}
    parameters |= {"limit": limit + 1, "from_key": 0, "from_id": 0}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    found = [_line(row) for row in session.execute(_lines(bool(dealer), back), parameters)]
    return cursors.page_of(found, limit, lambda one: (one.dealer_id, one.line.place), place)


def _line(row: Any) -> DealerLine:
    told = {name: getattr(row, name) for name in EarnedLine.__slots__}
    names = (row.product_zh or row.sku, row.product_en or row.sku)
    return DealerLine(row.dealer_id, row.code, row.name_zh, row.name_en, *names, EarnedLine(**told))


@cache
def _dealers(with_dealer: bool, back: bool | None, key: AccrualSort, descending: bool) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[key].sql, "d.id", descending=descending, back=back)
    asked = [*(["d.code = :dealer"] if with_dealer else []), *([after] if after else [])]
    return text(
        f"""
        SELECT d.id, d.code, d.name_zh, d.name_en, r.name_zh AS region_zh, r.name_en AS region_en, a.period,
               a.first_day, a.last_day, a.qualified, a.reached_tier, a.accrued, a.unmet
          FROM rebate_accrual a JOIN dealer d ON d.id = a.dealer_id {region_of("d.id")}
         WHERE a.programme_id = :id AND a.first_day = :first_day {"".join(f" AND {one}" for one in asked)}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _lines(with_dealer: bool, back: bool | None) -> TextClause:
    turn = " DESC" if back else ""
    after = "" if back is None else f"AND a.dealer_id {'<=' if back else '>='} :from_key"
    beyond = (
        "" if back is None else f"AND (l.dealer_id, l.place) {'<' if back else '>'} (:from_key, :from_id)"
    )
    return text(
        f"""
        SELECT a.dealer_id, d.code, d.name_zh, d.name_en, p.name_zh AS product_zh, p.name_en AS product_en,
               l.place, l.on_day, l.document, l.line_no, l.kind, l.sku, l.quantity, l.qualifier, l.cumulative,
               l.payout, l.rate, l.amount
          FROM rebate_accrual a JOIN dealer d ON d.id = a.dealer_id
         CROSS JOIN LATERAL (
           SELECT l.* FROM rebate_accrual_line l
            WHERE (l.dealer_id, l.programme_id, l.first_day) = (a.dealer_id, a.programme_id, a.first_day)
                  {beyond}
            ORDER BY l.place{turn} LIMIT :limit
         ) l
          LEFT JOIN product p ON p.sku = l.sku
         WHERE a.programme_id = :id AND a.first_day = :first_day {after}
               {"AND d.code = :dealer" if with_dealer else ""}
         ORDER BY a.dealer_id{turn}, l.place{turn} LIMIT :limit
        """
    )


_FIRST_DAY = text(
    """
    SELECT first_day FROM rebate_accrual
     WHERE programme_id = :id AND (period = :period OR :period = '' AND first_day <= :today)
     ORDER BY first_day DESC LIMIT 1
    """
)
