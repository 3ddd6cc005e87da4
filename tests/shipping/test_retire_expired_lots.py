"""The nightly job: expired lots leave the sale, and nothing stays promised that is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.shipping.acts import (
    account,
    audited,
    cancelled,
    differences,
    level,
    lots,
    parcel,
    picked,
    received,
    released,
    retired,
    shipped,
    status,
)

TOMORROW = cast.TODAY + timedelta(days=1)
LATER = cast.TODAY + timedelta(days=2)


@pytest.fixture
def product(given):
    """Nobody has it in stock yet."""
    return given.a_product()


def line(owner, number: str) -> tuple[int, int, int]:
    found = owner.execute(
        text(
            "SELECT quantity, reserved, shipped FROM order_line l JOIN sales_order o ON o.id = l.order_id"
            " WHERE o.number = :n"
        ),
        {"n": number},
    ).one()
    return tuple(found)


def test_a_lot_at_its_margin_leaves_the_sale_and_the_next_day_does_not(given, database, owner, product):
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("OLD", 5, expires_on=TOMORROW),
        a_lot("NEW", 7, expires_on=LATER),
    )
    done = retired(database)
    assert (done.lots, done.units) == (1, 5)
    assert lots(owner, product) == {"OLD": (0, 0, "expired"), "NEW": (7, 0, "saleable")}
    assert level(owner, product) == (7, 0)


def test_the_margin_is_a_setting(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    assert retired(database, margin_days=0).lots == 0
    assert retired(database, margin_days=1).lots == 1


def test_every_lot_that_leaves_has_a_movement_and_an_audit_event(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    retired(database)
    moved = owner.execute(
        text(
            "SELECT on_hand_delta, quarantined_delta, reserved_delta, dealer_id FROM stock_movement"
            " WHERE product_id = :p AND kind = 'expiry'"
        ),
        {"p": product.id},
    ).all()
    assert [tuple(row) for row in moved] == [(-5, 5, 0, None)]
    assert audited(owner, f"{product.sku}/OLD") == ["lot:expired"]
    assert differences(database) == []


def test_to_run_it_again_changes_nothing(given, database, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    retired(database)
    again = retired(database)
    assert (again.lots, again.units, again.orders_held) == (0, 0, ())


def test_an_empty_lot_is_expired_too_so_that_a_return_to_it_is_not_sold(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 0, expires_on=TOMORROW))
    retired(database)
    assert lots(owner, product) == {"OLD": (0, 0, "expired")}
    assert audited(owner, f"{product.sku}/OLD") == []


def test_reservations_that_still_fit_are_left_alone(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW), a_lot("NEW", 5))
    order = given.an_order({product: 5})
    assert retired(database).orders_held == ()
    assert (line(owner, order.number), status(owner, order.number)) == ((5, 5, 0), "confirmed")


def test_the_latest_orders_give_way_and_are_held(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW), a_lot("NEW", 5))
    first, second, third = (given.an_order({product: 3}) for _ in range(3))
    done = retired(database)
    assert set(done.orders_held) == {second.number, third.number}
    assert [line(owner, order.number)[1] for order in (first, second, third)] == [3, 2, 0]
    assert [status(owner, order.number) for order in (first, second, third)] == [
        "confirmed",
        "on_hold",
        "on_hold",
    ]
    assert level(owner, product) == (5, 5)
    assert audited(owner, third.number) == ["order:placed", "order:held"]
    assert differences(database) == []
    assert broken_promises(owner) == {}


def test_a_held_order_keeps_its_exposure_until_it_is_cancelled(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    order = given.an_order({product: 5})
    retired(database)
    assert account(owner) == ("0.00", order.answer["total"])
    assert cancelled(database, order.number).units == 5
    assert account(owner) == ("0.00", "0.00")
    assert differences(database) == []


def test_an_order_that_is_held_already_gets_the_second_hold_once(given, database, owner, product):
    given.credit_limit_of(cast.huadong, "1.00")
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("OLD", 2, expires_on=TOMORROW),
        a_lot("NEXT", 3, expires_on=LATER),
    )
    given.an_order({product: 5})
    retired(database)
    retired(database, today=TOMORROW)
    assert owner.execute(text("SELECT holds FROM sales_order")).scalar_one() == ["credit", "stock"]


def test_a_parcel_with_a_due_lot_is_put_back_and_can_be_picked_anew(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW), a_lot("NEW", 9))
    order = given.an_order({product: 5, cast.gauze: 3})
    number = picked(database, order.number, margin_days=0).shipment_number
    done = retired(database)
    assert done.parcels_put_back == (number,)
    assert (status(owner, order.number), parcel(owner, number)) == ("confirmed", [])
    assert lots(owner, cast.gauze)["GZ-SHORT"] == (30, 0, "saleable")
    assert audited(owner, number) == ["shipment:picked", "shipment:unpicked"]
    assert differences(database) == []
    assert parcel(owner, picked(database, order.number).shipment_number)[0] == (1, "NEW", 5)


def test_a_parcel_put_back_may_lose_its_reservation_as_well(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW), a_lot("NEW", 1))
    order = given.an_order({product: 5})
    picked(database, order.number, margin_days=0)
    assert retired(database).orders_held == (order.number,)
    assert (line(owner, order.number), status(owner, order.number)) == ((5, 1, 0), "on_hold")
    assert differences(database) == []


def test_an_order_whose_good_parcel_waits_keeps_its_units_and_a_later_or_earlier_one_gives_way(
    given, database, owner, product
):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW), a_lot("NEW", 5))
    waiting = given.an_order({product: 5})
    in_work = given.an_order({product: 5})
    number = picked(database, in_work.number).shipment_number  # takes NEW: OLD is too near its expiry
    assert retired(database).orders_held == (waiting.number,)
    shipped(database, number)
    assert differences(database) == []


def test_a_partly_shipped_order_is_held_with_what_it_lost(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("NEW", 3), a_lot("OLD", 5, expires_on=TOMORROW))
    order = given.an_order({product: 8})
    first = picked(database, order.number, quantities={1: 3}).shipment_number
    shipped(database, first)
    retired(database)
    assert (line(owner, order.number), status(owner, order.number)) == ((8, 0, 3), "on_hold")
    assert received(database, first).order_status == "on_hold"
    with pytest.raises(Conflict):
        released(database, order.number)
    assert cancelled(database, order.number, by=cast.order_desk).status == "received"


def test_a_level_whose_units_are_all_in_a_parcel_waits_for_the_next_run(given, database, owner, product):
    # One order, part of it in a parcel with the good lot; the rest of its reservation rests on the lot that
    # is due.
    given.stock_of(product, cast.shanghai_warehouse, a_lot("NEW", 3), a_lot("OLD", 5, expires_on=TOMORROW))
    order = given.an_order({product: 8})
    number = picked(database, order.number, quantities={1: 3}).shipment_number
    done = retired(database)
    assert (done.lots, done.postponed) == (0, 1)
    shipped(database, number)
    assert retired(database).orders_held == (order.number,)
    assert differences(database) == []


def test_other_warehouses_keep_their_reservations(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    given.stock_of(product, cast.guangzhou_warehouse, a_lot("NEW", 5))
    order = given.an_order({product: 5}, by=cast.yuegang.buyer)
    assert retired(database).orders_held == ()
    assert line(owner, order.number)[1] == 5


def test_the_night_costs_the_same_statements_whatever_the_number_of_orders(
    given, database, count_statements, owner
):
    costs = []
    for orders in (1, 6):
        product = given.a_product()
        given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", orders * 2, expires_on=TOMORROW))
        for _ in range(orders):
            given.an_order({product: 2})
        with count_statements() as counted:
            retired(database)
        costs.append(sum("INSERT INTO audit_event" not in statement for statement in counted.work))
    assert costs[0] == costs[1] <= 9, counted
