"""The life of a device at a dealer, and what is written down when it is installed. Pure.

`TRANSITIONS` is the law; docs/devices.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.printable import print_faults

NAME_MAX, NOTE_MAX = 100, 500  # characters
FILES_MAX = 10


class DeviceState(StrEnum):
    """Where a device stands while a dealer has it; returned: it does not any more."""

    SHIPPED = "shipped"
    INSTALLED = "installed"
    IN_REPAIR = "in_repair"
    RECALLED = "recalled"
    RETIRED = "retired"
    RETURNED = "returned"


class DeviceAct(StrEnum):
    """What moves a device from one state to another."""

    INSTALL = "install"
    BEGIN_REPAIR = "begin_repair"
    END_REPAIR = "end_repair"
    RECALL = "recall"
    LIFT_RECALL = "lift_recall"
    RETIRE = "retire"


class HospitalLevel(StrEnum):
    """Level of a hospital, which its name is masked by; empty where nobody said."""

    UNKNOWN = ""
    THIRD_A = "3a"
    THIRD_B = "3b"
    THIRD = "3"
    SECOND_A = "2a"
    SECOND_B = "2b"
    SECOND = "2"
    FIRST = "1"
    OTHER = "other"


class Source(StrEnum):
    """How a device came into the register."""

    SHIPPING = "shipping"
    IMPORT = "import"


_IN_USE = frozenset({DeviceState.SHIPPED, DeviceState.INSTALLED})
TRANSITIONS = {
    DeviceAct.INSTALL: frozenset({DeviceState.SHIPPED, DeviceState.INSTALLED}),
    DeviceAct.BEGIN_REPAIR: _IN_USE,
    DeviceAct.END_REPAIR: frozenset({DeviceState.IN_REPAIR}),
    DeviceAct.RECALL: _IN_USE | {DeviceState.IN_REPAIR},
    DeviceAct.LIFT_RECALL: frozenset({DeviceState.RECALLED}),
    DeviceAct.RETIRE: _IN_USE | {DeviceState.IN_REPAIR, DeviceState.RECALLED},
}
"""From which states an act goes on."""
_ENDS_IN = {
    DeviceAct.INSTALL: DeviceState.INSTALLED,
    DeviceAct.BEGIN_REPAIR: DeviceState.IN_REPAIR,
    DeviceAct.RECALL: DeviceState.RECALLED,
    DeviceAct.RETIRE: DeviceState.RETIRED,
}


def after(state: str, act: DeviceAct, *, installed: bool) -> DeviceState:
    """The state after an act. installed: whether the device ever was. Raises Conflict where it cannot be."""
    if state not in TRANSITIONS[act]:
        raise Conflict(
            "device_state",
            N_("The state of the device does not allow this."),
            fix=N_("Look at the device again: somebody may have acted on it."),
        )
    return _ENDS_IN.get(act, DeviceState.INSTALLED if installed else DeviceState.SHIPPED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device stands. code: of the hospital in a directory, empty while there is none."""

    hospital: str = ""
    level: str = ""
    city: str = ""
    department: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What an installation report says. signature: strokes as text, which may be empty."""

    place: Place
    installed_on: date | None
    installed_by: str
    accepted_on: date | None = None
    accepted_by: str = ""
    signature: str = ""
    note: str = ""


def installation_faults(said: Installation, *, shipped_on: date | None, today: date) -> list[Fault]:
    """Everything that is wrong with a report, each at its field."""
    place = said.place
    faults = [
        *text_faults("/hospital", place.hospital, required=True),
        *text_faults("/department", place.department),
        *text_faults("/city", place.city, most=40),
        *text_faults("/hospital_code", place.code, most=40),
        *text_faults("/installed_by", said.installed_by, required=True),
        *text_faults("/accepted_by", said.accepted_by),
        *text_faults("/note", said.note, most=NOTE_MAX),
    ]
    if place.level not in list(HospitalLevel):
        faults.append(Fault("/level", "unknown_level", N_("There is no such level."), N_("Choose one.")))
    if said.installed_on is None:
        faults.append(_missing("/installed_on"))
    faults += day_faults("/installed_on", said.installed_on, not_before=shipped_on, today=today)
    faults += day_faults("/accepted_on", said.accepted_on, not_before=said.installed_on, today=today)
    if (said.accepted_on is None) != (not said.accepted_by.strip()):
        pointer = "/accepted_on" if said.accepted_on is None else "/accepted_by"
        message = N_("An acceptance has a day and a name.")
        faults.append(Fault(pointer, "half_accepted", message, N_("Enter both, or none.")))
    return faults


def text_faults(pointer: str, said: str, *, most: int = NAME_MAX, required: bool = False) -> list[Fault]:
    """What is wrong with a short text."""
    plain = said.strip()
    if not plain:
        return [_missing(pointer)] if required else []
    if len(plain) > most:
        message = N_("At most %(max)s characters.")
        return [Fault(pointer, "too_long", message, N_("Shorten it."), {"max": most})]
    return print_faults(pointer, plain)


def day_faults(pointer: str, day: date | None, *, not_before: date | None, today: date) -> list[Fault]:
    """A day that lies in the future, or before what it follows."""
    if day is None:
        return []
    if day > today:
        return [
            Fault(pointer, "in_the_future", N_("This day is not over yet."), N_("Enter a day that is over."))
        ]
    if not_before is not None and day < not_before:
        message, fix = N_("This is before %(day)s."), N_("Check both days.")
        return [Fault(pointer, "too_early", message, fix, {"day": not_before.isoformat()})]
    return []


def _missing(pointer: str) -> Fault:
    return Fault(pointer, "required", N_("Nothing has been entered."), N_("Fill this in."))


def repeated(values: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """How often each unit is named."""
    counts: dict[tuple[int, str], int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


_MASKS = {
    HospitalLevel.UNKNOWN: ("医院", "Hospital"),
    HospitalLevel.THIRD_A: ("三甲医院", "Tertiary A hospital"),
    HospitalLevel.THIRD_B: ("三乙医院", "Tertiary B hospital"),
    HospitalLevel.THIRD: ("三级医院", "Tertiary hospital"),
    HospitalLevel.SECOND_A: ("二甲医院", "Secondary A hospital"),
    HospitalLevel.SECOND_B: ("二乙医院", "Secondary B hospital"),
    HospitalLevel.SECOND: ("二级医院", "Secondary hospital"),
    HospitalLevel.FIRST: ("一级医院", "Primary hospital"),
    HospitalLevel.OTHER: ("医疗机构", "Institution"),
}


def masked_hospital(level: str, city: str) -> tuple[str, str]:
    """What somebody reads of a hospital who may not see its name, in Chinese and English."""
    zh, en = _MASKS[HospitalLevel(level)]
    return (f"{zh}·{city}", f"{en} · {city}") if city else (zh, en)
