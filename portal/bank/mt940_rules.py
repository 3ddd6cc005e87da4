"""MT940 of SWIFT, as banks write it: statements one behind the other, each between its two balances. Pure.

``C`` is money in, ``D`` money out; ``RC`` takes back money in and ``RD`` takes back money out, so their signs
are the other way round. What stands in a line that begins no field belongs to the field before it. Nothing
is mended: a day that no calendar has, or a field that breaks off, refuses the file with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal.bank.mt940_detail_rules import details_of
from portal.bank.rules import (
    ACCOUNT_MAX,
    REFERENCE_MAX,
    BankFile,
    BankStatement,
    Booking,
    FileFormat,
    LeftOut,
    Omitted,
    proven,
    refused,
    tidy,
)
from portal.kernel.errors import N_, Invalid

_TAG = re.compile(r":(20|21|25P?|28C?|60[FM]|61|62[FM]|64|65|86|NS|13D?|34F|90[CD]|940):(.*)", re.DOTALL)
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})(?P<amount>\d{1,18},?\d{0,17})")
_ENTRY = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d{1,18},?\d{0,17})"
    r"(?P<kind>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)",
    re.DOTALL,
)
_NO_REFERENCE = frozenset({"", "NONREF", "KREF+", "NOTPROVIDED"})
_WRAPPING = "\x01\x02\x03\x04"
_OLD = 80  # two digits of a year from here on are of the last century
EXPORT_AGAIN = N_("Export the statement once more.")


@dataclass
class _Field:
    """A field with the line it begins in, and the lines that belong to it."""

    tag: str
    line: int
    lines: list[str]


@dataclass
class _Draft:
    """A statement as far as it is read."""

    line: int
    account: str = ""
    opening: tuple[Decimal, str] | None = None
    closing: tuple[Decimal, str] | None = None
    closing_line: int = 0
    bookings: list[Booking] = field(default_factory=list)


def is_mt940(text: str) -> bool:
    """Whether a text is a file of SWIFT fields, and no table."""
    return any(_TAG.fullmatch(line.strip(_WRAPPING + " \ufeff")) for line in text.splitlines()[:20])


def read_mt940(text: str) -> BankFile:
    """The statements of a file. Raises Invalid with the reason and the line."""
    fields = list(_fields(text))
    _require_statement(fields)
    left_out: list[Omitted] = []
    statements: list[BankStatement] = []
    draft: _Draft | None = None
    place = 0
    while place < len(fields):
        one = fields[place]
        if one.tag == "20":
            if draft is not None:
                statements.append(_finished(draft))
            draft = _Draft(one.line)
        elif draft is not None:
            place += _take(draft, fields, place, left_out)
        place += 1
    if draft is not None:
        statements.append(_finished(draft))
    return BankFile(FileFormat.MT940, tuple(statements), tuple(left_out))


def _require_statement(fields: list[_Field]) -> None:
    tags = {one.tag for one in fields}
    if tags & {"34F", "13D", "90C", "90D"} and not tags & {"60F", "60M"}:
        message = N_("Line %(line)s: this is a report within the day (MT942), not a statement.")
        raise refused("no_balances", message, N_("Ask the bank for MT940."), fields[0].line)
    if "20" not in tags:
        line = fields[0].line if fields else 1
        message = N_("Line %(line)s: no statement begins here; the beginning is missing.")
        raise refused("no_statement", message, EXPORT_AGAIN, line)


def _fields(text: str) -> Iterator[_Field]:
    """Fields with what follows them; what stands before the first is an envelope of the bank's."""
    now: _Field | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip(_WRAPPING).lstrip("\ufeff")
        if line.startswith("{") and ":20:" not in line:
            continue
        if found := _TAG.fullmatch(line.strip() if now is None else line):
            if now:
                yield now
            now = _Field(found[1], number, [found[2]])
        elif line.rstrip() in ("-", "-}"):
            if now:
                yield now
            now = None
        elif now is not None and line.strip():
            now.lines.append(line)
    if now:
        yield now


