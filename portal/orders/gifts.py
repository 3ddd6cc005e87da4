"""Gifts of an order: what the dealer may have and the warehouse has. Those lines are added to the order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from portal.kernel import money
from portal.orders.compliance_rules import Permissions, compliance
from portal.orders.lines import AssessedLine
from portal.orders.promoted import Promoted, gift_line
from portal.promotions.engine import Given


@dataclass(frozen=True, slots=True)
class MissingGift:
    """Gifts that an order has earned and does not get: units `given` of those `earned`, and why."""

    promotion: str
    sku: str
    earned: int
    given: int
    because: Literal["not_allowed", "stock_short"]


def gifts_of(
    promoted: Promoted, permissions: Permissions, warehouse_id: int | None, today: date
) -> tuple[list[AssessedLine], list[MissingGift]]:
    """The gifts as lines, and what the dealer does not get of them.

    A gift never refuses an order: what the dealer may not hold by law is left out, and what the warehouse of
    the order lacks is cut to whole sets.
    """
    lines: list[AssessedLine] = []
    missing: list[MissingGift] = []
    used = {line.offer.sku: line.demand.quantity for line in promoted.lines}
    for given in promoted.outcome.gifts:
        offer = promoted.gifts[given.gift.sku]
        pointer = f"/gifts/{len(lines)}"
        if compliance(permissions, [(pointer, offer)], today):
            missing.append(_missing(given, 0, "not_allowed"))
            continue
        levels = {level.warehouse_id: level.available for level in offer.stock}
        there = levels.get(warehouse_id, 0) if warehouse_id is not None else 0
        cut = _cut(given, there - used.get(offer.sku, 0))
        if cut.quantity < given.quantity:
            missing.append(_missing(given, cut.quantity, "stock_short"))
        if cut.quantity:
            used[offer.sku] = used.get(offer.sku, 0) + cut.quantity
            lines.append(gift_line(cut, offer, pointer))
    return lines, missing


def _cut(given: Given, available: int) -> Given:
    """A gift in whole sets, no more than there is."""
    quantity = min(given.quantity, max(0, available))
    quantity -= quantity % given.gift.quantity
    value = money.to_fen(given.value * quantity / given.quantity)
    return replace(given, quantity=quantity, value=value)


def _missing(given: Given, units: int, because: Literal["not_allowed", "stock_short"]) -> MissingGift:
    return MissingGift(given.promotion.number, given.gift.sku, given.quantity, units, because)
