"""The two clocks of a request: until the first answer, and until it is resolved. Pure.

Both run in business time, which a calendar knows. They stand while the dealer is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal.kernel.errors import N_, Fault

MINUTES_MAX = 60 * 24 * 365
WARN_AT_PERCENT = 75


class Calendar(Protocol):
    """Business time, as `portal.workdays.rules.WorkCalendar` knows it."""

    def due(self, start: datetime, minutes: int) -> datetime:
        """The moment at which so many business minutes have passed."""

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Business minutes from one moment to another."""


class Clock(StrEnum):
    """Which of the two."""

    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"


class Stage(StrEnum):
    """How far a clock has run when somebody is told."""

    WARNING = "warning"
    BREACH = "breach"


class Light(StrEnum):
    """How a request stands against its clock. Paused: the dealer is waited for; none: it is over."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Target:
    """Business minutes that are promised."""

    first_answer_minutes: int
    resolution_minutes: int


@dataclass(frozen=True, slots=True)
class Clocks:
    """When a request is due, and when 75 % of the time is used."""

    first_answer_due_at: datetime
    first_answer_warn_at: datetime
    resolution_due_at: datetime
    resolution_warn_at: datetime


def clocks(calendar: Calendar, target: Target, since: datetime, stood: int = 0) -> Clocks:
    """The clocks of a request that began at a moment and stood for some business minutes since."""
    return Clocks(
        calendar.due(since, stood + target.first_answer_minutes),
        calendar.due(since, stood + _warned_after(target.first_answer_minutes)),
        calendar.due(since, stood + target.resolution_minutes),
        calendar.due(since, stood + _warned_after(target.resolution_minutes)),
    )


def stage_at(due_at: datetime, warn_at: datetime, at: datetime) -> Stage | None:
    """How far a clock that runs has come at a moment; None while nobody need be told."""
    if due_at <= at:
        return Stage.BREACH
    return Stage.WARNING if warn_at <= at else None


def stood_until(calendar: Calendar, stood: int, paused_at: datetime | None, at: datetime) -> int:
    """Business minutes that the clocks have stood, with those of a pause that ends at a moment."""
    return stood if paused_at is None else stood + calendar.minutes_between(paused_at, at)


def light(
    *,
    due_at: datetime | None,
    warn_at: datetime | None,
    paused_at: datetime | None,
    is_open: bool,
    at: datetime,
) -> Light:
    """How a request stands at a moment against the clock that runs out first."""
    if not is_open or due_at is None or warn_at is None:
        return Light.NONE
    seen = paused_at or at
    if due_at < seen:
        return Light.RED
    if paused_at:
        return Light.PAUSED
    return Light.AMBER if warn_at <= at else Light.GREEN


def target_faults(pointer: str, target: Target) -> list[Fault]:
    """What is wrong with a target that somebody sets."""
    faults = []
    for name in ("first_answer_minutes", "resolution_minutes"):
        if not 1 <= getattr(target, name) <= MINUTES_MAX:
            message, fix = N_("From 1 minute to a year."), N_("Enter business minutes.")
            faults.append(Fault(f"{pointer}/{name}", "minutes_out_of_range", message, fix))
    if not faults and target.first_answer_minutes > target.resolution_minutes:
        message = N_("The first answer is due before the resolution.")
        fix = N_("Enter fewer minutes here, or more there.")
        faults.append(Fault(f"{pointer}/first_answer_minutes", "answer_after_resolution", message, fix))
    return faults


def _warned_after(minutes: int) -> int:
    return minutes * WARN_AT_PERCENT // 100
