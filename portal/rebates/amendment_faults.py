"""What is wrong with an amendment of a programme, each fault beside its field. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from portal.kernel.errors import N_, Fault
from portal.rebates.term_faults import AMENDMENTS_MAX, table_faults
from portal.rebates.terms import Terms, TierTerms

WHY_MAX = 500


@dataclass(frozen=True, slots=True)
class Amending:
    """Other tiers from a stated day on, as somebody wrote them. why: what was agreed.

    misread: what could not be read at all; told with everything else.
    """

    starts_on: date | None
    tiers_of: tuple[TierTerms, ...]
    why: str
    misread: tuple[Fault, ...] = field(default=(), compare=False)


def amendment_faults(terms: Terms, amending: Amending, taken: Collection[date]) -> list[Fault]:
    """Everything that is wrong with it, beside each field the first thing.

    terms: of the programme. taken: days from which other amendments hold, or shall.
    """
    found = [
        *amending.misread,
        *_day(terms, amending, taken),
        *table_faults(terms, amending.tiers_of, "/tiers_of"),
        *_why(amending),
    ]
    first: dict[str, Fault] = {}
    for fault in found:
        first.setdefault(fault.pointer, fault)
    return list(first.values())


def _day(terms: Terms, amending: Amending, taken: Collection[date]) -> Iterator[Fault]:
    day, first, last = amending.starts_on, terms.valid_from, terms.valid_to
    if day is None:
        message, fix = N_("Say from which day on it holds."), N_("Choose a day of the programme.")
        yield Fault("/from", "day_missing", message, fix)
    elif first is None or last is None or not first <= day <= last:
        message, fix = N_("This day lies outside the programme."), N_("Choose a day of the programme.")
        yield Fault("/from", "outside_programme", message, fix)
    elif day in taken:
        message = N_("Another amendment holds from this day on, or shall.")
        fix = N_("Change or withdraw that one, or choose another day.")
        yield Fault("/from", "same_day", message, fix)
    elif len(taken) >= AMENDMENTS_MAX:
        message, fix = N_("At most %(max)s of them."), N_("Make two programmes of it.")
        yield Fault("/from", "too_many", message, fix, {"max": AMENDMENTS_MAX})


def _why(amending: Amending) -> Iterator[Fault]:
    if not 1 <= len(amending.why.strip()) <= WHY_MAX:
        message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why, in a few words.")
        yield Fault("/reason", "reason", message, fix, {"max": WHY_MAX})
