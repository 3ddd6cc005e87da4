"""The life of a stock count, and what its differences are. Pure.

`TRANSITIONS` is the law; docs/counting.md draws it, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.errors import N_, Conflict, Fault
from portal.stock.serial_rules import serial_faults

UNITS_MAX = 1_000_000
NOTE_MAX = 500
LINES_MAX = 20_000
ROUNDS = 2


class CountState(StrEnum):
    """Where a count stands. recounting: what differed is counted once more."""

    COUNTING = "counting"
    RECOUNTING = "recounting"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """As what units lie in a warehouse; so they are counted, each in its own area."""

    SALEABLE = "saleable"
    INSPECTING = "inspecting"
    QUARANTINED = "quarantined"


_REACHES: Mapping[CountState, tuple[CountState, ...]] = {
    CountState.COUNTING: (CountState.RECOUNTING, CountState.SUBMITTED, CountState.CANCELLED),
    CountState.RECOUNTING: (CountState.SUBMITTED, CountState.CANCELLED),
    CountState.SUBMITTED: (CountState.APPROVED, CountState.REJECTED),
}

TRANSITIONS = frozenset((start, end) for start, ends in _REACHES.items() for end in ends)
"""Every (from, to) that is possible."""

OPEN = (CountState.COUNTING, CountState.RECOUNTING)
"""States in which people count."""


def require_state(now: CountState, *allowed: CountState) -> None:
    """Raise Conflict unless the count stands where the act is possible."""
    if now not in allowed:
        raise Conflict(
            "count_state",
            N_("The count has moved on: this is not possible any more, or not yet."),
            fix=N_("Load it again and look at its status."),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What is known of a line. counted and expected are None while nobody has counted it."""

    round: int
    counted: int | None
    expected: int | None
    missing: Sequence[str] = ()
    surplus: Sequence[str] = ()

    @property
    def difference(self) -> int:
        """Units too many, negative for too few; 0 while nobody has counted."""
        return 0 if self.counted is None or self.expected is None else self.counted - self.expected

    @property
    def differs(self) -> bool:
        """Whether anything is not as it should be: units, or which of them."""
        return bool(self.difference or self.missing or self.surplus)


def made_saleable(lot: Mapping[Standing, Counted]) -> bool:
    """Whether what was counted of a lot would sell units that nobody released from quarantine."""
    shelf, apart = lot.get(Standing.SALEABLE), lot.get(Standing.QUARANTINED)
    if shelf is None or apart is None:
        return False
    return (shelf.difference > 0 and apart.difference < 0) or not set(shelf.surplus).isdisjoint(apart.missing)


def round_of(state: CountState) -> int:
    """Which time it is that people count."""
    return 2 if state is CountState.RECOUNTING else 1


def submitted(state: CountState, lines: Collection[Counted]) -> CountState:
    """Where a count goes when the counters say that they are done: first to a second look at what differs.

    Raises Conflict while a line has not been counted.
    """
    require_state(state, *OPEN)
    number = round_of(state)
    to_count = [one for one in lines if number == 1 or one.round == 2 or one.differs]
    uncounted = sum(1 for one in to_count if one.counted is None or one.round < number)
    if uncounted:
        raise Conflict(
            "not_counted",
            N_("%(count)s lines have not been counted yet."),
            fix=N_("Count them; enter 0 where nothing lies."),
            count=uncounted,
        )
    if state is CountState.COUNTING and any(one.differs for one in lines):
        return CountState.RECOUNTING
    return CountState.SUBMITTED


def entry_faults(
    sku: str, units: int, so_far: int, serials: Sequence[str], *, controlled: bool
) -> list[Fault]:
    """What is wrong with what somebody counted. so_far: of the same round; fewer than none takes back."""
    if not -UNITS_MAX <= units <= UNITS_MAX or not 0 <= so_far + units <= UNITS_MAX:
        message = N_("All entries of a lot come to between 0 and %(max)s units.")
        fix = N_("Correct the units; a negative number takes an earlier entry back.")
        return [Fault("/units", "units_out_of_range", message, fix, {"max": UNITS_MAX})]
    if not controlled or units >= 0:
        return serial_faults("/serials", sku, serials, units=units, controlled=controlled)
    return serial_faults("/serials", sku, serials, units=-units, controlled=True)


def scanned_after(before: Sequence[str], serials: Sequence[str], units: int) -> list[str]:
    """Serials of a line after an entry: added, or taken back where its units are fewer than none."""
    if units < 0:
        return sorted(set(before) - set(serials))
    return sorted({*before, *serials})


def compared(scanned: Iterable[str], there: Iterable[str]) -> tuple[list[str], list[str]]:
    """Serials that are missing, and those too many."""
    found, known = set(scanned), set(there)
    return sorted(known - found), sorted(found - known)
