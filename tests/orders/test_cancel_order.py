"""Cancelling gives back stock and credit, and knows who may cancel what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.shipping.acts import (
    account,
    audited,
    cancelled,
    differences,
    level,
    picked,
    put_back,
    received,
    shipped,
    status,
)


def test_a_cancelled_order_gives_back_its_stock_with_a_movement(given, database, owner):
    order = given.an_order({cast.gauze: 50, cast.gloves: 3})
    done = cancelled(database, order.number)
    assert (done.status, done.units) == ("cancelled", 53)
    assert level(owner, cast.gauze) == (100, 0)
    moved = owner.execute(
        text(
            "SELECT product_id, reserved_delta, on_hand_delta FROM stock_movement"
            " WHERE document = :n AND kind = 'release' ORDER BY 1"
        ),
        {"n": order.number},
    ).all()
    assert [tuple(row) for row in moved] == [(cast.gloves.id, -3, 0), (cast.gauze.id, -50, 0)]
    assert differences(database) == []


def test_a_cancelled_order_gives_back_its_credit(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    assert cancelled(database, order.number).amount == Decimal(order.answer["total"])
    assert account(owner) == ("0.00", "0.00")


def test_a_cancellation_keeps_its_time_and_reason(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    cancelled(database, order.number, reason="  ordered twice ")
    kept = owner.execute(text("SELECT cancelled_at, cancel_reason FROM sales_order")).one()
    assert tuple(kept) == (cast.NOW, "ordered twice")
    assert audited(owner, order.number) == ["order:placed", "order:cancelled"]


def test_every_unit_of_a_cancelled_line_is_accounted_for(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    cancelled(database, order.number)
    assert tuple(owner.execute(text("SELECT reserved, shipped, cancelled FROM order_line")).one()) == (
        0,
        0,
        50,
    )


def test_a_held_order_can_be_cancelled_and_holds_nothing_then(given, database, owner):
    given.credit_limit_of(cast.huadong, "1.00")
    order = given.an_order({cast.gauze: 50})
    assert cancelled(database, order.number).status == "cancelled"
    assert owner.execute(text("SELECT holds FROM sales_order")).scalar_one() == []


def test_the_desk_cancels_the_rest_of_a_partly_shipped_order(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    gross = shipped(database, picked(database, order.number, quantities={1: 10}).shipment_number).gross
    done = cancelled(database, order.number, by=cast.order_desk)
    assert (done.status, done.units) == ("shipped", 40)
    assert level(owner, cast.gauze) == (90, 0)
    assert account(owner) == (str(gross), "0.00")
    assert tuple(owner.execute(text("SELECT reserved, shipped, cancelled FROM order_line")).one()) == (
        0,
        10,
        40,
    )
    assert differences(database) == []


def test_an_order_whose_rest_was_cancelled_can_still_be_received(given, database):
    order = given.an_order({cast.gauze: 50})
    parcel = picked(database, order.number, quantities={1: 10}).shipment_number
    shipped(database, parcel)
    cancelled(database, order.number, by=cast.order_desk)
    assert received(database, parcel).order_status == "received"


def test_a_dealer_asks_the_desk_to_cancel_the_rest(given, database):
    order = given.an_order({cast.gauze: 50})
    shipped(database, picked(database, order.number, quantities={1: 10}).shipment_number)
    with pytest.raises(Conflict) as refusal:
        cancelled(database, order.number)
    assert (refusal.value.code, refusal.value.fix) == (
        "partially_shipped",
        "Ask the order desk to cancel the rest.",
    )


@pytest.mark.parametrize(
    ("person", "fix"),
    [
        (cast.huadong.buyer, "Ask the order desk to stop it."),
        (cast.order_desk, "Ship it or return its units to stock first."),
    ],
)
def test_what_is_being_picked_is_not_cancelled(given, database, owner, person, fix):
    order = given.an_order({cast.gauze: 50})
    picked(database, order.number)
    with pytest.raises(Conflict) as refusal:
        cancelled(database, order.number, by=person)
    assert (refusal.value.code, refusal.value.fix) == ("already_picking", fix)
    assert level(owner, cast.gauze) == (100, 50)
    put_back(database, order.number)
    cancelled(database, order.number, by=person)


def test_a_shipped_order_is_not_cancelled(given, database):
    order = given.an_order({cast.gauze: 50})
    shipped(database, picked(database, order.number).shipment_number)
    with pytest.raises(Conflict) as refusal:
        cancelled(database, order.number, by=cast.order_desk)
    assert refusal.value.code == "already_shipped"


def test_an_order_is_cancelled_once(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    cancelled(database, order.number)
    with pytest.raises(Conflict) as refusal:
        cancelled(database, order.number)
    assert refusal.value.code == "already_cancelled"
    assert account(owner) == ("0.00", "0.00")


def test_staff_say_why_and_a_dealer_need_not(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    with pytest.raises(Invalid) as refusal:
        cancelled(database, order.number, by=cast.order_desk, reason=" ")
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/reason", "reason_missing")]
    cancelled(database, order.number, reason="")
    assert owner.execute(text("SELECT cancel_reason FROM sales_order")).scalar_one() is None


@pytest.mark.parametrize("reason", ["x" * 501, "a\x00b"])
def test_a_reason_the_books_cannot_keep_is_refused(given, database, reason):
    order = given.an_order({cast.gauze: 50})
    with pytest.raises(Invalid):
        cancelled(database, order.number, reason=reason)


@pytest.mark.parametrize(
    "person", [cast.huadong.finance, cast.huadong.service, cast.east_manager, cast.quality]
)
def test_who_may_not_order_may_not_cancel(given, database, person):
    order = given.an_order({cast.gauze: 50})
    with pytest.raises(Forbidden):
        cancelled(database, order.number, by=person)


@pytest.mark.parametrize("person", [cast.yuegang.buyer, cast.yuegang.system, cast.south_desk])
def test_another_dealers_order_does_not_exist(given, database, owner, person):
    order = given.an_order({cast.gauze: 50})
    with pytest.raises(NotFound):
        cancelled(database, order.number, by=person)
    assert status(owner, order.number) == "confirmed"


def test_a_cancellation_costs_the_same_statements_whatever_its_lines(given, database, count_statements):
    costs = []
    for products in ([cast.gauze], [cast.gauze, cast.gloves, cast.syringe, cast.stent]):
        order = given.an_order(dict.fromkeys(products, 10))
        with count_statements() as counted:
            cancelled(database, order.number)
        costs.append(len(counted))
    assert costs == [7, 7], counted  # the last one is what webhooks tell
