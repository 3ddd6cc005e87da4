"""Which price is the price: worked examples a channel manager can read, and properties that hold for any
policy.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import receipts, rules, stages
from portal.pricing.rules import RuleInForce

AREA, PROVINCE = 1, 31
PATH = (AREA, PROVINCE)
LIST = Decimal("100.00")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def rule(
    value: str,
    *,
    kind: str = "net",
    minimums: tuple[int, ...] = (1,),
    values: tuple[str, ...] | None = None,
    **scope,
) -> RuleInForce:
    fields = {
        "dealer_id": None,
        "region_id": None,
        "tier": None,
        "product_id": None,
        "category_code": None,
        "published_at": SINCE,
    }
    fields |= scope
    amounts = tuple(Decimal(text) for text in values or (value,))
    published_at = fields.pop("published_at")
    return RuleInForce(
        rule_id=int(Decimal(value)) or 1,
        policy="PP",
        version=1,
        published_at=published_at,
        valid_to=None,
        kind=kind,
        min_quantities=minimums,
        values=amounts,
        **fields,
    )


def price_of(*candidates: RuleInForce, quantity: int = 1) -> Decimal:
    return stages.price(LIST, candidates, quantity, PATH).unit_price


def test_without_a_rule_the_list_price_holds():
    assert price_of() == LIST


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (rule("90", dealer_id=7), rule("50", region_id=PROVINCE, tier="S", product_id=1)),
        (rule("90", region_id=AREA, tier="S"), rule("50", tier="S", product_id=1)),
        (rule("90", region_id=PROVINCE, tier="S"), rule("50", region_id=AREA, tier="S", product_id=1)),
        (rule("90", tier="S"), rule("50", region_id=PROVINCE, product_id=1)),
        (rule("90", region_id=AREA), rule("50", product_id=1)),
        (rule("90", tier="S", product_id=1), rule("50", tier="S", category_code="A0201")),
        (rule("90", tier="S", category_code="A0201"), rule("50", tier="S", category_code="A02")),
        (rule("90", tier="S", category_code="A"), rule("50", tier="S")),
        (rule("90", tier="S", published_at=SINCE + timedelta(seconds=1)), rule("50", tier="S")),
    ],
)
def test_the_more_specific_rule_decides_even_when_it_is_dearer(stronger, weaker):
    assert price_of(stronger, weaker) == price_of(weaker, stronger) == Decimal("90.00")


@pytest.mark.parametrize(
    ("quantity", "expected"), [(1, "95"), (9, "95"), (10, "90"), (49, "90"), (50, "80"), (10**6, "80")]
)
def test_a_break_prices_all_units_of_the_line(quantity, expected):
    ladder = rule("95", minimums=(1, 10, 50), values=("95", "90", "80"))
    assert price_of(ladder, quantity=quantity) == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("percent_off", "12.50", "87.50"),
        ("percent_off", "100", "0.00"),
        ("percent_off", "0", "100.00"),
        ("amount_off", "0.01", "99.99"),
        ("amount_off", "100.01", "0.00"),
        ("net", "33.33", "33.33"),
    ],
)
def test_effects(kind, value, expected):
    assert price_of(rule(value, kind=kind)) == Decimal(expected)


def test_a_percentage_is_rounded_half_up_once_per_unit():
    assert rules.apply("percent_off", Decimal("15"), Decimal("0.30")) == Decimal("0.26")  # 0.255


kinds = st.sampled_from(["net", "percent_off", "amount_off"])
prices = st.decimals(min_value=0, max_value=10**6, places=2)
ladders = st.lists(st.integers(2, 10**6), unique=True, max_size=19).map(lambda rest: (1, *sorted(rest)))


@st.composite
def ladder_rules(draw):
    minimums = draw(ladders)
    kind = draw(kinds)
    top = 100 if kind == "percent_off" else 10**6
    values = [str(draw(st.decimals(min_value=0, max_value=top, places=2))) for _ in minimums]
    return rule("1", kind=kind, minimums=minimums, values=tuple(values))


@given(prices, ladder_rules(), st.integers(1, 10**6))
def test_a_receipt_alone_gives_the_price_again(list_price, candidate, quantity):
    priced = stages.price(list_price, [candidate], quantity, PATH)
    assert receipts.replay(priced.receipt) == priced.unit_price >= 0


@given(prices, ladder_rules(), st.integers(1, 10**6))
def test_the_ladder_shown_is_the_price_charged(list_price, candidate, quantity):
    priced = stages.price(list_price, [candidate], quantity, PATH)
    shown = [step.unit_price for step in priced.breaks if step.min_quantity <= quantity][-1]
    assert shown == priced.unit_price


@given(prices, ladder_rules(), st.integers(1, 10**6))
def test_what_more_would_cost_is_told_from_the_next_break_on(list_price, candidate, quantity):
    priced = stages.price(list_price, [candidate], quantity, PATH)
    beyond = priced.breaks_beyond(quantity)
    assert [step.min_quantity for step in beyond] == [
        minimum for minimum in candidate.min_quantities[1:] if minimum > quantity
    ]
    for step in beyond:
        assert stages.price(list_price, [candidate], step.min_quantity, PATH).unit_price == step.unit_price


@given(st.permutations([rule(str(90 - i), tier="S", category_code="A0201"[: i + 1]) for i in range(5)]))
def test_the_order_in_which_rules_are_found_does_not_matter(candidates):
    assert price_of(*candidates) == Decimal("86.00")


@pytest.mark.parametrize(
    ("kind", "minimums", "values", "code"),
    [
        ("net", (), (), "breaks_count"),
        ("net", (0,), ("1",), "first_break"),
        ("net", (1, 5, 5), ("1", "1", "1"), "breaks_order"),
        ("net", (1,), ("-1",), "negative_value"),
        ("percent_off", (1,), ("101",), "percent_range"),
        ("net", (1,), ("1.005",), "value_precision"),
        ("net", (1,), ("NaN",), "negative_value"),
        ("net", (1,), ("1e12",), "value_precision"),
        ("net", (1,), ("1e999999",), "value_precision"),
    ],
)
def test_a_rule_nobody_could_mean_is_refused(kind, minimums, values, code):
    faults = rules.rule_faults(kind, minimums, [Decimal(value) for value in values], "/breaks")
    assert code in {fault.code for fault in faults}
