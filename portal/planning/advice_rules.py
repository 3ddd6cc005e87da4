"""How much of a product a warehouse needs: safety stock, reorder point, and what to bring. Pure.

A warehouse looks every `review_days` whether to order, and what it orders comes `lead_days` later: until then
its stock has to last, so both lie in the time to be covered. All quantities are whole units, never negative.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

from portal.kernel.errors import N_, Fault
from portal.planning.forecast_rules import Forecast, Method

LEAD_DAYS = (1, 365)
REVIEW_DAYS = (1, 90)
SERVICE_LEVEL = (Decimal("0.5"), Decimal("0.999"))

COVERED_LONGEST = 100_000
"""Days that stand for ever, where nothing is asked for and days of cover are sorted."""

WEEK = 7  # days of the period that a forecast is for

_ROUNDING = 1e-9  # a hair above a whole unit is that unit


@dataclass(frozen=True, slots=True)
class Terms:
    """service_level: the share of orders that stock has to suffice for while more is on its way."""

    lead_days: int
    review_days: int
    service_level: Decimal


@dataclass(frozen=True, slots=True)
class TermsChange:
    """Terms as somebody sets them for a warehouse, or a product in it; None: as everywhere else."""

    lead_days: int | None = None
    review_days: int | None = None
    service_level: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """safety_stock: against demand beyond its mean. reorder_point: at or below it more is ordered, up to
    `order_up_to`.
    """

    safety_stock: int
    reorder_point: int
    order_up_to: int


@dataclass(frozen=True, slots=True)
class Position:
    """Units of a product in a warehouse.

    free: that may be promised. coming: ordered, on their way or in inspection. waiting: orders wait for them.
    """

    free: int
    coming: int
    waiting: int

    @property
    def units(self) -> int:
        """What is there for demand to come; below 0 while more waits than comes."""
        return self.free + self.coming - self.waiting


NO_STOCK_NEEDED = Levels(0, 0, 0)


def default_terms(lead_days: int) -> Terms:
    """What counts where headquarters set nothing: looked at every week, sufficient 19 times of 20."""
    return Terms(lead_days, review_days=7, service_level=Decimal("0.95"))


def merged(default: Terms, changes: Iterable[TermsChange]) -> Terms:
    """The terms that count: of each figure the last that was set, from the widest to the narrowest."""
    lead_days, review_days, service_level = default.lead_days, default.review_days, default.service_level
    for change in changes:
        lead_days = lead_days if change.lead_days is None else change.lead_days
        review_days = review_days if change.review_days is None else change.review_days
        service_level = service_level if change.service_level is None else change.service_level
    return Terms(lead_days, review_days, service_level)


def levels(weekly: Forecast, terms: Terms) -> Levels:
    """What stock has to be, of a forecast of a week's demand; nothing of what nobody asks for."""
    if weekly.method is Method.NONE:
        return NO_STOCK_NEEDED
    covered = (terms.lead_days + terms.review_days) / WEEK
    factor = NormalDist().inv_cdf(float(terms.service_level))
    safety = _whole(factor * weekly.spread * math.sqrt(covered))
    reorder = safety + _whole(weekly.mean * terms.lead_days / WEEK)
    return Levels(safety, reorder, safety + _whole(weekly.mean * covered))


def proposed(needed: Levels, position: Position, pack: int) -> int:
    """Units to bring, in whole packs: up to the level as soon as the reorder point is reached, else 0."""
    lacking = needed.order_up_to - position.units
    if lacking <= 0 or position.units > needed.reorder_point:
        return 0
    return -(-lacking // pack) * pack


def surplus(needed: Levels, position: Position) -> int:
    """Units that another warehouse may have without this one having to order."""
    return max(0, min(position.free, position.units) - needed.order_up_to)


def cover_days(weekly: Forecast, position: Position) -> int | None:
    """How long the free stock lasts at the mean; None where nothing is asked for."""
    if weekly.mean <= 0:
        return None
    return min(int(position.free * WEEK / weekly.mean), COVERED_LONGEST - 1)


def terms_faults(change: TermsChange) -> list[Fault]:
    """Why terms cannot be set so, each beside its member."""
    faults = []
    for name, value, (least, most) in (
        ("lead_days", change.lead_days, LEAD_DAYS),
        ("review_days", change.review_days, REVIEW_DAYS),
    ):
        if value is not None and not least <= value <= most:
            message, fix = N_("That is no possible number of days."), N_("Enter %(least)s to %(most)s.")
            faults.append(
                Fault(f"/{name}", "days_out_of_range", message, fix, {"least": least, "most": most})
            )
    least_level, most_level = SERVICE_LEVEL
    if change.service_level is not None and not least_level <= change.service_level <= most_level:
        message = N_("No stock gives such a service level.")
        fix = N_("Choose 50 to 99.9 percent.")
        faults.append(Fault("/service_level", "service_level_out_of_range", message, fix))
    return faults


def _whole(units: float) -> int:
    return max(0, math.ceil(units - _ROUNDING))
