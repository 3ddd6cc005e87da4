"""The stages of a price: each adds its step, and a receipt replays whatever stages there are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import money
from portal.pricing import receipts, stages
from portal.pricing.stages import Asked, Price

LIST = Decimal("99.99")

# As it was stored with an order before prices had stages.
STORED = [
    {"rule": "list", "policy": None, "version": None, "effect": None, "unit_price": "25.00"},
    {
        "rule": 7,
        "policy": "PP-TIERS",
        "version": 2,
        "effect": {"kind": "percent_off", "value": "15.00", "min_quantity": 1},
        "unit_price": "21.25",
    },
]


def third_off(_asked: Asked, found: Price) -> Price:
    """A stage that leaves more than a fen."""
    return replace(found, unit_price=found.unit_price / 3)


def amount_off(_asked: Asked, found: Price) -> Price:
    """A stage with a step, as a promotion would add it."""
    unit_price = found.unit_price - 1
    step = {
        "rule": "P1",
        "policy": None,
        "version": None,
        "effect": {"kind": "amount_off", "value": "1.00"},
        "unit_price": money.as_text(unit_price),
    }
    return replace(found, unit_price=unit_price, receipt=(*found.receipt, step))


def test_without_a_rule_the_list_price_is_the_only_step():
    assert stages.price(LIST, [], 1, ()).receipt == ({**STORED[0], "unit_price": "99.99"},)


def test_a_receipt_of_before_replays():
    assert receipts.replay(STORED) == Decimal("21.25")


@given(st.decimals(min_value="0.01", max_value=10**6, places=2))
def test_whatever_a_stage_leaves_is_rounded_last_and_told(list_price):
    asked = Asked(list_price, [], 1, ())
    found = stages.rounded(asked, third_off(asked, stages.listed(asked)))
    assert found.unit_price == money.to_fen(list_price / 3)
    exact = list_price / 3 == found.unit_price
    assert [step["rule"] for step in found.receipt] == (["list"] if exact else ["list", "rounding"])


def test_a_stage_more_adds_its_step_and_replays(monkeypatch):
    monkeypatch.setattr(stages, "STAGES", (stages.by_policy, amount_off, stages.rounded))
    found = stages.price(LIST, [], 1, ())
    assert [step["unit_price"] for step in found.receipt] == ["99.99", "98.99"]
    assert receipts.replay(found.receipt) == found.unit_price == Decimal("98.99")


def test_rounding_replays():
    receipt = [{"unit_price": "0.335"}, {"effect": {"kind": "rounding"}, "unit_price": "0.34"}]
    assert receipts.replay(receipt) == Decimal("0.34")
