"""What a dealer would earn with some lines more: the engine, over what is known and what is supposed.

Pure. Whatever is supposed is bought, shipped, invoiced and paid in full on its day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from portal.rebates.engine import Accrual, Known, accrue, accrue_all, is_ever_in
from portal.rebates.programme import Programme
from portal.rebates.rules import Basis, Measure
from portal.rebates.source_lines import Bill, LineKind, SourceLine, money_received

DOCUMENT = "\uffff"
"""Number of the invoice that is supposed: behind every other of its day, since its own is not known yet."""
_ZERO = Decimal(0)
_FEN, _PIECE = Decimal("0.01"), Decimal(1)
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Bought:
    """What is supposed of some goods. gross: ¥ with tax, net: without."""

    sku: str
    categories: frozenset[str]
    quantity: int
    net: Decimal
    gross: Decimal


def lines_bought(goods: Iterable[Bought], day: date) -> list[SourceLine]:
    """One invoice of a day, a line for each."""
    return [
        SourceLine(
            on=day,
            document=DOCUMENT,
            line=place,
            kind=LineKind.SALE,
            sku=one.sku,
            categories=one.categories,
            quantity=one.quantity,
            net=one.net,
            gross=one.gross,
            invoice=DOCUMENT,
        )
        for place, one in enumerate(goods, start=1)
    ]


def with_lines(known: Mapping[Measure, Known], lines: Sequence[SourceLine]) -> dict[Measure, Known]:
    """What would be known if an invoice of these lines had been issued, and paid on its day."""
    if not lines:
        return dict(known)
    day, gross = lines[0].on, sum((line.gross for line in lines), _ZERO)
    bill = Bill(DOCUMENT, day, day, day)
    received = money_received(lines, [(day, DOCUMENT, gross)])
    return {
        measure: replace(
            here,
            lines=sorted(
                [*here.lines, *(received if measure is Measure.PAID else lines)], key=lambda one: one.order
            ),
            bills={**here.bills, DOCUMENT: bill},
        )
        for measure, here in known.items()
    }


def first_day(programmes: Sequence[Programme], day: date) -> date:
    """The first day that has to be known to reckon the periods that hold a day.

    Where a programme closes goods to others, what was paid on in earlier periods counts too.
    """
    if not _alone(programmes):
        return min(one.valid_from for one in programmes) - _YEAR
    days = [day]
    for one in programmes:
        if one.valid_from <= day <= one.valid_to:
            period = one.period_of(day)
            days.append(period.year_before().first if one.growth else period.first)
    return min(days)


def accruals_on(
    programmes: Sequence[Programme], known: Mapping[Measure, Known], day: date
) -> dict[str, Accrual]:
    """The period that holds a day, by the number of each programme that the dealer is in then."""
    if not _alone(programmes):
        found = accrue_all(programmes, known, day)
        return {one.number: accrual for one, accrual in found if accrual.period.holds(day)}
    return {
        one.number: accrue(one, known[one.measure], one.period_of(day))
        for one in programmes
        if one.valid_from <= day <= one.valid_to and is_ever_in(one, known[one.measure], one.period_of(day))
    }


def concerned(programmes: Iterable[Programme], programme: Programme) -> list[Programme]:
    """Those that have to be reckoned to know what one earns: it alone, or with those that go before it."""
    place = (programme.priority, programme.number)
    before = [one for one in programmes if (one.priority, one.number) < place]
    return [programme] if _alone([*before, programme]) else [*before, programme]


def _alone(programmes: Sequence[Programme]) -> bool:
    """Whether no programme closes goods to another, so that each period stands for itself."""
    return len(programmes) < 2 or all(one.combinable for one in programmes)


def in_proportion(
    lines: Iterable[SourceLine], counts: Callable[[SourceLine], bool], basis: Basis, more: Decimal
) -> list[Bought]:
    """So much more of what was bought, in its proportions; empty where nothing of it counts.

    counts: whether a line counts for the tier; others are only paid on. more: by the basis.
    """
    counted, beside = _by_product(lines, counts)
    whole = sum((amount_of(one, basis) for one in counted), _ZERO)
    if whole <= 0:
        return []
    return [*_parts(counted, more, whole), *_parts(beside, more, whole)]


def amount_of(goods: Bought, basis: Basis) -> Decimal:
    """What of it counts under a basis."""
    if basis is Basis.QUANTITY:
        return Decimal(goods.quantity)
    return goods.gross if basis is Basis.AMOUNT else goods.net


def _by_product(
    lines: Iterable[SourceLine], counts: Callable[[SourceLine], bool]
) -> tuple[list[Bought], list[Bought]]:
    """What was bought and kept of each product: of what counts, and of what does not."""
    of: dict[tuple[bool, str], list[SourceLine]] = defaultdict(list)
    for line in lines:
        of[counts(line), line.sku].append(line)
    kept: tuple[list[Bought], list[Bought]] = ([], [])
    for (does_count, sku), here in sorted(of.items()):
        quantity = sum(line.quantity for line in here)
        net, gross = (
            sum(amounts, _ZERO) for amounts in zip(*((one.net, one.gross) for one in here), strict=True)
        )
        if quantity > 0 and net > 0:
            kept[not does_count].append(Bought(sku, here[0].categories, quantity, net, gross))
    return kept


def _parts(goods: Sequence[Bought], more: Decimal, whole: Decimal) -> list[Bought]:
    """`more` ÷ `whole` of each, as differences of rounded running totals: together they are exactly that."""
    found = []
    quantity = net = gross = before_quantity = before_net = before_gross = _ZERO
    for one in goods:
        quantity, net, gross = quantity + one.quantity, net + one.net, gross + one.gross
        now_quantity = (quantity * more / whole).quantize(_PIECE, ROUND_HALF_UP)
        now_net, now_gross = ((value * more / whole).quantize(_FEN, ROUND_HALF_UP) for value in (net, gross))
        part = Bought(
            one.sku,
            one.categories,
            int(now_quantity - before_quantity),
            now_net - before_net,
            now_gross - before_gross,
        )
        before_quantity, before_net, before_gross = now_quantity, now_net, now_gross
        if part.quantity or part.gross:
            found.append(part)
    return found
