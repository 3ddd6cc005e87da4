"""What a publication would do to prices is found for every tier, region and touched contract, and nowhere
else.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.pricing import rules
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import SHOWN_MAX, review_policy
from portal.pricing.rules import Ladder, RuleInForce
from tests import cast
from tests.builders import amount_off, net, percent_off
from tests.pricing.acts import FALL_SHARE, as_staff, publish, review
from tests.races import until_somebody_waits_at_a_gate


def named(found) -> set[tuple]:
    return {
        (
            str(price.doubt.concern),
            price.sku,
            price.dealer_code or "".join(sorted(price.tiers)),
            price.doubt.min_quantity,
            price.doubt.before,
            price.doubt.after,
        )
        for price in found.shown
    }


def test_an_amount_eats_the_cheap_products_of_a_line_and_no_others(database, given):
    cheap, dear = given.a_product(price="2.00"), given.a_product(price="9.00")
    draft = given.a_policy(amount_off("2.00", tier="C", category=cheap.category_code), published_at=None)
    found = review(database, draft)
    assert ("zero_price", cheap.sku, "C", 1, Decimal("1.90"), Decimal("0.00")) in named(found)
    assert dear.sku not in {price.sku for price in found.shown}


def test_a_rule_of_its_own_saves_a_product_from_the_amount(database, given):
    cheap = given.a_product(price="2.00")
    draft = given.a_policy(
        amount_off("2.00", tier="C", category=cheap.category_code),
        net("1.80", tier="C", product=cheap),
        published_at=None,
    )
    assert cheap.sku not in {price.sku for price in review(database, draft).shown}


def test_a_price_is_held_against_what_other_policies_say_for_the_same_party(database, given):
    given.a_policy(percent_off(60, tier="S", region=cast.east, product=cast.gloves))
    drafts = {
        name: given.a_policy(percent_off(70, tier="S", product=cast.gloves, **scope), published_at=None)
        for name, scope in {
            "nation": {},
            "east": {"region": cast.east},
            "shanghai": {"region": cast.shanghai},
        }.items()
    }
    fall = ("far_below", "GLOVES", "S", 1, Decimal("20.00"), Decimal("7.50"))
    assert named(review(database, drafts["nation"])) == {
        fall
    }  # outside the east; within, the region's rule outranks it
    assert (
        named(review(database, drafts["east"])) == named(review(database, drafts["shanghai"])) == set()
    )  # 10.00 → 7.50


def test_a_contract_is_judged_by_what_its_dealer_pays(database, given):
    draft = given.a_policy(
        net({1: "14.50", 50: "14.00"}, dealer=cast.huadong, product=cast.gloves), published_at=None
    )
    assert named(review(database, draft)) == {
        ("far_below", "GLOVES", "huadong", 50, Decimal("20.00"), Decimal("14.00"))
    }
    given.a_policy(net("15.00", dealer=cast.huadong, product=cast.gloves))
    assert named(review(database, draft)) == set()


def test_a_draft_that_lies_ahead_is_judged_at_its_start(database, given):
    start = cast.NOW + timedelta(days=30)
    draft = given.a_policy(
        percent_off(40, tier="S", product=cast.gloves), valid_from=start, published_at=None
    )
    assert named(review(database, draft)) == set()  # 20.00 → 15.00
    given.a_policy(
        net("25.00", tier="S", product=cast.gloves),
        valid_from=start - timedelta(days=1),
        published_at=cast.NOW,
    )
    assert named(review(database, draft)) == {
        ("far_below", "GLOVES", "S", 1, Decimal("25.00"), Decimal("15.00"))
    }


def test_what_ends_when_the_draft_starts_is_the_price_in_force(database, given):
    start = cast.NOW + timedelta(days=30)
    given.a_policy(percent_off(60, tier="S", product=cast.gloves), valid_to=start)
    draft = given.a_policy(
        percent_off(62, tier="S", product=cast.gloves), valid_from=start, published_at=None
    )
    assert named(review(database, draft)) == set()


def test_a_rule_that_the_next_version_drops_is_missed(database, given, owner):
    policy = given.a_policy(
        percent_off(0, tier="S", product=cast.stent), percent_off(10, tier="S", category="P")
    )
    draft = given.a_policy(percent_off(45, tier="S", category="P"), published_at=None)
    owner.execute(
        text("UPDATE price_policy SET number = 'PP-' || :old, version = 2 WHERE id = :new"),
        {"old": policy, "new": draft},
    )
    assert ("far_below", "STENT", "S", 1, Decimal("8600.00"), Decimal("4730.00")) in named(
        review(database, draft)
    )


def test_withdrawn_products_are_nobodys_price(database, given):
    draft = given.a_policy(percent_off(90), published_at=None)
    assert "WITHDRAWN" not in {price.sku for price in review(database, draft).shown}


def test_a_great_many_are_counted_and_the_gravest_named(database, given):
    products = [given.a_product(price=f"{10 + place}.00") for place in range(SHOWN_MAX + 5)]
    draft = given.a_policy(
        percent_off(95, tier="C", product=products[-1]), percent_off(90, tier="C"), published_at=None
    )
    found = review(database, draft)
    assert found.risky > SHOWN_MAX == len(found.shown) and found.more == found.risky - SHOWN_MAX
    assert found.shown[0].sku == products[-1].sku


def test_a_rule_that_came_another_way_and_is_nonsense_is_refused(database, given):
    draft = given.a_policy(net({1: "39.99", 100: "440.00"}, tier="S", product=cast.gloves), published_at=None)
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft)
    assert [fault.code for fault in refusal.value.faults] == ["rule"]


def test_nothing_is_published_for_a_price_of_nothing_whatever_is_confirmed(database, given):
    draft = given.a_policy(amount_off("12.50", tier="C"), published_at=None)
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft, confirmed=review(database, draft).fingerprint)
    assert {fault.code for fault in refusal.value.faults} == {"zero_price"}
    assert {fault.params["sku"] for fault in refusal.value.faults} >= {"GAUZE", "SYRINGE"}


def test_risky_prices_are_published_when_they_are_confirmed_and_the_audit_names_them(database, given, owner):
    draft = given.a_policy(percent_off(44, tier="S", product=cast.gloves), published_at=None)
    with pytest.raises(Conflict) as refusal:
        publish(database, policy=draft)
    assert (refusal.value.code, [fault.code for fault in refusal.value.faults]) == (
        "risky_prices",
        ["far_below"],
    )
    seen = review(database, draft).fingerprint
    publish(database, policy=draft, confirmed=seen)
    event = "SELECT after -> 'confirmed_risks' FROM audit_event WHERE action = 'policy:published'"
    risks = owner.execute(text(event)).scalar_one()
    assert (risks["count"], risks["fingerprint"]) == (1, seen)
    assert risks["prices"] == [
        {
            "sku": "GLOVES",
            "for": ["S"],
            "concern": "far_below",
            "min_quantity": 1,
            "before": "20.00",
            "after": "14.00",
        }
    ]


@pytest.mark.parametrize("change", ["another price in force", "another list price"])
def test_a_list_that_has_changed_is_not_the_one_that_was_confirmed(database, given, owner, change):
    draft = given.a_policy(net("9.00", tier="S", product=cast.gloves), published_at=None)
    seen = review(database, draft).fingerprint
    if change == "another price in force":
        given.a_policy(net("18.00", tier="S", product=cast.gloves))
    else:
        statement = "INSERT INTO list_price (product_id, valid_from, unit_price) VALUES (:id, :at, 30)"
        owner.execute(text(statement), {"id": cast.gloves.id, "at": cast.NOW - timedelta(hours=1)})
    with pytest.raises(Conflict) as refusal:
        publish(database, policy=draft, confirmed=seen)
    assert refusal.value.code == "risks_changed"


def test_what_is_published_while_a_publication_waits_is_judged_too(database, given, owner):
    first = given.a_policy(net("18.00", tier="S", product=cast.gloves), published_at=None, approved=True)
    second = given.a_policy(net("9.00", tier="S", category="T"), published_at=None)
    seen = review(
        database, second
    ).fingerprint  # 9.00 instead of 20.00, which after the first is nobody's price any more
    manager = cast.national_manager.actor()
    with database.staff_session(manager) as session, ThreadPoolExecutor(1) as elsewhere:
        publish_policy(session, actor=manager, policy_id=first, revision=1, fall_share=FALL_SHARE)
        waiting = elsewhere.submit(publish, database, policy=second, confirmed=seen)
        until_somebody_waits_at_a_gate(owner)
        session.commit()
        with pytest.raises(Conflict) as refusal:
            waiting.result()
    assert refusal.value.code == "risks_changed"


def test_only_who_answers_for_a_draft_reviews_it(database, given):
    with pytest.raises(NotFound):
        review(database, person=cast.east_manager)
    with pytest.raises(Forbidden):
        review(database, person=cast.order_desk)
    with pytest.raises(Conflict):
        review(database, cast.policy_in_force)


# Against every party and product, one by one

PATHS = [(region.parent.id, region.id) if region.parent else (region.id,) for region in cast.regions]


@pytest.mark.parametrize("seed", range(12))
def test_it_finds_what_pricing_every_product_for_everybody_finds(database, given, owner, seed):
    chance = Random(seed)
    given.a_policy(*some_rules(chance))
    draft = given.a_policy(*some_rules(chance), published_at=None)
    found = as_staff(
        database,
        cast.national_manager,
        lambda session, _: review_policy(session, policy_id=draft, at=cast.NOW, fall_share=Decimal("0.62")),
    )
    expected = one_by_one(owner, draft, Decimal("0.62"))
    shown = {
        (
            str(price.doubt.concern),
            price.sku,
            price.dealer_code or tier,
            price.doubt.before,
            price.doubt.after,
        )
        for price in found.shown
        for tier in price.tiers
    }
    assert shown <= expected
    assert found.more or shown == expected


def some_rules(chance: Random) -> list:
    made = {}
    for _ in range(chance.randint(1, 7)):
        party = chance.choice(
            [
                {},
                {"tier": chance.choice("SAB")},
                {"region": chance.choice(cast.regions)},
                {"tier": chance.choice("SAB"), "region": chance.choice(cast.regions)},
                {"dealer": chance.choice(cast.dealers)},
            ]
        )
        subject = chance.choice(
            [
                {},
                {"category": chance.choice(["A", "A02", "T", "T01"])},
                {"product": chance.choice([cast.gloves, cast.syringe])},
            ]
        )
        kind = chance.choice([percent_off, percent_off, net, amount_off])
        steps = sorted(chance.sample([10, 20, 30, 50, 70, 80, 90], chance.randint(1, 3)), reverse=kind is net)
        values = {
            [1, 10, 100][place]: str(step if kind is percent_off else Decimal(step) / 10)
            for place, step in enumerate(steps)
        }
        scope = {**party, **subject}
        made[str(sorted((name, str(value)) for name, value in scope.items()))] = kind(values, **scope)
    return list(made.values())


def one_by_one(owner, draft: int, share: Decimal) -> set[tuple]:
    rows = owner.execute(
        text(
            "SELECT r.*, y.published_at, r.policy_id = :draft AS own FROM price_rule r"
            " JOIN price_policy y ON y.id = r.policy_id"
            " WHERE y.published_at IS NOT NULL OR y.id = :draft"
        ),
        {"draft": draft},
    ).all()
    products = owner.execute(
        text(
            "SELECT p.id, p.sku, p.category_code, l.unit_price FROM product p"
            " JOIN list_price l ON l.product_id = p.id WHERE p.state = 'active'"
        )
    ).all()
    parties = [(None, None, tier, path) for tier in "SABC" for path in PATHS]
    parties += [
        (dealer.id, dealer.code, dealer.tier, (dealer.region.parent.id, dealer.region.id))
        for dealer in cast.dealers
    ]
    found = set()
    for dealer_id, code, tier, path in parties:
        for product in products:
            fitting = [row for row in rows if fits(row, dealer_id, tier, path, product)]
            before = rules.strongest([in_force(row) for row in fitting if not row.own], path)
            after = rules.strongest([in_force(row) for row in fitting], path)
            own = {row.id for row in fitting if row.own}
            if after is None or after.rule_id not in own or (dealer_id and after.dealer_id is None):
                continue
            doubt = rules.doubt(product.unit_price, as_ladder(before), as_ladder(after), share)
            if doubt:
                found.add((str(doubt.concern), product.sku, code or tier, doubt.before, doubt.after))
    return found


def fits(row, dealer_id, tier, path, product) -> bool:
    party = (
        row.dealer_id == dealer_id
        if row.dealer_id
        else row.tier in (None, tier) and (row.region_id is None or row.region_id in path)
    )
    return (
        party
        and row.product_id in (None, product.id)
        and product.category_code.startswith(row.category_code or "")
    )


def in_force(row) -> RuleInForce:
    published_at = row.published_at or cast.NOW + timedelta(days=1)
    return RuleInForce(
        row.id,
        "",
        1,
        published_at,
        None,
        row.dealer_id,
        row.region_id,
        row.tier,
        row.product_id,
        row.category_code,
        row.kind,
        tuple(row.min_quantities),
        tuple(row._mapping["values"]),
    )


def as_ladder(rule: RuleInForce | None) -> Ladder | None:
    return rule and Ladder(rule.kind, rule.min_quantities, rule.values)
