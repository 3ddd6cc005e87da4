"""Policies are drafted, changed by one manager at a time, published once, and never changed again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.dealers.queries import load_dealer
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.pricing.change_prices import PriceInput, change_prices
from portal.pricing.draft_version import draft_version
from portal.pricing.drafts import add_rule, edit_policy, remove_rule
from portal.pricing.policies import changes, policies, policy_rules
from portal.pricing.policy_head import PolicyHead
from portal.pricing.queries import offers
from portal.pricing.rule_input import RuleInput
from tests import cast
from tests.builders import net, percent_off
from tests.orders.test_place_order import place
from tests.pricing.acts import as_staff, publish, review


def shown_to(database, person, product, at=None) -> Decimal:
    with transaction(database.dealer_session(person.actor())) as session:
        dealer = load_dealer(session, person.dealer_id, day=cast.TODAY)
        offer = offers(
            session,
            dealer=dealer,
            skus=[product.sku],
            at=at or cast.NOW + timedelta(hours=1),
            today=cast.TODAY,
        )[product.sku]
        return offer.price(1, dealer).unit_price


def tier_rule(database, tier: str) -> int:
    rows = as_staff(
        database,
        cast.national_manager,
        lambda session, _: policy_rules(session, policy_id=cast.policy_draft, at=cast.NOW),
    )
    return next(row.id for row in rows if row.tier == tier)


def a_quarter_off(database, tier="S", person=cast.national_manager, revision=1, value: object = "25") -> int:
    price = PriceInput(tier_rule(database, tier), "percent_off", [("1", value)])
    as_staff(
        database,
        person,
        lambda session, actor: change_prices(
            session, actor=actor, policy_id=cast.policy_draft, revision=revision, inputs=[price]
        ),
    )
    return revision + 1


def test_a_published_price_is_what_the_next_page_shows_and_past_orders_keep_theirs(database, owner):
    before = shown_to(database, cast.huadong.buyer, cast.gloves)
    number = place(database, cast.huadong.buyer, (cast.gloves, 1)).number
    publish(database, revision=a_quarter_off(database))
    assert (before, shown_to(database, cast.huadong.buyer, cast.gloves)) == (
        Decimal("20.00"),
        Decimal("18.75"),
    )
    kept = owner.execute(
        text(
            "SELECT l.unit_price FROM order_line l JOIN sales_order o ON o.id = l.order_id"
            " WHERE o.number = :n"
        ),
        {"n": number},
    ).scalar_one()
    assert kept == before


def test_a_draft_changes_nothing_for_anybody(database):
    a_quarter_off(database)
    assert shown_to(database, cast.huadong.buyer, cast.gloves) == Decimal("20.00")


def test_the_past_answers_as_it_did(database):
    publish(database, revision=a_quarter_off(database))
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=cast.NOW - timedelta(days=1)) == Decimal(
        "20.00"
    )


def test_another_tier_keeps_its_price_but_for_the_change_meant_for_it(database):
    publish(database, revision=a_quarter_off(database, tier="S"))
    assert shown_to(database, cast.yuegang.buyer, cast.gloves) == Decimal(
        "22.25"
    )  # draft: B 11 % instead of 10 %


def test_two_managers_do_not_overwrite_each_other(database):
    a_quarter_off(database, revision=1)
    with pytest.raises(Conflict) as refusal:
        a_quarter_off(database, tier="A", revision=1)
    assert refusal.value.code == "edited_meanwhile"


def test_a_policy_is_published_once(database):
    publish(database)
    with pytest.raises(Conflict):
        publish(database)


def test_a_published_version_never_changes_not_even_by_sql(database, owner):
    publish(database)
    with pytest.raises(DBAPIError):
        owner.execute(
            text("UPDATE price_rule SET values = '{99}' WHERE policy_id = :id"), {"id": cast.policy_draft}
        )
    with pytest.raises(DBAPIError):
        owner.execute(
            text("UPDATE price_policy SET title_en = 'x' WHERE id = :id"), {"id": cast.policy_draft}
        )


def test_the_next_version_starts_as_a_copy_and_shows_what_changed(database):
    publish(database)
    draft = as_staff(
        database,
        cast.national_manager,
        lambda session, actor: (
            draft_version(session, actor=actor, policy_id=cast.policy_draft, at=cast.NOW).id
        ),
    )
    assert as_staff(database, cast.national_manager, lambda s, _: changes(s, draft)) == {
        "added": 0,
        "changed": 0,
        "removed": 0,
    }


@pytest.mark.parametrize(
    ("kind", "values"), [("net", "{0.00}"), ("percent_off", "{100.00}"), ("net", "{9.00,0.00}")]
)
def test_a_policy_from_before_with_a_rule_that_leaves_no_price_has_a_next_version_without_it(
    database, owner, given, kind, values
):
    current = given.a_policy(net("5.00", product=cast.gloves), percent_off(10))
    as_it_was = owner.execute(
        text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_price_rule_values'")
    ).scalar_one()
    for statement in (  # a release before the constraint could publish it
        "ALTER TABLE price_rule DISABLE TRIGGER USER",
        "ALTER TABLE price_rule DROP CONSTRAINT ck_price_rule_values",
        'INSERT INTO price_rule (policy_id, tier, kind, min_quantities, "values")'
        f" VALUES ({current}, 'S', '{kind}', '{'{1,10}' if ',' in values else '{1}'}', '{values}')",
        f"ALTER TABLE price_rule ADD CONSTRAINT ck_price_rule_values {as_it_was} NOT VALID",
        "ALTER TABLE price_rule ENABLE TRIGGER USER",
    ):
        owner.execute(text(statement))
    drafted = as_staff(
        database,
        cast.national_manager,
        lambda session, actor: draft_version(session, actor=actor, policy_id=current, at=cast.NOW),
    )
    assert drafted.left_out == 1
    assert (
        owner.execute(
            text("SELECT count(*) FROM price_rule WHERE policy_id = :id"), {"id": drafted.id}
        ).scalar_one()
        == 2
    )


def test_only_one_draft_of_a_policy(database):
    with pytest.raises(Conflict) as refusal:
        as_staff(
            database,
            cast.national_manager,
            lambda session, actor: draft_version(
                session, actor=actor, policy_id=cast.policy_in_force, at=cast.NOW
            ),
        )
    assert refusal.value.code == "draft_exists"


def test_a_region_manager_sees_the_nations_policy_but_does_not_touch_it(database):
    rows = as_staff(
        database, cast.east_manager, lambda session, actor: policies(session, actor=actor, at=cast.NOW)
    )
    assert [row.editable for row in rows] == [False, False]
    with pytest.raises(NotFound):
        a_quarter_off(database, person=cast.east_manager)


def test_only_a_channel_manager_writes_prices(database):
    with pytest.raises(Forbidden):
        a_quarter_off(database, person=cast.order_desk)


NOT_A_PERCENTAGE = ["abc", 0.5, "1e1", "3,5", "5²"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("101", "percent_range"),
        ("100", "percent_range"),
        ("100.00", "percent_range"),
        ("-1", "negative_value"),
        *((value, "not_a_percentage") for value in NOT_A_PERCENTAGE),
    ],
)
def test_a_value_nobody_could_mean_is_refused_beside_its_field(database, value, code):
    with pytest.raises(Invalid) as refusal:
        a_quarter_off(database, value=value)
    assert code in {fault.code for fault in refusal.value.faults}


def test_two_rules_for_the_same_are_refused_beside_the_field(database):
    rule = RuleInput(kind="net", tier="S", breaks=[("1", "5")])
    with pytest.raises(Invalid) as refusal:
        as_staff(
            database,
            cast.national_manager,
            lambda session, actor: add_rule(
                session, actor=actor, policy_id=cast.policy_draft, revision=1, rule=rule
            ),
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/tier", "rule_exists")]


@pytest.mark.parametrize(
    "change", ["kind = 'net', \"values\" = '{0}'", "\"values\" = '{100}'", "\"values\" = '{-1}'"]
)
def test_a_rule_that_leaves_no_price_is_refused_by_the_database_too(owner, change):
    with pytest.raises(DBAPIError, match="ck_price_rule_values"):
        owner.execute(
            text(f"UPDATE price_rule SET {change} WHERE policy_id = :id"), {"id": cast.policy_draft}
        )


def test_a_policy_without_rules_is_not_published(database):
    revision = 1
    for tier in cast.PERCENT_OFF:
        rule = tier_rule(database, tier)
        revision = as_staff(
            database,
            cast.national_manager,
            lambda s, a, rule=rule, revision=revision: remove_rule(
                s, actor=a, policy_id=cast.policy_draft, revision=revision, rule_id=rule
            ),
        )
    with pytest.raises(Invalid) as refusal:
        publish(database, revision=revision)
    assert refusal.value.code == "no_rules"


def test_a_region_manager_takes_the_regions_policy_from_draft_to_publication(database, owner, given):
    current = given.a_policy(percent_off(10, region=cast.shanghai), region=cast.east)
    draft = as_staff(
        database,
        cast.east_manager,
        lambda session, actor: draft_version(session, actor=actor, policy_id=current, at=cast.NOW).id,
    )
    head = PolicyHead("华东价格", "East prices", "", cast.NOW)
    rule = RuleInput(kind="percent_off", region=cast.jiangsu.code, breaks=[("1", "30")])
    as_staff(
        database,
        cast.east_manager,
        lambda session, actor: edit_policy(session, actor=actor, policy_id=draft, revision=1, head=head),
    )
    as_staff(
        database,
        cast.east_manager,
        lambda session, actor: add_rule(session, actor=actor, policy_id=draft, revision=2, rule=rule),
    )
    publish(
        database,
        cast.east_manager,
        3,
        policy=draft,
        confirmed=review(database, draft, cast.east_manager).fingerprint,
    )
    acts = (
        owner.execute(
            text("SELECT action FROM audit_event WHERE subject = :id ORDER BY id"), {"id": str(draft)}
        )
        .scalars()
        .all()
    )
    assert acts == [
        "policy:drafted",
        "policy:edited",
        "policy:edited",
        "policy:submitted",
        "policy:approved",
        "policy:published",
    ]


@pytest.mark.parametrize("person", [cast.east_manager, cast.national_manager], ids=["regional", "national"])
def test_the_rules_of_a_regions_policy_stay_within_the_region(database, given, person):
    policy = given.a_policy(percent_off(10, region=cast.shanghai), region=cast.east, published_at=None)

    def refused(**scope) -> dict[str, str]:
        rule = RuleInput(kind="percent_off", breaks=[("1", "30")], **scope)
        with pytest.raises(Invalid) as refusal:
            as_staff(
                database,
                person,
                lambda session, actor: add_rule(
                    session, actor=actor, policy_id=policy, revision=1, rule=rule
                ),
            )
        return {fault.pointer: fault.code for fault in refusal.value.faults}

    assert refused() == {"/region": "outside_region"}
    assert refused(region=cast.guangdong.code, tier="A") == {"/region": "outside_region"}
    southern = refused(dealer=cast.yuegang.code)
    assert southern in (
        {"/dealer": "outside_region"},
        {"/dealer": "unknown_dealer", "/region": "outside_region"},
    )
    rule = RuleInput(kind="net", breaks=[("1", "3.00")], dealer=cast.huadong.code, sku=cast.gloves.sku)
    as_staff(
        database,
        person,
        lambda session, actor: add_rule(session, actor=actor, policy_id=policy, revision=1, rule=rule),
    )
