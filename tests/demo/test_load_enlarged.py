"""The large demonstration as values: everything copied is another thing, and the copied rules say the same
of the copies.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from stdnum.cn import uscc

from demo.enlarge import LARGE, Copies, Size, copied_dealers, enlarge, internal_gtin
from demo.loading.policies import rules_in_order
from demo.scenario import Scenario
from demo.source.cleaning import valid_gtin
from demo.world.policies import POLICIES


@pytest.fixture(scope="module")
def large(scenario: Scenario) -> tuple[Scenario, Copies]:
    """The demonstration at the size of the benchmark."""
    return enlarge(scenario, LARGE)


def test_the_large_demonstration_has_the_size_of_the_benchmark(large: tuple[Scenario, Copies]):
    whole, _ = large
    assert (len(whole.devices), len(whole.dealers), len(whole[POLICIES])) == (100_000, 10_000, 400)


def test_copied_devices_have_article_numbers_and_gtins_of_their_own(large: tuple[Scenario, Copies]):
    devices = large[0].devices
    assert (
        len({device.sku for device in devices}) == len({device.udi_di for device in devices}) == len(devices)
    )
    assert all(valid_gtin(device.udi_di) for device in devices[::37])


def test_a_copied_gtin_is_of_the_block_that_belongs_to_nobody():
    assert internal_gtin(12_345).startswith("02")
    assert valid_gtin(internal_gtin(12_345))


def test_copied_dealers_have_codes_credit_codes_and_mail_addresses_of_their_own(
    large: tuple[Scenario, Copies],
):
    dealers = large[0].dealers
    for names in (
        [d.code for d in dealers],
        [d.credit_code for d in dealers],
        [d.name_zh for d in dealers],
        [d.users[0].email for d in dealers],
    ):
        assert len(set(names)) == len(dealers)
    assert all(uscc.is_valid(dealer.credit_code) for dealer in dealers[::37])


def test_a_branch_sits_where_its_original_does_and_buys_on_the_same_terms(scenario: Scenario):
    copies = list(copied_dealers(scenario.dealers, 2, seed=1))[len(scenario.dealers) :]
    for original, branch in zip(scenario.dealers, copies, strict=True):
        assert (branch.province, branch.tier, branch.warehouses) == (
            original.province,
            original.tier,
            original.warehouses,
        )
        assert [paper.valid_to for paper in branch.licences] == [
            paper.valid_to for paper in original.licences
        ]


def test_nobody_but_the_originals_buys_the_originals(large: tuple[Scenario, Copies]):
    _, copies = large
    bought = Counter(copies.product_generation(generation) for generation in range(copies.dealer_generations))
    assert bought[0] == 1
    assert set(bought) == set(range(copies.product_generations))
    assert max(bought.values()) - min(bought.values()) <= 1


def test_a_copied_rule_says_of_the_copies_what_the_original_says(large: tuple[Scenario, Copies]):
    whole, copies = large
    rules = dict(enumerate(rules_in_order(whole), start=1))
    positions = {device.sku: index for index, device in enumerate(whole.devices)}
    assert len(copies.rules) > 10_000
    for copy in copies.rules[::7]:
        (_, original), (policy, copied) = rules[copy.original], rules[copy.rule]
        assert whole[POLICIES][policy].number == copy.policy
        assert replace(copied, sku=original.sku, dealer=original.dealer) == original
        step = copies.product_generation(copy.generation) * copies.products
        assert positions[copied.sku or ""] == positions[original.sku or ""] + step
        if original.dealer is not None:
            assert copied.dealer == original.dealer + copy.generation * copies.dealers


def test_no_two_policies_have_the_same_number_and_version(large: tuple[Scenario, Copies]):
    policies = large[0][POLICIES]
    assert len({(policy.number, policy.version) for policy in policies}) == len(policies)


def test_less_than_twice_the_size_is_refused(scenario: Scenario):
    with pytest.raises(ValueError, match="less than twice"):
        enlarge(scenario, Size(products=3_000, dealers=400, policies=30, lines=300_000))
