"""The form of a report of an adverse event: its fields as data, and what is wrong with their values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.complaints.rules import Harm
from portal.kernel import typed
from portal.kernel.errors import N_, Fault
from portal.kernel.lots import plain_lot
from portal.kernel.printable import print_faults
from portal.service.rules import plain_text, text_faults

MASK = "***"


class Part(StrEnum):
    """What the form is divided into."""

    REPORTER = "reporter"
    DEVICE = "device"
    PATIENT = "patient"
    EVENT = "event"
    JUDGEMENT = "judgement"


class Kind(StrEnum):
    """What a field holds."""

    LINE = "line"
    LINES = "lines"
    DAY = "day"
    HARM = "harm"


class ReportKind(StrEnum):
    """The first report, or what follows a submitted one."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. needed: nothing is submitted without it."""

    name: str
    part: Part
    label: str
    needed: bool = True
    kind: Kind = Kind.LINE
    most: int = 120


FIELDS = (
    Field("reporter", Part.REPORTER, N_("Reporting unit")),
    Field("reporter_contact", Part.REPORTER, N_("Contact of the reporting unit")),
    Field("product", Part.DEVICE, N_("Product name")),
    Field("registration_no", Part.DEVICE, N_("Registration or filing number")),
    Field("registrant", Part.DEVICE, N_("Registrant")),
    Field("origin", Part.DEVICE, N_("Origin")),
    Field("device_class", Part.DEVICE, N_("Device class")),
    Field("model", Part.DEVICE, N_("Model or specification"), needed=False),
    Field("udi", Part.DEVICE, N_("UDI-DI"), needed=False),
    Field("lot", Part.DEVICE, N_("Lot"), needed=False),
    Field("serial", Part.DEVICE, N_("Serial number"), needed=False),
    Field("produced_on", Part.DEVICE, N_("Produced on"), needed=False, kind=Kind.DAY),
    Field("expires_on", Part.DEVICE, N_("Expires on"), needed=False, kind=Kind.DAY),
    Field("patient_initials", Part.PATIENT, N_("Initials of the patient"), needed=False, most=8),
    Field("patient_age", Part.PATIENT, N_("Age of the patient"), needed=False, most=8),
    Field("patient_sex", Part.PATIENT, N_("Sex of the patient"), needed=False, most=8),
    Field("event_on", Part.EVENT, N_("Day of the event"), kind=Kind.DAY),
    Field("aware_on", Part.EVENT, N_("Day of awareness"), kind=Kind.DAY),
    Field("harm", Part.EVENT, N_("Harm"), kind=Kind.HARM),
    Field("used_on", Part.EVENT, N_("Day of use"), kind=Kind.DAY),
    Field("place", Part.EVENT, N_("Place of use")),
    Field("hospital", Part.EVENT, N_("Hospital or clinic"), needed=False),
    Field("usage", Part.EVENT, N_("How it was used"), kind=Kind.LINES, most=2000),
    Field("description", Part.EVENT, N_("Course of the event"), kind=Kind.LINES, most=4000),
    Field("measures", Part.JUDGEMENT, N_("Measures taken"), kind=Kind.LINES, most=2000),
    Field("first_cause", Part.JUDGEMENT, N_("First analysis of the cause"), kind=Kind.LINES, most=2000),
)
"""The form, in its order."""
NAMES = tuple(one.name for one in FIELDS)
_DAYS = tuple(one.name for one in FIELDS if one.kind is Kind.DAY)
PATIENT = frozenset(one.name for one in FIELDS if one.part is Part.PATIENT)


def content_of(said: Mapping[str, str]) -> dict[str, str]:
    """What is kept of what somebody wrote: every field, trimmed, and nothing else."""
    kept = {name: plain_text(said.get(name, "")) for name in NAMES}
    kept["lot"] = plain_lot(kept["lot"])
    for name in _DAYS:
        day = typed.field(typed.day, kept[name], f"/{name}", []) if kept[name] else None
        kept[name] = day.isoformat() if day else kept[name]
    return kept


def report_faults(content: Mapping[str, str], today: date) -> list[Fault]:
    """What is wrong with a draft: nothing that is only missing."""
    faults = []
    for one in FIELDS:
        pointer, value = f"/{one.name}", content[one.name]
        is_long = one.kind is Kind.LINES
        found = text_faults(pointer, value, most=one.most, needed=False, in_lines=is_long)
        faults += found or print_faults(pointer, value.replace("\n", "").replace("\t", ""))
        if value and one.kind is Kind.DAY:
            faults += _day_faults(one, value, today)
        if value and one.kind is Kind.HARM and value not in list(Harm):
            message, fix = N_("Nothing is chosen yet."), N_("Choose one from the list.")
            faults.append(Fault(pointer, "unknown_harm", message, fix))
    return faults


def submission_faults(content: Mapping[str, str], *, needs_lot: bool) -> list[Fault]:
    """What is missing before a report can be submitted. needs_lot: the product is kept by lots."""
    message, fix = N_("The form demands this."), N_("Fill it in and save the report again.")
    missing = [one.name for one in FIELDS if one.needed and not content.get(one.name)]
    if needs_lot and not content.get("lot"):
        missing.append("lot")
    return [Fault(f"/{name}", "missing", message, fix) for name in missing]


def masked(content: Mapping[str, str]) -> dict[str, str]:
    """The same without what tells of the patient."""
    return {name: MASK if name in PATIENT and value else value for name, value in content.items()}


def _day_faults(one: Field, value: str, today: date) -> list[Fault]:
    faults: list[Fault] = []
    day = typed.field(typed.day, value, f"/{one.name}", faults)
    if day and one.part is Part.EVENT and day > today:
        message, fix = N_("This lies in the future."), N_("Enter the day on which it happened.")
        faults.append(Fault(f"/{one.name}", "in_the_future", message, fix))
    return faults
