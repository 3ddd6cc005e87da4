"""Which lines of a statement somebody looks for. Pure.

What is hidden still counts: every line keeps the balance that followed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from portal.kernel.money import ZERO


class Line(Protocol):
    """What of a line is looked at."""

    @property
    def date(self) -> Day: ...

    @property
    def kind(self) -> str: ...

    @property
    def document_no(self) -> str: ...

    @property
    def reference(self) -> str: ...

    @property
    def debit(self) -> Decimal: ...

    @property
    def credit(self) -> Decimal: ...


L = TypeVar("L", bound=Line)
Day = date


@dataclass(frozen=True, slots=True)
class LineFilter:
    """text: part of a number or reference. An amount is of a charge or a credit."""

    kind: str = ""
    text: str = ""
    first: date | None = None
    last: date | None = None
    least: Decimal | None = None
    most: Decimal | None = None

    def keeps(self, line: Line) -> bool:
        """Whether a line is looked for."""
        amount = line.debit or line.credit
        sought = self.text.casefold()
        return (
            (not self.kind or line.kind == self.kind)
            and (sought in line.document_no.casefold() or sought in line.reference.casefold())
            and (self.first is None or line.date >= self.first)
            and (self.last is None or line.date <= self.last)
            and (self.least is None or amount >= self.least)
            and (self.most is None or amount <= self.most)
        )


@dataclass(frozen=True, slots=True)
class Found(Generic[L]):
    """The lines that are shown, of how many, and what they come to."""

    lines: tuple[L, ...]
    of: int
    debits: Decimal
    credits: Decimal

    @property
    def is_part(self) -> bool:
        """Whether some are hidden."""
        return len(self.lines) < self.of


def filtered(lines: Sequence[L], wanted: LineFilter) -> Found[L]:
    """The lines that somebody looks for, in their order and with their balances."""
    kept = tuple(line for line in lines if wanted.keeps(line))
    debits, credits = (sum((getattr(line, side) for line in kept), ZERO) for side in ("debit", "credit"))
    return Found(kept, len(lines), debits, credits)
