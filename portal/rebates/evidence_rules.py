"""Conditions that are no figures (§7): stock reported in time, and facts with evidence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.rebates.programme import Programme
from portal.rebates.rules import FactKind, Period

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """The stock of a day, counted and reported by the dealer. on: the business day on which it came."""

    counted_on: date
    on: date


@dataclass(frozen=True, slots=True)
class Fact:
    """What two people of headquarters say of a dealer, from a day on; last: None until further notice."""

    kind: str
    holds: bool
    first: date
    last: date | None
    reason: str

    def covers(self, day: date) -> bool:
        """Whether it says something about a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a dealer beside its documents. facts: the latest said last."""

    as_of: date = date.max
    reports: Sequence[Report] = ()
    facts: Sequence[Fact] = ()


Unmet = tuple[str, tuple[str, ...]]
"""A condition that does not hold, and what it lacks: days as 2026-11-30, or reasons."""


def unmet_of(
    programme: Programme, evidence: Evidence, period: Period, is_in: Callable[[date], bool]
) -> Iterator[Unmet]:
    """The conditions of a period that do not hold. is_in: whether the dealer is in the programme on a day."""
    if programme.inventory_reports is not None:
        missing = [
            day
            for day in owed_days(period)
            if is_in(day) and _is_late(evidence, day, programme.inventory_reports)
        ]
        if missing:
            yield "inventory_reports", tuple(map(str, missing))
    if programme.no_diversion_case:
        reasons = _against(evidence, FactKind.NO_DIVERSION_CASE, period)
        if reasons:
            yield str(FactKind.NO_DIVERSION_CASE), reasons


def owed_days(period: Period) -> Iterator[date]:
    """The days whose stock has to be reported: each month's last day in the period, and the period's last."""
    day = period.first
    while day <= period.last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield min(following - _DAY, period.last)
        day = following


def _is_late(evidence: Evidence, day: date, within: int) -> bool:
    """Whether the stock at the end of a day is overdue. A count of the days until it is due will do."""
    due = day + timedelta(days=within)
    if due >= evidence.as_of:
        return False
    return not any(day <= one.counted_on <= due and one.on <= due for one in evidence.reports)


def _against(evidence: Evidence, kind: FactKind, period: Period) -> tuple[str, ...]:
    """Why a fact does not hold on some day of the period: of each day the latest word counts."""
    said = [one for one in evidence.facts if one.kind == kind]
    found: dict[str, None] = {}
    day = max(period.first, min((one.first for one in said), default=period.last + _DAY))
    while day <= min(period.last, evidence.as_of):
        latest = next((one for one in reversed(said) if one.covers(day)), None)
        if latest is not None and not latest.holds:
            found[latest.reason] = None
        day += _DAY
    return tuple(found)
