"""How well the defects of books were found."""

from __future__ import annotations

from dataclasses import dataclass

from portal.own_ledgers.difference_rules import Difference, Doc, Kind
from portal.own_ledgers.match_rules import Result


@dataclass(frozen=True)
class Score:
    """How well defects were found. recall and precision by class, from 0 to 1; invented: out of nothing."""

    recall: dict[Kind, float]
    precision: dict[Kind, float]
    invented: list[Difference]


def score(result: Result, wrong: set[tuple[str, Kind]]) -> Score:
    """Compare what was found with what was put in."""
    found = {(number, one.kind) for one in result.differences for number in {d.number for d in _docs(one)}}
    numbers = {number for number, _ in wrong}
    recall, precision = {}, {}
    for kind in Kind:
        asked = {one for one in wrong if one[1] is kind}
        of_kind = [one for one in result.differences if one.kind is kind]
        right = [one for one in of_kind if any((doc.number, kind) in wrong for doc in _docs(one))]
        recall[kind] = len(asked & found) / len(asked) if asked else 1.0
        precision[kind] = len(right) / len(of_kind) if of_kind else 1.0
    invented = [one for one in result.differences if not any(doc.number in numbers for doc in _docs(one))]
    return Score(recall, precision, invented)


def _docs(one: Difference) -> tuple[Doc, ...]:
    return (*one.ours, *one.theirs)
