"""Limits and terms: what may be proposed, and what of all that was decided counts on a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from portal.disputes.rules import text_faults
from portal.kernel.errors import N_, Fault

TEXT_MAX = 500
DAYS_MAX = 365
AHEAD_MAX = timedelta(days=3 * 366)


class ChangeKind(StrEnum):
    """What of a dealer's credit is agreed anew."""

    LIMIT = "limit"
    TERMS = "terms"


class Standing(StrEnum):
    """Where a change stands: the states of proposals, and that a temporary one has ended."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What somebody proposes. valid_until: the last day of a temporary change, None for good."""

    kind: ChangeKind
    amount: Decimal | None
    days: int | None
    valid_from: date
    valid_until: date | None
    why: str


def proposal_faults(proposed: Proposed, today: date) -> list[Fault]:
    """Everything that is wrong with a proposal."""
    return [
        *_value_faults(proposed),
        *_day_faults(proposed, today),
        *text_faults("/reason", proposed.why, most=TEXT_MAX),
    ]


def _value_faults(proposed: Proposed) -> list[Fault]:
    if proposed.kind is ChangeKind.LIMIT:
        if proposed.amount is None:
            return [Fault("/amount", "amount", N_("Say up to which amount."), N_("Enter the new limit."))]
        if proposed.amount < 0:
            return [Fault("/amount", "amount", N_("A limit is not negative."), N_("Enter 0 or more."))]
        return []
    if proposed.days is None or not 0 <= proposed.days <= DAYS_MAX:
        message, fix = N_("Terms are a number of days."), N_("Enter 0 to %(max)s.")
        return [Fault("/days", "days", message, fix, {"max": DAYS_MAX})]
    return []


def _day_faults(proposed: Proposed, today: date) -> list[Fault]:
    faults = []
    if not today <= proposed.valid_from <= today + AHEAD_MAX:
        message = N_("A change begins today or later, and within three years.")
        faults.append(Fault("/valid_from", "valid_from", message, N_("Choose a later day.")))
    until = proposed.valid_until
    if until is not None and not proposed.valid_from <= until <= today + 2 * AHEAD_MAX:
        message = N_("It ends before it begins, or in far too many years.")
        faults.append(Fault("/valid_until", "valid_until", message, N_("Choose a later day, or none.")))
    return faults


def terms_warnings(days: int | None, most: int) -> list[Fault]:
    """What is said, and not refused, of terms longer than the law gives large buyers of small suppliers."""
    if days is None or days <= most:
        return []
    message = N_(
        "More than %(most)s days: a large buyer may take them from a small supplier only where they are "
        "usual and agreed."
    )
    fix = N_("Have the size of both companies and the agreement in the file.")
    return [Fault("/days", "terms_beyond_law", message, fix, {"most": most})]


class Decided(Protocol):
    """A change that was put in force, as it stands on file."""

    @property
    def id(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


D = TypeVar("D", bound=Decided)


def in_force(decided: Iterable[D], day: date) -> D | None:
    """The change of one kind that counts on a day: a temporary one first, the latest of each."""
    running = [
        one
        for one in decided
        if one.valid_from <= day and (one.valid_until is None or one.valid_until >= day)
    ]
    return max(running, key=lambda one: (one.valid_until is not None, one.valid_from, one.id), default=None)
