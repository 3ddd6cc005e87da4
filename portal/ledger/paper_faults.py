"""What is wrong with what somebody typed of a document of an account: amounts, days, means, reasons. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from portal.kernel import money
from portal.kernel.errors import N_, Fault

METHOD_MAX = 64  # characters
REFERENCE_MAX = 140  # characters, as a bank transfer carries them
REASON_MAX = 500  # characters
AMOUNT_MAX = Decimal("1e12")
DAYS_BACK_MAX = 366  # an older date is a slip, and would open the books of a month long gone


def plain(typed: str) -> str:
    """Without blanks around, of Chinese keyboards too."""
    return typed.replace("\u3000", " ").strip()


def amount_faults(amount: Decimal, pointer: str = "/amount") -> list[Fault]:
    """An amount is above zero, to the fen."""
    if amount.is_finite() and 0 < amount < AMOUNT_MAX and amount == money.to_fen(amount):
        return []
    message, fix = (
        N_("Enter a valid amount."),
        N_("Enter an amount above zero with at most two places."),
    )
    return [Fault(pointer, "amount", message, fix)]


def day_faults(day: date, today: date, pointer: str) -> list[Fault]:
    """Money moves within a year up to today."""
    if day > today:
        message, fix = N_("Money cannot move after today."), N_("Enter the bank's value date.")
        return [Fault(pointer, "in_future", message, fix)]
    if (today - day).days > DAYS_BACK_MAX:
        message, fix = N_("It can be booked up to one year back."), N_("Check the year of the value date.")
        return [Fault(pointer, "too_old", message, fix)]
    return []


def means_faults(method: str, reference: str) -> list[Fault]:
    """How it was paid, and the bank's reference, as a payment has them."""
    faults = []
    if not method:
        message, fix = N_("Choose how it was paid."), N_("Choose a method, such as bank transfer.")
        faults.append(Fault("/method", "method_missing", message, fix))
    for pointer, code, text, most in (
        ("/method", "method", method, METHOD_MAX),
        ("/reference", "reference", reference, REFERENCE_MAX),
    ):
        if len(text) > most or not text.isprintable():
            message = N_("At most %(max)s printable characters.")
            faults.append(Fault(pointer, code, message, params={"max": most}))
    return faults


def reason_faults(reason: str) -> list[Fault]:
    """Why is said, and briefly."""
    if not reason.strip():
        return [Fault("/reason", "reason_missing", N_("Say why."), N_("Enter the reason."))]
    if len(reason) > REASON_MAX:
        message = N_("At most %(max_length)s characters.")
        return [Fault("/reason", "too_long", message, N_("Shorten it."), {"max_length": REASON_MAX})]
    return []
