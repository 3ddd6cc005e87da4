"""Releasing a held order: with a reason, by somebody else, and only with the stock it promises."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.builders import a_lot
from tests.shipping.acts import (
    account,
    audited,
    differences,
    level,
    picked,
    released,
    retired,
    shipped,
    status,
)

TOMORROW = cast.TODAY + timedelta(days=1)


def a_held_order(given, **how):
    given.credit_limit_of(cast.huadong, "1.00")
    return given.an_order({cast.gauze: 50}, **how)


def an_order_that_lost_units(given, database, *, lost: int, of: int):
    """Its product had two lots; one expires tomorrow and is retired."""
    product = given.a_product()
    given.stock_of(
        product, cast.shanghai_warehouse, a_lot("OLD", lost, expires_on=TOMORROW), a_lot("NEW", of - lost)
    )
    order = given.an_order({product: of, cast.gloves: 1})
    retired(database)
    return product, order


def test_a_released_order_waits_to_be_picked(given, database, owner):
    order = a_held_order(given)
    assert released(database, order.number).status == "confirmed"
    kept = owner.execute(text("SELECT status, holds, released_at FROM sales_order")).one()
    assert tuple(kept) == ("confirmed", [], cast.NOW)
    picked(database, order.number)


def test_a_release_changes_neither_stock_nor_exposure(given, database, owner):
    order = a_held_order(given)
    before = level(owner, cast.gauze), account(owner)
    released(database, order.number)
    assert (level(owner, cast.gauze), account(owner)) == before


def test_the_audit_keeps_who_released_which_hold_and_why(given, database, owner):
    order = a_held_order(given)
    released(database, order.number, reason=" the payment is on its way ")
    kept = owner.execute(
        text(
            "SELECT actor, reason, before FROM audit_event WHERE subject = :n AND action = 'order:released'"
        ),
        {"n": order.number},
    ).one()
    assert (kept.actor, kept.reason) == (f"user:{cast.order_desk.id}", "the payment is on its way")
    assert kept.before["holds"] == ["credit"]


def test_a_release_needs_a_reason(given, database):
    order = a_held_order(given)
    with pytest.raises(Invalid) as refusal:
        released(database, order.number, reason=" ")
    assert [fault.pointer for fault in refusal.value.faults] == ["/reason"]


def test_who_placed_an_order_for_a_dealer_does_not_release_it(given, database, owner):
    order = a_held_order(given)
    owner.execute(
        text("UPDATE sales_order SET placed_by = :u, channel = 'staff'"), {"u": f"user:{cast.order_desk.id}"}
    )
    with pytest.raises(Forbidden) as refusal:
        released(database, order.number)
    assert refusal.value.code == "same_person"
    assert released(database, order.number, by=cast.hq_finance).status == "confirmed"


def test_what_is_not_held_is_not_released(given, database):
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(Conflict) as refusal:
        released(database, order.number)
    assert refusal.value.code == "not_on_hold"


def test_an_order_is_released_once(given, database, owner):
    order = a_held_order(given)
    released(database, order.number)
    with pytest.raises(Conflict):
        released(database, order.number)
    assert audited(owner, order.number).count("order:released") == 1


@pytest.mark.parametrize("person", [cast.huadong.boss, cast.east_manager, cast.quality])
def test_only_headquarters_order_people_release(given, database, person):
    order = a_held_order(given)
    with pytest.raises(Forbidden):
        released(database, order.number, by=person)


def test_the_desk_of_another_region_finds_nothing_to_release(given, database):
    order = a_held_order(given)
    with pytest.raises(NotFound):
        released(database, order.number, by=cast.south_desk)


# Stock that expired after the order was placed


def test_stock_that_came_meanwhile_is_reserved_again(given, database, owner):
    product, order = an_order_that_lost_units(given, database, lost=5, of=20)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("ARRIVED", 5))
    assert released(database, order.number).status == "confirmed"
    assert level(owner, product) == (20, 20)
    assert differences(database) == []
    assert picked(database, order.number).units == 21


def test_without_stock_a_release_is_refused_line_by_line(given, database, owner):
    product, order = an_order_that_lost_units(given, database, lost=5, of=20)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("ARRIVED", 2))
    with pytest.raises(Conflict) as refusal:
        released(database, order.number)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code, fault.params["missing"]) == ("/lines/1", "stock_short", 3)
    assert status(owner, order.number) == "on_hold"


def test_what_is_not_there_can_be_given_up(given, database, owner):
    product, order = an_order_that_lost_units(given, database, lost=5, of=20)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("ARRIVED", 2))
    price, before = Decimal(order.answer["lines"][0]["unit_price"]), Decimal(account(owner)[1])
    done = released(database, order.number, cancel_missing=True)
    assert (done.status, done.units_cancelled) == ("confirmed", 3)
    assert Decimal(account(owner)[1]) == before - 3 * price
    assert level(owner, product) == (17, 17)
    shipped(database, picked(database, order.number).shipment_number)
    assert account(owner)[1] == "0.00"
    assert differences(database) == []


def test_an_order_of_which_nothing_can_be_delivered_is_cancelled_not_released(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 5, expires_on=TOMORROW))
    order = given.an_order({product: 5})
    retired(database)
    with pytest.raises(Conflict) as refusal:
        released(database, order.number, cancel_missing=True)
    assert refusal.value.code == "nothing_left"
    assert status(owner, order.number) == "on_hold"
