"""Forty cases that a manager can check with a pocket calculator, through the real engines, to the fen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.kernel import money
from portal.pricing.receipts import replay, replay_amount
from portal.promotions.rules import gifts_to_return
from tests.promotions.worked_examples import Basket, basket, cases

CASES = [case for case in cases() if "refused" not in case["expected"]]
EVERY = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def test_all_forty_are_there():
    assert [case["id"] for case in cases()] == [f"P{number:02}" for number in range(1, 41)]


@EVERY
def test_lines_gifts_and_totals(case):
    found, expected = basket(case), case["expected"]
    assert [_line(found, place, line) for place, line in enumerate(expected["lines"])] == expected["lines"]
    assert len(found.skus) == len(expected["lines"])
    gifts = [
        {"promotion": one.promotion.number, "sku": one.gift.sku, "quantity": one.quantity}
        for one in found.outcome.gifts
    ]
    assert gifts == expected["gifts"]
    assert money.as_text(found.outcome.discount_total) == expected["discount_total"]
    assert money.as_text(found.outcome.total) == expected["total"]
    assert money.as_text(sum(_tax(found, place) for place in range(len(found.skus)))) == expected["tax"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "hints" in case.get("asked", ())], ids=lambda c: c["id"]
)
def test_hints(case):
    assert [_hint(hint) for hint in basket(case).hints()] == case["expected"]["hints"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "not_applied" in case.get("asked", ())], ids=lambda c: c["id"]
)
def test_why_a_promotion_does_not_apply(case):
    told = [
        {"promotion": promotion.number, "because": str(reason)}
        for promotion, reason in basket(case).outcome.not_applied
    ]
    assert told == case["expected"]["not_applied"]


@EVERY
def test_every_receipt_proves_its_line(case):
    found = basket(case)
    for sku, price in found.prices.items():
        assert replay(price.receipt) == price.unit_price
        assert replay_amount(price.receipt, found.quantities[sku]) == price.amount


@pytest.mark.parametrize("case", [case for case in CASES if "returns" in case], ids=lambda c: c["id"])
def test_returns_give_back_the_share_and_the_gifts_no_longer_earned(case):
    found = basket(case)
    kept = dict(found.quantities)
    gifts = [(one, one.quantity) for one in found.outcome.gifts]
    for asked, expected in zip(case["returns"], case["expected"]["returns"], strict=True):
        sku = asked["sku"]
        place = found.skus.index(sku)
        back = found.quantities[sku] - kept[sku]
        kept[sku] -= asked["quantity"]
        amount, tax = found.outcome.amount(place), _tax(found, place)
        whole = found.quantities[sku]
        assert expected["refund"] == money.as_text(
            _share(amount, whole, back + asked["quantity"]) - _share(amount, whole, back)
        )
        assert expected["tax"] == money.as_text(
            _share(tax, whole, back + asked["quantity"]) - _share(tax, whole, back)
        )
        going, left = [], []
        for one, given in gifts:
            units = sum(kept[found.skus[place]] for place in one.earned_by)
            returned = gifts_to_return(one.gift, given, units)
            going += [{"sku": one.gift.sku, "quantity": returned}] if returned else []
            left.append((one, given - returned))
        gifts = left
        assert going == expected["gifts_back"]


def _share(whole: Decimal, quantity: int, units: int) -> Decimal:
    return money.to_fen(whole * units / quantity)


def _tax(found: Basket, place: int) -> Decimal:
    return money.tax_within(found.outcome.amount(place), found.tax_rate(found.skus[place]))


def _line(found: Basket, place: int, expected: dict) -> dict:
    sku = found.skus[place]
    price = found.prices[sku]
    told = {
        "sku": sku,
        "quantity": found.quantities[sku],
        "unit_price": money.as_text(price.unit_price),
        "rule": price.policy or "list",
        "discounts": [
            {"promotion": one.promotion.number, "amount": money.as_text(one.amount)}
            for one in found.outcome.discounts[place]
        ],
        "amount": money.as_text(found.outcome.amount(place)),
        "tax": money.as_text(_tax(found, place)),
    }
    if "segments" in expected:
        told["segments"] = [
            {"quantity": band.quantity, "unit_price": money.as_text(band.unit_price), "rule": band.policy}
            for band in price.bands
        ]
    return told


def _hint(hint) -> dict:
    told: dict = {"rule": hint.rule} if hint.rule else {"promotion": hint.promotion.number}
    if hint.quantity is not None:
        told["add"] = {"sku": hint.sku, "quantity": hint.quantity}
    else:
        told["add_amount"] = money.as_text(hint.amount)
    if hint.less_each is not None:
        told["less_each"] = money.as_text(hint.less_each)
    if hint.gift:
        told["gain"] = {"sku": hint.gift[0], "quantity": hint.gift[1]}
    else:
        told["gain"] = money.as_text(hint.gain)
    return told
