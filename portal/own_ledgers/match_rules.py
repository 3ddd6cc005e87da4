"""The documents of two books, each with its counterpart, and what is left as differences. Pure.

What is most certain comes first: number and amount; then several rows of one number; then the amount under a
number that was written wrongly; then the number with another amount; then amount and day; then sums. What is
found is taken away from what is left, so nothing is told twice. Both books are read once and kept as they
are: memory grows with their lines and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from portal.own_ledgers.cell_rules import key_of, numbers_in
from portal.own_ledgers.combine_rules import Budget, Neighbours, parts_of
from portal.own_ledgers.difference_rules import (
    DAYS,
    Difference,
    Doc,
    Kind,
    difference,
    distance,
    kind_of_amounts,
    same_time,
)
from portal.own_ledgers.pairing_rules import Pair, by_number, grouped, is_nothing, nearest

OURS_SHARE = 5  # percent of their numbers that are known here, from which on their numbers are ours
TYPO_MAX = 2  # characters
LATE_MAX = 45  # days within which an amount without a number may be the same document
_SIMILAR_MAX = 40  # numbers that are compared for one document
_DISTANCE_STEPS = 60  # what comparing two of them costs of the budget of a file
_ORDER = (Kind.SIGN, Kind.TRANSPOSED, Kind.ROUNDING, Kind.TAX, Kind.AMOUNT)


@dataclass(slots=True)
class Result:
    """What was agreed and what was not. matched: our documents that agree wholly.

    unsearched: documents for which nobody could look for others that come to the same: there were too many.
    """

    matched: int = 0
    unsearched: int = 0
    differences: list[Difference] = field(default_factory=list)


def match(ours: Sequence[Doc], theirs: Sequence[Doc], budget: Budget | None = None) -> Result:
    """Compare two books, amounts in the view of ours. `place` is unique within each.

    budget: what may be looked through for what is not plain; a file's without one.
    """
    matching = _Matching(ours, theirs, budget or Budget())
    for step in (
        matching.by_number,
        matching.by_rows_of_one_number,
        matching.by_other_number,
        matching.by_misspelt_number,
        matching.by_sum_under_a_number,
        matching.by_number_alone,
        matching.duplicates,
        matching.by_amount_and_day,
        matching.by_sums,
        matching.by_sums_of_a_day,
        matching.by_amount_alone,
        matching.without_number,
        matching.reversed_here,
    ):
        step()
    return matching.finish()


class _Matching:
    def __init__(self, ours: Sequence[Doc], theirs: Sequence[Doc], budget: Budget) -> None:
        self.result = Result()
        self._ours, self._theirs = ours, theirs
        self._done_ours: set[int] = set()
        self._done_theirs: set[int] = set()
        self._budget = budget
        self._agreed: dict[tuple[str, int], Pair] = {}
        known = {doc.number for doc in ours if doc.number} | {doc.also for doc in ours if doc.also}
        said = [doc for doc in theirs if doc.number]
        ours_said = sum(doc.number in known for doc in said)
        self._known = known
        self._speaks_ours = ours_said * 100 >= len(said) * OURS_SHARE and ours_said > 0

    # What is left

    def _left(self, docs: Sequence[Doc], done: set[int]) -> list[Doc]:
        return [doc for doc in docs if doc.place not in done]

    @property
    def _left_ours(self) -> list[Doc]:
        return self._left(self._ours, self._done_ours)

    @property
    def _left_theirs(self) -> list[Doc]:
        return self._left(self._theirs, self._done_theirs)

    def _take(self, ours: Iterable[Doc], theirs: Iterable[Doc]) -> None:
        self._done_ours.update(doc.place for doc in ours)
        self._done_theirs.update(doc.place for doc in theirs)

    def _agree(self, ours: Sequence[Doc], theirs: Sequence[Doc], confidence: int = 99) -> None:
        """The same documents, of which at most the day differs."""
        self._take(ours, theirs)
        if all(same_time(one, other) for one in ours for other in theirs):
            self.result.matched += sum(doc.inside for doc in ours)
        elif any(doc.inside for doc in (*ours, *theirs)):
            self.result.differences.append(difference(Kind.DATE, ours, theirs, confidence))
        if len(ours) == len(theirs) == 1:
            self._agreed.setdefault((theirs[0].number, theirs[0].fen), (ours[0], theirs[0]))

    def _differ(self, kind: Kind, ours: Sequence[Doc], theirs: Sequence[Doc], confidence: int) -> None:
        self._take(ours, theirs)
        if any(doc.inside for doc in (*ours, *theirs)):
            self.result.differences.append(difference(kind, ours, theirs, confidence))

    # By number

    def by_number(self) -> None:
        """The same number and the same amount."""
        groups = grouped(self._ours, lambda doc: (doc.number, doc.fen) if doc.number else None)
        self._pair(groups, lambda doc: (doc.number, doc.fen))

    def _pair(
        self, groups: dict[object, list[Doc]], key: Callable[[Doc], object], confidence: int = 99
    ) -> None:
        """Pair what has one key, the nearest days first."""
        met = defaultdict(list)
        for doc in self._left_theirs:
            if (found := key(doc)) in groups:
                met[found].append(doc)
        for found, theirs in met.items():
            for one, other in nearest(groups[found], theirs):
                self._agree([one], [other], confidence)

    def by_rows_of_one_number(self) -> None:
        """One invoice in several rows of a voucher, or several of ours in one row of theirs."""
        ours, theirs = by_number(self._left_ours), by_number(self._left_theirs)
        for number in ours.keys() & theirs.keys():
            mine, yours = ours[number], theirs[number]
            if len(mine) + len(yours) > 2 and sum(doc.fen for doc in mine) == sum(doc.fen for doc in yours):
                self._agree(mine, yours, 97)

    def by_other_number(self) -> None:
        """The number by which we refer to something else, or one that stands within the sentence."""
        groups = grouped(self._left_ours, lambda doc: (doc.also, doc.fen) if doc.also else None)
        self._pair(groups, lambda doc: (doc.number, doc.fen), 95)
        groups = grouped(self._left_ours, lambda doc: (doc.number, doc.fen) if doc.number else None)
        for doc in self._left_theirs:
            for number in map(key_of, numbers_in(doc.text)):
                of_number = groups.get((number, doc.fen))
                if not of_number or self._budget.gives_up():
                    continue
                self._budget.spend(len(of_number))
                found = [one for one in of_number if one.place not in self._done_ours]
                if number != doc.number and len(found) == 1:
                    self._agree(found, [doc], 95)
                    break

    def by_misspelt_number(self) -> None:
        """The amount of a document on its day, under a number some characters beside its own."""
        if not self._speaks_ours:
            return
        groups = grouped(self._left_ours, lambda doc: doc.fen if doc.number else None)
        found: list[tuple[int, int, Doc, Doc]] = []
        for doc in self._left_theirs:
            if not doc.number or doc.fen not in groups or self._budget.gives_up():
                continue
            for one in groups.get(doc.fen, [])[:_SIMILAR_MAX]:
                self._budget.spend(_DISTANCE_STEPS)
                apart = distance(one.number, doc.number, most=TYPO_MAX)
                days = abs((one.day - doc.day).days)
                if 0 < apart <= TYPO_MAX and days <= DAYS:
                    found.append((apart, days, one, doc))
        for apart, _, one, doc in sorted(found, key=lambda each: each[:2]):
            if one.place not in self._done_ours and doc.place not in self._done_theirs:
                self._differ(Kind.REFERENCE, [one], [doc], 98 if apart == 1 else 95)

    def by_number_alone(self) -> None:
        """The same number with another amount: what that amount is, says the class."""
        ours, theirs = by_number(self._left_ours), by_number(self._left_theirs)
        for number in ours.keys() & theirs.keys():
            choices = [
                (_ORDER.index(kind), abs(one.fen - doc.fen), surely, kind, one, doc)
                for one in ours[number][:_SIMILAR_MAX]
                for doc in theirs[number][:_SIMILAR_MAX]
                for kind, surely in [kind_of_amounts(one, doc)]
            ]
            for _, _, surely, kind, one, doc in sorted(choices, key=lambda each: each[:2]):
                if one.place not in self._done_ours and doc.place not in self._done_theirs:
                    self._differ(kind, [one], [doc], surely)

    def duplicates(self) -> None:
        """What stands twice in one of the books and once in the other."""
        for doc in self._left_theirs:
            met = self._agreed.get((doc.number, doc.fen))
            if met and (doc.number or (met[1].day, met[1].text) == (doc.day, doc.text)):
                self._twice(doc, met, is_theirs=True)
        for doc in self._left_ours:
            if doc.number and (met := self._agreed.get((doc.number, doc.fen))):
                self._twice(doc, met, is_theirs=False)

    def _twice(self, doc: Doc, met: Pair, *, is_theirs: bool) -> None:
        self._take([] if is_theirs else [doc], [doc] if is_theirs else [])
        if doc.inside:
            fen = doc.fen if is_theirs else -doc.fen
            ours, theirs = ((met[0],), (met[1], doc)) if is_theirs else ((met[0], doc), (met[1],))
            surely = 98 if doc.number else 85
            self.result.differences.append(Difference(Kind.DUPLICATE, ours, theirs, fen, surely))

    # Without a number

    def by_amount_and_day(self) -> None:
        """The same amount within some days; a number that is neither is a wrong reference."""
        groups = grouped(self._left_ours, lambda doc: doc.fen)
        met = defaultdict(list)
        for doc in self._left_theirs:
            if doc.fen in groups:
                met[doc.fen].append(doc)
        for fen, theirs in met.items():
            for one, other in nearest(groups[fen], theirs, within=DAYS):
                if self._speaks_ours and one.number and other.number:
                    self._differ(Kind.REFERENCE, [one], [other], 85)
                else:
                    self._agree([one], [other], 90)

    def by_amount_alone(self) -> None:
        """The same amount some weeks away, where either book has it only once."""
        ours, theirs = (grouped(docs, lambda doc: doc.fen) for docs in (self._left_ours, self._left_theirs))
        for fen in ours.keys() & theirs.keys():
            if len(ours[fen]) == len(theirs[fen]) == 1:
                one, other = ours[fen][0], theirs[fen][0]
                is_named = self._speaks_ours and one.number and other.number
                if not is_named and abs((one.day - other.day).days) <= LATE_MAX:
                    self._agree([one], [other], 70)

    def without_number(self) -> None:
        """Of one day, an amount with the other sign or with two digits swapped, if it is the only one."""
        ours = grouped(self._left_ours, lambda doc: doc.day)
        for doc in self._left_theirs:
            of_day = ours.get(doc.day)
            if (doc.number and self._speaks_ours) or not of_day or self._budget.gives_up():
                continue
            self._budget.spend(len(of_day))
            near = [one for one in of_day if one.place not in self._done_ours]
            kinds = [(one, *kind_of_amounts(one, doc)) for one in near[:_SIMILAR_MAX]]
            likely = [each for each in kinds if each[1] is not Kind.AMOUNT]
            if len(likely) == 1:
                self._differ(likely[0][1], [likely[0][0]], [doc], 75)

    # Sums

    def by_sum_under_a_number(self) -> None:
        """One document of theirs under the number of the first of several of ours, and the reverse."""
        self._under(self._left_ours, self._left_theirs, turned=False)
        self._under(self._left_theirs, self._left_ours, turned=True)

    def _under(self, many: list[Doc], single: list[Doc], *, turned: bool) -> None:
        numbers, near = by_number(many), Neighbours(many, self._budget)
        gone = self._done_theirs if turned else self._done_ours
        gone_single = self._done_ours if turned else self._done_theirs
        for doc in single:
            of_number = numbers.get(doc.number)
            if not of_number or doc.place in gone_single or self._budget.gives_up():
                continue
            self._budget.spend(len(of_number))
            named = [one for one in of_number if one.place not in gone]
            if len(named) != 1:
                continue
            rest = doc.fen - named[0].fen
            if rest * doc.fen <= 0 or named[0].fen * doc.fen < 0:
                continue
            pool = [one for one in near.near(doc, gone, rest) if one.place != named[0].place]
            if parts := parts_of(rest, pool, self._budget, least=1):
                together = (named[0], *parts)
                self._agree_turned(together, doc, turned, 90)

    def by_sums(self) -> None:
        """One document for several of the other book, without a number that says so."""
        self._sum(self._left_ours, self._left_theirs, turned=False)
        self._sum(self._left_theirs, self._left_ours, turned=True)

    def _sum(self, many: list[Doc], single: list[Doc], *, turned: bool) -> None:
        near = Neighbours(many, self._budget)
        gone = self._done_theirs if turned else self._done_ours
        for doc in single:
            if self._budget.gives_up():
                continue
            if parts := parts_of(doc.fen, near.near(doc, gone, doc.fen), self._budget):
                self._agree_turned(parts, doc, turned, 85)

    def _agree_turned(self, many: Sequence[Doc], doc: Doc, turned: bool, confidence: int) -> None:
        """turned: the several are theirs."""
        ours, theirs = ([doc], many) if turned else (many, [doc])
        self._agree(ours, theirs, confidence)

    def by_sums_of_a_day(self) -> None:
        """Several for several: what is left of a day on either side is the same sum."""
        ours, theirs = (
            grouped(docs, lambda doc: (doc.day, doc.fen > 0)) for docs in (self._left_ours, self._left_theirs)
        )
        for day in ours.keys() & theirs.keys():
            mine, yours = ours[day], theirs[day]
            are_few = 1 < len(mine) <= 8 and 1 < len(yours) <= 8
            if are_few and sum(doc.fen for doc in mine) == sum(doc.fen for doc in yours):
                self._agree(mine, yours, 80)

    def reversed_here(self) -> None:
        """What one book wrote and took back again, and the other never had, is nothing to agree about."""
        for docs in by_number(self._left_ours).values():
            if is_nothing(docs):
                self._take(docs, [])
        for docs in by_number(self._left_theirs).values():
            if is_nothing(docs):
                self._take([], docs)

    def finish(self) -> Result:
        """What is left has no counterpart."""
        self.result.unsearched = self._budget.unsearched
        for doc in self._left_ours:
            self._differ(Kind.MISSING_THERE, [doc], [], 95)
        for doc in self._left_theirs:
            self._differ(Kind.MISSING_HERE, [], [doc], 95)
        order = {kind: place for place, kind in enumerate(Kind)}
        self.result.differences.sort(
            key=lambda one: (
                order[one.kind],
                (one.ours or one.theirs)[0].day,
                (one.ours or one.theirs)[0].place,
            )
        )
        return self.result
