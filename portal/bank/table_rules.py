"""A bank's table as a statement: which way money went, and whether the balances of its rows follow. Pure.

A table has no closing balance that vouches for it, but most have one in every row: if each follows from the
one before, in either order of time, nothing is missing. If they do not, are blotted out or do not exist, or
if a total of the file is another, the table is an extract, and a person says so before it is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from portal.bank.cell_rules import currency_of
from portal.bank.column_rules import Columns, Part, missing_faults, recognised
from portal.bank.row_rules import Row, TableRead, column_of_directions, signs_of, take_row
from portal.bank.rules import (
    ACCOUNT_MAX,
    BankFile,
    BankStatement,
    Booking,
    FileFormat,
    as_text,
    fault,
    refused,
    tidy,
)
from portal.bank.total_rules import total_doubts, totals_said
from portal.kernel.cells import plain
from portal.kernel.errors import N_, Fault, Invalid

HEAD_WITHIN = 80  # rows above the headings are read at most so far
FAULTS_MAX = 50
_OWN = re.compile(
    r"(?:查询账号|本方账号|交易账号|账号|帐号|卡号|账户)\s*[:：]\s*\[?\s*([0-9][0-9* \-]{5,40}[0-9*])"
)
_CURRENCY = re.compile(r"币种\s*[:：]\s*\[?\s*([一-鿿]{2,4}|[A-Za-z]{3})")


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


def read_rows(rows: Sequence[Row], columns: Columns, zone: ZoneInfo, *, account: str = "") -> BankFile:
    """The statement that a table is. account: whose it is, where the table does not say it.

    zone: whose days the moments of the table are of.

    Raises Invalid for what is wrong with it, row by row; what only a person can say is among its `doubts`.
    """
    if faults := missing_faults(columns):
        raise Invalid("columns", N_("Not every column is known."), faults=faults)
    above = [cells for number, cells in rows if number < columns.row]
    below = [(number, cells) for number, cells in rows if number > columns.row]
    said = "\n".join("  ".join(cells) for cells in above)
    read = TableRead(columns, _own_account(said), _own_currency(said), zone)
    read.direction = columns.place(Part.DIRECTION)
    if read.direction is None and not columns.has(Part.MONEY_IN, Part.MONEY_OUT):
        read.direction = column_of_directions(below, columns)
    read.totals += totals_said(said, above=True)
    signs = signs_of(below, read)
    for number, cells in below:
        take_row(read, number, cells, signs)
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


def _finished(read: TableRead, account: str) -> BankFile:
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


def _balance_doubts(read: TableRead, broken: tuple[Booking, Booking] | None) -> list[Fault]:
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
