"""One figure, reckoned twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, text

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared (kind), of which document, what it should be, and what the portal has kept."""

    kind: str
    what: str
    expected: Any
    found: Any

    @property
    def differs(self) -> bool:
        """Whether the two opinions differ."""
        return bool(self.expected != self.found)


Recount = Callable[[Connection], Iterator[Compared]]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many figures of each kind were compared, and those that differ."""

    compared: Counter[str]
    differences: list[Compared]


def tally(figures: Iterable[Compared]) -> Tally:
    """Count what was compared, keep what differs."""
    compared: Counter[str] = Counter()
    differences = []
    for one in figures:
        compared[one.kind] += 1
        if one.differs:
            differences.append(one)
    return Tally(compared, differences)


def asked(rows: Connection, kind: str, query: str) -> Iterator[Compared]:
    """Figures that one statement reckons: it answers ``what``, ``expected``, ``found``."""
    for what, expected, found in streamed(rows, query):
        yield Compared(kind, what, expected, found)


def streamed(rows: Connection, query: str) -> Iterator[Any]:
    """The rows of a statement, some thousands at a time."""
    with rows.execute(text(query), execution_options={"yield_per": 5_000}) as result:
        yield from result


def fen(amount: Fraction | Decimal) -> Decimal:
    """An exact amount to the fen, half-up: a half goes away from zero."""
    if isinstance(amount, Decimal):
        return amount.quantize(FEN, ROUND_HALF_UP)
    cents = (2 * 100 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return Decimal(cents if amount >= 0 else -cents).scaleb(-2)


def running(amount: Decimal, part: int, whole: int) -> Decimal:
    """What the first units of a line come to: R(n) = half-up(amount × n ÷ quantity)."""
    return fen(Fraction(amount) * part / whole)
