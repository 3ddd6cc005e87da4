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


def line_amount(unit_price: Decimal, quantity: int) -> Decimal:
    """VAT-inclusive amount of a line; exact, since a unit price has two places."""
    return to_fen(unit_price * quantity)


def tax_within(amount: Decimal, rate: Decimal) -> Decimal:
    """VAT contained in a VAT-inclusive `amount`; `rate` as a fraction (0.13). Split by line."""
    return amount - to_fen(amount / (1 + rate))


def as_text(value: Decimal) -> str:
    """Canonical decimal string with two places, as the API sends it."""
    return f"{value:.2f}"
