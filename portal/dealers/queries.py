"""Reads of dealers: the facts a price, a stock figure or an order depends on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.kernel.actor import Actor
from portal.kernel.db import Record, value_of
from portal.kernel.errors import NotFound

NOBODY = 0
"""No dealer's id: what is narrowed to it is empty."""


@dataclass(frozen=True, slots=True)
class DealerFacts:
    """What prices and stock depend on, on one day. `region_path` is (sales area, province)."""

    id: int
    code: str
    name_zh: str
    name_en: str
    credit_code: str
    tier: str
    state: str
    region_id: int
    region_path: tuple[int, ...]
    region_zh: str
    region_en: str
    city: str
    address: str
    payment_terms_days: int


@dataclass(frozen=True, slots=True)
class Address:
    """A place the dealer may be delivered to; `code` is unique within the dealer."""

    code: str
    province_zh: str
    province_en: str
    city: str
    line: str
    contact_name: str
    contact_phone: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class TierName:
    """A tier in its two names."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class DealerName:
    """A dealer as lists name it."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RegionName:
    """A sales area or province in its two names; `parent_id` is the area of a province."""

    id: int
    code: str
    name_zh: str
    name_en: str
    level: int
    parent_id: int | None


DEALER_COLUMNS = """
d.id, d.code, d.name_zh, d.name_en, d.credit_code, dt.tier, d.state, r.id AS region_id,
r.parent_id AS area_id, r.name_zh AS region_zh, r.name_en AS region_en, d.city, d.address,
d.payment_terms_days
"""
"""What `facts_of` reads, of a dealer `d` with the joins `tier_of` and `region_of`."""

_DAY = "(SELECT greatest(CAST(:day AS date), min(valid_from)) FROM dealer_tier WHERE dealer_id = :dealer_id)"
_FACTS = text(
    f"""
    SELECT {DEALER_COLUMNS}
      FROM dealer d
      {tier_of("d.id", _DAY)}
      {region_of("d.id", _DAY)}
     WHERE d.id = :dealer_id
    """
)


def load_dealer(session: Session, dealer_id: int | None, *, day: date) -> DealerFacts:
    """One dealer with the tier and region of a day; before its first day, those that it began with.

    Raises NotFound when it is out of the session's scope: for who answers for some regions also when it was
    in another region on that day.
    """
    row = session.execute(_FACTS, {"dealer_id": dealer_id, "day": day}).one_or_none()
    if row is None:
        raise NotFound()
    return facts_of(row)


def facts_of(row: Record) -> DealerFacts:
    """The dealer of a row that has the `DEALER_COLUMNS`."""
    path = (row.region_id,) if row.area_id is None else (row.area_id, row.region_id)
    return value_of(DealerFacts, row, region_path=path)


def dealer_id_of(session: Session, code: str) -> int:
    """Id of the dealer with a code. Raises NotFound when there is none in the session's scope."""
    found: int | None = session.scalar(_BY_CODE, {"code": code})
    if found is None:
        raise NotFound()
    return found


def sought_dealer_id(session: Session, code: str) -> int | None:
    """Id of the dealer a list is narrowed to: None for no code, `NOBODY` where there is none in scope."""
    return session.scalar(_BY_CODE, {"code": code}) or NOBODY if code else None


def dealer_names(session: Session, ids: Collection[int]) -> dict[int, DealerName]:
    """Codes and names of some dealers by id; none out of the session's scope."""
    if not ids:
        return {}
    rows = session.execute(_NAMES, {"ids": sorted(ids)})
    return {row.id: DealerName(row.code, row.name_zh, row.name_en) for row in rows}


def load_addresses(session: Session, dealer_id: int | None) -> list[Address]:
    """Delivery addresses, the usual one first."""
    return [Address(**row._mapping) for row in session.execute(_ADDRESSES, {"dealer_id": dealer_id})]


_ADDRESSES = text(
    """
    SELECT a.code, r.name_zh AS province_zh, r.name_en AS province_en, a.city, a.line,
           a.contact_name, a.contact_phone, a.is_default
      FROM dealer_address a JOIN region r ON r.id = a.region_id
     WHERE a.dealer_id = :dealer_id ORDER BY a.is_default DESC, a.code
    """
)
_NAMES = text("SELECT id, code, name_zh, name_en FROM dealer WHERE id = ANY (CAST(:ids AS bigint[]))")
_BY_CODE = text("SELECT id FROM dealer WHERE code = :code")


def regions_in_scope(session: Session, actor: Actor) -> list[RegionName]:
    """The regions an employee answers for, areas before their provinces."""
    parameters = {"everywhere": actor.region_ids is None, "ids": list(actor.region_ids or ())}
    return [RegionName(**row._mapping) for row in session.execute(_REGIONS, parameters)]


_REGIONS = text(
    """
    SELECT r.id, r.code, r.name_zh, r.name_en, r.level, r.parent_id
      FROM region r LEFT JOIN region a ON a.id = r.parent_id
     WHERE :everywhere OR r.id = ANY (CAST(:ids AS bigint[]))
     ORDER BY coalesce(a.code, r.code), r.level, r.code
    """
)


def regions_by_id(session: Session, ids: Sequence[int]) -> list[RegionName]:
    """Some regions, areas before their provinces."""
    return [
        RegionName(**row._mapping)
        for row in session.execute(_REGIONS, {"everywhere": False, "ids": list(ids)})
    ]


def tiers(session: Session) -> list[TierName]:
    """Every tier, the best first."""
    return [TierName(**row._mapping) for row in session.execute(_TIERS)]


_TIERS = text("SELECT code, name_zh, name_en FROM tier ORDER BY rank")
