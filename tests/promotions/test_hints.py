"""Hints cost the same however long the order is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal.promotions import hints as module
from portal.promotions.discounts import Goods, Piece
from portal.promotions.engine import apply_promotions
from portal.promotions.hints import HINTS_MAX, TRIED_MAX, Step, hints
from portal.promotions.rules import Buyer, Condition, Kind, Promotion, Reward


def line(place: int, quantity: int, price: str = "10.00") -> Goods:
    return Goods(f"SKU-{place}", "01", quantity, (Piece(quantity, Decimal(price)),))


@pytest.mark.parametrize("length", [30, 1000])
def test_the_engine_runs_no_more_often_for_a_longer_order(monkeypatch, length):
    runs = []

    def counted(*arguments):
        runs.append(arguments)
        return apply_promotions(*arguments)

    monkeypatch.setattr(module, "apply_promotions", counted)
    lines = [line(place, 10) for place in range(length)]
    promotion = Promotion(
        "CX-1",
        Kind.PERCENT_OFF,
        Condition(min_quantity=10 * length + 1),
        Reward(Decimal(5)),
        1,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    steps = (Step(place, line(place, 20, "9.00"), "PP", Decimal(1)) for place in range(length))
    outcome = apply_promotions(lines, [promotion], Buyer())
    found = hints(outcome, [promotion], Buyer(), steps, lambda place, quantity: line(place, quantity))
    assert len(found) == HINTS_MAX
    assert len(runs) <= HINTS_MAX + TRIED_MAX
    assert next(steps).place >= HINTS_MAX  # what follows was not even priced
