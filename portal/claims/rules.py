"""What is decided about a claim: who approves it, until when, for how much, and what looks odd. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.printable import print_faults

TEXT_MAX = 500  # characters of a reason or a note
AMOUNT_MAX = Decimal(10**9)
STEPS_MAX = 6  # of a chain
GRACE_DAYS = 90
"""Days after a period's end until which it is claimed: a quarter, in which its returns have come and its
invoices are reconciled; later nobody could budget for it."""
LATE_DAYS = 60
"""Days after its end from which a claim is told to be late."""
ALIKE_DAYS = 30
"""Days within which a second claim over the same amount is told to be alike."""


class ClaimKind(StrEnum):
    """What the dealer asks money for."""

    PERIOD = "period"
    PROMOTION = "promotion"
    MARKETING = "marketing"
    PRICE_PROTECTION = "price_protection"
    SAMPLES = "samples"
    TENDER = "tender"


class Treatment(StrEnum):
    """What the money is: a price reduction of earlier invoices, or paid for a service of the dealer."""

    PRICE_REDUCTION = "price_reduction"
    SERVICE = "service"


class Approver(StrEnum):
    """Who signs a step: by the name of the role that does."""

    CHANNEL_MANAGER = "channel_manager"
    HQ_FINANCE = "hq_finance"


class ChangeState(StrEnum):
    """Where other steps that were proposed for a chain stand."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class Decision(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"


class StepAct(StrEnum):
    """What the history of a claim tells."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    PAID = "paid"


class Doubt(StrEnum):
    """What an approver looks at twice."""

    ABOVE_CALCULATED = "above_calculated"
    NO_EVIDENCE = "no_evidence"
    EVIDENCE_OUTSIDE = "evidence_outside"
    DEALER_OVERDUE = "dealer_overdue"
    LATE = "late"
    ALIKE = "alike"


CLAIMS_EXPENSES = frozenset({ClaimKind.PROMOTION, ClaimKind.MARKETING})
"""Paid against invoices of others, for an activity that was agreed before."""
REDUCES_PRICES = frozenset({ClaimKind.PERIOD, ClaimKind.PRICE_PROTECTION})
"""Always a price reduction, never a service."""
IS_CALCULATED = frozenset({ClaimKind.PERIOD, ClaimKind.PRICE_PROTECTION}) | CLAIMS_EXPENSES


@dataclass(frozen=True, slots=True)
class ChainStep:
    """A step of the chain of a kind of claim: needed for what is asked above an amount."""

    above: Decimal
    approver: Approver


def chain_for(steps: Iterable[ChainStep], asked: Decimal) -> tuple[Approver, ...]:
    """Who signs a claim over this amount, in their order."""
    return tuple(step.approver for step in steps if asked > step.above)


def chain_faults(steps: Sequence[ChainStep]) -> list[Fault]:
    """What is wrong with a chain: the first step signs everything, and a further one never less."""
    if not 1 <= len(steps) <= STEPS_MAX:
        message, fix = N_("A chain has 1 to %(max)s steps."), N_("Add a step, or remove some.")
        return [Fault("/steps", "steps", message, fix, {"max": STEPS_MAX})]
    faults = []
    if steps[0].above != 0:
        message, fix = N_("The first step signs every claim."), N_("Enter 0.00.")
        faults.append(Fault("/steps/0/above", "first_step", message, fix))
    for place, (before, step) in enumerate(pairwise(steps), start=1):
        if not before.above <= step.above < AMOUNT_MAX:
            message = N_("A later step signs from the same amount on, or a higher one.")
            faults.append(Fault(f"/steps/{place}/above", "falling", message, N_("Enter a higher amount.")))
    return faults


WORKING_DAYS: Mapping[ClaimKind, int] = {
    ClaimKind.PERIOD: 3,
    ClaimKind.PROMOTION: 5,
    ClaimKind.MARKETING: 5,
    ClaimKind.PRICE_PROTECTION: 5,
    ClaimKind.SAMPLES: 5,
    ClaimKind.TENDER: 5,
}
"""Working days until the first signature; each further one takes two more."""
_FURTHER_DAYS = 2


def working_days(kind: ClaimKind, steps: int) -> int:
    """Within how many working days a claim is decided that so many people sign."""
    return WORKING_DAYS[kind] + _FURTHER_DAYS * (steps - 1)


def deadline(last_day: date) -> date:
    """Until when a period that ended on a day is claimed."""
    return last_day + timedelta(days=GRACE_DAYS)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What bounds an approval. allowed: what the steps before granted, at first what is asked.

    is_last: no step follows. with_finance: finance has signed, or signs now.
    """

    kind: ClaimKind
    asked: Decimal
    allowed: Decimal
    calculated: Decimal | None
    is_last: bool
    with_finance: bool


