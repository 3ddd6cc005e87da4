"""What a review finds among rules, floors and contracts: named with product and dealer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.pricing.draft_policy import NewPolicy, draft_policy
from portal.pricing.draft_version import draft_version
from portal.pricing.policy_head import PolicyHead
from portal.pricing.rule_input import RuleInput, read_breaks
from portal.pricing.set_floor import set_floor
from tests import cast
from tests.builders import amount_off, net, percent_off
from tests.pricing.acts import approve, as_staff, publish, review, submit


def found(database, policy: int) -> list[tuple[str, str | None, str | None]]:
    return [
        (one.kind, one.sku or one.category_code, one.dealer_code or one.tier)
        for one in review(database, policy).findings
    ]


def refusal_of(database, policy: int) -> Invalid:
    with pytest.raises(Invalid) as refusal:
        submit(database, policy=policy)
    return refusal.value


def floor_of(database, product, floor: str, person=cast.national_manager) -> None:
    about = {"sku": product.sku, "floor": Decimal(floor)}
    as_staff(database, person, lambda session, actor: set_floor(session, actor=actor, **about))


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        ({"tier": "A", "product": cast.gloves}, ("GLOVES", "A")),
        ({"tier": "B", "category": "T"}, ("T", "B")),
        ({"dealer": cast.huadong, "product": cast.syringe}, ("SYRINGE", "huadong")),
        ({}, ("*", "*")),
    ],
)
def test_two_rules_for_the_same_thing_are_a_tie(database, given, scope, named):
    draft = given.a_policy(percent_off(8, **scope), amount_off("0.10", **scope), published_at=None)
    refusal = refusal_of(database, draft)
    assert refusal.code == "tie"
    params = refusal.faults[0].params
    assert (params["policy"], params["subject"], params["party"]) == (f"PP-{draft}", *named)


def test_rules_that_differ_in_anything_are_none(database, given):
    rules = [
        percent_off(8, tier="A", product=cast.gloves),
        percent_off(8, tier="B", product=cast.gloves),
        percent_off(8, tier="A", region=cast.east, product=cast.gloves),
        percent_off(8, tier="A", category="T"),
    ]
    draft = given.a_policy(*rules, published_at=None)
    assert found(database, draft) == []


@pytest.mark.parametrize(
    ("rule", "price"),
    [
        (net({1: "20.00", 50: "17.99"}, tier="S", product=cast.gloves), "17.99"),
        (percent_off(30, dealer=cast.huadong, category="T"), "17.50"),
        (amount_off({1: "1.00", 10: "9.00"}, tier="A", product=cast.gloves), "16.00"),
    ],
)
def test_a_price_below_the_floor_is_refused_with_product_and_party(database, given, rule, price):
    floor_of(database, cast.gloves, "18.00")
    draft = given.a_policy(rule, published_at=None)
    refusal = refusal_of(database, draft)
    assert refusal.code == "below_floor"
    fault = refusal.faults[0]
    assert (fault.params["subject"], fault.params["price"], fault.params["floor"]) == (
        "GLOVES",
        price,
        "18.00",
    )


def test_at_the_floor_is_not_below_it_and_no_floor_is_none(database, given):
    floor_of(database, cast.gloves, "18.00")
    at_it = given.a_policy(net("18.00", tier="S", product=cast.gloves), published_at=None)
    assert found(database, at_it) == []
    as_staff(
        database,
        cast.national_manager,
        lambda s, a: set_floor(s, actor=a, sku="GLOVES", floor=Decimal(0)),
    )
    below = given.a_policy(net("17.99", tier="S", product=cast.gloves), published_at=None)
    assert found(database, below) == []


def test_a_net_price_without_tax_is_compared_with_its_tax(database, given):
    floor_of(database, cast.gloves, "18.00")
    rule = net("16.00", tier="S", product=cast.gloves)  # 18.08 with 13 %
    rule.columns["tax_included"] = False
    assert found(database, given.a_policy(rule, published_at=None)) == []
    rule.columns["values"] = [Decimal("15.92")]  # 17.99
    assert found(database, given.a_policy(rule, published_at=None)) == [("below_floor", "GLOVES", "S")]


def test_a_policy_that_lifts_names_what_it_lifts_and_is_submitted(database, given):
    floor_of(database, cast.gloves, "18.00")
    rule = net("17.00", tier="S", product=cast.gloves)
    draft = given.a_policy(rule, published_at=None, below_floor="clamp")
    assert found(database, draft) == [("lifted_to_floor", "GLOVES", "S")]
    submit(database, policy=draft)


def test_a_floor_that_was_raised_since_the_approval_is_found_at_publication(database, given):
    draft = given.a_policy(net("17.00", tier="S", product=cast.gloves), published_at=None)
    approve(database, revision=submit(database, policy=draft), policy=draft)
    floor_of(database, cast.gloves, "18.00")
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "below_floor"


def test_only_who_answers_for_the_whole_country_sets_a_floor(database):
    for person in (cast.east_manager, cast.order_desk):
        with pytest.raises(Forbidden):
            floor_of(database, cast.gloves, "18.00", person)


def test_a_rule_that_meets_a_contract_is_told_and_the_contract_wins(database, given):
    contract = given.a_policy(
        net("19.00", dealer=cast.huadong, product=cast.gloves),
        contract_of=cast.huadong,
        region=cast.shanghai,
    )
    for rule in (
        net("18.50", dealer=cast.huadong, product=cast.gloves),
        percent_off(25, tier="S"),
        percent_off(25, region=cast.east, category="T"),
    ):
        draft = given.a_policy(rule, published_at=None)
        assert found(database, draft) == [("contract_wins", "GLOVES", "huadong")]
        assert review(database, draft).findings[0].policy == f"PP-{contract}"
        submit(database, policy=draft)
    apart = given.a_policy(
        percent_off(25, tier="A"), net("2.00", tier="S", product=cast.syringe), published_at=None
    )
    assert found(database, apart) == []


def test_two_contracts_of_a_dealer_for_a_product_are_refused(database, given):
    def contract(*rules, **said) -> int:
        return given.a_policy(*rules, contract_of=cast.huadong, region=cast.shanghai, **said)

    first = contract(net("19.00", dealer=cast.huadong, product=cast.gloves))
    second = contract(net("18.50", dealer=cast.huadong, product=cast.gloves), published_at=None)
    refusal = refusal_of(database, second)
    assert refusal.code == "two_contracts" and refusal.faults[0].params["policy"] == f"PP-{first}"
    other = contract(net("2.00", dealer=cast.huadong, product=cast.syringe), published_at=None)
    submit(database, policy=other)


def test_contracts_that_follow_each_other_do_not_overlap(database, given):
    end = cast.NOW.replace(year=2090)
    said = {"contract_of": cast.huadong, "region": cast.shanghai}
    rule = net("19.00", dealer=cast.huadong, product=cast.gloves)
    given.a_policy(rule, valid_to=end, **said)
    after = given.a_policy(rule, valid_from=end, published_at=None, **said)
    submit(database, policy=after)


def test_a_version_that_would_begin_before_one_already_published_is_told_at_submission(
    database, given, owner
):
    publish(database, starts=cast.NOW.replace(year=2090))
    third = as_staff(
        database,
        cast.national_manager,
        lambda s, a: draft_version(s, actor=a, policy_id=cast.policy_draft, at=cast.NOW).id,
    )
    with pytest.raises(Conflict) as refusal:
        submit(database, policy=third)
    assert refusal.value.code == "later_version"


def test_a_break_that_is_dearer_is_refused_for_bands_too():
    faults: list = []
    read_breaks("net", [("1", "5.00"), ("10", "5.01")], faults)
    assert [fault.code for fault in faults] == ["dearer_break"]


def test_all_that_is_wrong_with_a_draft_is_told_at_once_and_nothing_is_stored(database, owner):
    rules = [
        RuleInput("net", [("1", "5.00")], sku="NOBODY"),
        RuleInput("percent_off", [("1", "101")], tier="Z"),
        RuleInput("net", [("0", "5.00")], dealer="nobody"),
        RuleInput("net", [("5", "5.00")], sku="GLOVES", max_quantity="4", breaks_are="stairs"),
        RuleInput("percent_off", [("1", "5")], tax_included=False),
    ]
    new = NewPolicy(PolicyHead("", "Title", "", cast.NOW, cast.NOW), rules)
    with pytest.raises(Invalid) as refusal:
        as_staff(database, cast.national_manager, lambda s, a: draft_policy(s, actor=a, new=new, at=cast.NOW))
    told = {(fault.pointer, fault.code) for fault in refusal.value.faults}
    assert told == {
        ("/title_zh", "title"),
        ("/valid_to", "ends_before_it_begins"),
        ("/rules/0/sku", "unknown_sku"),
        ("/rules/1/tier", "unknown_tier"),
        ("/rules/1/breaks", "percent_range"),
        ("/rules/2/dealer", "unknown_dealer"),
        ("/rules/2/breaks/0/min_quantity", "minimum"),
        ("/rules/3/breaks_are", "unknown_breaks_are"),
        ("/rules/3/max_quantity", "max_quantity"),
        ("/rules/4/tax_included", "tax_included"),
    }


def test_a_contract_takes_net_prices_of_its_own_dealer_only(database):
    rules = [
        RuleInput("net", [("20", "19.00")], sku="GLOVES"),
        RuleInput("percent_off", [("1", "5")], sku="SYRINGE"),
        RuleInput("net", [("1", "5.00")], dealer=cast.yuegang.code),
        RuleInput("net", [("1", "5.00")], tier="A"),
    ]

    def drafted(rules):
        new = NewPolicy(
            PolicyHead("合同", "Contract", "", cast.NOW), rules, "contract", dealer=cast.huadong.code
        )
        return as_staff(
            database, cast.national_manager, lambda s, a: draft_policy(s, actor=a, new=new, at=cast.NOW)
        )

    with pytest.raises(Invalid) as refusal:
        drafted(rules)
    assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == {
        ("/rules/1/kind", "contract_kind"),
        ("/rules/2/dealer", "contract_party"),
        ("/rules/3/dealer", "contract_party"),
    }
    made = drafted(rules[:1])
    assert made.number.startswith("HT") and made.region_id == cast.huadong.region.id