def _take(draft: _Draft, fields: list[_Field], place: int, left_out: list[Omitted]) -> int:
    """What a field says of the statement; how many of those after it belong to it."""
    one = fields[place]
    said = "".join(one.lines).strip()
    if one.tag in ("25", "25P"):
        if draft.account:
            message = N_("Line %(line)s: the account is named twice in one statement.")
            raise refused("account_twice", message, EXPORT_AGAIN, one.line)
        draft.account = _account(said)
    elif one.tag in ("60F", "60M"):
        draft.opening = _balance(said, one.line)
    elif one.tag in ("62F", "62M"):
        draft.closing, draft.closing_line = _balance(said, one.line), one.line
    elif one.tag == "61":
        if draft.closing is not None:
            message = N_("Line %(line)s: a booking stands behind the closing balance.")
            raise refused("after_closing", message, EXPORT_AGAIN, one.line)
        told = _told(fields, place)
        booking = _booking(one, [text for follower in told for text in follower.lines])
        if booking.amount:
            draft.bookings.append(booking)
        else:
            left_out.append(Omitted(one.line, LeftOut.ZERO, booking.amount, booking.text))
        return len(told)
    return 0


def _told(fields: list[_Field], place: int) -> list[_Field]:
    """What is told of the booking: the fields 86, or the bank's own, that follow it."""
    told = []
    for follower in fields[place + 1 :]:
        if follower.tag not in ("86", "NS"):
            break
        told.append(follower)
    return told


def _account(said: str) -> str:
    """The number without the currency that some banks write behind it."""
    found = re.fullmatch(r"(.*\d)([A-Z]{3})", said)
    return tidy(found[1] if found else said, ACCOUNT_MAX)


def _finished(draft: _Draft) -> BankStatement:
    currencies = [one[1] for one in (draft.opening, draft.closing) if one]
    if len(set(currencies)) > 1:
        message = N_("Line %(line)s: the balances are in two currencies.")
        raise refused("currency", message, EXPORT_AGAIN, draft.closing_line)
    return proven(
        BankStatement(
            draft.account,
            currencies[0] if currencies else "",
            draft.opening[0] if draft.opening else None,
            draft.closing[0] if draft.closing else None,
            tuple(draft.bookings),
            draft.closing_line or draft.line,
        )
    )


def _balance(said: str, line: int) -> tuple[Decimal, str]:
    found = _BALANCE.fullmatch(said)
    if found is None:
        message = N_("Line %(line)s: this is no balance: %(text)s.")
        raise refused("balance", message, EXPORT_AGAIN, line, text=tidy(said, 40))
    _value_day(found["day"], line)
    amount = _amount(found["amount"])
    return (amount if found["mark"] == "C" else -amount), found["currency"]


def _amount(said: str) -> Decimal:
    """``800,`` and ``800,5`` with the comma of SWIFT."""
    whole, _, places = said.partition(",")
    return Decimal(f"{whole}.{places or '0'}")


def _value_day(said: str, line: int) -> date:
    """``YYMMDD``. Raises Invalid for what no calendar has, such as 30 February."""
    two = int(said[:2])
    try:
        return date((1900 if two >= _OLD else 2000) + two, int(said[2:4]), int(said[4:6]))
    except ValueError:
        raise _no_day(said, line) from None


def _no_day(said: str, line: int) -> Invalid:
    message = N_("Line %(line)s: %(text)s is no day of the calendar.")
    fix = N_("Ask the bank for a statement with days of the calendar; nothing was taken.")
    return refused("day", message, fix, line, text=said)


def _entry_day(said: str, value_on: date, line: int) -> date:
    """``MMDD`` in the year in which it lies nearest to the value date."""
    days = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            days.append(date(year, int(said[:2]), int(said[2:])))
        except ValueError:
            continue
    if not days:
        raise _no_day(said, line)
    return min(days, key=lambda day: abs(day - value_on))


def _booking(one: _Field, told: list[str]) -> Booking:
    found = _ENTRY.fullmatch(one.lines[0].strip())
    if found is None:
        message = N_("Line %(line)s: this is no booking: %(text)s.")
        raise refused("booking", message, EXPORT_AGAIN, one.line, text=tidy(one.lines[0], 40))
    value_on = _value_day(found["value"], one.line)
    booked_on = _entry_day(found["entry"], value_on, one.line) if found["entry"] else value_on
    mark, amount = found["mark"], _amount(found["amount"])
    reference, _, bank_reference = found["rest"].strip().partition("//")
    details = details_of(told, one.lines[1:])
    own = reference.strip()
    if own in _NO_REFERENCE or len(own) < 2 or details.reference:
        own = details.reference
    return Booking(
        one.line,
        booked_on,
        amount if mark in ("C", "RD") else -amount,
        value_on,
        mark in ("RC", "RD"),
        details.text,
        tidy(own, REFERENCE_MAX),
        tidy("" if bank_reference.strip() in _NO_REFERENCE else bank_reference, REFERENCE_MAX),
        details.party,
        details.party_account,
    )
