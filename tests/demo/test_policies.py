"""Generated price policies keep the form the portal's rules demand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from demo.scenario import Scenario
from demo.world.business_days import local_date
from demo.world.policies import CONTRACT_DEALERS, POLICIES, Policy, Rule
from demo.world.regions import AREAS


def rules_of(policies: tuple[Policy, ...]) -> list[tuple[Policy, Rule]]:
    """Every rule with its policy."""
    return [(policy, rule) for policy in policies for rule in policy.rules]


def test_there_are_about_twenty_policies_of_every_state(scenario: Scenario):
    assert 18 <= len(scenario[POLICIES]) <= 26
    assert {policy.state for policy in scenario[POLICIES]} == {"published", "superseded", "draft"}


def test_every_policy_says_that_its_prices_are_demo_prices(scenario: Scenario):
    assert all(
        "演示价格" in policy.title_zh and "demo prices" in policy.title_en for policy in scenario[POLICIES]
    )


def test_breaks_begin_at_one_unit_and_rise(scenario: Scenario):
    for _, rule in rules_of(scenario[POLICIES]):
        minimums = [minimum for minimum, _ in rule.breaks]
        assert minimums[0] == 1
        assert minimums == sorted(set(minimums))


def test_more_units_never_cost_more_each(scenario: Scenario):
    for _, rule in rules_of(scenario[POLICIES]):
        values = [value for _, value in rule.breaks]
        assert values == sorted(values, reverse=rule.kind == "net")


def test_values_are_money_or_percentages(scenario: Scenario):
    for _, rule in rules_of(scenario[POLICIES]):
        assert all(value == value.quantize(Decimal("0.01")) and value >= 0 for _, value in rule.breaks)
        assert rule.kind != "percent_off" or all(value < 50 for _, value in rule.breaks)


def test_no_two_rules_of_a_policy_have_the_same_scope(scenario: Scenario):
    for policy in scenario[POLICIES]:
        scopes = [(rule.tier, rule.region, rule.dealer, rule.sku, rule.category) for rule in policy.rules]
        assert len(set(scopes)) == len(scopes)


def test_a_rule_names_a_dealer_or_a_group_and_a_product_or_a_category(scenario: Scenario):
    for _, rule in rules_of(scenario[POLICIES]):
        assert rule.dealer is None or (rule.tier is None and rule.region is None)
        assert rule.sku is None or rule.category is None


def test_rules_refer_to_what_the_demo_sells(scenario: Scenario):
    skus = {device.sku for device in scenario.devices}
    codes = set(scenario.catalogue.categories)
    for _, rule in rules_of(scenario[POLICIES]):
        assert rule.sku is None or rule.sku in skus
        assert rule.category is None or rule.category in codes


def test_a_regional_policy_stays_within_its_region(scenario: Scenario):
    for policy, rule in rules_of(scenario[POLICIES]):
        if policy.region:
            assert rule.region == policy.region or scenario.dealers[rule.dealer or 0].area == policy.region


def test_a_superseded_version_ends_when_its_successor_begins(scenario: Scenario):
    for policy in scenario[POLICIES]:
        if policy.state == "superseded":
            successor = next(
                other
                for other in scenario[POLICIES]
                if (other.number, other.version) == (policy.number, policy.version + 1)
            )
            assert policy.valid_to == successor.valid_from


def test_yesterday_had_other_prices(scenario: Scenario):
    first_order = scenario.orders[0].placed_at
    changes = [policy.valid_to for policy in scenario[POLICIES] if policy.state == "superseded"]
    assert all(change and first_order < change < scenario.now for change in changes)


def test_one_policy_is_published_but_not_yet_in_force(scenario: Scenario, today: date):
    coming = [
        policy
        for policy in scenario[POLICIES]
        if policy.published_at and local_date(policy.valid_from) > today
    ]
    assert [policy.number for policy in coming] == ["PP-DEMO-M04C"]


def test_drafts_wait_for_the_national_and_for_a_regional_manager(scenario: Scenario):
    drafts = [policy for policy in scenario[POLICIES] if policy.state == "draft"]
    assert {policy.region for policy in drafts} == {None, "HD"}
    assert all(policy.published_at is None and policy.valid_from > scenario.now for policy in drafts)


def test_every_tier_and_every_area_has_terms_in_force(scenario: Scenario):
    in_force = [
        policy
        for policy in scenario[POLICIES]
        if policy.state == "published" and policy.valid_from <= scenario.now
    ]
    assert {rule.tier for _, rule in rules_of(tuple(in_force)) if rule.tier} == {"S", "A", "B", "C"}
    assert {policy.region for policy in in_force if policy.region and "CONTRACT" not in policy.number} == set(
        AREAS
    )


def test_contract_prices_lie_below_the_tiers_price(scenario: Scenario):
    list_prices = {device.sku: device.list_price for device in scenario.devices}
    contracts = [rule for _, rule in rules_of(scenario[POLICIES]) if rule.kind == "net"]
    assert len({rule.dealer for rule in contracts}) == CONTRACT_DEALERS
    assert all(rule.breaks[0][1] < list_prices[rule.sku or ""] for rule in contracts)
    per_dealer = [
        sum(rule.dealer == dealer for rule in contracts) for dealer in {rule.dealer for rule in contracts}
    ]
    assert all(20 <= count <= 60 for count in per_dealer)


def test_everything_was_published_before_it_came_into_force(scenario: Scenario):
    for policy in scenario[POLICIES]:
        if policy.published_at:
            assert policy.published_at <= policy.valid_from
            assert policy.published_at <= scenario.now
