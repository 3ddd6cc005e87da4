"""A bank's table as a statement: which way money went, and whether the balances of its rows follow. Pure.

A table has no closing balance that vouches for it, but most have one in every row: if each follows from the
one before, in either order of time, nothing is missing. If they do not, are blotted out or do not exist, or
if a total of the file is another, the table is an extract, and a person says so before it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from portal.bank.cell_rules import (
    amount_of,
    currency_of,
    day_of,
    direction_of,
    is_empty,
    is_masked,
    plain,
)
from portal.bank.column_rules import Columns, Part, missing_faults, recognised
from portal.bank.rules import (
    ACCOUNT_MAX,
    NAME_MAX,
    REFERENCE_MAX,
    BankFile,
    BankStatement,
    Booking,
    FileFormat,
    LeftOut,
    Omitted,
    as_text,
    fault,
    plain_account,
    refused,
    tidy,
)
from portal.bank.total_rules import Totals, total_doubts, totals_said
from portal.kernel.errors import N_, Fault, Invalid

Row = tuple[int, Sequence[str]]

HEAD_WITHIN = 80  # rows above the headings are read at most so far
FAULTS_MAX = 50
_REVERSAL = re.compile("冲正|冲账|冲帐|抹账|抹帐|退汇|红冲|撤销|reversal|reversed", re.IGNORECASE)
_CLOSED = re.compile("交易关闭|已撤销|交易失败|支付失败|已关闭|失败")
_TOTAL = re.compile("合计|总计|小计|总额|汇总|total", re.IGNORECASE)
_OWN = re.compile(
    r"(?:查询账号|本方账号|交易账号|账号|帐号|卡号|账户)\s*[:：]\s*\[?\s*([0-9][0-9* \-]{5,40}[0-9*])"
)
_CURRENCY = re.compile(r"币种\s*[:：]\s*\[?\s*([一-鿿]{2,4}|[A-Za-z]{3})")


@dataclass
class _Read:
    """What the rows below the headings say. direction: which column says which way money went, if any."""

    columns: Columns
    own: str
    currency: str
    direction: int | None = None
    bookings: list[Booking] = field(default_factory=list)
    left_out: list[Omitted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    masked: int = 0
    totals: list[Totals] = field(default_factory=list)


def find_heads(rows: Sequence[Row]) -> Columns | None:
    """The row of headings among the first of a table; None where none is recognised."""
    best: Columns | None = None
    for number, cells in rows[:HEAD_WITHIN]:
        columns = recognised([plain(cell) for cell in cells], number)
        if columns.is_enough and (best is None or len(columns.places) > len(best.places)):
            best = columns
            if len(columns.places) >= 4:
                break
    return best


def read_rows(rows: Sequence[Row], columns: Columns, *, account: str = "") -> BankFile:
    """The statement that a table is. account: whose it is, where the table does not say it.

    Raises Invalid for what is wrong with it, row by row; what only a person can say is among its `doubts`.
    """
    if faults := missing_faults(columns):
        raise Invalid("columns", N_("Not every column is known."), faults=faults)
    above = [cells for number, cells in rows if number < columns.row]
    below = [(number, cells) for number, cells in rows if number > columns.row]
    said = "\n".join("  ".join(cells) for cells in above)
    read = _Read(columns, _own_account(said), _own_currency(said))
    read.direction = columns.place(Part.DIRECTION)
    if read.direction is None and not columns.has(Part.MONEY_IN, Part.MONEY_OUT):
        read.direction = _column_of_directions(below, columns)
    read.totals += totals_said(said, above=True)
    signs = _signs(below, read)
    for number, cells in below:
        _take(read, number, cells, signs)
    if read.faults:
        raise Invalid("rows", N_("Some rows of the table cannot be read."), faults=read.faults[:FAULTS_MAX])
    if not read.bookings:
        message = N_("The table holds no booking.")
        raise refused("no_bookings", message, N_("Check that the headings are those of the bookings."))
    return _finished(read, account)


def _own_account(said: str) -> str:
    found = _OWN.search(plain(said))
    return found[1].strip() if found else ""


def _own_currency(said: str) -> str:
    found = _CURRENCY.search(said)
    return currency_of(found[1]) if found else ""


def _column_of_directions(rows: Sequence[Row], columns: Columns) -> int | None:
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
class _Signs:
    """Whether a file writes money out with a minus where its column, or its direction, says it already."""

    of_out: bool
    of_direction: bool


def _signs(rows: Sequence[Row], read: _Read) -> _Signs:
    out, told = [], []
    for _, cells in rows:
        amount = amount_of(_cell(cells, read.columns.place(Part.MONEY_OUT)))
        if amount:
            out.append(amount)
        one = amount_of(_cell(cells, read.columns.place(Part.AMOUNT)))
        if one and read.direction is not None and direction_of(_cell(cells, read.direction)) == -1:
            told.append(one)
    return _Signs(bool(out) and all(one < 0 for one in out), bool(told) and all(one < 0 for one in told))


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _take(read: _Read, number: int, cells: Sequence[str], signs: _Signs) -> None:
    """Add what one row says: a booking, a total, a row that is left out, or a fault."""
    if all(is_empty(cell) for cell in cells):
        return
    said = " ".join(plain(cell) for cell in cells[:3])
    day_cell = _cell(cells, read.columns.place(Part.DAY))
    day = day_of(day_cell)
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


def _amount(read: _Read, number: int, cells: Sequence[str], signs: _Signs) -> _Typed | None:
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


def _one_amount(read: _Read, number: int, cells: Sequence[str], signs: _Signs) -> _Typed | None:
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


def _number(read: _Read, number: int, cells: Sequence[str], place: int | None) -> Decimal | None:
    """The amount in a cell; None where it is empty, or no amount, which is told."""
    said = _cell(cells, place)
    if is_empty(said):
        return None
    amount = amount_of(said)
    if amount is None and day_of(_cell(cells, read.columns.place(Part.DAY))) is not None:
        message = N_("Row %(line)s: %(text)s is no amount.")
        fix = N_("Export the statement once more, with its amounts.")
        read.faults.append(fault("amount", message, fix, number, text=tidy(said, 30)))
    return amount


def _add(read: _Read, number: int, cells: Sequence[str], day: date, typed: _Typed) -> None:
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
            day_of(_cell(cells, columns.place(Part.VALUE_DAY))),
            typed.is_red or _REVERSAL.search(text) is not None,
            text,
            _short(cells, columns.place(Part.REFERENCE)),
            _short(cells, columns.place(Part.BANK_REFERENCE)),
            party,
            party_account,
            amount_of(balance_cell),
        )
    )


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


def _total_row(read: _Read, number: int, cells: Sequence[str]) -> Totals:
    """What a row of totals says, from the columns of the amounts."""
    money_in = amount_of(_cell(cells, read.columns.place(Part.MONEY_IN)))
    money_out = amount_of(_cell(cells, read.columns.place(Part.MONEY_OUT)))
    return Totals(number, money_in, None if money_out is None else abs(money_out))


def _finished(read: _Read, account: str) -> BankFile:
    _require_one(read.accounts, "accounts", N_("Row %(line)s: the table holds bookings of a second account."))
    _require_one(read.currencies, "currency", N_("Row %(line)s: the table holds a second currency."))
    own = account or next(iter(read.accounts), "") or read.own
    currency = next(iter(read.currencies), "") or read.currency or "CNY"
    ordered, broken = _in_order(read.bookings)
    doubts = [*_balance_doubts(read, broken), *total_doubts(read.totals, read.bookings, read.left_out)]
    opening = closing = None
    if not broken and all(one.balance is not None for one in ordered):
        first, last = ordered[0], ordered[-1]
        opening, closing = (first.balance or Decimal(0)) - first.amount, last.balance
    statement = BankStatement(
        tidy(own, ACCOUNT_MAX), currency, opening, closing, tuple(ordered), ordered[-1].place
    )
    return BankFile(FileFormat.TABLE, (statement,), tuple(read.left_out), tuple(doubts))


def _require_one(found: dict[str, int], code: str, message: str) -> None:
    if len(found) > 1:
        line = list(found.values())[1]
        raise refused(code, message, N_("Export one account in one currency at a time."), line)


def _in_order(bookings: Sequence[Booking]) -> tuple[list[Booking], tuple[Booking, Booking] | None]:
    """The bookings, the oldest first, with the first step that does not follow from the one before it."""
    downwards = list(reversed(bookings))
    wrong_up, wrong_down = _first_break(bookings), _first_break(downwards)
    newest_first = bookings[0].booked_on > bookings[-1].booked_on
    if wrong_up is None and not (newest_first and wrong_down is None and len(bookings) > 1):
        return list(bookings), None
    if wrong_down is None:
        return downwards, None
    return (downwards, wrong_down) if newest_first else (list(bookings), wrong_up)


def _first_break(bookings: Sequence[Booking]) -> tuple[Booking, Booking] | None:
    for before, after in pairwise(bookings):
        if before.balance is None or after.balance is None:
            continue
        if before.balance + after.amount != after.balance:
            return before, after
    return None


def _balance_doubts(read: _Read, broken: tuple[Booking, Booking] | None) -> list[Fault]:
    fix = N_("If the file is an extract on purpose, confirm it; else export the whole statement.")
    if broken is not None:
        before, after = broken
        assert before.balance is not None and after.balance is not None  # compared above
        message = N_(
            "Row %(line)s: after %(before)s and a booking of %(amount)s the balance would be %(made)s, but "
            "it is %(balance)s: bookings are missing or were altered."
        )
        return [
            fault(
                "balance_step",
                message,
                fix,
                after.place,
                before=as_text(before.balance),
                amount=as_text(after.amount),
                made=as_text(before.balance + after.amount),
                balance=as_text(after.balance),
            )
        ]
    if read.masked:
        message = N_(
            "Row %(line)s: the bank has blotted out the balances; nothing proves that no row is missing."
        )
        return [fault("balances_masked", message, fix, read.bookings[0].place)]
    if any(one.balance is None for one in read.bookings):
        message = N_("Row %(line)s: there is no balance; nothing proves that no row is missing.")
        bare = next(one for one in read.bookings if one.balance is None)
        return [fault("no_balance", message, fix, bare.place)]
    return []


def as_of(file: BankFile, account: str) -> BankFile:
    """The file as one of a named account."""
    return replace(file, statements=tuple(replace(one, account=account) for one in file.statements))
