"""What budgets are for, the life of an activity as data, and what is wrong with one as it is typed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.printable import print_faults

TITLE_MAX = 120
TEXT_MAX = 2000
REASON_MAX = 500
AMOUNT_MAX = Decimal("99999999.99")
DAYS_MAX = 366 * 3


class ActivityKind(StrEnum):
    """What a dealer plans that headquarters pays for, in part or whole."""

    PROMOTION = "promotion"
    MARKETING = "marketing"
    SAMPLES = "samples"
    TENDER = "tender"


class BudgetKind(StrEnum):
    """What a pot is for; `PROGRAMME` is one rebate programme."""

    PROMOTION = "promotion"
    MARKETING = "marketing"
    SAMPLES = "samples"
    TENDER = "tender"
    PRICE_PROTECTION = "price_protection"
    PROGRAMME = "programme"


class BudgetState(StrEnum):
    """Whether a pot may be drawn on."""

    PROPOSED = "proposed"
    OPEN = "open"
    REJECTED = "rejected"


class ProposalState(StrEnum):
    """What became of an amount that somebody proposed for a pot."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class UseState(StrEnum):
    """What a document holds of a pot. Released ones hold nothing."""

    RESERVED = "reserved"
    SPENT = "spent"
    RELEASED = "released"


class ActivityState(StrEnum):
    """What became of an activity so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class ActivityAct(StrEnum):
    """What somebody does to an activity. RETURN: for completion."""

    EDIT = "edit"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    CLOSE = "close"


class Decision(StrEnum):
    """What headquarters says of an activity that waits."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


