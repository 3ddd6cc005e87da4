"""What simulations of a programme came to, for the people who answer for it.

Row-level security keeps a region's manager to the dealers of its regions, in every sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.rebates.documents import told_of
from portal.rebates.queries import ManagedProgramme
from portal.rebates.simulated_past import SimulationState
from portal.rebates.vocabulary import RebateRight

PRODUCTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulation; `place` counts those of its programme from 1. total, done: dealers.

    is_current: whether the programme still says what was simulated.
    """

    id: int
    place: int
    revision: int
    first_day: date
    last_day: date
    state: str
    total: int
    done: int
    asked_by_label: str
    asked_at: datetime
    finished_at: datetime | None
    error: str
    is_current: bool

    @property
    def is_under_way(self) -> bool:
        """Whether it is worth looking again soon."""
        return self.state in (SimulationState.WAITING, SimulationState.RUNNING)


@dataclass(frozen=True, slots=True)
class Part:
    """A region, product or month. sold: ¥ with tax that counted. accrued: what that would have earned."""

    code: str
    name_zh: str
    name_en: str
    dealers: int
    sold: Decimal
    accrued: Decimal


@dataclass(frozen=True, slots=True)
class TierReached:
    """How many dealers reached a tier as their highest, and what they would have earned. 0: none."""

    tier: int
    dealers: int
    sold: Decimal
    accrued: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulation came to, of the dealers that the reader sees."""

    sold: Decimal
    accrued: Decimal
    dealers: int
    tiers: Sequence[TierReached]
    regions: Sequence[Part]
    products: Sequence[Part]
    months: Sequence[Part]

    @property
    def share(self) -> Decimal | None:
        """What was earned as a fraction of what was sold."""
        return self.accrued / self.sold if self.sold > 0 else None


class SimulatedSort(StrEnum):
    """What dealers are sorted by."""

    CODE = "code"
    SOLD = "sold"
    REACHED_TIER = "reached_tier"
    ACCRUED = "accrued"


_OF_ONE = "(a row a dealer of one simulation)"
_SORTED_BY = {
    SimulatedSort.CODE: SortKey("d.code", str, _OF_ONE),
    SimulatedSort.SOLD: SortKey("s.sold", Decimal, _OF_ONE),
    SimulatedSort.REACHED_TIER: SortKey("s.reached_tier", int, _OF_ONE),
    SimulatedSort.ACCRUED: SortKey("s.accrued", Decimal, _OF_ONE),
}
MOST_EARNED = Sort(SimulatedSort.ACCRUED, descending=True)


@dataclass(frozen=True, slots=True)
class SimulatedDealer:
    """A dealer of a simulation. qualified: ¥ or pieces."""

    id: int
    code: str
    name_zh: str
    name_en: str
    region_zh: str
    region_en: str
    sold: Decimal
    qualified: Decimal
    reached_tier: int
    accrued: Decimal


def simulations(session: Session, *, actor: Actor, programme: ManagedProgramme) -> list[Simulation]:
    """Those of a programme that the actor was shown, the latest first, at most twenty. Raises Forbidden."""
    return _simulations(session, actor, programme, None)


def simulation(session: Session, *, actor: Actor, programme: ManagedProgramme, place: int) -> Simulation:
    """One of them. Raises NotFound, Forbidden."""
    found = _simulations(session, actor, programme, place)
    if not found:
        raise NotFound()
    return found[0]


def outcome(session: Session, *, simulation_id: int) -> Outcome:
    """What it came to, of the dealers that the session sees."""
    whole = {"id": simulation_id}
    tiers = [TierReached(**row._mapping) for row in session.execute(_TIERS, whole)]
    return Outcome(
        sum((one.sold for one in tiers), Decimal(0)),
        sum((one.accrued for one in tiers), Decimal(0)),
        sum(one.dealers for one in tiers),
        tiers,
        [Part(**row._mapping) for row in session.execute(_REGIONS, whole)],
        [
            Part(**row._mapping)
            for row in session.execute(_PRODUCTS, {"id": simulation_id, "limit": PRODUCTS_SHOWN})
        ],
        [Part(**row._mapping) for row in session.execute(_MONTHS, whole)],
    )


def simulated_dealers(
    session: Session, *, simulation_id: int, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[SimulatedDealer]:
    """The dealers of a simulation, who would have earned most first, or as `sort` says."""
    order_by = paging.sort_of(sort, list(SimulatedSort), MOST_EARNED)
    key = SimulatedSort(order_by.key)
    cursors = paging.cursors(
        session, f"simulated-dealers {simulation_id} {order_by}", _SORTED_BY[key].read, int
    )
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"id": simulation_id, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _dealers(None if place is None else place.back, key, order_by.descending)
    found = [SimulatedDealer(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (getattr(one, key), one.id), place)


def _simulations(
    session: Session, actor: Actor, programme: ManagedProgramme, place: int | None
) -> list[Simulation]:
    actor.require(RebateRight.PROPOSE, RebateRight.APPROVE)
    rows = session.execute(_SHOWN, {"programme_id": programme.id, "place": place})
    now = told_of(programme.terms)
    return [value_of(Simulation, row, is_current=row.terms == now) for row in rows]


@cache
def _dealers(back: bool | None, key: SimulatedSort, descending: bool) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[key].sql, "d.id", descending=descending, back=back)
    return text(
        f"""
        SELECT d.id, d.code, d.name_zh, d.name_en, r.name_zh AS region_zh, r.name_en AS region_en, s.sold,
               s.qualified, s.reached_tier, s.accrued
          FROM rebate_simulation_dealer s JOIN dealer d ON d.id = s.dealer_id {region_of("d.id")}
         WHERE s.simulation_id = :id {f"AND {after}" if after else ""} ORDER BY {order} LIMIT :limit
        """
    )


_SHOWN = text(
    """
    SELECT * FROM (
      SELECT id, row_number() OVER (ORDER BY id) AS place, revision, terms, first_day, last_day, state, total,
             done, asked_by_label, asked_at, finished_at, error
        FROM rebate_simulation WHERE programme_id = :programme_id) s
     WHERE CAST(:place AS bigint) IS NULL OR s.place = :place
     ORDER BY place DESC LIMIT 20
    """
)
_TIERS = text(
    """
    SELECT reached_tier AS tier, count(*)::int AS dealers, sum(sold) AS sold, sum(accrued) AS accrued
      FROM rebate_simulation_dealer WHERE simulation_id = :id GROUP BY reached_tier ORDER BY reached_tier
    """
)
_REGIONS = text(
    f"""
    SELECT r.code, r.name_zh, r.name_en, count(*)::int AS dealers, sum(s.sold) AS sold,
           sum(s.accrued) AS accrued
      FROM rebate_simulation_dealer s {region_of("s.dealer_id")}
     WHERE s.simulation_id = :id GROUP BY r.id, r.code, r.name_zh, r.name_en
     ORDER BY accrued DESC, r.code
    """
)
_PRODUCTS = text(
    """
    SELECT of.sku AS code, coalesce(p.name_zh, of.sku) AS name_zh, coalesce(p.name_en, of.sku) AS name_en,
           of.dealers, of.sold, of.accrued
      FROM (SELECT part.key AS sku, count(*)::int AS dealers, sum((part.value->>0)::numeric) AS sold,
                   sum((part.value->>1)::numeric) AS accrued
              FROM rebate_simulation_dealer s CROSS JOIN LATERAL jsonb_each(s.products) part
             WHERE s.simulation_id = :id
             GROUP BY part.key ORDER BY accrued DESC, sold DESC, part.key LIMIT :limit) of
      LEFT JOIN product p ON p.sku = of.sku
     ORDER BY of.accrued DESC, of.sold DESC, of.sku
    """
)
_MONTHS = text(
    """
    SELECT part.key AS code, part.key AS name_zh, part.key AS name_en, count(*)::int AS dealers,
           sum((part.value->>0)::numeric) AS sold, sum((part.value->>1)::numeric) AS accrued
      FROM rebate_simulation_dealer s CROSS JOIN LATERAL jsonb_each(s.months) part
     WHERE s.simulation_id = :id GROUP BY part.key ORDER BY part.key
    """
)
