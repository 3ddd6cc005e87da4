"""What happens in the same instant: real connections, released together by a barrier."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid
from portal.orders.answer import Idempotency, Placed
from portal.pricing.publish_policy import publish_policy
from tests import cast
from tests.orders.test_place_order import level, place
from tests.pricing.acts import FALL_SHARE
from tests.races import failures, together

BUYERS = (cast.huadong.buyer, cast.suzhou.buyer)


def placed(outcomes) -> list[Placed]:
    return [outcome for outcome in outcomes if isinstance(outcome, Placed)]


def test_the_last_unit_wanted_by_two_goes_to_one(database, owner):
    outcomes = together(2, lambda i: place(database, BUYERS[i], (cast.last_suture, 1)))
    assert len(placed(outcomes)) == 1
    assert type(failures(outcomes)[0]) in (Conflict, Invalid)
    assert level(owner, cast.shanghai_warehouse, cast.last_suture) == (1, 1)


def test_eight_buyers_take_exactly_what_there_is(database, owner):
    outcomes = together(8, lambda i: [attempt(database, BUYERS[i % 2]) for _ in range(20)])
    accepted = sum(sum(tries) for tries in outcomes)
    assert accepted == 100  # 30 + 70 gauze in Shanghai, asked for 160 times
    assert level(owner, cast.shanghai_warehouse, cast.gauze) == (100, 100)
    booked = owner.execute(
        text("SELECT sum(reserved_delta) FROM stock_movement WHERE kind = 'reservation'")
    ).scalar_one()
    assert booked == 100


def attempt(database, person) -> bool:
    try:
        place(database, person, (cast.gauze, 1))
    except (Conflict, Invalid):
        return False
    return True


def test_orders_of_the_same_products_in_opposite_order_never_deadlock(database, owner):
    first, second = [(cast.gloves, 1), (cast.syringe, 10)], [(cast.syringe, 10), (cast.gloves, 1)]
    outcomes = together(
        8, lambda i: [place(database, BUYERS[i % 2], *(first if i % 2 else second)) for _ in range(5)]
    )
    assert not failures(outcomes)
    assert level(owner, cast.shanghai_warehouse, cast.gloves)[1] == 40


@pytest.mark.parametrize("run", range(3))
def test_a_double_click_is_one_order(database, owner, run):
    key = Idempotency(f"click-{run}", "same body")
    outcomes = together(4, lambda _: place(database, cast.huadong.buyer, (cast.gloves, 1), key=key))
    assert not failures(outcomes)
    assert len({outcome.number for outcome in outcomes}) == 1
    assert sorted(outcome.replayed for outcome in outcomes) == [False, True, True, True]
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 1


def test_the_same_credit_is_not_spent_twice(database, owner):
    owner.execute(
        text("UPDATE dealer_account SET credit_limit = 30 WHERE dealer_id = :d"), {"d": cast.huadong.id}
    )
    outcomes = together(4, lambda _: place(database, cast.huadong.buyer, (cast.gloves, 1)))  # 20.00 each
    statuses = sorted(outcome.answer["status"] for outcome in outcomes)
    assert statuses == ["confirmed", "on_hold", "on_hold", "on_hold"]


def test_an_order_is_priced_wholly_before_or_wholly_after_a_publication(database, owner, given):
    given.is_approved(cast.policy_draft)
    outcomes = together(
        9,
        lambda i: (
            publish(database)
            if i == 4
            else place(database, BUYERS[i % 2], (cast.gloves, 1), (cast.syringe, 10))
        ),
    )
    assert not failures(outcomes)
    published = owner.execute(
        text("SELECT published_at FROM price_policy WHERE id = :id"), {"id": cast.policy_draft}
    ).scalar_one()
    rows = owner.execute(
        text(
            "SELECT o.placed_at, array_agg(DISTINCT (l.receipt -> 1 ->> 'version')::int) AS versions"
            " FROM sales_order o JOIN order_line l ON l.order_id = o.id GROUP BY o.id, o.placed_at"
        )
    ).all()
    assert len(rows) == 8
    for row in rows:
        assert row.versions == ([2] if row.placed_at >= published else [1])


def publish(database) -> Decimal:
    manager = cast.national_manager.actor()
    with transaction(database.staff_session(manager)) as session:
        return publish_policy(
            session, actor=manager, policy_id=cast.policy_draft, revision=1, fall_share=FALL_SHARE
        )
