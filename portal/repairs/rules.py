"""What a quote costs, who may decide on it, what a visit reports, what is billed of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.kernel import money
from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.money import ZERO
from portal.service.rules import text_faults

TEXT_MAX, LINE_MAX, NAME_MAX, KEY_MAX = 4000, 200, 60, 64
LINES_MAX = 50
VALID_DAYS, VALID_DAYS_MAX = 30, 365
"""How long a quote is valid unless it says otherwise, and at most."""
QUANTITY_MAX, PRICE_MAX = Decimal(9_999), Decimal("9999999.99")
TAX_RATES = (Decimal("0.13"), Decimal("0.09"), Decimal("0.06"), Decimal("0"))
"""Shares of tax that a service or a part may carry."""
VISIT_HOURS_MAX, DAYS_AHEAD_MAX = 24, 365


class RepairState(StrEnum):
    """What became of a repair so far."""

    QUOTING = "quoting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DONE = "done"
    CANCELLED = "cancelled"


class QuoteState(StrEnum):
    """What became of one version of a quote."""

    DRAFT = "draft"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class VisitState(StrEnum):
    """Whether a visit is still to come."""

    PLANNED = "planned"
    REPORTED = "reported"
    CANCELLED = "cancelled"


class LineKind(StrEnum):
    """What a line of a quote is for."""

    LABOUR = "labour"
    TRAVEL = "travel"
    PART = "part"
    OTHER = "other"


class Result(StrEnum):
    """What the test after a visit said."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTED = "not_tested"


