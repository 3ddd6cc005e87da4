"""The life of a complaint and of an adverse event, and what has to be said of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.complaints.clock_rules import TermName
from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.lots import lot_faults
from portal.service.rules import CODE_MAX, text_faults

TEXT_MAX, HOW_MAX, SERIALS_MAX, REFERENCE_MAX = 4000, 200, 2000, 64
EXPIRY_YEARS, YEARS_WITHOUT_EXPIRY = 2, 5
"""How long a record is kept: after the expiry of the goods, or after its end where they have none."""


class ComplaintState(StrEnum):
    """How far a complaint is. new: nobody has said anything of it yet."""

    NEW = "new"
    PROPOSED = "proposed"
    TRIAGED = "triaged"
    CLOSED = "closed"


class Category(StrEnum):
    """What is wrong."""

    QUALITY = "quality"
    PERFORMANCE = "performance"
    PACKAGING = "packaging"
    LABELLING = "labelling"
    DELIVERY = "delivery"
    USE = "use"
    SERVICE = "service"
    OTHER = "other"


DEFECTS = frozenset({Category.QUALITY, Category.PERFORMANCE, Category.PACKAGING, Category.LABELLING})
"""Of these the registrant is told, as of every possible adverse event."""


class Grade(StrEnum):
    """How grave it is."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Harm(StrEnum):
    """What happened to somebody. other: it could have led to serious harm or death."""

    DEATH = "death"
    SERIOUS = "serious"
    OTHER = "other"


class EventState(StrEnum):
    """How far an adverse event is. Dismissed: it was none."""

    OPEN = "open"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Source(StrEnum):
    """Who opened an adverse event."""

    DEALER = "dealer"
    TRIAGE = "triage"


@dataclass(frozen=True, slots=True)
class TriageEntry:
    """What somebody makes of a complaint. serials: as on the labels. stop_use: what the dealer is told."""

    category: str
    grade: str
    possible_event: bool | None
    event_reason: str
    product: str = ""
    lot: str = ""
    serials: str = ""
    stop_use: str = ""
    harm: str = ""
    is_group: bool = False
    aware_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandlingEntry:
    """What quality found and did. measure, answer: for the dealer; cause, follow_up: for ourselves."""

    cause: str = ""
    measure: str = ""
    answer: str = ""
    follow_up: str = ""
    told_how: str = ""
    told_at: datetime | None = None


def shown_state(kept: str | None, *, is_held: bool) -> ComplaintState:
    """How far a complaint is: one that was reopened is triaged already, and open."""
    if kept is None:
        return ComplaintState.NEW
    state = ComplaintState(kept)
    return ComplaintState.TRIAGED if state is ComplaintState.CLOSED and is_held else state


def triage_faults(entry: TriageEntry, at: datetime, *, has_event: bool) -> list[Fault]:
    """What is wrong with a triage. has_event: an event that is there is classed by itself, not here."""
    faults = _choice("/category", entry.category, Category) + _choice("/grade", entry.grade, Grade)
    if entry.possible_event is None:
        message, fix = N_("Say whether it may be an adverse event."), N_("Choose yes or no.")
        faults.append(Fault("/possible_event", "missing", message, fix))
    faults += text_faults("/event_reason", entry.event_reason, most=TEXT_MAX, in_lines=True)
    faults += text_faults("/product", entry.product, most=CODE_MAX, needed=False)
    faults += lot_faults("/lot", entry.lot, most=CODE_MAX)
    faults += text_faults("/serials", entry.serials, most=SERIALS_MAX, needed=False, in_lines=True)
    faults += text_faults("/stop_use", entry.stop_use, most=TEXT_MAX, needed=False, in_lines=True)
    if entry.possible_event and not has_event:
        faults += harm_faults(entry.harm, entry.aware_at, at)
    return faults


def harm_faults(harm: str, aware_at: datetime | None, at: datetime) -> list[Fault]:
    """What is wrong with the class of a harm and the moment when it became known."""
    faults = _choice("/harm", harm, Harm)
    if aware_at is not None and aware_at > at:
        message, fix = N_("Nobody knew it before now."), N_("Enter when you learnt of it.")
        faults.append(Fault("/aware_at", "in_the_future", message, fix))
    return faults


def handling_faults(entry: HandlingEntry, at: datetime) -> list[Fault]:
    """What is wrong with what quality writes; whatever is not known yet may be left out."""
    faults = []
    for name in ("cause", "measure", "answer", "follow_up"):
        said = getattr(entry, name)
        faults += text_faults(f"/{name}", said, most=TEXT_MAX, needed=False, in_lines=True)
    faults += text_faults("/told_how", entry.told_how, most=HOW_MAX, needed=False)
    if entry.told_at is not None and entry.told_at > at:
        message, fix = N_("This lies in the future."), N_("Enter when the registrant was told.")
        faults.append(Fault("/told_at", "in_the_future", message, fix))
    if (entry.told_at is None) != (not entry.told_how.strip()):
        message, fix = N_("Say when and how the registrant was told."), N_("Fill in both, or neither.")
        faults.append(Fault("/told_how", "half_told", message, fix))
    return faults


def closing_faults(
    entry: HandlingEntry, *, category: str, possible_event: bool, event_state: str | None
) -> list[Fault]:
    """What is missing before a complaint can be closed."""
    faults = []
    for name in ("cause", "measure", "answer"):
        if not getattr(entry, name):
            message, fix = N_("This has to be written down first."), N_("Fill it in and save.")
            faults.append(Fault(f"/{name}", "missing", message, fix))
    if (possible_event or category in DEFECTS) and entry.told_at is None:
        message = N_("The registrant has to be told of a defect and of a possible adverse event.")
        faults.append(Fault("/told_how", "missing", message, N_("Tell it, and say when and how.")))
    if event_state == EventState.OPEN:
        message = N_("Its adverse event is neither reported nor dismissed.")
        faults.append(Fault("/event", "event_open", message, N_("Submit its report first.")))
    return faults


def term_of(harm: str, *, is_group: bool) -> TermName:
    """Which term an adverse event has."""
    return TermName.GROUP if is_group else TermName(harm)


def require_running(state: str) -> None:
    """Raise Conflict for an adverse event that is over."""
    if state in (EventState.CLOSED, EventState.DISMISSED):
        raise Conflict(
            "event_over",
            N_("This adverse event is over: nothing of it changes any more."),
            fix=N_("Look at it again: somebody may have acted on it."),
        )


def keep_until(expires_on: date | None, ended_on: date, *, is_implant: bool) -> date | None:
    """The last day on which a record has to be kept; None: always. The longest wins."""
    if is_implant:
        return None
    least = years_later(ended_on, YEARS_WITHOUT_EXPIRY)
    return least if expires_on is None else max(least, years_later(expires_on, EXPIRY_YEARS))


def years_later(day: date, years: int) -> date:
    """The same day of a later year; of a 29th of February the day after."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _choice(pointer: str, said: str, of: type[StrEnum]) -> list[Fault]:
    if said in list(of):
        return []
    return [Fault(pointer, "missing", N_("Nothing is chosen yet."), N_("Choose one from the list."))]