LIFE = {
    (ActivityState.DRAFT, ActivityAct.EDIT): ActivityState.DRAFT,
    (ActivityState.DRAFT, ActivityAct.SUBMIT): ActivityState.SUBMITTED,
    (ActivityState.DRAFT, ActivityAct.WITHDRAW): ActivityState.WITHDRAWN,
    (ActivityState.RETURNED, ActivityAct.EDIT): ActivityState.RETURNED,
    (ActivityState.RETURNED, ActivityAct.SUBMIT): ActivityState.SUBMITTED,
    (ActivityState.RETURNED, ActivityAct.WITHDRAW): ActivityState.WITHDRAWN,
    (ActivityState.SUBMITTED, ActivityAct.WITHDRAW): ActivityState.WITHDRAWN,
    (ActivityState.SUBMITTED, ActivityAct.APPROVE): ActivityState.APPROVED,
    (ActivityState.SUBMITTED, ActivityAct.REJECT): ActivityState.REJECTED,
    (ActivityState.SUBMITTED, ActivityAct.RETURN): ActivityState.RETURNED,
    (ActivityState.APPROVED, ActivityAct.WITHDRAW): ActivityState.WITHDRAWN,
    (ActivityState.APPROVED, ActivityAct.CLOSE): ActivityState.CLOSED,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""


def after(state: str, act: ActivityAct) -> ActivityState:
    """The state after an act. Raises Conflict where the life has no such way."""
    end = LIFE.get((ActivityState(state), act))
    if end is None:
        raise Conflict(
            "activity_state",
            N_("The activity is not in a state that allows this."),
            fix=N_("Look at it again: somebody may have acted on it."),
            state=state,
        )
    return end


def acts(state: str) -> frozenset[ActivityAct]:
    """What may be done to an activity in this state."""
    return frozenset(act for before, act in LIFE if before == state)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dealer plans. place: the hospital, or where it is. misread: what could not be read."""

    kind: str = ""
    title: str = ""
    text: str = ""
    place: str = ""
    first_day: date | None = None
    last_day: date | None = None
    amount: Decimal | None = None
    misread: tuple[Fault, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Pot:
    """A pot as somebody proposes it. programme: number of the rebate programme that it is for."""

    title_zh: str = ""
    title_en: str = ""
    kind: str = ""
    programme: str = ""
    region: str = ""
    first_day: date | None = None
    last_day: date | None = None
    amount: Decimal | None = None
    reason: str = ""
    misread: tuple[Fault, ...] = field(default=(), compare=False)


def plan_faults(plan: Plan) -> list[Fault]:
    """Everything that is wrong with a plan, each beside its field."""
    faults = [*plan.misread]
    if plan.kind not in list(ActivityKind):
        message, fix = N_("Say what kind of activity it is."), N_("Choose one from the list.")
        faults.append(Fault("/kind", "kind", message, fix))
    faults += word_faults("/title", plan.title, TITLE_MAX)
    faults += word_faults("/place", plan.place, TITLE_MAX)
    faults += text_faults("/text", plan.text, TEXT_MAX)
    return _without_doubles([*faults, *_day_faults(plan.first_day, plan.last_day), *_amount(plan.amount)])


def pot_faults(pot: Pot) -> list[Fault]:
    """Everything that is wrong with a pot, each beside its field."""
    faults = [*pot.misread]
    faults += word_faults("/title_zh", pot.title_zh, TITLE_MAX)
    faults += word_faults("/title_en", pot.title_en, TITLE_MAX)
    if pot.kind not in list(BudgetKind):
        message, fix = N_("Say what the budget is for."), N_("Choose one from the list.")
        faults.append(Fault("/kind", "kind", message, fix))
    if pot.kind == BudgetKind.PROGRAMME and not pot.programme:
        message, fix = N_("Say for which rebate programme."), N_("Enter its number.")
        faults.append(Fault("/programme", "programme_missing", message, fix))
    if pot.kind != BudgetKind.PROGRAMME and pot.programme:
        message = N_("Only a budget of a rebate programme names one.")
        faults.append(Fault("/programme", "programme", message, N_("Leave it empty, or change the use.")))
    faults += text_faults("/reason", pot.reason, REASON_MAX)
    return _without_doubles([*faults, *_day_faults(pot.first_day, pot.last_day), *_amount(pot.amount)])


def approved_faults(amount: Decimal | None, planned: Decimal) -> list[Fault]:
    """What is wrong with the amount that is approved of a planned one."""
    if amount is not None and Decimal(0) < amount <= planned:
        return []
    message, fix = N_("At most what is planned can be approved."), N_("Enter up to ¥%(planned)s.")
    return [Fault("/amount", "amount", message, fix, {"planned": planned})]


def reason_faults(reason: str, *, required: bool = True) -> list[Fault]:
    """What is wrong with a reason."""
    if required and not reason.strip():
        return [Fault("/reason", "reason_missing", N_("Say why."), N_("Enter the reason."))]
    return text_faults("/reason", reason, REASON_MAX)


def text_faults(pointer: str, text: str, most: int) -> list[Fault]:
    """What is wrong with a text that may be empty and may have lines."""
    if len(text) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    return print_faults(pointer, " ".join(text.split()))


def word_faults(pointer: str, text: str, most: int) -> list[Fault]:
    """What is wrong with a title or a name, which is a line that is not empty."""
    if not text.strip():
        return [Fault(pointer, "missing", N_("Nothing has been entered."), N_("Enter a few words."))]
    return text_faults(pointer, text, most)


def _day_faults(first: date | None, last: date | None) -> list[Fault]:
    if first is None or last is None:
        message, fix = N_("Enter a valid date."), N_("Write it like 2026-10-31.")
        named = (("/first_day", first), ("/last_day", last))
        return [Fault(pointer, "not_a_date", message, fix) for pointer, day in named if day is None]
    if last < first:
        message, fix = N_("It ends before it begins."), N_("Enter a later last day.")
        return [Fault("/last_day", "ends_before", message, fix)]
    if (last - first).days > DAYS_MAX:
        message, fix = N_("It lasts three years at most."), N_("Enter an earlier last day.")
        return [Fault("/last_day", "too_long", message, fix)]
    return []


def _amount(amount: Decimal | None) -> list[Fault]:
    if amount is not None and Decimal(0) < amount <= AMOUNT_MAX:
        return []
    message, fix = N_("Enter an amount above zero."), N_("Write it like 1234.50 or 1,234.50.")
    return [Fault("/amount", "amount", message, fix)]


def _without_doubles(faults: list[Fault]) -> list[Fault]:
    """The first fault of each field: what could not be read is not missing too."""
    kept: dict[str, Fault] = {}
    for fault in faults:
        kept.setdefault(fault.pointer, fault)
    return list(kept.values())


@dataclass(frozen=True, slots=True)
class Held:
    """What a pot holds. free: neither reserved nor spent."""

    amount: Decimal
    reserved: Decimal
    spent: Decimal

    @property
    def free(self) -> Decimal:
        """What can still be reserved."""
        return self.amount - self.reserved - self.spent


def standing(held: Held, *, first: date, last: date, today: date) -> str:
    """``over``: nine tenths are gone; ``under``: two thirds of its days are, and not a third of it; else
    ``even``. An empty pot is over.
    """
    used = held.reserved + held.spent
    if used * 10 >= held.amount * 9:
        return "over"
    days = (last - first).days + 1
    gone = (min(today, last) - first).days + 1
    return "under" if gone * 3 >= days * 2 and used * 3 < held.amount else "even"
