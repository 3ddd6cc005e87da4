"""A publication judges again exactly when something has changed since the review at submission.

Whatever the change is, and also when it comes in the same instant.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, DomainError, Invalid
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review_basis import review_basis
from portal.pricing.set_floor import set_floor
from tests import cast
from tests.builders import net, percent_off
from tests.orders.test_place_order import place
from tests.pricing.acts import FALL_SHARE, approve, as_staff, publish, submit, withdraw
from tests.races import failures, together, until_somebody_waits_at_a_gate

JUDGES = "fitting AS MATERIALIZED"
LATER = cast.NOW + timedelta(days=2)


def approved(database, given, *rules, **said) -> int:
    draft = given.a_policy(*rules, published_at=None, **said)
    approve(database, revision=submit(database, policy=draft), policy=draft)
    return draft


def floor(database, price: str, product=cast.gloves, starts=None):
    return as_staff(
        database,
        cast.national_manager,
        lambda session, actor: set_floor(
            session, actor=actor, sku=product.sku, floor=Decimal(price), starts=starts
        ),
    )


def list_price(owner, price: str, since=cast.NOW, product=cast.gloves) -> None:
    statement = "INSERT INTO list_price (product_id, valid_from, unit_price) VALUES (:id, :at, :price)"
    owner.execute(text(statement), {"id": product.id, "at": since, "price": Decimal(price)})


def judged(counted) -> int:
    return sum(JUDGES in statement for statement in counted.work)


def test_what_nothing_has_changed_for_is_judged_once(database, given, count_statements):
    draft = given.a_policy(net("18.00", tier="S", product=cast.gloves), published_at=None)
    with count_statements() as counted:
        publish(database, policy=draft)
    assert judged(counted) == 1


def test_what_was_risky_is_judged_again_and_confirmed(database, given, count_statements):
    draft = approved(database, given, net("9.00", tier="S", product=cast.gloves))
    with count_statements() as counted, pytest.raises(Conflict) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "risky_prices" and judged(counted) == 1


def test_a_floor_raised_after_the_approval_is_caught(database, given):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    floor(database, "18.01")
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "below_floor"
    floor(database, "18.00")
    publish(database, policy=draft)


def test_a_floor_to_come_is_caught_when_the_start_is_moved_behind_it(database, given):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    floor(database, "19.00", starts=LATER)
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft, starts=LATER + timedelta(minutes=1))
    assert refusal.value.code == "below_floor"
    publish(database, policy=draft, starts=LATER - timedelta(minutes=1))


def test_a_contract_published_meanwhile_is_caught(database, given):
    about = {"contract_of": cast.huadong}
    draft = approved(database, given, net("18.00", dealer=cast.huadong, product=cast.gloves), **about)
    given.a_policy(net("18.00", dealer=cast.huadong, product=cast.gloves), **about)
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "two_contracts"


def dearer_list(database, given, owner):
    list_price(owner, "40.00", cast.NOW - timedelta(hours=1))


def dearer_policy(database, given, owner):
    given.a_policy(net("27.00", tier="S", product=cast.gloves))


@pytest.mark.parametrize("change", [dearer_list, dearer_policy])
def test_a_price_that_has_become_risky_is_caught(database, given, owner, change):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    change(database, given, owner)
    with pytest.raises(Conflict) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "risky_prices"


def test_a_product_put_on_sale_meanwhile_is_caught(database, given, owner):
    other = given.a_product(price="100.00", state="withdrawn")
    draft = approved(database, given, net("30.00", tier="S", product=other))
    owner.execute(text("UPDATE product SET state = 'active' WHERE id = :id"), {"id": other.id})
    with pytest.raises(Conflict) as refusal:
        publish(database, policy=draft)
    assert refusal.value.code == "risky_prices"


# The basis itself


def basis(database, draft: int, **about) -> str:
    about = {"at": cast.NOW, "fall_share": FALL_SHARE} | about
    return as_staff(
        database,
        about.pop("person", cast.national_manager),
        lambda session, _: review_basis(session, policy_id=draft, **about),
    )


OWNERS = {
    "a floor": "INSERT INTO floor_price VALUES (201, now() - interval '1 day', 1, 'x', 'x')",
    "a list price": "INSERT INTO list_price VALUES (201, now() - interval '1 day', 77)",
    "a tax rate": "INSERT INTO tax_rate (category, valid_from, rate)"
    " SELECT category, current_date - 1, 0.01 FROM tax_rate LIMIT 1",
    "a product's state": "UPDATE product SET state = 'withdrawn' WHERE sku = 'GLOVES'",
    "a product's category": "UPDATE product SET category_code ="
    " (SELECT c.code FROM category c WHERE c.code <> category_code LIMIT 1) WHERE sku = 'GLOVES'",
    "a tier": "INSERT INTO tier SELECT * FROM jsonb_populate_record((SELECT t FROM tier t LIMIT 1),"
    ' \'{"code": "X", "rank": 9}\')',
    "its dealer's tier": "UPDATE dealer_tier SET tier = 'C' WHERE dealer_id = 101",
    "its dealer's region": "UPDATE dealer_region SET region_id ="
    " (SELECT region_id FROM dealer_region WHERE dealer_id = 102) WHERE dealer_id = 101",
}


@pytest.mark.parametrize("change", OWNERS)
def test_everything_that_a_review_reads_makes_another_basis(database, given, owner, change):
    draft = given.a_policy(net("18.00", dealer=cast.huadong, product=cast.gloves), published_at=None)
    before = basis(database, draft)
    assert owner.execute(text(OWNERS[change].replace("201", str(cast.gloves.id)))).rowcount
    assert basis(database, draft) != before


def test_publications_withdrawals_and_another_limit_make_another_basis(database, given):
    draft = given.a_policy(net("18.00", tier="S", product=cast.gloves), published_at=None)
    seen = [basis(database, draft), basis(database, draft, fall_share=Decimal("0.31"))]
    other = given.a_policy(percent_off(2, tier="A", category="T"), published_at=None)
    publish(database, policy=other)
    seen.append(basis(database, draft))
    withdraw(database, policy=other)
    seen.append(basis(database, draft, at=cast.NOW))
    assert len(set(seen)) == len(seen)


def test_what_ends_or_begins_before_another_start_makes_another_basis(database, given, owner):
    given.a_policy(percent_off(2, tier="A", category="T"), valid_to=cast.NOW + timedelta(days=1))
    list_price(owner, "26.00", cast.NOW + timedelta(days=3))
    draft = given.a_policy(net("18.00", tier="S", product=cast.gloves), published_at=None)
    starts = [None, cast.NOW + timedelta(days=2), cast.NOW + timedelta(days=4)]
    assert len({basis(database, draft, starts=start) for start in starts}) == 3


def test_the_same_facts_are_the_same_basis(database, given, owner):
    draft = given.a_policy(net("18.00", dealer=cast.huadong, product=cast.gloves), published_at=None)
    before = basis(database, draft)
    given.a_policy(net("1.00", tier="S", product=cast.gloves), published_at=None)
    list_price(owner, "26.00", cast.NOW + timedelta(days=3))
    given.tier_of(cast.yuegang, "C", since=cast.NOW.date())
    assert basis(database, draft, fall_share=Decimal("0.3000")) == before


# In the same instant


def test_a_floor_and_a_publication_at_once_leave_no_price_below_it(database, given):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    outcomes = together(2, lambda i: publish(database, policy=draft) if i else floor(database, "19.00"))
    since, published = outcomes
    assert not isinstance(since, Exception)
    if isinstance(published, Exception):
        assert isinstance(published, Invalid) and published.code == "below_floor"
    else:
        assert published < since
    assert [type(one) for one in failures(outcomes)] in ([], [Invalid])


@pytest.mark.parametrize("raised", ["19.00", "18.00"])
def test_a_floor_set_while_a_publication_waits_is_judged(database, given, owner, raised):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    manager = cast.national_manager.actor()
    with database.staff_session(manager) as session, ThreadPoolExecutor(1) as elsewhere:
        set_floor(session, actor=manager, sku="GLOVES", floor=Decimal(raised))
        waiting = elsewhere.submit(publish, database, policy=draft)
        until_somebody_waits_at_a_gate(owner)
        session.commit()
        if raised == "18.00":
            waiting.result()
        else:
            with pytest.raises(DomainError) as refusal:
                waiting.result()
            assert refusal.value.code == "below_floor"


def test_a_floor_waits_for_a_publication_and_begins_after_it(database, given, owner):
    draft = approved(database, given, net("18.00", tier="S", product=cast.gloves))
    manager = cast.national_manager.actor()
    with database.staff_session(manager) as session, ThreadPoolExecutor(1) as elsewhere:
        published = publish_policy(session, actor=manager, policy_id=draft, revision=3, fall_share=FALL_SHARE)
        waiting = elsewhere.submit(floor, database, "19.00")
        until_somebody_waits_at_a_gate(owner)
        session.commit()
        assert waiting.result() > published


def test_orders_at_the_second_of_a_floor_are_lifted_wholly_or_not_at_all(database, given, owner):
    """By the moment of each: an order after the floor costs the floor, so it can be replayed."""
    given.a_policy(net("18.00", tier="S", product=cast.gloves), below_floor="clamp")
    outcomes = together(
        9,
        lambda i: (
            floor(database, "19.00") if i == 4 else place(database, cast.huadong.buyer, (cast.gloves, 1))
        ),
    )
    assert not failures(outcomes)
    rows = owner.execute(
        text("SELECT o.placed_at, l.unit_price FROM sales_order o JOIN order_line l ON l.order_id = o.id")
    ).all()
    assert len(rows) == 8
    for row in rows:
        assert str(row.unit_price) == ("19.00" if row.placed_at >= outcomes[4] else "18.00")
