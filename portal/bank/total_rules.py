"""Totals that a table says of itself, above or below its rows, held against the rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.bank.rules import Booking, Omitted, as_text, fault
from portal.kernel.cells import amount_of
from portal.kernel.errors import N_, Fault

_COUNT = re.compile(r"共\s*([0-9]{1,9})\s*笔")
_IN = re.compile(r"(?:收入|贷方|转入)[^0-9\n]{0,8}([0-9]{1,9})\s*笔[^0-9\n]{0,6}([0-9,]+(?:\.[0-9]+)?)\s*元?")
_OUT = re.compile(
    r"(?:支出|借方|转出)[^0-9\n]{0,8}([0-9]{1,9})\s*笔[^0-9\n]{0,6}([0-9,]+(?:\.[0-9]+)?)\s*元?"
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a file says of all its rows; None where it does not. place: its row, 0 for above the headings."""

    place: int
    money_in: Decimal | None = None
    money_out: Decimal | None = None
    count: int | None = None


def totals_said(said: str, *, above: bool) -> list[Totals]:
    """The totals in the lines around a table."""
    count, money_in, money_out = _COUNT.search(said), _IN.search(said), _OUT.search(said)
    if not (count or money_in or money_out):
        return []
    return [
        Totals(
            0 if above else -1,
            amount_of(money_in[2]) if money_in else None,
            amount_of(money_out[2]) if money_out else None,
            int(count[1]) if count else None,
        )
    ]


def total_doubts(
    totals: Iterable[Totals], bookings: Sequence[Booking], left_out: Sequence[Omitted]
) -> list[Fault]:
    """Where a file says one thing of its rows and the rows another."""
    money_in = sum((one.amount for one in bookings if one.amount > 0), Decimal(0))
    money_out = -sum((one.amount for one in bookings if one.amount < 0), Decimal(0))
    rows = len(bookings) + len(left_out)
    doubts = []
    for one in totals:
        line = one.place if one.place > 0 else None
        if one.count is not None and one.count != rows:
            message = N_("The file says that it has %(said)s records, and has %(found)s.")
            doubts.append(_doubt("count_differs", message, None, said=one.count, found=rows))
        for said, made, in_words in (
            (
                one.money_in,
                money_in,
                N_("The file's total of money in is %(said)s, its rows make %(found)s."),
            ),
            (
                one.money_out,
                money_out,
                N_("The file's total of money out is %(said)s, its rows make %(found)s."),
            ),
        ):
            if said is not None and said != made:
                words = {"said": as_text(said), "found": as_text(made)}
                doubts.append(_doubt("total_differs", in_words, line, **words))
    return doubts


def _doubt(code: str, message: str, line: int | None, **params: object) -> Fault:
    fix = N_("If the file is an extract on purpose, confirm it; else export the whole statement.")
    return fault(code, message, fix, line, **params)
