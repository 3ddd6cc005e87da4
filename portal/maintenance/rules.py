"""When maintenance is due, and what a check-list says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.devices.rules import NOTE_MAX, day_faults, text_faults
from portal.devices.warranty_rules import months_after
from portal.kernel import typed
from portal.kernel.errors import N_, Fault

ITEMS_MAX, PARTS_MAX = 40, 40
USES_MAX = 10_000_000
MONTHS_MAX = 120


class MaintenanceState(StrEnum):
    """Where a maintenance stands; dropped: the device is not the dealer's any more, or out of use."""

    DUE = "due"
    DONE = "done"
    SKIPPED = "skipped"
    DROPPED = "dropped"


class Standing(StrEnum):
    """The same as lists show it: what is overdue apart from what is due."""

    OVERDUE = "overdue"
    DUE = "due"
    DONE = "done"
    SKIPPED = "skipped"
    DROPPED = "dropped"


class CountsFrom(StrEnum):
    """What the next one is counted from."""

    DONE = "done"
    DUE = "due"


class Result(StrEnum):
    """What was found of an item."""

    GOOD = "good"
    FAULT = "fault"
    NOT_APPLICABLE = "not_applicable"


class When(StrEnum):
    """Which maintenance a list shows."""

    OVERDUE = "overdue"
    THIS_MONTH = "this_month"
    NEXT_MONTH = "next_month"
    ALL = "all"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Item:
    """A thing to check, in both languages. unit: of a reading that is asked for; empty for none."""

    zh: str
    en: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """How often: every so many months, so many uses, or whichever comes first."""

    months: int | None
    uses: int | None
    counts_from: CountsFrom


def next_due(
    interval: Interval, *, begun_on: date, last_due: date | None, last_done: date | None
) -> date | None:
    """The day of the next one by months; None for a plan that goes by uses alone.

    Counted from when it was due, the series goes on as it was planned: the first day of it after the last
    one was done.
    """
    if interval.months is None:
        return None
    if last_done is None or last_due is None:
        return months_after(begun_on, interval.months)
    if interval.counts_from is CountsFrom.DONE:
        return months_after(last_done, interval.months)
    # From the day the plan began, where the last one was a day of its series: from the 31st of January it
    # comes by the 28th of February back to the 31st of March.
    apart = (last_due.year - begun_on.year) * 12 + last_due.month - begun_on.month
    anchor, months = (begun_on, apart) if months_after(begun_on, apart) == last_due else (last_due, 0)
    months += interval.months
    while months_after(anchor, months) <= last_done:
        months += interval.months
    return months_after(anchor, months)


def uses_reached(interval: Interval, *, uses: int, uses_at_last: int) -> bool:
    """Whether a device was used often enough since the last one."""
    return interval.uses is not None and uses - uses_at_last >= interval.uses


def items_of_text(said: str, faults: list[Fault]) -> list[Item]:
    """A check-list, an item a line: ``中文 | English`` or ``中文 | English | unit``."""
    items = []
    for number, line in enumerate(_lines(said), start=1):
        parts = [part.strip() for part in line.replace("｜", "|").split("|")]
        if len(parts) > 3 or not parts[0]:
            message, fix = (
                N_("Line %(line)s is no item."),
                N_("Write it like Chinese | English, or Chinese | English | unit."),
            )
            faults.append(Fault("/items", "no_item", message, fix, {"line": number}))
            continue
        zh, en, unit = [*parts, "", ""][:3]
        faults += [
            *text_faults("/items", zh),
            *text_faults("/items", en),
            *text_faults("/items", unit, most=20),
        ]
        items.append(Item(zh, en or zh, unit))
    if len(items) > ITEMS_MAX:
        message = N_("At most %(max)s items.")
        faults.append(Fault("/items", "too_many", message, N_("Leave some out."), {"max": ITEMS_MAX}))
    return items


def parts_of_text(said: str, faults: list[Fault]) -> list[str]:
    """Parts that are needed, one a line."""
    parts = _lines(said)
    for part in parts:
        faults += text_faults("/parts", part)
    if len(parts) > PARTS_MAX:
        message = N_("At most %(max)s parts.")
        faults.append(Fault("/parts", "too_many", message, N_("Leave some out."), {"max": PARTS_MAX}))
    return parts


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Checked:
    """What somebody says of an item. reading: as typed."""

    result: str
    reading: str = ""


def findings_of(
    items: Sequence[Item], checked: Sequence[Checked], faults: list[Fault]
) -> list[dict[str, Any]]:
    """The check-list as it was filled in: each item with its result and its reading."""
    findings = []
    for place, item in enumerate(items):
        one = checked[place] if place < len(checked) else Checked("")
        pointer = f"/items/{place}"
        if one.result not in list(Result):
            message, fix = N_("Say what you found of “%(item)s”."), N_("Choose one of the results.")
            faults.append(Fault(f"{pointer}/result", "no_result", message, fix, {"item": item.zh}))
        reading = ""
        if item.unit and one.reading.strip():
            reading = _number(one.reading, f"{pointer}/reading", faults)
        elif item.unit and one.result == Result.GOOD:
            message, fix = N_("Enter the reading of “%(item)s”."), N_("Read it off the device.")
            faults.append(Fault(f"{pointer}/reading", "no_reading", message, fix, {"item": item.zh}))
        findings.append(
            {"zh": item.zh, "en": item.en, "unit": item.unit, "result": one.result, "reading": reading}
        )
    return findings


def _number(said: str, pointer: str, faults: list[Fault]) -> str:
    value: Decimal | None = typed.field(typed.money, said, pointer, faults)
    return "" if value is None else f"{value.normalize():f}"


def done_faults(
    *, done_on: date | None, done_by: str, note: str, uses: int | None, begun_on: date | None, today: date
) -> list[Fault]:
    """What is wrong with a report beside its check-list."""
    faults = text_faults("/done_by", done_by, required=True)
    faults += text_faults("/note", note, most=NOTE_MAX)
    if done_on is None:
        faults.append(Fault("/done_on", "required", N_("Nothing has been entered."), N_("Fill this in.")))
    faults += day_faults("/done_on", done_on, not_before=begun_on, today=today)
    if uses is not None and not 0 <= uses <= USES_MAX:
        message, fix = N_("Between 0 and %(max)s uses."), N_("Read it off the device.")
        faults.append(Fault("/uses", "uses_out_of_range", message, fix, {"max": USES_MAX}))
    return faults


def plan_faults(said: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a plan beside its check-list. said: its fields by name."""
    faults = text_faults("/code", said["code"], most=40, required=True)
    faults += text_faults("/name_zh", said["name_zh"], required=True)
    faults += text_faults("/name_en", said["name_en"], required=True)
    for name, most in (("every_months", MONTHS_MAX), ("every_uses", USES_MAX)):
        if said[name] is not None and not 1 <= said[name] <= most:
            message, fix = N_("Between 1 and %(max)s."), N_("Enter a whole number, or leave it empty.")
            faults.append(Fault(f"/{name}", "out_of_range", message, fix, {"max": most}))
    if said["every_months"] is None and said["every_uses"] is None:
        message, fix = N_("Say how often."), N_("Enter months, uses, or both.")
        faults.append(Fault("/every_months", "no_interval", message, fix))
    if said["counts_from"] not in list(CountsFrom):
        message, fix = N_("Say what the next one is counted from."), N_("Choose one.")
        faults.append(Fault("/counts_from", "unknown", message, fix))
    return faults
