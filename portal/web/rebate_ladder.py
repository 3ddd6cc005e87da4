"""The tiers of a programme as a bar: how far a dealer is, what each tier pays, by the engine's thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from portal.rebates.earned import Earned
from portal.rebates.ladder import Base, Ladder
from portal.rebates.terms import TierTerms, programme_of
from portal.web.rebate_words import counted, start_in_words, tier_pays

_ZERO = Decimal(0)
_STEP = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier. start: as it is written. threshold: where it begins for this dealer; None without a base.

    position: of its mark on the bar, in per cent of the width.
    """

    place: int
    start: str
    threshold: str | None
    pays: str
    is_reached: bool
    position: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """What a page draws. share: how far it is filled, in per cent; None where there is nothing to draw."""

    rungs: tuple[Rung, ...]
    reached: int
    qualified: str
    share: Decimal | None


def ladder_of(earned: Earned) -> Bar:
    """The tiers of the period's last day, and where the dealer stands on them."""
    terms = earned.terms
    tiers = _tiers_on_last_day(earned)
    thresholds = _thresholds(earned)
    top = max([earned.qualified, *(thresholds or ())], default=_ZERO)
    rungs = tuple(
        Rung(
            place,
            start_in_words(terms, tier.start),
            counted(terms, thresholds[place - 1]) if thresholds else None,
            tier_pays(tier),
            place <= earned.reached_tier,
            _percent(thresholds[place - 1], top) if thresholds else _ZERO,
        )
        for place, tier in enumerate(tiers, start=1)
    )
    drawn = thresholds is not None and top > 0
    share = _percent(max(earned.qualified, _ZERO), top) if drawn else None
    return Bar(rungs, earned.reached_tier, counted(terms, earned.qualified), share)


def _tiers_on_last_day(earned: Earned) -> tuple[TierTerms, ...]:
    later = [one for one in earned.terms.amendments if one.start <= earned.last_day]
    return later[-1].tiers_of if later else earned.terms.tiers_of


def _thresholds(earned: Earned) -> list[Decimal] | None:
    """Where each tier begins; None where growth has nothing to begin from."""
    terms = earned.terms
    if terms.growth is not None and earned.base is None:
        return None
    programme = programme_of(terms, earned.number, earned.first_day, earned.last_day)
    ladder = Ladder(programme, Base(earned.base or _ZERO, earned.base), Fraction(1))
    return [ladder.threshold(tier) for tier in programme.table_on(earned.last_day).tiers]


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(_STEP, ROUND_DOWN) if whole > 0 else _ZERO
