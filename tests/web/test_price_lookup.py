"""The price lookup of headquarters: every rule that was considered says whose it is, for what,
and which price."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import amount_off, net, percent_off
from tests.workbooks import csv_of


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


def listed(manager, query: str) -> str:
    return manager.get(f"/hq/prices/list?dealer={cast.huadong.code}&{query}").get_data(as_text=True)


def test_without_a_product_the_lookup_answers_with_the_whole_list(manager):
    answer = manager.get(f"/hq/prices?dealer={cast.huadong.code}&at=2099-01-01T00:00")
    assert answer.status_code == 302 and "/hq/prices/list?dealer=huadong&at=2099" in answer.location
    assert "GLOVES" in manager.get(answer.location).get_data(as_text=True)


def test_the_list_has_the_prices_that_the_dealer_pays_at_that_moment(manager, given):
    begins = cast.NOW + timedelta(days=3)
    given.a_policy(net("17.50", dealer=cast.huadong, product=cast.gloves), valid_from=begins)
    [now, later] = [
        csv_of(manager.get(f"/hq/prices/list?dealer=huadong&q=GLOVES&export=csv{at}").data)
        for at in ("", "&at=" + (begins + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    ]
    price = now[0].index("Price of the dealer")
    assert (now[1][price], later[1][price]) == ("20.00", "17.50")


def test_the_list_is_narrowed_sent_as_a_file_and_leads_to_the_reason(manager):
    assert "GAUZE" in listed(manager, "") and "GAUZE" not in listed(manager, "q=GLOVES")
    assert "GLOVES" not in listed(manager, "category=A")
    assert f"/hq/prices?dealer=huadong&amp;sku={cast.gloves.sku}" in listed(manager, "")


@pytest.mark.parametrize("query", ["dealer=nobody", "dealer=huadong&at=soon", ""])
def test_a_list_of_nobody_or_at_no_moment_says_so_beside_the_field(manager, query):
    page = manager.get(f"/hq/prices/list?{query}").get_data(as_text=True)
    assert "is-invalid" in page and 'id="results"' not in page


def test_who_does_not_make_prices_sees_no_list(sign_in):
    for person in (cast.order_desk, cast.huadong.boss):
        assert sign_in(person).get("/hq/prices/list?dealer=huadong").status_code in (403, 404)


def test_a_regions_manager_sees_the_lists_of_its_own_dealers_only(sign_in):
    page = sign_in(cast.east_manager).get(f"/hq/prices/list?dealer={cast.yuegang.code}")
    assert 'id="results"' not in page.get_data(as_text=True)
