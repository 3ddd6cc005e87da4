"""What dealers owe and have ordered against their limits: by region, and one by one by use of the limit."""

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
from portal.kernel.money import ZERO
from portal.kernel.paging import Page, Sort, SortKey
from portal.orders.standing import overdue_of, standing_parameters


class ExposureSort(StrEnum):
    """What exposed dealers are sorted by."""

    USED = "used"
    BALANCE = "balance"
    OPEN_ORDERS = "open_orders"
    CREDIT_LIMIT = "credit_limit"


# Of a dealer without a limit whatever is out is beyond all limits.
_USED = """
CASE WHEN a.credit_limit > 0 THEN round(greatest(a.balance + a.open_orders, 0) / a.credit_limit, 4)
     WHEN a.balance + a.open_orders > 0 THEN 9999.9999 ELSE 0 END
"""
_ACCOUNTS = "(an account a dealer)"
_SORTED_BY = {
    ExposureSort.USED: SortKey(f"({_USED})", Decimal, _ACCOUNTS),
    ExposureSort.BALANCE: SortKey("a.balance", Decimal, _ACCOUNTS),
    ExposureSort.OPEN_ORDERS: SortKey("a.open_orders", Decimal, _ACCOUNTS),
    ExposureSort.CREDIT_LIMIT: SortKey("a.credit_limit", Decimal, _ACCOUNTS),
}
MOST_USED_FIRST = Sort(ExposureSort.USED, descending=True)


@dataclass(frozen=True, slots=True)
class ExposedDealer:
    """A dealer's position. used: share of the limit. overdue: ¥ due before today."""

    id: int
    code: str
    name_zh: str
    name_en: str
    region_zh: str
    region_en: str
    balance: Decimal
    open_orders: Decimal
    overdue: Decimal
    credit_limit: Decimal
    used: Decimal
    is_stopped: bool

    @property
    def exposure(self) -> Decimal:
        """¥ owed if everything ordered were billed."""
        return self.balance + self.open_orders

    @property
    def available(self) -> Decimal:
        """¥ of credit left; negative beyond the limit."""
        return self.credit_limit - self.exposure


@dataclass(frozen=True, slots=True)
class ExposedRegion:
    """The dealers of a sales area together. above: how many are beyond their limit."""

    id: int
    code: str
    name_zh: str
    name_en: str
    dealers: int
    above: int
    balance: Decimal
    open_orders: Decimal
    overdue: Decimal
    credit_limit: Decimal

    @property
    def exposure(self) -> Decimal:
        """¥ owed if everything ordered were billed."""
        return self.balance + self.open_orders

    @property
    def used(self) -> Decimal | None:
        """The share of all limits that is used; None without any."""
        return max(self.exposure, ZERO) / self.credit_limit if self.credit_limit else None


def regions(session: Session, *, today: date, region_id: int | None = None) -> Sequence[ExposedRegion]:
    """Sales areas in scope with their sums, by code. region_id: only dealers of an area or province."""
    parameters = {"region_id": region_id, "today": today, "entered_since": _entered_since(today)}
    return [ExposedRegion(**row._mapping) for row in session.execute(_REGIONS, parameters)]


def dealers(
    session: Session,
    *,
    today: date,
    region_id: int | None = None,
    stopped: bool = False,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ExposedDealer]:
    """Dealers in scope by use of the limit, the highest first. stopped: only those on the stop list."""
    order_by = paging.sort_of(sort, list(ExposureSort), MOST_USED_FIRST)
    sorted_by = ExposureSort(order_by.key)
    key = _SORTED_BY[sorted_by]
    cursors = paging.cursors(session, f"exposure {order_by}", key.read, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {
        "region_id": region_id,
        "stopped": stopped,
        "today": today,
        "limit": limit + 1,
        **standing_parameters(today, 0),
    }
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _dealers(sorted_by, order_by.descending, None if place is None else place.back)
    found = [ExposedDealer(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (getattr(one, order_by.key), one.id), place)


def count_dealers(
    session: Session, *, today: date, region_id: int | None = None, stopped: bool = False
) -> int:
    """How many dealers `dealers` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {
        "region_id": region_id,
        "stopped": stopped,
        "today": today,
        "most": paging.COUNTED_MAX + 1,
    }
    count: int = session.execute(_COUNT, parameters).scalar_one()
    return count


def _entered_since(today: date) -> str:
    parameters = standing_parameters(today, 0)
    since: str = parameters["entered_since"]
    return since


_STOPPED = """
EXISTS (SELECT FROM dealer_stop s
         WHERE s.dealer_id = d.id AND s.ended_at IS NULL AND (s.until IS NULL OR s.until >= :today))
"""
_WHERE = f"""
(CAST(:region_id AS bigint) IS NULL OR r.id = :region_id OR r.parent_id = :region_id)
AND (NOT CAST(:stopped AS boolean) OR {_STOPPED})
"""
_TABLES = f"FROM dealer d {region_of('d.id')} JOIN dealer_account a ON a.dealer_id = d.id"


@cache
def _dealers(key: ExposureSort, descending: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[key].sql, "d.id", descending=descending, back=back)
    beyond = f"AND {after}" if after else ""
    return text(
        f"""
        SELECT p.id, p.code, p.name_zh, p.name_en, p.region_zh, p.region_en, p.balance, p.open_orders,
               coalesce({overdue_of("p.id")}, 0) AS overdue, p.credit_limit, p.used, p.is_stopped
          FROM (SELECT d.id, d.code, d.name_zh, d.name_en, r.name_zh AS region_zh, r.name_en AS region_en,
                       a.balance, a.open_orders, a.credit_limit, {_USED} AS used, {_STOPPED} AS is_stopped,
                       row_number() OVER (ORDER BY {order}) AS place
                  {_TABLES} WHERE {_WHERE} {beyond} ORDER BY {order} LIMIT :limit) p
         ORDER BY p.place
        """
    )


_COUNT = text(f"SELECT count(*) FROM (SELECT {_TABLES} WHERE {_WHERE} LIMIT :most) met")

# As `overdue_of` reckons it of one dealer, for all of them by one pass over the debts that are not due yet.
_REGIONS = text(
    f"""
    WITH not_due AS MATERIALIZED (
      SELECT e.dealer_id, sum(e.receivable - coalesce(x.amount, 0)) AS amount
        FROM journal_entry e
        LEFT JOIN LATERAL (SELECT sum(x.amount) AS amount FROM allocation x
                            WHERE (x.dealer_id, x.debit_id) = (e.dealer_id, e.id)) x ON true
       WHERE e.period >= :entered_since AND e.receivable > 0 AND coalesce(e.due_on, e.occurred_on) >= :today
       GROUP BY e.dealer_id
    )
    SELECT area.id, area.code, area.name_zh, area.name_en, count(*) AS dealers,
           count(*) FILTER (WHERE a.balance + a.open_orders > a.credit_limit) AS above,
           sum(a.balance) AS balance, sum(a.open_orders) AS open_orders,
           sum(CASE WHEN a.balance > 0 THEN greatest(a.balance - coalesce(n.amount, 0), 0) ELSE 0 END)
             AS overdue,
           sum(a.credit_limit) AS credit_limit
      {_TABLES}
      JOIN region area ON area.id = coalesce(r.parent_id, r.id)
      LEFT JOIN not_due n ON n.dealer_id = d.id
     WHERE CAST(:region_id AS bigint) IS NULL OR r.id = :region_id OR r.parent_id = :region_id
     GROUP BY area.id, area.code, area.name_zh, area.name_en ORDER BY area.code
    """
)
