"""What happens in the same instant after an order was placed: real connections, released together by a
barrier.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict
from portal.orders.cancel_order import Cancelled
from portal.shipping.pick_order import Picked
from portal.shipping.retire_expired_lots import Retired
from portal.shipping.ship import Shipped
from tests import cast
from tests.builders import a_lot
from tests.races import failures, together
from tests.shipping.acts import (
    account,
    audited,
    cancelled,
    differences,
    level,
    lots,
    passed,
    picked,
    put_back,
    received,
    retired,
    shipped,
    status,
)

AGAIN = range(3)
TOMORROW = cast.TODAY + timedelta(days=1)


@pytest.fixture
def planned_as_when_large(owner, database_name):
    """Join row by row through indexes, as PostgreSQL does with large tables: rows are then touched in the
    order they are named.
    """
    for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
        owner.execute(text(f'ALTER DATABASE "{database_name}" SET enable_{way} = off'))


def of(kind: type, outcomes: list) -> list:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]


@pytest.mark.parametrize("run", AGAIN)
def test_two_picks_of_one_order_make_one_parcel(given, database, owner, run):
    order = given.an_order({cast.gauze: 50})
    outcomes = together(4, lambda _: picked(database, order.number))
    assert len(of(Picked, outcomes)) == 1
    assert [error.code for error in failures(outcomes)] == ["already_picking"] * 3
    assert owner.execute(text("SELECT count(*) FROM shipment")).scalar_one() == 1
    assert differences(database) == []


@pytest.mark.parametrize("run", AGAIN)
def test_the_last_unit_of_a_lot_goes_into_one_parcel(given, database, owner, run):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("LAST", 1), a_lot("NEXT", 1, expires_on=None))
    numbers = [given.an_order({product: 1}).number for _ in range(2)]
    outcomes = together(2, lambda place: picked(database, numbers[place]))
    assert len(of(Picked, outcomes)) == 2
    assert lots(owner, product) == {"LAST": (1, 1, "saleable"), "NEXT": (1, 1, "saleable")}


@pytest.mark.parametrize("run", AGAIN)
def test_a_unit_that_only_one_of_two_orders_can_have_is_allocated_once(given, database, owner, run):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("GOOD", 1), a_lot("NEAR", 1, expires_on=TOMORROW))
    numbers = [given.an_order({product: 1}).number for _ in range(2)]
    outcomes = together(2, lambda place: picked(database, numbers[place]))
    assert len(of(Picked, outcomes)) == 1
    [refusal] = failures(outcomes)
    assert [fault.code for fault in refusal.faults] == ["lots_short"]
    assert lots(owner, product)["GOOD"] == (1, 1, "saleable")


@pytest.mark.parametrize("run", range(6))
def test_of_a_cancellation_and_a_pick_exactly_one_wins(given, database, owner, run):
    order = given.an_order({cast.gauze: 50})
    acts = [lambda: cancelled(database, order.number), lambda: picked(database, order.number)]
    outcomes = together(2, lambda place: acts[place]())
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict)
    if of(Cancelled, outcomes):
        assert lost.code == "already_cancelled"
        assert (level(owner, cast.gauze), account(owner)) == ((100, 0), ("0.00", "0.00"))
    else:
        assert lost.code == "already_picking"
        assert (level(owner, cast.gauze), account(owner)) == ((100, 50), ("0.00", order.answer["total"]))
    assert differences(database) == []


@pytest.mark.parametrize("run", AGAIN)
def test_a_parcel_shipped_from_two_tabs_leaves_once(given, database, owner, run):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    passed(database, number)
    outcomes = together(4, lambda _: shipped(database, number, review=False))
    assert len(of(Shipped, outcomes)) == 1
    assert [error.code for error in failures(outcomes)] == ["already_shipped"] * 3
    assert (level(owner, cast.gauze), account(owner)) == ((50, 0), (order.answer["total"], "0.00"))
    assert owner.execute(text("SELECT count(*) FROM invoice")).scalar_one() == 1
    assert differences(database) == []


@pytest.mark.parametrize("run", AGAIN)
def test_a_parcel_is_either_put_back_or_shipped(given, database, owner, run):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    acts = [lambda: put_back(database, order.number), lambda: shipped(database, number)]
    outcomes = together(2, lambda place: acts[place]())
    assert len(failures(outcomes)) == 1
    assert status(owner, order.number) in ("confirmed", "shipped")
    assert differences(database) == []


@pytest.mark.parametrize("run", AGAIN)
def test_a_receipt_confirmed_twice_at_once_is_one_receipt(given, database, owner, run):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    outcomes = together(4, lambda _: received(database, number))
    assert not failures(outcomes)
    assert sorted(outcome.repeated for outcome in outcomes) == [False, True, True, True]
    assert audited(owner, number).count("shipment:received") == 1


@pytest.mark.usefixtures("planned_as_when_large")
def test_orders_sharing_their_lots_crosswise_are_picked_and_shipped_without_a_deadlock(
    given, database, owner
):
    products = [given.a_product() for _ in range(6)]
    for product in products:
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 50, expires_on=None), a_lot("B", 50))
    baskets = [dict.fromkeys(products, 1), dict.fromkeys(reversed(products), 1)]
    dealers = [given.a_dealer() for _ in range(4)]
    numbers = [
        [given.an_order(baskets[place % 2], by=dealer.buyer).number for _ in range(6)]
        for place, dealer in enumerate(dealers)
    ]

    def carry(place: int) -> None:
        for number in numbers[place]:
            shipped(database, picked(database, number).shipment_number)

    assert not failures(together(4, carry))
    assert {level(owner, product) for product in products} == {(76, 0)}
    assert differences(database) == []


@pytest.mark.usefixtures("planned_as_when_large")
def test_orders_sharing_their_products_crosswise_are_cancelled_without_a_deadlock(given, database, owner):
    products = [given.a_product() for _ in range(6)]
    for product in products:
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
    baskets = [dict.fromkeys(products, 1), dict.fromkeys(reversed(products), 1)]
    dealers = [given.a_dealer() for _ in range(4)]  # orders of one dealer would wait for its account
    numbers = [
        [given.an_order(baskets[place % 2], by=dealer.buyer).number for _ in range(8)]
        for place, dealer in enumerate(dealers)
    ]
    outcomes = together(
        4, lambda place: [cancelled(database, number, by=cast.order_desk) for number in numbers[place]]
    )
    assert not failures(outcomes)
    assert {level(owner, product) for product in products} == {(100, 0)}
    assert differences(database) == []


@pytest.mark.parametrize("run", AGAIN)
def test_the_nightly_retirement_races_picks_ships_and_cancellations_without_a_lost_unit(
    given, database, owner, run
):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 20, expires_on=TOMORROW), a_lot("NEW", 20))
    numbers = [given.an_order({product: 5}).number for _ in range(6)]
    waiting = picked(database, numbers[0], margin_days=0).shipment_number

    def act(place: int):
        if place == 0:
            return shipped(database, waiting, margin_days=0)
        if place == 1:
            return retired(database)
        if place in (2, 3):
            return picked(database, numbers[place], margin_days=0)
        if place == 4:
            return cancelled(database, numbers[place])
        return given.an_order({product: 5})

    outcomes = together(6, act)
    assert len(of(Retired, outcomes)) == 1
    assert {error.code for error in failures(outcomes)} <= {
        "not_found",
        "stock_short",
        "order_refused",
        "already_cancelled",
        "on_hold",
        "pick_refused",
        "unavailable",
    }
    assert "unavailable" not in {error.code for error in failures(outcomes)}, "a deadlock"
    retired(database)
    assert differences(database) == []
    on_hand, reserved = level(owner, product)
    assert 0 <= reserved <= on_hand
