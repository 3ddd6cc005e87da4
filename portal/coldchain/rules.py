"""Whether goods were kept within their temperatures on their way, by what loggers wrote. Pure.

An excursion is judged by the range of the goods, not by the limits that somebody set in the logger: its
alarms are only told. A reading holds until the next one. What nobody measured is no proof, so that a hole or
too long an interval waits for quality as an excursion does. Degrees are Celsius.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from itertools import groupby, pairwise

from portal.kernel.errors import N_, Fault

COLD_MAX = Decimal(8)
"""Goods whose upper limit is this or less are cold goods (药品医疗器械冷链: 2 to 8 °C, and frozen ones)."""
HOLE = Decimal("1.5")
"""A step this many times the logger's interval is a hole: a reading is missing."""


class RecordState(StrEnum):
    """Where a cold record stands. WAITING: the goods are in quarantine until quality has decided."""

    OPEN = "open"
    WITHIN = "within"
    WAITING = "waiting"
    RELEASED = "released"
    CONDEMNED = "condemned"


class Transport(StrEnum):
    """How cold goods travel."""

    REFRIGERATED_VAN = "refrigerated_van"
    COOL_BOX = "cool_box"
    PASSIVE_BOX = "passive_box"


class FindingKind(StrEnum):
    """What speaks against a transport."""

    TOO_WARM = "too_warm"
    TOO_COLD = "too_cold"
    HOLE = "hole"
    INTERVAL = "interval"
    NOT_COVERED = "not_covered"


TRANSITIONS = frozenset(
    {
        (RecordState.OPEN, RecordState.WITHIN),
        (RecordState.OPEN, RecordState.WAITING),
        (RecordState.WITHIN, RecordState.WAITING),
        (RecordState.WAITING, RecordState.RELEASED),
        (RecordState.WAITING, RecordState.CONDEMNED),
    }
)
"""What may follow what; a decision stands, and what waits is never made well by another file."""
DECIDED = frozenset({RecordState.RELEASED, RecordState.CONDEMNED})


@dataclass(frozen=True, slots=True)
class Range:
    """What goods bear, °C; either end may be open."""

    low: Decimal | None
    high: Decimal | None

    @property
    def is_cold(self) -> bool:
        """Whether they are cold goods."""
        return self.high is not None and self.high <= COLD_MAX

    def holds(self, other: Range) -> bool:
        """Whether whatever lies within another range lies within this one."""
        low = self.low is None or (other.low is not None and self.low <= other.low)
        high = self.high is None or (other.high is not None and other.high <= self.high)
        return low and high


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a transport is allowed.

    degrees: beyond either end of the range. out: how long a reading may hold beyond. interval: at most
    between two readings.
    """

    degrees: Decimal
    out: timedelta
    interval: timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement."""

    at: datetime
    celsius: Decimal


@dataclass(frozen=True, slots=True)
class DayExtremes:
    """What a logger kept of a day whose readings it no longer has."""

    on: date
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Trace:
    """What one logger says, in order of time. interval: as its readings have it, None for fewer than two.
    zone: of the logger's clock, by which it counts its days.
    """

    readings: tuple[Reading, ...]
    days: tuple[DayExtremes, ...] = ()
    interval: timedelta | None = None
    zone: tzinfo = UTC

    def day_of(self, at: datetime) -> date:
        """The logger's day at a moment."""
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Window:
    """The time on the way. end: None while nobody has said when it arrived."""

    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at and (self.end is None or at <= self.end)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing against a transport.

    start, end: when; both None for what is about no time. celsius: the farthest, of an excursion.
    """

    kind: FindingKind
    start: datetime | None = None
    end: datetime | None = None
    celsius: Decimal | None = None

    @property
    def minutes(self) -> int:
        """How long, rounded up."""
        if self.start is None or self.end is None:
            return 0
        return -((self.start - self.end) // timedelta(minutes=1))


def tightest(ranges: Iterable[Range]) -> Range | None:
    """What all cold goods of a parcel bear together; None for a parcel without any, or if there is no such
    temperature.
    """
    cold = [one for one in ranges if one.is_cold]
    if not cold:
        return None
    lows = [one.low for one in cold if one.low is not None]
    highs = [one.high for one in cold if one.high is not None]
    both = Range(max(lows, default=None), min(highs))
    return None if both.low is not None and both.high is not None and both.low > both.high else both


def usual_interval(readings: Sequence[Reading]) -> timedelta | None:
    """The step between two readings that is met most often, the shorter of two as often."""
    steps: dict[timedelta, int] = {}
    for before, after in pairwise(readings):
        step = after.at - before.at
        steps[step] = steps.get(step, 0) + 1
    return min(steps, key=lambda step: (-steps[step], step)) if steps else None


def findings_of(trace: Trace, bounds: Range, window: Window, tolerance: Tolerance) -> list[Finding]:
    """What a logger's trace says against a transport, by kind and time; nothing for one as it should be."""
    within = [reading for reading in trace.readings if window.holds(reading.at)]
    days = [day for day in trace.days if _touches(trace, day, window)]
    return [
        *_excursions(within, bounds, tolerance, trace.interval),
        *_of_days(trace, days, within, bounds, tolerance),
        *_holes(within, trace.interval),
        *_intervals(trace, within, tolerance),
        *_uncovered(within, window, trace.interval or tolerance.interval),
    ]


