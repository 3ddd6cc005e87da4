"""What dealers ask for, and the life of a request, as data. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault

SUBJECT_MAX, TEXT_MAX, CONTACT_MAX, CODE_MAX = 120, 4000, 120, 64
FILES_MAX = 30
"""Files of one message."""
STARS_MAX = 5
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
DAYS_AHEAD_MAX = 365
"""How far ahead a day may be wished for."""


class ServiceKind(StrEnum):
    """What a dealer asks for."""

    CONSULTATION = "consultation"
    REPAIR = "repair"
    COMPLAINT = "complaint"
    INSTALLATION = "installation"
    TRAINING = "training"
    DOCUMENTS = "documents"
    RETURN_QUESTION = "return_question"


class Severity(StrEnum):
    """How pressing it is. Urgent: treatment stands still."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Ask(StrEnum):
    """What the short form of a kind asks for, beside subject, text and files."""

    DEVICE = "device"
    PRODUCT = "product"
    LOT = "lot"
    ORDER = "order"
    CONTACT = "contact"
    PREFERRED_ON = "preferred_on"
    STOPS_TREATMENT = "stops_treatment"
    SOMEBODY_HARMED = "somebody_harmed"


FORMS: Mapping[ServiceKind, tuple[Ask, ...]] = {
    ServiceKind.CONSULTATION: (Ask.PRODUCT,),
    ServiceKind.REPAIR: (
        *(Ask.DEVICE, Ask.PRODUCT, Ask.LOT, Ask.CONTACT, Ask.PREFERRED_ON, Ask.STOPS_TREATMENT),
    ),
    ServiceKind.COMPLAINT: (
        *(Ask.DEVICE, Ask.PRODUCT, Ask.LOT, Ask.ORDER, Ask.CONTACT, Ask.STOPS_TREATMENT),
        Ask.SOMEBODY_HARMED,
    ),
    ServiceKind.INSTALLATION: (Ask.DEVICE, Ask.PRODUCT, Ask.ORDER, Ask.CONTACT, Ask.PREFERRED_ON),
    ServiceKind.TRAINING: (Ask.PRODUCT, Ask.CONTACT, Ask.PREFERRED_ON),
    ServiceKind.DOCUMENTS: (Ask.PRODUCT, Ask.LOT, Ask.ORDER),
    ServiceKind.RETURN_QUESTION: (Ask.ORDER, Ask.PRODUCT, Ask.LOT),
}
"""The short forms. What a form does not ask for is left out of the request."""

STOPPING = frozenset(kind for kind, asks in FORMS.items() if Ask.STOPS_TREATMENT in asks)
"""Kinds whose matter can stop a treatment."""
HARMING = frozenset(kind for kind, asks in FORMS.items() if Ask.SOMEBODY_HARMED in asks)
"""Kinds in which a dealer can say that somebody was harmed."""
HELD = frozenset({ServiceKind.COMPLAINT})
"""Kinds that quality alone brings to an end, from the opening on."""


