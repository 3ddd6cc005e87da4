"""A row of a bank's table as a booking, a total, or nothing; what cannot be read is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.bank.cell_rules import currency_of, direction_of, is_empty, is_masked
from portal.bank.column_rules import Columns, Part
from portal.bank.rules import (
    ACCOUNT_MAX,
    NAME_MAX,
    REFERENCE_MAX,
    Booking,
    LeftOut,
    Omitted,
    fault,
    plain_account,
    tidy,
)
from portal.bank.total_rules import Totals, totals_said
from portal.kernel.cells import amount_of, day_of, plain
from portal.kernel.errors import N_, Fault
from portal.kernel.rounded import is_rounded

Row = tuple[int, Sequence[str]]

_REVERSAL = re.compile("冲正|冲账|冲帐|抹账|抹帐|退汇|红冲|撤销|reversal|reversed", re.IGNORECASE)
_CLOSED = re.compile("交易关闭|已撤销|交易失败|支付失败|已关闭|失败")
_TOTAL = re.compile("合计|总计|小计|总额|汇总|total", re.IGNORECASE)


@dataclass
class TableRead:
    """What the rows below the headings say.

    zone: whose days its moments are of. direction: which column says which way money went, if any.
    """

    columns: Columns
    own: str
    currency: str
    zone: ZoneInfo
    direction: int | None = None
    bookings: list[Booking] = field(default_factory=list)
    left_out: list[Omitted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    masked: int = 0
    totals: list[Totals] = field(default_factory=list)


def column_of_directions(rows: Sequence[Row], columns: Columns) -> int | None:
    """A column that says which way money went, whatever it is called."""
    taken = {place for places in columns.places.values() for place in places}
    for place in range(len(columns.heads)):
        if place in taken:
            continue
        said = [cells[place] for _, cells in rows if len(cells) > place and not is_empty(cells[place])]
        if len(said) >= 2 and all(direction_of(cell) is not None for cell in said):
            return place
    return None


@dataclass(frozen=True, slots=True)
class Signs:
    """Whether a file writes money out with a minus where its column, or its direction, says it already."""

    of_out: bool
    of_direction: bool


def signs_of(rows: Sequence[Row], read: TableRead) -> Signs:
    """How a file writes the signs of its amounts."""
    out, told = [], []
    for _, cells in rows:
        amount = amount_of(_cell(cells, read.columns.place(Part.MONEY_OUT)))
        if amount:
            out.append(amount)
        one = amount_of(_cell(cells, read.columns.place(Part.AMOUNT)))
        if one and read.direction is not None and direction_of(_cell(cells, read.direction)) == -1:
            told.append(one)
    return Signs(bool(out) and all(one < 0 for one in out), bool(told) and all(one < 0 for one in told))


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def take_row(read: TableRead, number: int, cells: Sequence[str], signs: Signs) -> None:
    """Add what one row says: a booking, a total, a row that is left out, or a fault."""
    if all(is_empty(cell) for cell in cells):
        return
    said = " ".join(plain(cell) for cell in cells[:3])
    day_cell = _cell(cells, read.columns.place(Part.DAY))
    day = day_of(day_cell, read.zone)
    if day is None and _TOTAL.search(said):
        read.totals.append(_total_row(read, number, cells))
        return
    told = len(read.faults)
    typed = _amount(read, number, cells, signs)
    if len(read.faults) > told:
        return
    if typed is None and day is None:
        if filled := [cell for cell in cells if not is_empty(cell)]:
            read.totals += totals_said("\n".join(filled), above=False)
        return
    if day is None:
        message = N_("Row %(line)s: %(text)s is no day.")
        fix = N_("Write the day as 2026-11-21.")
        text = tidy(day_cell, 30) or "–"
        read.faults.append(fault("day", message, fix, number, text=text))
        return
    if typed is None:
        message, fix = N_("Row %(line)s: there is no amount."), N_("Export the statement once more.")
        read.faults.append(fault("amount", message, fix, number))
        return
    _add(read, number, cells, day, typed)


@dataclass(frozen=True, slots=True)
class _Typed:
    """An amount with its sign; `way` is None where nobody can tell. is_red: against its column."""

    amount: Decimal
    way: int | None
    is_red: bool = False


def _amount(read: TableRead, number: int, cells: Sequence[str], signs: Signs) -> _Typed | None:
    columns = read.columns
    if columns.has(Part.MONEY_IN, Part.MONEY_OUT):
        money_in = _number(read, number, cells, columns.place(Part.MONEY_IN))
        money_out = _number(read, number, cells, columns.place(Part.MONEY_OUT))
        if money_in is None and money_out is None and columns.has(Part.AMOUNT):
            return _one_amount(read, number, cells, signs)
        if money_in is None and money_out is None:
            return None
        if money_in and money_out:
            message = N_("Row %(line)s: money came in and went out in one row.")
            read.faults.append(fault("both_ways", message, N_("Check the columns."), number))
            return None
        if money_in:
            return _Typed(money_in, 1, money_in < 0)
        out = -(money_out or Decimal(0)) if signs.of_out else (money_out or Decimal(0))
        return _Typed(-out, -1, out < 0)
    return _one_amount(read, number, cells, signs)


def _one_amount(read: TableRead, number: int, cells: Sequence[str], signs: Signs) -> _Typed | None:
    """An amount with its sign, or with a column that says which way it went."""
    amount = _number(read, number, cells, read.columns.place(Part.AMOUNT))
    if amount is None:
        return None
    if read.direction is not None:
        way = direction_of(_cell(cells, read.direction))
        if way is None:
            return _Typed(amount, None)
        if way == -1 and signs.of_direction:
            amount = -amount
        return _Typed(way * amount, way, amount < 0)
    if amount > 0 and (own := plain_account(read.own)):
        payer = plain_account(_cell(cells, read.columns.place(Part.PAYER_ACCOUNT)))
        payee = plain_account(_cell(cells, read.columns.place(Part.PAYEE_ACCOUNT)))
        if own in (payer, payee) and payer != payee:
            return _Typed(-amount if own == payer else amount, None if not amount else 1)
    return _Typed(amount, 1 if amount > 0 else -1)


def _number(read: TableRead, number: int, cells: Sequence[str], place: int | None) -> Decimal | None:
    """The amount in a cell; None where it is empty, or no amount, which is told."""
    said = _cell(cells, place)
    if is_empty(said):
        return None
    amount = amount_of(said)
    if amount is None and day_of(_cell(cells, read.columns.place(Part.DAY)), read.zone) is not None:
        message = N_("Row %(line)s: %(text)s is no amount.")
        fix = N_("Export the statement once more, with its amounts.")
        read.faults.append(fault("amount", message, fix, number, text=tidy(said, 30)))
    return amount


def _add(read: TableRead, number: int, cells: Sequence[str], day: date, typed: _Typed) -> None:
    columns = read.columns
    text = tidy(" ".join(_told(cells, columns.places.get(Part.TEXT, ()))))
    state = plain(_cell(cells, columns.place(Part.STATE)))
    because = (
        LeftOut.CLOSED
        if _CLOSED.search(state)
        else LeftOut.NEUTRAL
        if typed.way is None
        else LeftOut.ZERO
        if not typed.amount
        else None
    )
    if because is not None:
        read.left_out.append(Omitted(number, because, typed.amount, text))
        return
    if rounded := next(filter(is_rounded, _names(cells, columns)), ""):
        message = N_("Row %(line)s: Excel has rounded %(text)s; nobody can tell which number it was.")
        fix = N_(
            "Format the column as text and export the statement once more, or upload the bank's own file."
        )
        read.faults.append(fault("rounded", message, fix, number, text=tidy(rounded, 30)))
        return
    balance_cell = _cell(cells, columns.place(Part.BALANCE))
    read.masked += is_masked(balance_cell)
    account, currency = (
        plain_account(_cell(cells, columns.place(Part.ACCOUNT))),
        currency_of(_cell(cells, columns.place(Part.CURRENCY))),
    )
    if account:
        read.accounts.setdefault(account, number)
    if currency:
        read.currencies.setdefault(currency, number)
    party, party_account = _party(cells, columns, typed.amount)
    read.bookings.append(
        Booking(
            number,
            day,
            typed.amount,
            day_of(_cell(cells, columns.place(Part.VALUE_DAY)), read.zone),
            typed.is_red or _REVERSAL.search(text) is not None,
            text,
            _short(cells, columns.place(Part.REFERENCE)),
            _short(cells, columns.place(Part.BANK_REFERENCE)),
            party,
            party_account,
            amount_of(balance_cell),
        )
    )


_NAMES = (
    Part.REFERENCE,
    Part.BANK_REFERENCE,
    Part.ACCOUNT,
    Part.PARTY_ACCOUNT,
    Part.PAYER_ACCOUNT,
    Part.PAYEE_ACCOUNT,
)
"""Columns of numbers that are names."""


def _names(cells: Sequence[str], columns: Columns) -> Iterable[str]:
    return (_cell(cells, columns.place(part)) for part in _NAMES)


def _told(cells: Sequence[str], places: Iterable[int]) -> Iterable[str]:
    """What the columns of text say, each thing once."""
    said = [_cell(cells, place) for place in places]
    return dict.fromkeys(tidy(cell) for cell in said if not is_empty(cell))


def _short(cells: Sequence[str], place: int | None) -> str:
    said = _cell(cells, place)
    return "" if is_empty(said) else tidy(said, REFERENCE_MAX)


def _party(cells: Sequence[str], columns: Columns, amount: Decimal) -> tuple[str, str]:
    """Who paid, or was paid, and from or to which account."""
    name, account = (Part.PARTY, Part.PARTY_ACCOUNT)
    if not columns.has(name):
        name, account = (Part.PAYER, Part.PAYER_ACCOUNT) if amount > 0 else (Part.PAYEE, Part.PAYEE_ACCOUNT)
    said, number = _cell(cells, columns.place(name)), _cell(cells, columns.place(account))
    return (
        "" if is_empty(said) else tidy(said, NAME_MAX),
        "" if is_empty(number) else tidy(number, ACCOUNT_MAX),
    )


def _total_row(read: TableRead, number: int, cells: Sequence[str]) -> Totals:
    """What a row of totals says, from the columns of the amounts."""
    money_in = amount_of(_cell(cells, read.columns.place(Part.MONEY_IN)))
    money_out = amount_of(_cell(cells, read.columns.place(Part.MONEY_OUT)))
    return Totals(number, money_in, None if money_out is None else abs(money_out))
