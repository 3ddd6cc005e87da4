"""Every rule that was considered has its verdict, and what decides is what prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import stages
from portal.pricing.explain import Verdict, considered
from portal.pricing.rules import RuleInForce
from tests.pricing.test_rules import PATH, SINCE

LIST = Decimal("128.00")
PARTIES = [
    {"dealer_id": 1},
    {"region_id": PATH[0], "tier": "A"},
    {"region_id": PATH[1]},
    {"tier": "A"},
    {},
]
GOODS = [{"product_id": 7}, {"category_code": "01"}, {}]


@st.composite
def rules(draw) -> RuleInForce:
    minimum = draw(st.integers(1, 80))
    number = draw(st.integers(1, 10**6))
    columns = dict.fromkeys(("dealer_id", "region_id", "tier", "product_id", "category_code"))
    return RuleInForce(
        rule_id=number,
        policy=f"P{number}",
        version=1,
        published_at=SINCE + timedelta(minutes=number),
        valid_to=None,
        kind="net",
        min_quantities=(minimum,),
        values=(draw(st.decimals(min_value="0.01", max_value=200, places=2)),),
        max_quantity=draw(st.none() | st.integers(minimum, 150)),
        contract=draw(st.booleans()),
        **(columns | draw(st.sampled_from(PARTIES)) | draw(st.sampled_from(GOODS))),
    )


@given(st.lists(rules(), max_size=6, unique_by=lambda rule: rule.rule_id), st.integers(1, 300))
def test_what_decides_is_what_prices(candidates, quantity):
    candidates = [
        rule if not rule.contract else RuleInForce(**_of(rule) | {"max_quantity": None})
        for rule in candidates
    ]
    found = considered(candidates, quantity, PATH)
    assert sorted(one.rule.rule_id for one in found) == sorted(rule.rule_id for rule in candidates)
    deciding = [one.rule.policy for one in found if one.verdict in (Verdict.DECIDES, Verdict.TAKES_REST)]
    price = stages.price(LIST, candidates, quantity, PATH)
    assert deciding == [band.policy for band in price.bands if band.policy]


def _of(rule: RuleInForce) -> dict:
    return {name: getattr(rule, name) for name in RuleInForce.__dataclass_fields__}


def made(number: int, **columns) -> RuleInForce:
    known = dict.fromkeys(("dealer_id", "region_id", "tier", "product_id", "category_code"))
    return RuleInForce(
        **{
            "rule_id": number,
            "policy": f"P{number}",
            "version": 1,
            "published_at": SINCE,
            "valid_to": None,
            "kind": "net",
            "min_quantities": (1,),
            "values": (Decimal(9),),
        }
        | known
        | columns
    )


@pytest.mark.parametrize(
    ("loser", "winner", "verdict"),
    [
        ({"tier": "A"}, {"dealer_id": 1}, Verdict.WEAKER_PARTY),
        ({"region_id": PATH[0]}, {"region_id": PATH[1]}, Verdict.WEAKER_REGION),
        ({"category_code": "01"}, {"product_id": 7}, Verdict.WEAKER_GOODS),
        ({}, {"published_at": SINCE + timedelta(days=1)}, Verdict.EARLIER),
        ({"dealer_id": 1}, {"contract": True, "dealer_id": 1}, Verdict.REPLACED),
        ({"dealer_id": 1, "min_quantities": (11,)}, {}, Verdict.TOO_FEW),
    ],
)
def test_why_a_rule_does_not_decide(loser, winner, verdict):
    losing, winning = made(1, **loser), made(2, **winner)
    found = {one.rule.rule_id: one for one in considered([losing, winning], 10, PATH)}
    assert found[2].verdict is Verdict.DECIDES
    assert found[1].verdict is verdict
    assert found[1].by is (None if verdict is Verdict.TOO_FEW else winning)
