"""The regulator's clocks of an adverse event. Pure.

They run from awareness in calendar days or hours, by night and on holidays, and nothing makes them stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.kernel.errors import N_, Fault

AMOUNT_MAX = 1_000


class TermName(StrEnum):
    """What is set. trend_count complaints on one lot within trend_days raise a signal."""

    DEATH = "death"
    SERIOUS = "serious"
    OTHER = "other"
    GROUP = "group"
    GROUP_NOTICE = "group_notice"
    TREND_DAYS = "trend_days"
    TREND_COUNT = "trend_count"


class Unit(StrEnum):
    """What an amount counts."""

    DAY = "day"
    HOUR = "hour"
    COMPLAINT = "complaint"


UNITS = {
    TermName.DEATH: (Unit.DAY, Unit.HOUR),
    TermName.SERIOUS: (Unit.DAY, Unit.HOUR),
    TermName.OTHER: (Unit.DAY, Unit.HOUR),
    TermName.GROUP: (Unit.HOUR, Unit.DAY),
    TermName.GROUP_NOTICE: (Unit.HOUR, Unit.DAY),
    TermName.TREND_DAYS: (Unit.DAY,),
    TermName.TREND_COUNT: (Unit.COMPLAINT,),
}
"""Which units each can have."""


class Light(StrEnum):
    """How an adverse event stands against its clock. None: it is reported."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NONE = "none"


class Stage(StrEnum):
    """How far a clock has run when quality is told."""

    FIRST = "first"
    LAST = "last"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Term:
    """An amount of days or hours, and the shares of it, in percent, after which somebody is warned."""

    amount: int
    unit: Unit
    warn_first: int = 50
    warn_last: int = 80


@dataclass(frozen=True, slots=True)
class Due:
    """When a report is due, and when somebody is warned before."""

    due_at: datetime
    warn_first_at: datetime
    warn_last_at: datetime


def due_of(aware_at: datetime, term: Term, zone: ZoneInfo) -> Due:
    """The clock of somebody who became aware at a moment.

    A day is a day of the calendar of `zone`: so many days later at the same time of the day.
    """
    if term.unit is Unit.DAY:
        local = aware_at.astimezone(zone)
        due = (local + timedelta(days=term.amount)).astimezone(UTC)
    else:
        due = aware_at.astimezone(UTC) + timedelta(hours=term.amount)
    whole = due - aware_at
    return Due(due, aware_at + whole * term.warn_first // 100, aware_at + whole * term.warn_last // 100)


def light(*, due_at: datetime, warn_at: datetime, is_running: bool, at: datetime) -> Light:
    """How a clock stands at a moment."""
    if not is_running:
        return Light.NONE
    if due_at <= at:
        return Light.RED
    return Light.AMBER if warn_at <= at else Light.GREEN


def term_faults(name: TermName, term: Term) -> list[Fault]:
    """What is wrong with a term that somebody sets, at ``/<name>/…``."""
    faults = []
    if not 1 <= term.amount <= AMOUNT_MAX:
        message, fix = N_("From 1 to %(most)s."), N_("Enter a whole number.")
        faults.append(Fault(f"/{name}/amount", "amount_out_of_range", message, fix, {"most": AMOUNT_MAX}))
    if term.unit not in UNITS[name]:
        message, fix = N_("This is not counted so."), N_("Choose one from the list.")
        faults.append(Fault(f"/{name}/unit", "wrong_unit", message, fix))
    if not 1 <= term.warn_first < term.warn_last <= 99:
        message = N_("Warnings come after 1 to 99 percent of the time, the first before the last.")
        fix = N_("Change the shares.")
        faults.append(Fault(f"/{name}/warn_first", "warnings_out_of_order", message, fix))
    return faults
