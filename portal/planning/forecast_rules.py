"""What a series of demand is likely to go on with: mean and spread of a period, trend of a group. Pure.

Medical devices sell in fits: most weeks nothing, then a box. No model learns a season from one such series;
what is known of a product is its recent level, what is known of the direction the total of its warehouse
tells. docs/decisions/0052-forecasts-by-our-own-rules.md has the figures of what else was tried.

Quantities are whole units; a mean and a spread are estimates, in floating point, and never money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, pstdev


class Method(StrEnum):
    """How the mean was found. new: of what little is known. level: of recent means, with the trend."""

    NONE = "none"
    NEW = "new"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How periods are counted, in periods.

    windows: over which the means are taken, the shortest first. history: that the spread is taken of. least:
    what is known of a new product counts as so much at least, so that a first order is no rhythm. settled:
    known for so long it is new no more. horizon: how far the trend reaches.
    """

    windows: tuple[int, ...]
    history: int
    least: int
    settled: int
    horizon: int


WEEKLY = Cadence(windows=(26, 52, 78), history=104, least=8, settled=13, horizon=6)
MONTHLY = Cadence(windows=(6, 12, 18), history=24, least=2, settled=3, horizon=12)

TREND_BOUNDS = (0.5, 2.0)
"""A total that halves or doubles was disturbed; levels follow it no further."""

_SMOOTHINGS = (0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one period asks for: `mean` and `spread` (standard deviation) in units, never below 0."""

    method: Method
    mean: float
    spread: float


NOTHING = Forecast(Method.NONE, 0.0, 0.0)


def series(asked: Mapping[int, int], history: int = WEEKLY.history) -> list[int]:
    """Units of each period, the oldest first, from what was asked for so many periods ago (1: the last).

    It begins with the first period in which anything was asked for, `history` periods ago at most.
    """
    known = min(history, max(asked, default=0))
    return [asked.get(ago, 0) for ago in range(known, 0, -1)]


def forecast(units: Sequence[int], trend: float = 1.0, cadence: Cadence = WEEKLY) -> Forecast:
    """What a period of a series is going to ask for.

    units: of whole periods, the oldest first, from the first in which anything is known: before it nothing is
    known, which is not the same as nothing asked for. trend: of the group, by `trend_of`.
    """
    if not any(units[-cadence.windows[-1] :]):
        return NOTHING
    known = (0,) * (cadence.least - len(units)) + tuple(units)
    spread = pstdev(known[-cadence.history :])
    if len(units) < cadence.settled:
        return Forecast(Method.NEW, fmean(known), spread)
    return Forecast(Method.LEVEL, _level(known, cadence) * trend, spread)


def trend_of(total: Sequence[int], cadence: Cadence = WEEKLY) -> float:
    """By which factor the levels of a group's series are to be corrected: Theta's forecast of its total.

    1 where less is known than the middle window, or nothing was asked for.
    """
    if len(total) < cadence.windows[len(cadence.windows) // 2]:
        return 1.0
    level = _level(total, cadence)
    if level <= 0:
        return 1.0
    low, high = TREND_BOUNDS
    return min(high, max(low, _theta(total, cadence.horizon) / level))


def _level(units: Sequence[int], cadence: Cadence) -> float:
    return fmean(fmean(units[-window:]) for window in cadence.windows)


def _theta(units: Sequence[int], horizon: int) -> float:
    """Mean of the next periods: the smoothed level, drifting by half the slope (Assimakopoulos, 2000)."""
    middle, mean = (len(units) - 1) / 2, fmean(units)
    steps = sum((place - middle) ** 2 for place in range(len(units)))
    slope = sum((place - middle) * (value - mean) for place, value in enumerate(units)) / steps
    return _smoothed(units) + slope / 2 * (horizon + 1) / 2


def _smoothed(units: Sequence[int]) -> float:
    """The level after the last period, smoothed as one step ahead was foreseen best."""
    best, last = math.inf, 0.0
    for smoothing in _SMOOTHINGS:
        level, missed = float(units[0]), 0.0
        for value in units[1:]:
            missed += (value - level) ** 2
            level += smoothing * (value - level)
        if missed < best:
            best, last = missed, level
    return last
