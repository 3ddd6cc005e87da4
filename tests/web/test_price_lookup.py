"""The price lookup of headquarters: every rule that was considered says whose it is, for what,
and which price."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import amount_off, net, percent_off


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


def considered(manager, quantity: int = 10) -> list[str]:
    """The rows of the considered rules of one policy, without markup."""
    answer = manager.get(f"/hq/prices?dealer={cast.huadong.code}&sku={cast.gloves.sku}&quantity={quantity}")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    shown = page[page.index('id="considered"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", shown, re.DOTALL)[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def test_two_rules_of_one_policy_are_told_apart(manager, given):
    given.a_policy(
        percent_off({1: 10, 50: 12}, tier=cast.huadong.tier),
        percent_off(10, tier=cast.huadong.tier, product=cast.gloves),
        amount_off(1, region=cast.shanghai),
    )
    rows = [row for row in considered(manager) if "PP-" in row]
    assert len(set(rows)) == len(rows) >= 3
    assert any("All products" in row and "50+ 12% off" in row for row in rows)
    assert any("this product" in row and "1+ 10% off" in row for row in rows)
    assert any(cast.shanghai.name_en in row and "¥1.00 off" in row for row in rows)


def test_what_a_rule_says_beside_its_steps_is_shown(manager, given, owner):
    policy = given.a_policy(net("18.00", dealer=cast.huadong, product=cast.gloves), published_at=None)
    given.a_policy(net("17.00", dealer=cast.huadong, product=cast.gloves), contract_of=cast.huadong)
    assert policy
    [row] = [row for row in considered(manager) if "¥17.00" in row]
    assert "this dealer" in row and "decides" in row
    assert not [row for row in considered(manager) if "¥18.00" in row]  # a draft is nobody's price
