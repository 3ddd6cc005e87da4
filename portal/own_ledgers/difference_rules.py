"""How two books differ about one document: the classes, and which of them two amounts belong to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DAYS = 5  # by which two books may date a document within a month, and agree
CENT_MAX = 5  # fen that rounding of lines makes
_RATES = (13, 9, 6, 5, 3, 1)  # VAT in percent
_TAXED_MIN = 1000  # fen, below which a rate is a coincidence


class Kind(StrEnum):
    """What is wrong, in the words of the contract."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    DATE = "date"
    DUPLICATE = "duplicate"
    SIGN = "sign"
    TAX = "tax"
    ROUNDING = "rounding"
    TRANSPOSED = "transposed"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Doc:
    """A document in one of the two books. place: its row in the file, or its position in our journal.

    fen: what it raises our receivable by, in either books. number: as a key. also: another number that it
    goes by. net: without tax, where that is known. inside: whether it counts in the time that is compared.
    """

    place: int
    day: date
    fen: int
    number: str
    text: str = ""
    also: str = ""
    net: int | None = None
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing to agree about. fen: theirs less ours, within the time that is compared.

    So all of them together are what the two sums differ by. confidence: percent.
    """

    kind: Kind
    ours: tuple[Doc, ...]
    theirs: tuple[Doc, ...]
    fen: int
    confidence: int


def difference(kind: Kind, ours: Iterable[Doc], theirs: Iterable[Doc], confidence: int) -> Difference:
    """A difference with what it amounts to."""
    ours, theirs = tuple(ours), tuple(theirs)
    fen = sum(one.fen for one in theirs if one.inside) - sum(one.fen for one in ours if one.inside)
    return Difference(kind, ours, theirs, fen, confidence)


def same_time(ours: Doc, theirs: Doc) -> bool:
    """Whether two dates of a document are as good as one: a few days apart, in one month."""
    first, second = ours.day, theirs.day
    if ours.inside != theirs.inside or (first.month, first.year) != (second.month, second.year):
        return False
    return abs((first - second).days) <= DAYS


def kind_of_amounts(ours: Doc, theirs: Doc) -> tuple[Kind, int]:
    """What two different amounts of a document are, and how surely in percent."""
    if ours.fen == -theirs.fen:
        return Kind.SIGN, 99
    if is_transposed(ours.fen, theirs.fen):
        return Kind.TRANSPOSED, 97
    if is_tax(ours, theirs):
        return Kind.TAX, 96
    if is_rounded(ours.fen, theirs.fen):
        return Kind.ROUNDING, 97
    return Kind.AMOUNT, 95


def is_transposed(ours: int, theirs: int) -> bool:
    """Whether two neighbouring digits changed places."""
    if (ours < 0) != (theirs < 0):
        return False
    first, second = str(abs(ours)), str(abs(theirs))
    wide = max(len(first), len(second))
    first, second = first.zfill(wide), second.zfill(wide)
    places = [place for place in range(wide) if first[place] != second[place]]
    if len(places) != 2 or places[1] != places[0] + 1:
        return False
    left, right = places
    return first[left] == second[right] and first[right] == second[left]


def is_rounded(ours: int, theirs: int) -> bool:
    """Whether one is the other to the jiao or the yuan, or some fen beside it."""
    apart = abs(ours - theirs)
    return apart <= CENT_MAX or (apart < 10 and theirs % 10 == 0) or (apart < 100 and theirs % 100 == 0)


def is_tax(ours: Doc, theirs: Doc) -> bool:
    """Whether one book has the tax and the other has none, or another rate."""
    if ours.net is not None and ours.net != ours.fen and abs(theirs.fen - ours.net) <= 1:
        return True
    if abs(ours.fen) < _TAXED_MIN or (ours.fen < 0) != (theirs.fen < 0):
        return False
    high, low = 100 * max(abs(ours.fen), abs(theirs.fen)), min(abs(ours.fen), abs(theirs.fen))
    if any(abs(high - low * (100 + rate)) <= 100 for rate in _RATES):
        return True
    first, second = abs(ours.fen), abs(theirs.fen)
    return any(
        one != other and abs(first * (100 + other) - second * (100 + one)) <= 100
        for one in _RATES[:3]
        for other in _RATES[:3]
    )


def distance(first: str, second: str, *, most: int) -> int:
    """How many characters have to be changed, added, left out or swapped, `most` + 1 at most."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    costs = list(range(len(second) + 1))
    for place, one in enumerate(first, start=1):
        earlier, before, costs = before, costs, [place]
        for column, other in enumerate(second, start=1):
            cost = min(before[column] + 1, costs[-1] + 1, before[column - 1] + (one != other))
            swapped = place > 1 and column > 1 and one == second[column - 2] and first[place - 2] == other
            costs.append(min(cost, earlier[column - 2] + 1) if swapped else cost)
        if min(costs) > most:
            return most + 1
    return min(costs[-1], most + 1)
