"""The days of a year as somebody enters them: what is wrong with them, and what they change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault

NAME_MAX = 60  # characters
SOURCE_MAX = 100
DAYS_MAX = 1000  # entered at once
YEARS = range(2000, 2101)
USUAL_WEEKDAYS_OFF = 10
"""A year with fewer weekdays off than that is asked about: China's has eighteen or more."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that is worked, or off, whatever its weekday."""

    day: date
    is_working: bool
    name_zh: str = ""
    name_en: str = ""


class Change(StrEnum):
    """What becomes of a day."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Changed:
    """A day and what becomes of it; of one that is removed as it was."""

    day: NamedDay
    change: Change


def day_faults(pointer: str, day: NamedDay) -> list[Fault]:
    """What is wrong with a day."""
    faults = []
    if day.day.year not in YEARS:
        message, fix = N_("A year between 2000 and 2100."), N_("Enter a day of such a year.")
        faults.append(Fault(f"{pointer}/day", "date_range", message, fix))
    for name, value in (("name_zh", day.name_zh), ("name_en", day.name_en)):
        faults += text_faults(f"{pointer}/{name}", value, NAME_MAX)
    return faults


def text_faults(pointer: str, text: str, most: int, *, required: bool = False) -> list[Fault]:
    """What is wrong with a name or a source."""
    if required and not text:
        fix = N_("Name the notice that announces it.")
        return [Fault(pointer, "missing", N_("This is missing."), fix)]
    if len(text) > most:
        return [
            Fault(pointer, "too_long", N_("At most %(max)s characters."), N_("Shorten it."), {"max": most})
        ]
    if not text.isprintable():
        message, fix = N_("A name has printable characters on one line."), N_("Enter it once more.")
        return [Fault(pointer, "unprintable", message, fix)]
    return []


def table_faults(days: Sequence[NamedDay], source: str) -> list[Fault]:
    """What is wrong with the days of whole years, each beside its row."""
    faults = text_faults("/source", source, SOURCE_MAX, required=True)
    if not 1 <= len(days) <= DAYS_MAX:
        message, fix = (
            N_("A table has 1 to %(max)s days."),
            N_("Enter the days that differ from a plain week."),
        )
        return [*faults, Fault("/days", "rows", message, fix, {"max": DAYS_MAX})]
    known: set[date] = set()
    for place, day in enumerate(days):
        faults += day_faults(f"/days/{place}", day)
        if day.day in known:
            message, fix = N_("This day stands twice."), N_("Take one of them out.")
            faults.append(Fault(f"/days/{place}/day", "twice", message, fix))
        known.add(day.day)
    return faults


def changes(before: Mapping[date, NamedDay], after: Iterable[NamedDay]) -> list[Changed]:
    """What becomes of each day when the years of `before` are as `after` says, in order."""
    entered = {day.day: day for day in after}
    found = []
    for day in sorted(before.keys() | entered.keys()):
        was, becomes = before.get(day), entered.get(day)
        if becomes is None:
            assert was is not None
            found.append(Changed(was, Change.REMOVED))
        elif was is None:
            found.append(Changed(becomes, Change.ADDED))
        else:
            found.append(Changed(becomes, Change.UNCHANGED if was == becomes else Change.CHANGED))
    return found


def thin_years(days: Iterable[NamedDay]) -> tuple[int, ...]:
    """Years of which so few weekdays are off that the table is hardly complete."""
    off: dict[int, int] = {}
    for one in days:
        off.setdefault(one.day.year, 0)
        off[one.day.year] += not one.is_working and one.day.weekday() < _SATURDAY
    return tuple(sorted(year for year, count in off.items() if count < USUAL_WEEKDAYS_OFF))
