"""What a dealer writes into a claim, and what is wrong with it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.claims.rules import (
    AMOUNT_MAX,
    CLAIMS_EXPENSES,
    REDUCES_PRICES,
    ClaimKind,
    Treatment,
    text_faults,
)
from portal.kernel import money
from portal.kernel.errors import N_, Fault

NAME_MAX = 100  # characters of a name, a number, a reference
LINES_MAX = 200
QUANTITY_MAX = 1_000_000
INVOICE_DAYS = 365
"""How old the invoice of an expense may be."""
AFTER_DAYS = 60
"""How long after the activity its invoices may be dated."""
_UNIQUE_BY_ITSELF = 20
"""Digits of a digital invoice (数电发票): they are unique in the country, whoever issued it."""
_NO_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class EvidenceInvoice:
    """An invoice that the dealer paid. number, issuer: as they were written; compare `mark`."""

    issuer: str
    number: str
    on: date
    amount: Decimal

    @property
    def mark(self) -> str:
        """What is the same for two who mean the same invoice."""
        number = plain(self.number)
        digits = _NO_DIGIT.sub("", number)
        return digits if len(digits) == _UNIQUE_BY_ITSELF else f"{plain(self.issuer)}|{number}"


@dataclass(frozen=True, slots=True)
class ProtectedLine:
    """Stock that was bought at a price which was cut. Prices per unit, VAT included."""

    sku: str
    quantity: int
    old_price: Decimal
    new_price: Decimal

    @property
    def amount(self) -> Decimal:
        """What the units lost."""
        return money.line_amount(self.old_price - self.new_price, self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry:
    """A claim as its dealer writes it. amount: None for what is calculated.

    programme, period: of a period claim. activity: agreed before. first_day, last_day: of the expenses; of
    price protection both are the day of the cut. files: ids of uploaded ones, and of those it has.
    """

    kind: ClaimKind
    amount: Decimal | None = None
    treatment: Treatment | None = None
    programme: str = ""
    period: str = ""
    activity: str = ""
    first_day: date | None = None
    last_day: date | None = None
    hospital: str = ""
    tender_reference: str = ""
    note: str = ""
    invoices: tuple[EvidenceInvoice, ...] = ()
    lines: tuple[ProtectedLine, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def treated_as(self) -> Treatment:
        """What the money is, where the dealer has not said it."""
        if self.kind in REDUCES_PRICES:
            return Treatment.PRICE_REDUCTION
        return self.treatment or Treatment.SERVICE

    @property
    def invoiced(self) -> Decimal:
        """What the invoices come to."""
        return sum((one.amount for one in self.invoices), money.ZERO)


def plain(text: str) -> str:
    """As numbers are compared: letters and digits composed alike, in capitals, and nothing else."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))


def entry_faults(entry: ClaimEntry, today: date) -> list[Fault]:
    """Everything that is wrong with a claim by itself, each beside its field."""
    return [
        *_texts(entry),
        *_amount(entry),
        *_treatment(entry),
        *_demanded(entry),
        *_days(entry, today),
        *_invoices(entry, today),
        *_lines(entry),
    ]


_TEXTS = ("programme", "period", "activity", "hospital", "tender_reference")


def _texts(entry: ClaimEntry) -> Iterator[Fault]:
    for name in _TEXTS:
        yield from text_faults(f"/{name}", getattr(entry, name), NAME_MAX)
    yield from text_faults("/note", entry.note)


def _amount(entry: ClaimEntry) -> Iterator[Fault]:
    amount = entry.amount
    if amount is None:
        if entry.kind not in REDUCES_PRICES:
            yield _missing("/amount")
        return
    if faults := amount_faults(amount):
        yield from faults
    elif entry.kind in CLAIMS_EXPENSES and entry.invoices and amount > entry.invoiced:
        message = N_("The invoices come to ¥%(invoiced)s: no more is paid against them.")
        fix = N_("Ask for less, or add the invoices that are missing.")
        yield Fault("/amount", "not_covered", message, fix, {"invoiced": entry.invoiced})
    elif entry.kind is ClaimKind.PRICE_PROTECTION and entry.lines and amount > lost(entry.lines):
        message = N_("The lines come to ¥%(lost)s.")
        fix = N_("Ask for less, or add the products that are missing.")
        yield Fault("/amount", "not_covered", message, fix, {"lost": lost(entry.lines)})


def amount_faults(amount: Decimal) -> list[Fault]:
    """What is wrong with what is asked, be it typed or calculated."""
    if 0 < amount < AMOUNT_MAX:
        return []
    return [Fault("/amount", "amount", N_("More than 0 and less than a billion."), N_("Enter the amount."))]


def lost(lines: Sequence[ProtectedLine]) -> Decimal:
    """What the lines come to."""
    return sum((line.amount for line in lines), money.ZERO)


def _treatment(entry: ClaimEntry) -> Iterator[Fault]:
    if entry.kind in REDUCES_PRICES and entry.treatment is Treatment.SERVICE:
        message = N_("A rebate of a period and price protection reduce prices; they are no service.")
        yield Fault("/treatment", "price_reduction", message, N_("Choose the price reduction."))


