"""FORECAST: how well the demand of real intermittent series is foreseen, and whether the stock suffices.

Needs no portal: the rules of `portal.planning` over 2,509 car parts by month (`bench/data/NOTICE.md`). At an
origin only the months before it are known. RMSSE: root of the mean squared error of a series over the mean
squared step of its known months, its mean over the series that move; bias: what was foreseen too much, as a
share of what was asked for.
"""

from __future__ import annotations

import csv
import gzip
import math
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from portal.planning.advice_rules import WEEK, Terms, levels
from portal.planning.forecast_rules import MONTHLY, Forecast, forecast, trend_of

DATA = Path(__file__).parent / "data" / "carparts.csv.gz"
ORIGINS = (27, 30, 33, 36, 39)  # months known
HORIZON = 12
SHARES = (Decimal("0.90"), Decimal("0.95"), Decimal("0.98"))
COVERED = (1, 2, 3)  # months from order to arrival, with the review

Series = Sequence[int]
Method = Callable[[Sequence[Series]], list[float]]


def run(_stage: object = None) -> dict[str, object]:
    """Every method at every origin, and what the advised stock would have sufficed for."""
    parts = read_parts()
    began = time.perf_counter()
    ours([part[: ORIGINS[-1]] for part in parts])
    took = time.perf_counter() - began
    return {
        "series": len(parts),
        "seconds_per_1000": round(took / len(parts) * 1000, 4),
        "methods": {name: scores(parts, method) for name, method in METHODS.items()},
        "stock": [suffices(parts, share, months) for share in SHARES for months in COVERED],
    }


def read_parts() -> list[list[int]]:
    """The series without a gap, the oldest month first."""
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return [[int(value) for value in values] for _, *values in rows if all(values)]


def ours(known: Sequence[Series]) -> list[float]:
    """What the portal foresees of a month."""
    return [one.mean for one in _forecasts(known)]


def _forecasts(known: Sequence[Series]) -> list[Forecast]:
    trend = trend_of([sum(month) for month in zip(*known, strict=True)], MONTHLY)
    return [forecast(part, trend, MONTHLY) for part in known]


METHODS: dict[str, Method] = {
    "zeros": lambda known: [0.0] * len(known),
    "last value": lambda known: [float(part[-1]) for part in known],
    "mean of 12 months": lambda known: [fmean(part[-12:]) for part in known],
    "ours": ours,
}


def scores(parts: Sequence[Series], method: Method) -> dict[str, object]:
    """RMSSE and bias at each origin, and their means."""
    found = [score(parts, method, origin) for origin in ORIGINS]
    return {
        "rmsse": round(fmean(rmsse for rmsse, _ in found), 3),
        "bias": round(fmean(bias for _, bias in found), 3),
        "by_origin": {
            origin: [round(rmsse, 3), round(bias, 3)]
            for origin, (rmsse, bias) in zip(ORIGINS, found, strict=True)
        },
    }


def score(parts: Sequence[Series], method: Method, origin: int) -> tuple[float, float]:
    """RMSSE and bias of a method that knows the first `origin` months."""
    foreseen = method([part[:origin] for part in parts])
    asked = sum(sum(part[origin : origin + HORIZON]) for part in parts)
    errors = [one for part, mean in zip(parts, foreseen, strict=True) for one in _scaled(part, mean, origin)]
    return fmean(errors), (sum(foreseen) * HORIZON - asked) / asked


def _scaled(part: Series, mean: float, origin: int) -> Iterator[float]:
    """The error of one series; none where its known months never move."""
    steps = fmean((after - before) ** 2 for before, after in pairwise(part[:origin]))
    if steps > 0:
        missed = fmean((value - mean) ** 2 for value in part[origin : origin + HORIZON])
        yield math.sqrt(missed / steps)


def suffices(parts: Sequence[Series], share: Decimal, months: int) -> dict[str, object]:
    """Of all series and origins the share for which the advised level was enough over `months`."""
    covered = Terms(months * WEEK - 1, 1, share)  # a period of the forecast is a month here, not a week
    enough = total = 0
    for origin in ORIGINS:
        for part, foreseen in zip(parts, _forecasts([part[:origin] for part in parts]), strict=True):
            total += 1
            enough += sum(part[origin : origin + months]) <= levels(foreseen, covered).order_up_to
    return {"service_level": str(share), "months": months, "sufficed": round(enough / total, 3)}