def granted(amount: Decimal | None, reason: str, ceiling: Ceiling) -> Decimal:
    """What a step grants; without an amount, as much as the steps before. Raises Invalid, Conflict."""
    given = ceiling.allowed if amount is None else amount
    if not 0 < given <= ceiling.allowed:
        message = N_("At least ¥0.01, and at most ¥%(most)s: what is asked, or was granted before.")
        raise Invalid(
            faults=[
                Fault("/amount", "amount", message, N_("Enter a smaller amount."), {"most": ceiling.allowed})
            ]
        )
    if given < ceiling.allowed and not reason:
        message, fix = N_("Say why less is granted than was asked."), N_("Enter the reason.")
        raise Invalid(faults=[Fault("/reason", "reason_missing", message, fix)])
    if ceiling.kind is ClaimKind.PERIOD and ceiling.is_last:
        _check_calculated(given, reason, ceiling)
    return given


def _check_calculated(given: Decimal, reason: str, ceiling: Ceiling) -> None:
    if ceiling.calculated is None or given <= ceiling.calculated:
        return
    if not ceiling.with_finance:
        raise Conflict(
            "above_calculated",
            N_("More than was calculated (¥%(calculated)s) is granted only where finance signs too."),
            fix=N_("Grant what was calculated, or send the claim back."),
            calculated=ceiling.calculated,
        )
    if not reason:
        message = N_("This is more than was calculated (¥%(calculated)s).")
        params = {"calculated": ceiling.calculated}
        raise Invalid(
            faults=[Fault("/reason", "reason_missing", message, N_("Say why it is granted."), params)]
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """What doubts are found in. ended_on: the last day of what is claimed. days: of the evidence."""

    kind: ClaimKind
    asked: Decimal
    calculated: Decimal | None
    files: int
    days: Collection[date]
    first_day: date | None
    ended_on: date | None
    submitted_on: date
    overdue: Decimal
    alike: int


def doubts(facts: Facts) -> tuple[Doubt, ...]:
    """What looks odd, in the order of `Doubt`."""
    ended = facts.ended_on
    found = {
        Doubt.ABOVE_CALCULATED: facts.calculated is not None and facts.asked > facts.calculated,
        Doubt.NO_EVIDENCE: facts.kind is not ClaimKind.PERIOD and not facts.files,
        Doubt.EVIDENCE_OUTSIDE: any(
            (facts.first_day is not None and day < facts.first_day) or (ended is not None and day > ended)
            for day in facts.days
        ),
        Doubt.DEALER_OVERDUE: facts.overdue > 0,
        Doubt.LATE: ended is not None and facts.submitted_on > ended + timedelta(days=LATE_DAYS),
        Doubt.ALIKE: facts.alike > 0,
    }
    return tuple(doubt for doubt in Doubt if found[doubt])


def text_faults(pointer: str, text: str, most: int = TEXT_MAX) -> list[Fault]:
    """What is wrong with what a person wrote."""
    if len(text) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    return print_faults(pointer, text.replace("\n", "").replace("\r", ""))


def reason_of(written: str, *, required: bool) -> str:
    """A reason, trimmed. Raises Invalid."""
    reason = written.strip()
    faults = text_faults("/reason", reason)
    if required and not reason:
        faults = [Fault("/reason", "reason_missing", N_("Say why."), N_("Enter the reason."))]
    if faults:
        raise Invalid(faults=faults)
    return reason
