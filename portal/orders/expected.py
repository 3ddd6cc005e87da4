"""What an orderer says it will pay, held against what the order costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from portal.kernel import money
from portal.kernel.errors import N_, Fault
from portal.orders.rules import Wanted, normal_sku


def differences(
    wanted: Sequence[Wanted],
    unit_prices: Mapping[str, Decimal],
    expected_total: Decimal | None,
    total: Decimal,
) -> list[Fault]:
    """Every expectation that does not hold, each with both values. What names no price expects none.

    unit_prices: by SKU, of the lines that could be priced; a line that could not has a fault of its own, and
    then nobody can tell the total either.
    """
    found = [
        _difference(
            f"{line.pointer}/expected_unit_price",
            "unit_price_differs",
            _UNIT_PRICE,
            line.expected_unit_price,
            unit_price,
        )
        for line in wanted
        if line.expected_unit_price is not None
        and (unit_price := unit_prices.get(normal_sku(line.sku))) is not None
        and line.expected_unit_price != unit_price
    ]
    if expected_total not in (None, total) and all(normal_sku(line.sku) in unit_prices for line in wanted):
        found.append(_difference("/expected_total", "total_differs", _TOTAL, expected_total, total))
    return found


_UNIT_PRICE = N_("The unit price is ¥%(actual)s, not ¥%(expected)s.")
_TOTAL = N_("The order comes to ¥%(actual)s, not ¥%(expected)s.")


def _difference(pointer: str, code: str, message: str, expected: Decimal, actual: Decimal) -> Fault:
    fix = N_("Decide whether to order at this price; then send it, or expect none.")
    return Fault(
        pointer, code, message, fix, {"expected": money.as_text(expected), "actual": money.as_text(actual)}
    )
