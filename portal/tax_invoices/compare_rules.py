"""A tax invoice against our document, line by line. Pure.

Whose it is comes first; then lines are paired by name, specification, unit and rate, and where several fit,
by what they come to. The limits are those within which tax is settled in practice: 0.06 a line, 1.27 an
invoice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any, TypeVar

from portal.kernel.money import ZERO
from portal.tax_invoices.rules import (
    HARMLESS,
    Comparison,
    Difference,
    Kind,
    Limits,
    OurDocument,
    OurLine,
    Refusal,
    TaxInvoice,
    TaxLine,
    Verdict,
    adds_up,
    folded,
    is_number,
    plain_code,
    plain_name,
)

SUMS_MAX = 20_000  # tried for one invoice; beyond, lines are paired one by one

Line = OurLine | TaxLine
L = TypeVar("L", OurLine, TaxLine)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the number and of the one that a red letter takes back.

    is_elsewhere: it is attached to another document. left_of_blue: what of the blue one is not taken back,
    VAT included (0 or more); None where we do not have it.
    """

    is_elsewhere: bool = False
    left_of_blue: Decimal | None = None


def compare(theirs: TaxInvoice, ours: OurDocument, limits: Limits, known: Known) -> Comparison:
    """How a tax invoice stands to our document."""
    if refusal := _refusal(theirs, ours, known):
        return Comparison(Verdict.REFUSED, because=refusal)
    pairing = paired(ours.lines, folded(theirs.lines), limits)
    found = [*_red_letter(theirs, known), *_line_differences(pairing, limits)]
    worse = [one for one in found if one.kind not in HARMLESS]
    if worse:
        kept = [one for one in found if one.kind is not Kind.ROUNDING]
        return Comparison(Verdict.DIFFER, tuple(kept))
    is_rounded = any(one.kind is Kind.ROUNDING for one in found)
    return Comparison(Verdict.WITH_ROUNDING if is_rounded else Verdict.AGREE, tuple(found))


@dataclass(slots=True)
class Pairing:
    """Groups of lines that are the same goods, and what is left on either side."""

    groups: list[tuple[list[OurLine], list[TaxLine]]] = field(default_factory=list)
    ours: list[OurLine] = field(default_factory=list)
    theirs: list[TaxLine] = field(default_factory=list)


def paired(ours: Sequence[OurLine], theirs: Sequence[TaxLine], limits: Limits) -> Pairing:
    """Each line of ours with the line, or lines, of theirs that it is."""
    whole = Pairing(ours=list(ours), theirs=list(theirs))
    _pair(whole, _goods_and_rate, _same(limits))
    _pair(whole, _goods_without_unit, _sums(limits))
    for key in (_goods_and_rate, _goods_without_unit, _goods):
        _pair(whole, key, _nearest)
    whole.groups.sort(key=lambda group: group[0][0].line)
    whole.ours.sort(key=lambda line: line.line)
    return whole


Group = tuple[list[OurLine], list[TaxLine]]
Picker = Callable[[list[OurLine], list[TaxLine]], Iterator[Group]]


def _pair(whole: Pairing, key: Callable[[Line], Hashable], pick: Picker) -> None:
    """Take out of what is left the groups that `pick` finds among lines of one key."""
    ours, theirs = _by(whole.ours, key), _by(whole.theirs, key)
    for shared in ours.keys() & theirs.keys():
        for group in list(pick(ours[shared], theirs[shared])):
            whole.groups.append(group)
            _take(ours[shared], group[0])
            _take(theirs[shared], group[1])
    whole.ours = [line for lines in ours.values() for line in lines]
    whole.theirs = [line for lines in theirs.values() for line in lines]


def _by(lines: Sequence[L], key: Callable[[Line], Hashable]) -> dict[Hashable, list[L]]:
    found: dict[Hashable, list[L]] = defaultdict(list)
    for line in lines:
        found[key(line)].append(line)
    return found


def _take(lines: list[Any], taken: Sequence[Line]) -> None:
    gone = {id(line) for line in taken}
    lines[:] = [line for line in lines if id(line) not in gone]


def _goods(line: Line) -> Hashable:
    return plain_name(line.name), plain_name(line.spec)


def _goods_without_unit(line: Line) -> Hashable:
    return _goods(line), line.rate


def _goods_and_rate(line: Line) -> Hashable:
    return _goods(line), line.rate, plain_name(line.unit)


def _same(limits: Limits) -> Picker:
    """Lines of the same units and, but for rounding, the same amount."""

    def pick(ours: list[OurLine], theirs: list[TaxLine]) -> Iterator[Group]:
        counted = _by(theirs, _units)
        for units, lines in _by(ours, _units).items():
            free = sorted(counted.get(units, ()), key=_amount, reverse=True)
            for line in sorted(lines, key=_amount):
                while free and free[-1].amount < line.amount - limits.line:
                    free.pop()
                if free and free[-1].amount <= line.amount + limits.line:
                    yield [line], [free.pop()]

    return pick


