"""What is wrong with a fact that somebody states of a dealer, each fault beside its field. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from portal.kernel.errors import N_, Fault
from portal.rebates.rules import FactKind

REASON_MAX = 500
FILES_MAX = 20


@dataclass(frozen=True, slots=True)
class Stated:
    """Whether something holds of a dealer, from a day on; to_day: None until further notice.

    dealer: code. kind: None where it could not be read. files: ids of uploaded ones, the evidence. misread:
    what could not be read at all; told with everything else.
    """

    dealer: str
    kind: FactKind | None
    holds: bool
    from_day: date | None
    to_day: date | None
    reason: str
    files: tuple[str, ...] = ()
    misread: tuple[Fault, ...] = field(default=(), compare=False)


def fact_faults(stated: Stated, today: date) -> list[Fault]:
    """Everything that is wrong with it in itself, beside each field the first thing."""
    found = [*stated.misread]
    if stated.kind is None:
        found.append(Fault("/kind", "choice", N_("Choose one of the list."), N_("Say what it is about.")))
    if stated.from_day is None:
        message, fix = N_("Say from which day on."), N_("Write it like 2026-10-31.")
        found.append(Fault("/from", "day_missing", message, fix))
    elif not stated.from_day.year >= 2000 or stated.from_day > today:
        message, fix = N_("This day is still to come, or too long ago."), N_("State what has happened.")
        found.append(Fault("/from", "date_range", message, fix))
    elif stated.to_day is not None and not stated.from_day <= stated.to_day <= date(2100, 12, 31):
        message, fix = N_("It ends before it begins."), N_("Leave it empty until further notice.")
        found.append(Fault("/to", "ends_before", message, fix))
    if not 1 <= len(stated.reason.strip()) <= REASON_MAX:
        message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why, in a few words.")
        found.append(Fault("/reason", "reason", message, fix, {"max": REASON_MAX}))
    if not 1 <= len(stated.files) <= FILES_MAX:
        message, fix = N_("A fact needs evidence: 1 to %(max)s files."), N_("Attach what shows it.")
        found.append(Fault("/files", "evidence_missing", message, fix, {"max": FILES_MAX}))
    first: dict[str, Fault] = {}
    for fault in found:
        first.setdefault(fault.pointer, fault)
    return list(first.values())
