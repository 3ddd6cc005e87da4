"""The dealers an employee answers for, as a list with their position and as one page each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.kernel import paging
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing


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
) -> Page[DealerRow]:
    """Dealers in scope by code.

    `q` is part of code, name or credit code; `region_id` an area or a province.
    """
    parameters: dict[str, Any] = {
        "q": containing(q),
        "region_id": region_id,
        "tier": tier,
        "limit": limit + 1,
    }
    cursors = paging.cursors(session, "dealers", str, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_code"], parameters["from_id"] = place.key
    statement = _list(
        bool(q.strip()), region_id is not None, bool(tier), None if place is None else place.back
    )
    rows = [DealerRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda dealer: (dealer.code, dealer.id), place)


def licences(session: Session, dealer_id: int) -> list[LicenceRow]:
    """Licences and filings of a dealer, the latest first."""
    return [LicenceRow(**row._mapping) for row in session.execute(_LICENCES, {"dealer_id": dealer_id})]


@cache
def _list(with_q: bool, with_region: bool, with_tier: bool, back: bool | None) -> TextClause:
    conditions = ["true"]
    if with_q:
        conditions.append("d.search_key LIKE :q")
    if with_region:
        conditions.append("(r.id = :region_id OR r.parent_id = :region_id)")
    if with_tier:
        conditions.append("dt.tier = :tier")
    if back is not None:
        conditions.append(f"(d.code, d.id) {'<' if back else '>'} (:from_code, :from_id)")
    turn = " DESC" if back else ""
    return text(
        f"""
        SELECT d.id, d.code, d.name_zh, d.name_en, dt.tier, d.state, r.name_zh AS region_zh,
               r.name_en AS region_en, a.balance, a.open_orders, a.credit_limit
          FROM dealer d {tier_of("d.id")} {region_of("d.id")} JOIN dealer_account a ON a.dealer_id = d.id
         WHERE {" AND ".join(conditions)} ORDER BY d.code{turn}, d.id{turn} LIMIT :limit
        """
    )


_LICENCES = text(
    """
    SELECT number, device_class, category_codes, valid_from, valid_to FROM dealer_licence
     WHERE dealer_id = :dealer_id ORDER BY valid_to DESC NULLS FIRST, number
    """
)