class CheckResult(StrEnum):
    """What was found of an item of the check-list."""

    OK = "ok"
    NOT_OK = "not_ok"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A line as it is entered. A part costs what the pricing engine says: its price, rate and name are its
    product's. pointer: where it was entered.
    """

    kind: str
    text: str = ""
    sku: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line of a quote. amount: VAT included, with the `tax` within, both rounded for the line."""

    kind: LineKind
    text: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    amount: Decimal
    tax: Decimal
    product_id: int | None = None


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What an invoice charges for a line."""

    text: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    amount: Decimal
    tax: Decimal
    product_id: int | None = None


def line_of(
    kind: LineKind,
    text: str,
    quantity: Decimal,
    unit_price: Decimal,
    tax_rate: Decimal,
    *,
    product_id: int | None = None,
    is_free: bool = False,
) -> QuoteLine:
    """A line with its amount and tax; what is free has its price, and costs nothing."""
    amount = ZERO if is_free else money.line_amount(unit_price, quantity)
    tax = money.tax_within(amount, tax_rate)
    return QuoteLine(kind, text, quantity, unit_price, tax_rate, amount, tax, product_id)


def totals(lines: Sequence[QuoteLine] | Sequence[BilledLine]) -> tuple[Decimal, Decimal]:
    """What lines cost together, and the tax within: the sums of theirs."""
    return sum((one.amount for one in lines), ZERO), sum((one.tax for one in lines), ZERO)


def billed(lines: Sequence[QuoteLine], used: Mapping[int, int]) -> list[BilledLine]:
    """What is charged after the work: what was accepted, and of the parts those that were used.

    used: units by product, of which no line bills more than it has. Lines that cost nothing are left out.
    """
    left = dict(used)
    charged = []
    for line in lines:
        quantity = line.quantity
        if line.product_id is not None:
            quantity = min(quantity, Decimal(left.get(line.product_id, 0)))
            left[line.product_id] = left.get(line.product_id, 0) - int(quantity)
        if not quantity or not line.amount:
            continue
        amount = line.amount if quantity == line.quantity else money.line_amount(line.unit_price, quantity)
        tax = money.tax_within(amount, line.tax_rate)
        charged.append(
            BilledLine(line.text, quantity, line.unit_price, line.tax_rate, amount, tax, line.product_id)
        )
    return charged


def is_expired(valid_until: date, today: date) -> bool:
    """Whether a quote can no longer be accepted; on its last day it can."""
    return today > valid_until


def is_under_warranty(warranty_until: date | None, asked_on: date) -> bool:
    """Whether a device was under warranty on the day on which the repair was asked for."""
    return warranty_until is not None and asked_on <= warranty_until


def require_decidable(state: str, valid_until: date, today: date) -> None:
    """Raise Conflict for a quote that is not offered any more, with the reason."""
    if state == QuoteState.OFFERED and is_expired(valid_until, today):
        state = QuoteState.EXPIRED
    if state == QuoteState.OFFERED:
        return
    message, fix = _DECIDED.get(QuoteState(state), _DECIDED[QuoteState.WITHDRAWN])
    raise Conflict(f"quote_{state}", message, fix=fix)


_DECIDED = {
    QuoteState.ACCEPTED: (N_("This quote is accepted already."), N_("Nothing is left to do.")),
    QuoteState.DECLINED: (N_("This quote was declined."), N_("Ask service for another one.")),
    QuoteState.EXPIRED: (N_("This quote has expired."), N_("Ask service for another one.")),
    QuoteState.WITHDRAWN: (N_("This quote is not valid any more."), N_("Look at the latest one.")),
}


def quote_faults(lines: Sequence[LineEntry], valid_until: date | None, note: str, today: date) -> list[Fault]:
    """Everything that is wrong with a quote, but for its products."""
    faults = text_faults("/note", note, most=TEXT_MAX, needed=False, in_lines=True)
    last = today + timedelta(days=VALID_DAYS_MAX)
    if valid_until is None or not today <= valid_until <= last:
        message, fix = N_("A quote is valid for a day to a year."), N_("Choose another day.")
        faults.append(Fault("/valid_until", "day_out_of_range", message, fix))
    if not lines:
        faults.append(Fault("/lines", "no_lines", N_("The quote has no lines."), N_("Add one.")))
    if len(lines) > LINES_MAX:
        message, fix = N_("At most %(max)s lines in a quote."), N_("Put some together.")
        faults.append(Fault("/lines", "too_many_lines", message, fix, {"max": LINES_MAX}))
    for line in lines[:LINES_MAX]:
        faults += _line_faults(line)
    return faults


def _line_faults(line: LineEntry) -> list[Fault]:
    at, faults = line.pointer, list[Fault]()
    if line.kind not in list(LineKind):
        message, fix = N_("There is no such kind of line."), N_("Choose one from the list.")
        faults.append(Fault(f"{at}/kind", "unknown_kind", message, fix))
    quantity, is_part = line.quantity, line.kind == LineKind.PART
    if quantity is None or not 0 < quantity <= QUANTITY_MAX or (is_part and quantity % 1):
        message, fix = N_("This is no quantity."), N_("Enter a number above 0; parts are whole.")
        faults.append(Fault(f"{at}/units", "quantity_out_of_range", message, fix))
    if is_part:
        if not line.sku.strip():
            message, fix = N_("A part is named by its SKU."), N_("Enter the SKU.")
            faults.append(Fault(f"{at}/sku", "missing", message, fix))
        return faults
    faults += text_faults(f"{at}/text", line.text, most=LINE_MAX)
    if line.unit_price is None or not 0 <= line.unit_price <= PRICE_MAX:
        message, fix = N_("This is no price."), N_("Enter an amount of 0 or more.")
        faults.append(Fault(f"{at}/unit_price", "price_out_of_range", message, fix))
    if line.tax_rate not in TAX_RATES:
        message, fix = N_("There is no such rate of tax."), N_("Choose one from the list.")
        faults.append(Fault(f"{at}/tax_rate", "unknown_rate", message, fix))
    return faults


def times_faults(starts_at: datetime, ends_at: datetime, at: datetime) -> list[Fault]:
    """What is wrong with the hours of a visit."""
    if not starts_at < ends_at <= starts_at + timedelta(hours=VISIT_HOURS_MAX):
        message, fix = N_("A visit ends after it begins, within a day."), N_("Correct the times.")
        return [Fault("/ends_at", "times_out_of_order", message, fix)]
    if not at - timedelta(days=1) <= starts_at <= at + timedelta(days=DAYS_AHEAD_MAX):
        message, fix = N_("The visit lies in the past or too far ahead."), N_("Choose another day.")
        return [Fault("/starts_at", "day_out_of_range", message, fix)]
    return []