_DEMANDED = {
    ClaimKind.PERIOD: ("programme", "period"),
    ClaimKind.PROMOTION: ("activity", "first_day", "last_day", "invoices"),
    ClaimKind.MARKETING: ("activity", "first_day", "last_day", "invoices"),
    ClaimKind.PRICE_PROTECTION: ("last_day", "lines"),
    ClaimKind.SAMPLES: ("note",),
    ClaimKind.TENDER: ("hospital", "tender_reference"),
}
_FOREIGN = {
    "programme": {ClaimKind.PERIOD},
    "period": {ClaimKind.PERIOD},
    "invoices": set(ClaimKind) - REDUCES_PRICES,
    "lines": {ClaimKind.PRICE_PROTECTION},
}


def pointer_of(kind: ClaimKind, name: str) -> str:
    """Where a field stands for whoever writes it: days have other names there."""
    if name == "last_day":
        return "/cut_on" if kind is ClaimKind.PRICE_PROTECTION else "/to"
    return "/from" if name == "first_day" else f"/{name}"


def _demanded(entry: ClaimEntry) -> Iterator[Fault]:
    for name in _DEMANDED[entry.kind]:
        value = getattr(entry, name)
        if not (value.strip() if isinstance(value, str) else value):
            yield _missing(pointer_of(entry.kind, name))
    for name, kinds in _FOREIGN.items():
        if getattr(entry, name) and entry.kind not in kinds:
            message, fix = N_("A claim of this kind has no such thing."), N_("Leave it out.")
            yield Fault(f"/{name}", "not_of_this_kind", message, fix)


def _missing(pointer: str) -> Fault:
    return Fault(pointer, "missing", N_("This is needed for a claim of this kind."), N_("Fill it in."))


def _days(entry: ClaimEntry, today: date) -> Iterator[Fault]:
    first, last = entry.first_day, entry.last_day
    pointer = pointer_of(entry.kind, "last_day")
    if first and last and first > last:
        yield Fault(
            pointer, "before_first", N_("The last day comes before the first."), N_("Change the days.")
        )
    elif last and last > today:
        message, fix = N_("This day has not come yet."), N_("Claim when it is over.")
        yield Fault(pointer, "future", message, fix)
    elif last and last < today - timedelta(days=INVOICE_DAYS):
        message, fix = N_("This is longer than a year ago."), N_("Ask your channel manager.")
        yield Fault(pointer, "too_old", message, fix)


def _invoices(entry: ClaimEntry, today: date) -> Iterator[Fault]:
    if len(entry.invoices) > LINES_MAX:
        yield _too_many("/invoices")
    seen = set()
    for place, one in enumerate(entry.invoices):
        at = f"/invoices/{place}"
        for name in ("issuer", "number"):
            value = getattr(one, name)
            yield from text_faults(f"{at}/{name}", value, NAME_MAX)
            if not plain(value):
                yield _missing(f"{at}/{name}")
        if not 0 < one.amount < AMOUNT_MAX:
            message = N_("More than 0 and less than a billion.")
            yield Fault(f"{at}/amount", "amount", message, N_("Enter the amount."))
        if one.mark in seen:
            message, fix = N_("This invoice appears twice."), N_("Remove one of them.")
            yield Fault(f"{at}/number", "twice", message, fix)
        seen.add(one.mark)
        yield from _invoice_day(f"{at}/date", one.on, entry, today)


def _invoice_day(pointer: str, day: date, entry: ClaimEntry, today: date) -> Iterator[Fault]:
    first, last = entry.first_day, entry.last_day
    if day > today:
        yield Fault(pointer, "future", N_("This day has not come yet."), N_("Look at the invoice again."))
    elif day < today - timedelta(days=INVOICE_DAYS):
        yield Fault(pointer, "too_old", N_("This is longer than a year ago."), N_("Remove the invoice."))
    elif (first and day < first) or (last and day > last + timedelta(days=AFTER_DAYS)):
        message = N_("The invoice is dated before the activity, or more than %(days)s days after it.")
        yield Fault(pointer, "outside", message, N_("Remove the invoice."), {"days": AFTER_DAYS})


def _lines(entry: ClaimEntry) -> Iterator[Fault]:
    if len(entry.lines) > LINES_MAX:
        yield _too_many("/lines")
    seen = set()
    for place, line in enumerate(entry.lines):
        at = f"/lines/{place}"
        if line.sku in seen:
            message, fix = N_("This product appears twice."), N_("Remove one of them.")
            yield Fault(f"{at}/sku", "twice", message, fix)
        seen.add(line.sku)
        if not 0 < line.quantity <= QUANTITY_MAX:
            message = N_("From 1 to %(max)s units.")
            yield Fault(f"{at}/quantity", "quantity", message, N_("Change it."), {"max": QUANTITY_MAX})
        if not 0 <= line.new_price < line.old_price < AMOUNT_MAX:
            message, fix = N_("The new price is lower than the old one."), N_("Enter both prices per unit.")
            yield Fault(f"{at}/new_price", "not_cut", message, fix)


def _too_many(pointer: str) -> Fault:
    message = N_("At most %(max)s of them.")
    return Fault(pointer, "too_many", message, N_("Make a second claim."), {"max": LINES_MAX})
