"""The dealers an employee answers for, as a list with their position and as one page each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.kernel import paging
from portal.kernel.money import ZERO
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing


class DealerSort(StrEnum):
    """What dealers are sorted by."""

    CODE = "code"
    BALANCE = "balance"
    OPEN_ORDERS = "open_orders"
    CREDIT_LIMIT = "credit_limit"


# The accounts change with every order and have no index that each change would have to write.
_ACCOUNTS = "(an account a dealer)"
_SORTED_BY = {
    DealerSort.CODE: SortKey("d.code", str, "uq_dealer_code"),
    DealerSort.BALANCE: SortKey("a.balance", Decimal, _ACCOUNTS),
    DealerSort.OPEN_ORDERS: SortKey("a.open_orders", Decimal, _ACCOUNTS),
    DealerSort.CREDIT_LIMIT: SortKey("a.credit_limit", Decimal, _ACCOUNTS),
}
BY_CODE = Sort(DealerSort.CODE)


@dataclass(frozen=True, slots=True)
class DealerRow:
    """A dealer with its account; exposure = balance + open orders."""

    id: int
    code: str
    name_zh: str
    name_en: str
    tier: str
    state: str
    region_zh: str
    region_en: str
    balance: Decimal
    open_orders: Decimal
    credit_limit: Decimal

    @property
    def exposure(self) -> Decimal:
        """What the dealer would owe if everything ordered were billed."""
        return self.balance + self.open_orders

    @property
    def used(self) -> Decimal | None:
        """The share of the credit limit that is used up, above 1 beyond it; None without a limit."""
        return max(self.exposure, ZERO) / self.credit_limit if self.credit_limit else None


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence or filing of a dealer."""

    number: str
    device_class: int
    category_codes: list[str]
    valid_from: date
    valid_to: date | None


def dealers(
    session: Session,
    *,
    q: str = "",
    region_id: int | None = None,
    tier: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DealerRow]:
    """Dealers in scope by code, or as `sort` says (``-balance``).

    `q` is part of code, name or credit code; `region_id` an area or a province.
    """
    order_by = paging.sort_of(sort, list(DealerSort), BY_CODE)
    key = DealerSort(order_by.key)
    parameters: dict[str, Any] = {"q": containing(q), "region_id": region_id, "tier": tier}
    parameters["limit"] = limit + 1
    cursors = paging.cursors(session, f"dealers {order_by}", _SORTED_BY[key].read, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    filters = bool(q.strip()), region_id is not None, bool(tier)
    rows = session.execute(_list(*filters, back, key, order_by.descending), parameters)
    found = [DealerRow(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda dealer: (getattr(dealer, key), dealer.id), place)


def count_dealers(session: Session, *, q: str = "", region_id: int | None = None, tier: str = "") -> int:
    """How many dealers `dealers` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"q": containing(q), "region_id": region_id, "tier": tier, "most": paging.COUNTED_MAX + 1}
    statement = _count(bool(q.strip()), region_id is not None, bool(tier))
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def licences(session: Session, dealer_id: int) -> list[LicenceRow]:
    """Licences and filings of a dealer, the latest first."""
    return [LicenceRow(**row._mapping) for row in session.execute(_LICENCES, {"dealer_id": dealer_id})]


def _where(with_q: bool, with_region: bool, with_tier: bool, *more: str) -> str:
    conditions = ["true", *filter(None, more)]
    if with_q:
        conditions.append("d.search_key LIKE :q")
    if with_region:
        conditions.append("(r.id = :region_id OR r.parent_id = :region_id)")
    if with_tier:
        conditions.append("dt.tier = :tier")
    return " AND ".join(conditions)


@cache
def _count(with_q: bool, with_region: bool, with_tier: bool) -> TextClause:
    where = _where(with_q, with_region, with_tier)
    joins = f"{tier_of('d.id')} {region_of('d.id')}"
    return text(f"SELECT count(*) FROM (SELECT FROM dealer d {joins} WHERE {where} LIMIT :most) met")


@cache
def _list(
    with_q: bool, with_region: bool, with_tier: bool, back: bool | None, key: DealerSort, descending: bool
) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[key].sql, "d.id", descending=descending, back=back)
    return text(
        f"""
        SELECT d.id, d.code, d.name_zh, d.name_en, dt.tier, d.state, r.name_zh AS region_zh,
               r.name_en AS region_en, a.balance, a.open_orders, a.credit_limit
          FROM dealer d {tier_of("d.id")} {region_of("d.id")} JOIN dealer_account a ON a.dealer_id = d.id
         WHERE {_where(with_q, with_region, with_tier, after)} ORDER BY {order} LIMIT :limit
        """
    )


_LICENCES = text(
    """
    SELECT number, device_class, category_codes, valid_from, valid_to FROM dealer_licence
     WHERE dealer_id = :dealer_id ORDER BY valid_to DESC NULLS FIRST, number
    """
)
