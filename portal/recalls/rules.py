"""The life of a recall and of each holder's answer, and how far a recall has got. Pure.

`TRANSITIONS` is the law; docs/recalls.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault

TITLE_MAX, TEXT_MAX, NOTE_MAX, WITNESS_MAX = 120, 2_000, 500, 60
OPEN_ASKED_MAX = 20  # holders for which a closing asks one by one
SCOPE_MAX = 200
UNITS_MAX = 10_000_000
LEVELS = (1, 2, 3)


class RecallState(StrEnum):
    """Where a recall stands. confirmed: quality says what it is about; nothing is blocked before decided."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class RecallAct(StrEnum):
    """What moves a recall."""

    EDIT = "edit"
    CONFIRM = "confirm"
    DECIDE = "decide"
    WIDEN = "widen"
    CLOSE = "close"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[RecallState, RecallAct], RecallState] = {
    (RecallState.DRAFT, RecallAct.EDIT): RecallState.DRAFT,
    (RecallState.DRAFT, RecallAct.CONFIRM): RecallState.CONFIRMED,
    (RecallState.DRAFT, RecallAct.WITHDRAW): RecallState.WITHDRAWN,
    (RecallState.CONFIRMED, RecallAct.EDIT): RecallState.DRAFT,
    (RecallState.CONFIRMED, RecallAct.DECIDE): RecallState.RUNNING,
    (RecallState.RUNNING, RecallAct.WIDEN): RecallState.DRAFT,
    (RecallState.RUNNING, RecallAct.CLOSE): RecallState.CLOSED,
}
"""Every act there is, by what may be done in which state. One whose wider scope is withdrawn runs on."""


class ScopeKind(StrEnum):
    """What of an article a line of the scope names."""

    LOTS = "lots"
    SERIALS = "serials"
    MADE = "made"
    ALL = "all"


class ResponseState(StrEnum):
    """How far a holder is with a recall."""

    NOTIFIED = "notified"
    READ = "read"
    ANSWERED = "answered"


def after(state: str, act: RecallAct) -> RecallState:
    """The state after an act. Raises Conflict where there is no such way."""
    following = TRANSITIONS.get((RecallState(state), act))
    if following is None:
        raise Conflict(
            "recall_state",
            N_("The recall has moved on: this is not possible any more, or not yet."),
            fix=N_("Load it again and look at its status."),
            state=state,
        )
    return following


@dataclass(frozen=True, slots=True)
class Answer:
    """What a holder says became of its units: kept apart, used up, passed on, sent back, destroyed."""

    found: int = 0
    used: int = 0
    passed_on: int = 0
    returned: int = 0
    destroyed: int = 0

    @property
    def accounted(self) -> int:
        """Units that are explained. What was passed on is not: whoever has it now is asked."""
        return self.found + self.used + self.returned + self.destroyed


@dataclass(frozen=True, slots=True)
class Held:
    """A holder: what it held when the recall was decided, and its answer, None while it is silent."""

    place: str
    held: int
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """How far a recall has got. percent: cut to one place, not rounded: 99.96 is not 100."""

    accounted: int
    of: int
    answers: int
    holders: int
    open: tuple[str, ...]

    @property
    def percent(self) -> Decimal:
        """Units accounted for of those held; 100 where nothing was."""
        if not self.of:
            return Decimal("100.0")
        return (Decimal(self.accounted * 100) / self.of).quantize(Decimal("0.1"), rounding=ROUND_DOWN)


def effectiveness(holders: Iterable[Held]) -> Effectiveness:
    """How far a recall has got. A holder that says of more units than it held accounts for no other's."""
    everybody: Sequence[Held] = list(holders)
    accounted = {one.place: _accounted(one) for one in everybody}
    return Effectiveness(
        accounted=sum(accounted.values()),
        of=sum(one.held for one in everybody),
        answers=sum(one.answer is not None for one in everybody),
        holders=len(everybody),
        open=tuple(one.place for one in everybody if one.answer is None or accounted[one.place] < one.held),
    )


def _accounted(one: Held) -> int:
    return min(one.answer.accounted, one.held) if one.answer else 0


def text_faults(pointer: str, typed: str, most: int, *, required: bool = True) -> list[Fault]:
    """What is wrong with a text that somebody wrote."""
    if required and not typed.strip():
        return [Fault(pointer, "missing", N_("This is missing."), N_("Fill it in."))]
    if len(typed) > most:
        message = N_("At most %(max)s characters.")
        return [Fault(pointer, "too_long", message, N_("Shorten it."), {"max": most})]
    return []


def answer_faults(
    answer: Answer, *, held: int, passed_to: str, witness: str, photos: int, note: str
) -> list[Fault]:
    """What is wrong with a holder's answer; what is destroyed is seen by somebody and photographed."""
    faults = text_faults("/note", note, NOTE_MAX, required=False)
    faults += text_faults("/witness", witness, WITNESS_MAX, required=False)
    faults += text_faults("/passed_to", passed_to, NOTE_MAX, required=False)
    parts = {name: getattr(answer, name) for name in ("found", "used", "passed_on", "returned", "destroyed")}
    for name, units in parts.items():
        if not 0 <= units <= UNITS_MAX:
            message, fix = N_("From 0 to %(most)s units."), N_("Correct the quantity.")
            faults.append(Fault(f"/{name}", "quantity_out_of_range", message, fix, {"most": UNITS_MAX}))
    if faults:
        return faults
    if sum(parts.values()) > held:
        message = N_("That is more than the %(held)s units you hold by our books.")
        fix = N_("Correct it, or tell us of goods we do not know of in the note.")
        faults.append(Fault("/found", "more_than_held", message, fix, {"held": held}))
    if answer.passed_on and not passed_to.strip():
        message, fix = N_("Who has the units you passed on?"), N_("Name each with its quantity.")
        faults.append(Fault("/passed_to", "passed_to_missing", message, fix))
    if answer.destroyed and not witness.strip():
        message, fix = N_("Who saw the units destroyed?"), N_("Name the witness.")
        faults.append(Fault("/witness", "witness_missing", message, fix))
    if answer.destroyed and not photos:
        message, fix = N_("Destroyed units are photographed."), N_("Add a photo.")
        faults.append(Fault("/photos", "photo_missing", message, fix))
    return faults
