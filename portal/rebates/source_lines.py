"""The lines that rebates are reckoned from, and what is known of the payment of invoices. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.rebates.rules import Basis

_FEN = Decimal("0.01")


class LineKind(StrEnum):
    """What a line does to the goods: sells them, takes them back, corrects their price, undoes the sale."""

    SALE = "sale"
    RETURN = "return"
    PRICE_CORRECTION = "price_correction"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One line of a document. Whatever takes something back is negative.

    on: business day. invoice: the invoice whose payment decides about it; of a credit note the one it takes
    from. origin_on: that invoice's day. goods: the same for every line about the same goods, whatever
    document it stands on; empty: the line alone.
    """

    on: date
    document: str
    line: int
    kind: LineKind
    sku: str
    categories: frozenset[str]
    quantity: int
    net: Decimal
    gross: Decimal
    invoice: str = ""
    origin_on: date | None = None
    goods: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What a programme closes to those after it (§10)."""
        return self.goods or self.own_key

    @property
    def own_key(self) -> tuple[str, int]:
        """The line alone."""
        return (self.document, self.line)

    @property
    def order(self) -> tuple[date, bool, str, int]:
        """Documents in order of date, number, line (§9); of a day first what was sold, so that what was
        taken back finds it.
        """
        return (self.on, self.kind is not LineKind.SALE, self.document, self.line)

    def amount(self, basis: Basis) -> Decimal:
        """What of it counts under a basis."""
        if basis is Basis.QUANTITY:
            return Decimal(self.quantity)
        return self.gross if basis is Basis.AMOUNT else self.net


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice and when it was paid in full: by money, or by what was credited of it. None: it is not.

    A bill without a day to pay by is due on its own.
    """

    number: str
    on: date
    due_on: date
    paid_on: date | None


def paid_in_full_on(gross: Decimal, settled: Iterable[tuple[date, Decimal]]) -> date | None:
    """The day on which what was paid and credited first covers an invoice for good; None before.

    settled: days with amounts; money given back is negative.
    """
    open_amount, day = gross, None
    for on, amount in sorted(settled):
        was_open, open_amount = open_amount > 0, open_amount - amount
        if open_amount > 0:
            day = None
        elif was_open:
            day = on
    return day


def money_received(
    invoice: Sequence[SourceLine], payments: Iterable[tuple[date, str, Decimal]]
) -> list[SourceLine]:
    """Lines of what was received for an invoice: each payment's share of each of its lines (§1).

    The share is paid so far ÷ invoice, half-up to the fen or piece, less what counted before, so that an
    invoice that is paid counts whole. payments: day, number, amount; money given back is negative.
    """
    total = sum((line.gross for line in invoice), Decimal(0))
    if total <= 0:
        return []
    lines: list[SourceLine] = []
    paid = Decimal(0)
    counted: Mapping[int, tuple[Decimal, Decimal, int]] = {
        line.line: (Decimal(0), Decimal(0), 0) for line in invoice
    }
    for on, number, amount in sorted(payments):
        paid += amount
        now = {line.line: _shares(line, paid, total) for line in invoice}
        for line in invoice:
            (net, gross, quantity), (net_before, gross_before, before) = now[line.line], counted[line.line]
            lines.append(
                SourceLine(
                    on=on,
                    document=number,
                    line=line.line,
                    kind=LineKind.SALE,
                    sku=line.sku,
                    categories=line.categories,
                    quantity=quantity - before,
                    net=net - net_before,
                    gross=gross - gross_before,
                    invoice=line.document,
                    goods=line.key,
                )
            )
        counted = now
    return lines


def _shares(line: SourceLine, paid: Decimal, total: Decimal) -> tuple[Decimal, Decimal, int]:
    net, gross = ((value * paid / total).quantize(_FEN, ROUND_HALF_UP) for value in (line.net, line.gross))
    return net, gross, int((line.quantity * paid / total).quantize(Decimal(1), ROUND_HALF_UP))
