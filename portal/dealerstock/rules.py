"""The book of what a dealer holds of a lot, and what is said of a line that it reports. Pure.

The book of a lot is what was received of it, less what came back, plus the changes of the lines reported of
it: a sale takes its units out, a count brings the book to what was found. Nothing is dropped: a line that
cannot be true is kept with its finding.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.lots import lot_faults

QUANTITY_MAX = 1_000_000
BOOK_MAX = 500_000_000
"""Units of a lot that may be reported as sold, or by which its book may change, in all."""
LINES_MAX = 5_000
TEXT_MAX = 64
CUSTOMER_MAX = 100


class LineKind(StrEnum):
    """What a line reports."""

    STOCK = "stock"
    SOLD = "sold"


class Source(StrEnum):
    """How a report came."""

    PAGE = "page"
    FILE = "file"
    SCAN = "scan"
    API = "api"


class Finding(StrEnum):
    """What is to be said of a line that is kept all the same."""

    NONE = ""
    UNKNOWN_PRODUCT = "unknown_product"
    NOT_BOUGHT = "not_bought"
    MORE_THAN_BOUGHT = "more_than_bought"
    MORE_THAN_HELD = "more_than_held"
    COUNTED_SINCE = "counted_since"


SAID = {
    Finding.UNKNOWN_PRODUCT: (
        N_("We sell no such article."),
        N_("Check the SKU against the label; the line is kept and changes no stock."),
    ),
    Finding.NOT_BOUGHT: (
        N_("This lot was not bought from us."),
        N_("Check the lot number against the label; the line is kept and changes no stock."),
    ),
    Finding.MORE_THAN_BOUGHT: (
        N_("That is more of the lot than you bought from us."),
        N_("Check the quantity and report the lot again if it is another."),
    ),
    Finding.MORE_THAN_HELD: (
        N_("More of this lot is sold or counted than you hold."),
        N_("Confirm receipt of parcels that have arrived, or count the lot and report what is there."),
    ),
    Finding.COUNTED_SINCE: (
        N_("The lot has been counted on a later day, which includes this."),
        N_("Nothing needs to be done; the line changes no stock."),
    ),
}
"""Of each finding what is wrong and what to do."""

SEVERE = frozenset(Finding) - {Finding.NONE, Finding.COUNTED_SINCE}
"""Findings of which one of the two sides has something to put right."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A line as it was sent. day: on which it was counted or sold. pointer: where it stands."""

    sku: str
    lot: str
    quantity: int
    kind: LineKind
    day: date
    customer: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of a lot at a dealer, in units.

    received: with confirmed receipt, less what came back. on_the_way: shipped and not confirmed. changed: by
    all reported lines. sold: by all lines. counted_on: day of the latest count.
    """

    received: int = 0
    on_the_way: int = 0
    changed: int = 0
    sold: int = 0
    counted_on: date | None = None

    @property
    def held(self) -> int:
        """Units that lie at the dealer; negative when more is reported sold than there can be."""
        return self.received + self.changed

    @property
    def bought(self) -> int:
        """Units bought and kept, those on the way too."""
        return self.received + self.on_the_way


@dataclass(frozen=True, slots=True)
class Since:
    """What happened to a lot after the day of a count, in units.

    unconfirmed: shipped by that day and confirmed later or not yet; it may have lain there.
    """

    received: int = 0
    sold: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What a line does: by how much the book changes, what is said of it, and the book after it."""

    change: int
    finding: Finding
    book: Book


def judge(line: Reported, book: Book, since: Since = Since()) -> Judged:
    """What a line of a lot that was bought does to its book.

    since: what is in the book and happened after the line's day; matters for a count only. A count includes
    whatever happened until the end of its day; so does the latest count for a sale reported later. Units that
    it found too many are those of unconfirmed parcels first: they come into the book by their receipt.
    """
    if line.kind is LineKind.SOLD:
        return _sold(line, book)
    return _counted(line, book, since)


def _sold(line: Reported, book: Book) -> Judged:
    sold = book.sold + line.quantity
    if book.counted_on is not None and line.day <= book.counted_on:
        after = replace(book, sold=sold)
        finding = Finding.MORE_THAN_BOUGHT if sold > book.bought else Finding.COUNTED_SINCE
        return Judged(0, finding, after)
    after = replace(book, sold=sold, changed=book.changed - line.quantity)
    if sold > book.bought:
        return Judged(-line.quantity, Finding.MORE_THAN_BOUGHT, after)
    finding = Finding.MORE_THAN_HELD if after.held < 0 else Finding.NONE
    return Judged(-line.quantity, finding, after)


def _counted(line: Reported, book: Book, since: Since) -> Judged:
    finding = Finding.MORE_THAN_BOUGHT if line.quantity > book.bought else Finding.NONE
    if book.counted_on is not None and line.day < book.counted_on:
        return Judged(0, finding or Finding.COUNTED_SINCE, book)
    then = book.held - since.received + since.sold
    early = min(max(0, line.quantity - then), since.unconfirmed)
    change = line.quantity - then - early
    if early and book.on_the_way and not finding:
        finding = Finding.MORE_THAN_HELD
    return Judged(change, finding, replace(book, changed=book.changed + change, counted_on=line.day))


def line_faults(lines: Iterable[Reported], today: date) -> list[Fault]:
    """Why lines cannot be taken at all, each beside its member."""
    return [fault for line in lines for fault in _faults(line, today)]


def counted_twice(counts: Iterable[tuple[Hashable, Reported]]) -> list[Fault]:
    """A fault for every count of a lot that another line counts on the same day; by what the lot is."""
    faults, seen = [], set()
    for lot, line in counts:
        if line.kind is LineKind.STOCK and (lot, line.day) in seen:
            message = N_("This lot is counted twice in one report.")
            faults.append(Fault(f"{line.pointer}/lot", "twice", message, N_("Send one line with the sum.")))
        elif line.kind is LineKind.STOCK:
            seen.add((lot, line.day))
    return faults


def book_faults(judged: Iterable[tuple[Reported, Judged]]) -> list[Fault]:
    """Why lines cannot be kept although each could: together they are beyond reckoning."""
    message = N_("With this line more than %(max)s units of the lot would be reported.")
    return [
        Fault(f"{line.pointer}/quantity", "book_max", message, N_("Check the quantity."), {"max": BOOK_MAX})
        for line, one in judged
        if max(one.book.sold, abs(one.book.changed)) > BOOK_MAX
    ]


def _faults(line: Reported, today: date) -> Iterable[Fault]:
    if not line.sku:
        yield Fault(f"{line.pointer}/sku", "sku_missing", N_("The SKU is missing."), N_("Enter it."))
    yield from lot_faults(f"{line.pointer}/lot", line.lot, most=TEXT_MAX)
    if not line.lot.strip():
        fix = N_("Enter it as it stands on the label, - for an article without lots.")
        yield Fault(f"{line.pointer}/lot", "lot_missing", N_("The lot number is missing."), fix)
    least = 1 if line.kind is LineKind.SOLD else 0
    if not least <= line.quantity <= QUANTITY_MAX:
        message = N_("%(quantity)s is no quantity that can be reported.")
        params = {"quantity": line.quantity, "least": least, "max": QUANTITY_MAX}
        fix = N_("Enter %(least)s to %(max)s units.")
        yield Fault(f"{line.pointer}/quantity", "quantity_out_of_range", message, fix, params)
    if line.day > today:
        message = N_("This day has not come yet.")
        yield Fault(f"{line.pointer}/day", "day_to_come", message, N_("Enter today or an earlier day."))
