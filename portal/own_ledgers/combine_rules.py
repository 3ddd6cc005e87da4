"""One document of one book for several of the other, and several for several. Pure.

Whatever is looked through is bounded, for one document and for a whole file, and a sum is believed only where
chance would hardly give it: among many documents some always add up to any amount.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import comb

from portal.own_ledgers.difference_rules import Doc

WITHIN = 10  # days on either side
POOL_MAX = 24  # documents that are looked at for one
PARTS_MAX = 6
ODDS = 10_000  # against an accident
_STEPS_MAX = 20_000
FILE_STEPS_MAX = 20_000_000
"""Steps for a whole file, some seconds; counted and not timed: the same files come to the same result."""


@dataclass(slots=True)
class Budget:
    """What may still be looked through for a file. unsearched: documents for which it did not suffice."""

    left: int = FILE_STEPS_MAX
    unsearched: int = 0

    def spend(self, steps: int = 1) -> bool:
        """Whether so much was left, which is gone now."""
        self.left -= steps
        return self.left >= 0

    def gives_up(self) -> bool:
        """Whether nothing is left for one more document, which is counted."""
        if self.left > 0:
            return False
        self.unsearched += 1
        return True


class Neighbours:
    """The documents of a book that are left, found by their days."""

    def __init__(self, docs: Sequence[Doc], budget: Budget) -> None:
        self._budget = budget
        self._docs = sorted(docs, key=lambda doc: doc.day)
        self._days: list[date] = [doc.day for doc in self._docs]

    def near(self, doc: Doc, gone: set[int], sign: int) -> list[Doc]:
        """Those within some days of a document, of one sign, the nearest first."""
        middle = bisect_left(self._days, doc.day)
        found: list[Doc] = []
        for one in self._around(middle, doc.day):
            if not self._budget.spend():
                return []
            if one.place not in gone and (one.fen > 0) == (sign > 0):
                found.append(one)
                if len(found) >= POOL_MAX:
                    break
        return found

    def _around(self, middle: int, day: date) -> Iterator[Doc]:
        left, right = middle - 1, middle
        while True:
            before = (day - self._days[left]).days if left >= 0 else WITHIN + 1
            after = (self._days[right] - day).days if right < len(self._days) else WITHIN + 1
            if min(before, after) > WITHIN:
                return
            if after <= before:
                yield self._docs[right]
                right += 1
            else:
                yield self._docs[left]
                left -= 1


def parts_of(fen: int, pool: Sequence[Doc], budget: Budget, *, least: int = 2) -> tuple[Doc, ...] | None:
    """The documents that add up to an amount; None where none do, or where chance could have done it."""
    of_day: list[Doc] = []
    for place, doc in enumerate(pool):
        of_day.append(doc)
        is_last_of_day = place + 1 == len(pool) or pool[place + 1].day != doc.day
        if is_last_of_day and (found := _unlikely(fen, of_day, budget, least)):
            return found
    return None


def _unlikely(fen: int, pool: Sequence[Doc], budget: Budget, least: int) -> tuple[Doc, ...] | None:
    for size in range(least, min(PARTS_MAX, len(pool)) + 1):
        if comb(len(pool), size) * ODDS > abs(fen):
            return None
        found = _sums(fen, pool, size, budget)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _sums(fen: int, pool: Sequence[Doc], size: int, budget: Budget) -> list[tuple[Doc, ...]]:
    """The choices of so many documents with a sum, two of them at most. All are of one sign."""
    target = abs(fen)
    docs = sorted((doc for doc in pool if abs(doc.fen) <= target), key=lambda doc: -abs(doc.fen))
    found: list[tuple[Doc, ...]] = []
    steps, steps_max = 0, min(_STEPS_MAX, budget.left)

    def choose(start: int, left: int, rest: int, chosen: tuple[Doc, ...]) -> None:
        nonlocal steps
        for place in range(start, len(docs) - left + 1):
            steps += 1
            if len(found) > 1 or steps > steps_max:
                return
            amount = abs(docs[place].fen)
            if amount * left < rest:
                return  # the largest that are left are too small
            if amount > rest:
                continue
            if left == 1:
                if amount == rest:
                    found.append((*chosen, docs[place]))
            else:
                choose(place + 1, left - 1, rest - amount, (*chosen, docs[place]))

    choose(0, size, target, ())
    budget.spend(steps)
    return found if steps <= steps_max else []
