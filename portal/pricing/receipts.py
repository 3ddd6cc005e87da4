"""What a stored receipt proves: unit price and amount of a line, re-computed from its steps alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from portal.kernel import money
from portal.pricing.rules import apply

ROUNDING = "rounding"
"""Kind of the effect of rounding to the fen, where it changed something."""

AVERAGE = "average"
"""Kind of the effect that makes one unit price of several bands: their amount by their units."""

LIST = "list"
"""Kind of the effect of the list price on units that no rule prices, in a line of several bands."""

PROMOTION = "promotion"
"""Kind of the effect of a promotion: it takes an amount off the line and leaves the unit price."""

PAID = "paid"
"""Kind of the effect of what was paid before for goods that are replaced: a net price, of no rule."""

GIFT = "gift"
"""Kind of the effect that makes a line a gift: it costs nothing."""


def replay(receipt: Sequence[Mapping[str, Any]]) -> Decimal:
    """Unit price re-computed from a stored receipt alone.

    Equal to the line's price, or the line cannot prove itself.
    """
    return _replayed(receipt)[0]


def replay_amount(receipt: Sequence[Mapping[str, Any]], quantity: int) -> Decimal:
    """Amount of a line of `quantity` units re-computed from its receipt alone.

    The sum of its bands, or unit price by quantity, less what promotions took off.
    """
    unit_price, banded = _replayed(receipt)
    amount = money.line_amount(unit_price, quantity) if banded is None else banded
    effects = [step["effect"] for step in receipt[1:]]
    return amount - sum(
        (Decimal(effect["discount"]) for effect in effects if effect["kind"] == PROMOTION), money.ZERO
    )


def of_amount_paid(amount: Decimal, quantity: int, document: str) -> list[dict[str, Any]]:
    """Steps behind the list price for units that cost what was paid for them before, as `document` says.

    Where the amount is no multiple of the units, some of them cost a fen more.
    """
    lower = (amount / quantity).quantize(money.FEN, rounding=ROUND_DOWN)
    dearer = int((amount - lower * quantity) / money.FEN)
    steps = [_paid(lower, quantity - dearer, document)]
    if not dearer:
        return steps
    average: dict[str, Any] = {
        "rule": AVERAGE,
        "policy": None,
        "version": None,
        "effect": {"kind": AVERAGE, "amount": money.as_text(amount)},
        "unit_price": money.as_text(money.to_fen(amount / quantity)),
    }
    return [*steps, _paid(lower + money.FEN, dearer, document), average]


def _paid(unit_price: Decimal, quantity: int, document: str) -> dict[str, Any]:
    price = money.as_text(unit_price)
    return {
        "rule": PAID,
        "policy": document,
        "version": None,
        "effect": {"kind": PAID, "value": price},
        "unit_price": price,
        "quantity": quantity,
    }


def _replayed(receipt: Sequence[Mapping[str, Any]]) -> tuple[Decimal, Decimal | None]:
    """Unit price, and the sum of the bands where the line has several."""
    unit_price = list_price = Decimal(str(receipt[0]["unit_price"]))
    amount, units, banded = money.ZERO, 0, None
    for step in receipt[1:]:
        kind = step["effect"]["kind"]
        if kind == ROUNDING:
            unit_price = money.to_fen(unit_price)
        elif kind == AVERAGE:
            unit_price, banded = money.to_fen(amount / units), amount
        elif kind == GIFT:
            unit_price, banded = money.ZERO, None
        elif kind != PROMOTION:
            unit_price, banded = _under_a_rule(step["effect"], list_price), None
            amount += unit_price * step.get("quantity", 0)
            units += step.get("quantity", 0)
    return unit_price, banded


def _under_a_rule(effect: Mapping[str, Any], list_price: Decimal) -> Decimal:
    if effect["kind"] == LIST:
        return list_price
    if effect["kind"] == PAID:
        return Decimal(effect["value"])
    unit_price = apply(effect["kind"], Decimal(effect["value"]), list_price)
    if "tax_rate" in effect:
        unit_price = money.to_fen(unit_price * (1 + Decimal(effect["tax_rate"])))
    return max(unit_price, Decimal(effect["floor"])) if "floor" in effect else unit_price