def spot_findings(spots: Iterable[tuple[datetime, Decimal | None]], bounds: Range) -> list[Finding]:
    """What the temperatures that people took say, each with its moment; those not taken yet say nothing."""
    return [
        Finding(side, at, at, celsius)
        for at, celsius in spots
        if celsius is not None and (side := _side(celsius, bounds, Decimal(0))) is not None
    ]


def state_after(state: RecordState, findings: Sequence[Finding], *, is_complete: bool) -> RecordState:
    """Where a record stands with these findings: a decision and what waits for one stay.

    is_complete: packed, departed and arrived with a temperature each, and a logger's file.
    """
    if state in DECIDED or state is RecordState.WAITING:
        return state
    if findings:
        return RecordState.WAITING
    return RecordState.WITHIN if is_complete else state


def decision_faults(reason: str) -> list[Fault]:
    """What is wrong with a decision of quality."""
    if reason.strip():
        return []
    return [
        Fault(
            "/reason",
            "reason_missing",
            N_("Give a reason."),
            N_("Say by what the goods are judged: stability data, the maker's word."),
        )
    ]


def _side(celsius: Decimal, bounds: Range, degrees: Decimal) -> FindingKind | None:
    if bounds.high is not None and celsius > bounds.high + degrees:
        return FindingKind.TOO_WARM
    if bounds.low is not None and celsius < bounds.low - degrees:
        return FindingKind.TOO_COLD
    return None


def _excursions(
    readings: Sequence[Reading], bounds: Range, tolerance: Tolerance, interval: timedelta | None
) -> list[Finding]:
    """Runs beyond one end, each from its first reading until the first that is not; the last reading holds
    for an interval, since nobody knows better.
    """
    found = []
    runs = [
        (side, list(run))
        for side, run in groupby(readings, key=lambda one: _side(one.celsius, bounds, tolerance.degrees))
    ]
    ends = [run[0].at for _, run in runs[1:]]
    if runs:
        ends.append(runs[-1][1][-1].at + (interval or tolerance.interval))
    for (side, run), end in zip(runs, ends, strict=True):
        if side is not None and end - run[0].at > tolerance.out:
            farthest = max if side is FindingKind.TOO_WARM else min
            found.append(Finding(side, run[0].at, end, farthest(reading.celsius for reading in run)))
    return found


def _of_days(
    trace: Trace,
    days: Sequence[DayExtremes],
    readings: Sequence[Reading],
    bounds: Range,
    tolerance: Tolerance,
) -> list[Finding]:
    """Days whose extremes lie beyond, where their readings do not say when and how long."""
    found = []
    for day in days:
        known = {reading.celsius for reading in readings if trace.day_of(reading.at) == day.on}
        for celsius in (day.high, day.low):
            side = _side(celsius, bounds, tolerance.degrees)
            if side is not None and celsius not in known:
                found.append(Finding(side, celsius=celsius))
    return found


def _touches(trace: Trace, day: DayExtremes, window: Window) -> bool:
    last = trace.day_of(window.end) if window.end else date.max
    return trace.day_of(window.start) <= day.on <= last


def _holes(readings: Sequence[Reading], interval: timedelta | None) -> list[Finding]:
    if interval is None:
        return []
    longest = interval * float(HOLE)
    return [
        Finding(FindingKind.HOLE, before.at, after.at)
        for before, after in pairwise(readings)
        if after.at - before.at > longest
    ]


def _intervals(trace: Trace, readings: Sequence[Reading], tolerance: Tolerance) -> list[Finding]:
    if trace.interval is None or trace.interval <= tolerance.interval or not readings:
        return []
    return [Finding(FindingKind.INTERVAL, readings[0].at, readings[0].at + trace.interval)]


def _uncovered(readings: Sequence[Reading], window: Window, interval: timedelta) -> list[Finding]:
    """The beginning and the end of the way that the readings do not reach."""
    if not readings:
        return [Finding(FindingKind.NOT_COVERED, window.start, window.end)]
    longest = interval * float(HOLE)
    found = []
    if readings[0].at - window.start > longest:
        found.append(Finding(FindingKind.NOT_COVERED, window.start, readings[0].at))
    if window.end is not None and window.end - readings[-1].at > longest:
        found.append(Finding(FindingKind.NOT_COVERED, readings[-1].at, window.end))
    return found