def _sums(limits: Limits) -> Picker:
    """One line that is the sum of several of the other side, in units and amount."""
    budget = iter(range(SUMS_MAX))

    def pick(ours: list[OurLine], theirs: list[TaxLine]) -> Iterator[Group]:
        left_ours, left_theirs = list(ours), list(theirs)
        for one in theirs:
            if parts := _summing(one, left_ours, limits, budget):
                yield parts, [one]
                _take(left_ours, parts)
                _take(left_theirs, [one])
        for line in list(left_ours):
            if shares := _summing(line, left_theirs, limits, budget):
                yield [line], shares
                _take(left_theirs, shares)

    return pick


def _summing(whole: Line, parts: Sequence[L], limits: Limits, budget: Iterator[int]) -> list[L]:
    """The fewest of some lines that together are another one; none once the budget is spent."""
    tried = (some for size in range(2, len(parts) + 1) for some in combinations(parts, size))
    for _, some in zip(budget, tried, strict=False):
        units = sum((part.quantity or ZERO for part in some), ZERO)
        amount = sum((part.amount for part in some), ZERO)
        if units == (whole.quantity or ZERO) and abs(amount - whole.amount) <= limits.line:
            return list(some)
    return []


def _nearest(ours: list[OurLine], theirs: list[TaxLine]) -> Iterator[Group]:
    """What is left of the same goods, those of equal units first, in the order of their amounts."""
    left_ours, left_theirs = list(ours), list(theirs)
    for key in (_units, _anything):
        counted = _by(left_theirs, key)
        for shared, lines in _by(left_ours, key).items():
            pairs = zip(
                sorted(lines, key=_amount), sorted(counted.get(shared, ()), key=_amount), strict=False
            )
            for line, one in list(pairs):
                yield [line], [one]
                _take(left_ours, [line])
                _take(left_theirs, [one])


def _units(line: Line) -> Hashable:
    return line.quantity


def _anything(_line: Line) -> Hashable:
    return None


def _amount(line: Line) -> Decimal:
    return line.amount


def _refusal(theirs: TaxInvoice, ours: OurDocument, known: Known) -> Refusal | None:
    if not is_number(theirs.number):
        return Refusal.NUMBER
    if plain_code(theirs.seller) != plain_code(ours.seller):
        return Refusal.WRONG_SELLER
    if plain_code(theirs.buyer) != plain_code(ours.buyer):
        return Refusal.WRONG_BUYER
    if known.is_elsewhere:
        return Refusal.NUMBER_REUSED
    return None if adds_up(theirs) else Refusal.HEAD


def _red_letter(theirs: TaxInvoice, known: Known) -> Iterator[Difference]:
    if not theirs.is_red:
        return
    if not theirs.blue:
        yield Difference(Kind.RED_WITHOUT_BLUE)
    elif known.left_of_blue is None:
        yield Difference(Kind.BLUE_UNKNOWN, theirs=theirs.blue)
    elif -theirs.gross > known.left_of_blue:
        yield Difference(Kind.RED_BEYOND_BLUE, amount=-theirs.gross - known.left_of_blue)


def _line_differences(pairing: Pairing, limits: Limits) -> Iterator[Difference]:
    rounded = ZERO
    for ours, theirs in pairing.groups:
        for one in _group_differences(ours, theirs, limits):
            if one.kind is Kind.ROUNDING and one.amount is not None:
                rounded += abs(one.amount)
            yield one
    if rounded > limits.invoice:
        yield Difference(Kind.ROUNDING_TOO_MUCH, amount=rounded)
    for line in pairing.ours:
        yield Difference(Kind.MISSING_LINE, (line.line,), line.amount)
    for extra in pairing.theirs:
        yield Difference(Kind.EXTRA_LINE, name=extra.name.rpartition("*")[2], amount=extra.amount)


def _group_differences(
    ours: Sequence[OurLine], theirs: Sequence[TaxLine], limits: Limits
) -> Iterator[Difference]:
    numbers = tuple(line.line for line in ours)
    if len(ours) > 1 or len(theirs) > 1:
        yield Difference(Kind.MERGED if len(ours) > 1 else Kind.SPLIT, numbers)
    units = sum((line.quantity for line in ours), ZERO)
    counted = sum((line.quantity or ZERO for line in theirs), ZERO)
    if units != counted:
        yield Difference(Kind.QUANTITY, numbers, ours=_plain(units), theirs=_plain(counted))
    by_amount = sum((one.amount for one in theirs), ZERO) - sum((one.amount for one in ours), ZERO)
    yield from _figure(Kind.AMOUNT, numbers, by_amount, limits)
    if ours[0].rate != theirs[0].rate:  # the tax differs with it
        yield Difference(Kind.RATE, numbers, ours=_plain(ours[0].rate), theirs=_plain(theirs[0].rate))
        return
    by_tax = sum((one.tax for one in theirs), ZERO) - sum((one.tax for one in ours), ZERO)
    yield from _figure(Kind.TAX, numbers, by_tax, limits)


def _figure(kind: Kind, numbers: tuple[int, ...], by: Decimal, limits: Limits) -> Iterator[Difference]:
    if abs(by) > limits.line:
        yield Difference(kind, numbers, by)
    elif by:
        yield Difference(Kind.ROUNDING, numbers, by, of=str(kind))


def _plain(figure: Decimal | str) -> str:
    return figure if isinstance(figure, str) else f"{figure.normalize():f}"