class RequestState(StrEnum):
    """What became of a request so far."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"


class Act(StrEnum):
    """What somebody does to a request. say: the dealer; answer: headquarters."""

    ASSIGN = "assign"
    TAKE = "take"
    SAY = "say"
    ANSWER = "answer"
    ASK = "ask"
    SORT = "sort"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"
    MERGE = "merge"
    TAKE_IN = "take_in"
    RATE = "rate"


class EntryKind(StrEnum):
    """What stands in the timeline of a request."""

    OPENED = "opened"
    MESSAGE = "message"
    NOTE = "note"
    ASSIGNED = "assigned"
    TAKEN = "taken"
    ASKED = "asked"
    SORTED = "sorted"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    MERGED = "merged"
    RATED = "rated"
    ESCALATED = "escalated"
    REPAIR = "repair"


INTERNAL = (EntryKind.NOTE, EntryKind.ESCALATED)
"""Entries that only headquarters sees, at any door: the database hides them from dealers."""

OPEN = (RequestState.NEW, RequestState.ASSIGNED, RequestState.IN_PROGRESS, RequestState.WAITING)
"""States in which somebody still has to do something."""

_S, _A = RequestState, Act
LIFE: Mapping[tuple[RequestState, Act], RequestState] = {
    (_S.NEW, _A.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _A.ASSIGN): _S.ASSIGNED,
    (_S.IN_PROGRESS, _A.ASSIGN): _S.ASSIGNED,
    (_S.WAITING, _A.ASSIGN): _S.WAITING,
    (_S.NEW, _A.TAKE): _S.IN_PROGRESS,
    (_S.ASSIGNED, _A.TAKE): _S.IN_PROGRESS,
    **{(state, _A.SAY): state for state in (_S.NEW, _S.ASSIGNED, _S.IN_PROGRESS, _S.RESOLVED)},
    (_S.WAITING, _A.SAY): _S.IN_PROGRESS,
    **{(state, _A.ANSWER): _S.IN_PROGRESS for state in (_S.NEW, _S.ASSIGNED, _S.IN_PROGRESS)},
    **{(state, _A.ANSWER): state for state in (_S.WAITING, _S.RESOLVED)},
    **{(state, _A.ASK): _S.WAITING for state in OPEN},
    **{(state, _A.SORT): state for state in OPEN},
    **{(state, _A.RESOLVE): _S.RESOLVED for state in OPEN},
    (_S.RESOLVED, _A.CLOSE): _S.CLOSED,
    **{(state, _A.REOPEN): _S.IN_PROGRESS for state in (_S.RESOLVED, _S.CLOSED)},
    **{(state, _A.CANCEL): _S.CANCELLED for state in OPEN},
    **{(state, _A.MERGE): _S.MERGED for state in OPEN},
    **{(state, _A.TAKE_IN): state for state in OPEN},
    **{(state, _A.RATE): state for state in (_S.RESOLVED, _S.CLOSED)},
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

ENDING = frozenset({Act.RESOLVE, Act.CLOSE, Act.CANCEL, Act.MERGE})
"""Acts that end a request: not one that is held."""

_LOOK_AGAIN = N_("Look at the request again: somebody may have acted on it.")
_OVER = ("request_over", N_("This request is over."), N_("Reopen it, or open a new one."))
_REFUSALS = {
    Act.TAKE: ("taken", N_("Somebody else has taken this request."), N_("Choose another one.")),
    Act.CLOSE: ("not_resolved", N_("Only what is resolved is closed."), _LOOK_AGAIN),
    Act.REOPEN: ("not_over", N_("Only what is resolved or closed is reopened."), _LOOK_AGAIN),
    Act.RATE: ("not_resolved", N_("What is resolved can be rated."), _LOOK_AGAIN),
    Act.CANCEL: ("too_late", N_("This request is not open any more."), _LOOK_AGAIN),
    Act.MERGE: ("not_open", N_("Only open requests are merged."), _LOOK_AGAIN),
    Act.TAKE_IN: ("not_open", N_("Only open requests are merged."), _LOOK_AGAIN),
}


def after(state: str, act: Act) -> RequestState:
    """The state after an act. Raises Conflict where the life has no such way."""
    end = LIFE.get((RequestState(state), act))
    if end is None:
        code, message, fix = _REFUSALS.get(act, _OVER)
        if state == RequestState.MERGED:
            code, message = "merged", N_("This request was merged into another one.")
            fix = N_("Go on there.")
        raise Conflict(code, message, fix=fix, state=str(state))
    return end


def acts(state: str) -> frozenset[Act]:
    """What may be done to a request in this state."""
    return frozenset(act for before, act in LIFE if before == state)


def may_reopen(resolved_at: datetime | None, at: datetime, days: int) -> bool:
    """Whether what was resolved at a moment may still be reopened."""
    return resolved_at is not None and at <= resolved_at + timedelta(days=days)


def require_free(*, is_held: bool) -> None:
    """Raise Conflict for what would end a request that is held: quality closes its complaint first."""
    if is_held:
        raise Conflict(
            "held_by_quality",
            N_("This is a complaint: only quality brings it to an end, by closing it."),
            fix=N_("Write what is new to its conversation; quality reads it."),
        )


def unasked_faults(kind: ServiceKind, said: Mapping[Ask, object]) -> list[Fault]:
    """A fault at each thing that was said though the form of a kind does not ask for it."""
    message = N_("A request of the kind %(kind)s takes no such thing.")
    fix = N_("Leave it out, or choose another kind.")
    return [
        Fault(f"/{ask}", "not_asked", message, fix, {"kind": str(kind)})
        for ask, value in said.items()
        if ask not in FORMS[kind] and (value.strip() if isinstance(value, str) else value)
    ]


def severity_of(
    kind: ServiceKind, said: str, *, stops_treatment: bool, somebody_harmed: bool = False
) -> Severity:
    """How pressing a new request is. What stops a treatment, or harmed somebody, is urgent anyway."""
    if _is_urgent(kind, stops_treatment=stops_treatment, somebody_harmed=somebody_harmed):
        return Severity.URGENT
    if said:
        return Severity(said)
    return Severity.HIGH if kind is ServiceKind.COMPLAINT else Severity.NORMAL


def _is_urgent(kind: ServiceKind, *, stops_treatment: bool, somebody_harmed: bool) -> bool:
    return (stops_treatment and kind in STOPPING) or (somebody_harmed and kind in HARMING)


def severity_faults(
    kind: ServiceKind, said: str, *, stops_treatment: bool, somebody_harmed: bool = False
) -> list[Fault]:
    """What is wrong with the severity that a dealer gives."""
    if said and said not in list(Severity):
        message, fix = N_("There is no such severity."), N_("Choose one from the list.")
        return [Fault("/severity", "unknown_severity", message, fix)]
    urgent = _is_urgent(kind, stops_treatment=stops_treatment, somebody_harmed=somebody_harmed)
    if said == Severity.URGENT and not urgent:
        message = N_("Urgent is a repair or a complaint that stops a treatment.")
        fix = N_("Say that a treatment stands still, or choose high.")
        return [Fault("/severity", "not_urgent", message, fix)]
    return []


def plain_text(said: str) -> str:
    """What somebody wrote, as it is kept: trimmed, with plain line breaks."""
    return said.replace("\r\n", "\n").replace("\r", "\n").strip()


def text_faults(
    pointer: str, said: str, *, most: int, needed: bool = True, in_lines: bool = False
) -> list[Fault]:
    """What is wrong with what somebody wrote. in_lines: it may have several."""
    if needed and not said.strip():
        return [Fault(pointer, "missing", N_("Write something."), N_("Enter a text."))]
    if len(said) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    shown = plain_text(said).replace("\n", " ").replace("\t", " ") if in_lines else said.strip()
    if any(unicodedata.category(one) in _UNSEEN for one in shown):
        message, fix = (
            N_("This has characters that cannot be shown."),
            N_("Type the text instead of pasting it."),
        )
        return [Fault(pointer, "unreadable_text", message, fix)]
    return []


def day_faults(day: date | None, today: date) -> list[Fault]:
    """What is wrong with the day on which somebody would be welcome."""
    if day is None or today <= day <= today + timedelta(days=DAYS_AHEAD_MAX):
        return []
    message, fix = N_("The preferred day lies in the past or too far ahead."), N_("Choose another day.")
    return [Fault("/preferred_on", "day_out_of_range", message, fix)]


def rating_faults(stars: int, text: str) -> list[Fault]:
    """What is wrong with a rating."""
    faults = text_faults("/text", text, most=TEXT_MAX, needed=False, in_lines=True)
    if not 1 <= stars <= STARS_MAX:
        message, fix = N_("A rating has 1 to 5 stars."), N_("Choose how many.")
        faults.insert(0, Fault("/stars", "stars_out_of_range", message, fix))
    return faults
