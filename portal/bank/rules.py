"""A statement of a bank account, whatever file it came in: what it must say, and whether it adds up. Pure.

Amounts are seen from the account's owner: money in is positive. A file says where each thing stands in it, so
that whoever is told of a fault finds the line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.kernel import money
from portal.kernel.errors import N_, Fault, Invalid

SIZE_MAX = 8 * 2**20  # bytes of a file
TEXT_MAX = 1_000  # characters of what somebody wrote with a payment
NAME_MAX = 300
REFERENCE_MAX = 140
ACCOUNT_MAX = 64
BOOKINGS_MAX = 10_000  # of one file
AMOUNT_MAX = Decimal("1e12")


class FileFormat(StrEnum):
    """What kind of file a statement comes in."""

    CAMT = "camt.053"
    MT940 = "mt940"
    TABLE = "table"


class LeftOut(StrEnum):
    """Why a row of a file is no booking."""

    NEUTRAL = "neutral"
    CLOSED = "closed"
    ZERO = "zero"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Booking:
    """Money in (positive) or out of an account.

    place: its line or row in the file. value_on: the day from which it counts, where that is said.
    is_reversal: takes an earlier booking back. reference: what whoever paid gave it; bank_reference: the
    bank's own. balance: of the account after it, where the file says so.
    """

    place: int
    booked_on: date
    amount: Decimal
    value_on: date | None = None
    is_reversal: bool = False
    text: str = ""
    reference: str = ""
    bank_reference: str = ""
    party: str = ""
    party_account: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Omitted:
    """A row that is no booking: no money moved in the account, or nobody can say which way."""

    place: int
    because: LeftOut
    amount: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """Bookings of one account between two balances. opening, closing: None where the file has none.

    account: as the file names it, empty where it does not. place: where the closing balance stands.
    """

    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    bookings: tuple[Booking, ...]
    place: int = 0

    @property
    def first_on(self) -> date | None:
        """Day of the first booking."""
        return min((one.booked_on for one in self.bookings), default=None)

    @property
    def last_on(self) -> date | None:
        """Day of the last one."""
        return max((one.booked_on for one in self.bookings), default=None)


@dataclass(frozen=True, slots=True)
class BankFile:
    """What a file says. doubts: what a person has to confirm before it is taken as an extract.

    left_out: rows that are no bookings.
    """

    format: FileFormat
    statements: tuple[BankStatement, ...]
    left_out: tuple[Omitted, ...] = ()
    doubts: tuple[Fault, ...] = ()

    @property
    def bookings(self) -> list[Booking]:
        """Of all its statements, in the order of the file."""
        return [one for statement in self.statements for one in statement.bookings]

    @property
    def is_proven(self) -> bool:
        """Whether its balances vouch for every booking."""
        return not self.doubts


def refused(code: str, message: str, fix: str, line: int | None = None, **params: object) -> Invalid:
    """A file that is not taken: why, and at which line."""
    one = fault(code, message, fix, line, **params)
    return Invalid(code, message, fix=fix, faults=[one], **one.params)


def fault(code: str, message: str, fix: str, line: int | None = None, **params: object) -> Fault:
    """One thing that is wrong with a file, pointing to its line."""
    pointer = "/file" if line is None else f"/file/{line}"
    return Fault(pointer, code, message, fix, params if line is None else params | {"line": line})


def proven(statement: BankStatement) -> BankStatement:
    """The statement, if its opening balance and its bookings make its closing balance.

    Raises Invalid for one that does not add up or lacks a balance.
    """
    if statement.opening is None or statement.closing is None:
        raise refused(
            "balance_missing",
            N_("Line %(line)s: the statement has no opening balance.")
            if statement.opening is None
            else N_("Line %(line)s: the statement has no closing balance; the file may be cut off."),
            N_("Export the whole statement once more."),
            statement.place,
        )
    total = sum((one.amount for one in statement.bookings), statement.opening)
    if total != statement.closing:
        raise refused(
            "balance_differs",
            N_(
                "Line %(line)s: opening balance and bookings make %(made)s, but the closing balance is "
                "%(closing)s: %(difference)s are missing or too much."
            ),
            N_("Export the statement once more; nothing was taken."),
            statement.place,
            made=as_text(total),
            closing=as_text(statement.closing),
            difference=as_text(statement.closing - total),
        )
    return statement


def amount_faults(bookings: Iterable[Booking]) -> list[Fault]:
    """Amounts that no account in yuan has: with more than two places, or out of all bounds."""
    faults = []
    for one in bookings:
        if not -AMOUNT_MAX < one.amount < AMOUNT_MAX:
            message, fix = N_("Line %(line)s: this amount is too large."), N_("Check the amount in the file.")
            faults.append(fault("amount_too_large", message, fix, one.place))
        elif one.amount != money.to_fen(one.amount):
            message = N_("Line %(line)s: the amount %(amount)s has more than two places.")
            fix = N_("Ask the bank for the amounts that were booked.")
            faults.append(fault("places", message, fix, one.place, amount=as_text(one.amount)))
    return faults


def require_sound(file: BankFile) -> BankFile:
    """The file, if all of it can be kept. Raises Invalid with every fault."""
    if not file.statements:
        raise refused(
            "no_statement", N_("The file holds no statement."), N_("Export the statement once more.")
        )
    if (count := len(file.bookings)) > BOOKINGS_MAX:
        message = N_("The file has %(count)s bookings; at most %(max)s are taken.")
        raise refused("too_many", message, N_("Divide it by days."), count=count, max=BOOKINGS_MAX)
    if faults := amount_faults(file.bookings):
        raise Invalid("amounts", N_("The file holds amounts that cannot be kept."), faults=faults)
    return file


def as_text(amount: Decimal) -> str:
    """``-1,234.50``, with all places it has, two at least."""
    exponent = amount.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:,.{places}f}"


def tidy(text: str, at_most: int = TEXT_MAX) -> str:
    """A text as it is kept: printable, without runs of blanks, at most so long."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(plain.split())[:at_most].strip()


def plain_account(number: str) -> str:
    """An account number as it is compared: without blanks and dashes, in one width and case."""
    return re.sub(r"[\s\-–/]", "", unicodedata.normalize("NFKC", number)).upper()[:ACCOUNT_MAX]


def numbered(digests: Sequence[str]) -> list[int]:
    """The how-manieth of its like each one is: equal bookings of one day are bookings of their own."""
    seen: dict[str, int] = {}
    counts = []
    for digest in digests:
        seen[digest] = seen.get(digest, 0) + 1
        counts.append(seen[digest])
    return counts
