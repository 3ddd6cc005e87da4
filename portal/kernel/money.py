"""Money as `Decimal`, rounded half-up at the named points below and nowhere else."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


def to_fen(value: Decimal) -> Decimal:
    """Round to two places, half away from zero. The only rounding of the portal."""
    return value.quantize(FEN, rounding=ROUND_HALF_UP)


def discounted(price: Decimal, percent_off: Decimal) -> Decimal:
    """Unit price after `percent_off` (0–100), rounded per unit.

    So the price shown times quantity is the sum charged.
    """
    return to_fen(price * (100 - percent_off) / 100)


def line_amount(unit_price: Decimal, quantity: int | Decimal) -> Decimal:
    """VAT-inclusive amount of a line; exact for whole units, since a unit price has two places."""
    return to_fen(unit_price * quantity)


def share(amount: Decimal, units: int, quantity: int) -> Decimal:
    """What the first `units` of a line are worth, whose `quantity` units are worth `amount` together.

    A part of a line is the difference of two shares (`share_between`), so that whatever is shipped, cancelled
    and returned adds up to the line, and of a line without a discount each unit is worth its price.
    """
    return to_fen(amount * units / quantity)


def share_between(amount: Decimal, quantity: int, start: int, end: int) -> Decimal:
    """What the units behind the first `start` and up to the first `end` are worth.

    Units leave from the front of a line and are cancelled from its back.
    """
    return share(amount, end, quantity) - share(amount, start, quantity)


def share_sql(amount: str, units: str, quantity: str) -> str:
    """`share` as an expression of SQL, of amounts that are not negative.

    In whole numbers: a quotient has too few places to tell a half.
    """
    return f"div(200 * {amount} * ({units}) + {quantity}, 2 * {quantity}) / 100"


def tax_within(amount: Decimal, rate: Decimal) -> Decimal:
    """VAT contained in a VAT-inclusive `amount`; `rate` as a fraction (0.13). Split by line."""
    return amount - to_fen(amount / (1 + rate))


def as_text(value: Decimal) -> str:
    """Canonical decimal string with two places, as the API sends it."""
    return f"{value:.2f}"
