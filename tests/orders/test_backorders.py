"""Orders that take what there is and wait for the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.checks.stock_levels import check_levels
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid
from portal.orders.cancel_order import cancel_order
from portal.orders.fill_backorders import fill_backorders
from portal.orders.release_order import release_order
from portal.orders.terms import SupplyTerms
from portal.shipping.pick_order import pick_order
from tests import cast
from tests.builders import a_lot
from tests.races import together

BUYER = cast.huadong.buyer
IN_STOCK = 100  # gauze in Shanghai


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    with transaction(database.system_session()) as session:
        assert check_levels(session, actor=SYSTEM) == []


def fill(database):
    with transaction(database.system_session()) as session:
        return fill_backorders(session, today=cast.TODAY, at=cast.NOW)


def state(owner, number: str):
    return owner.execute(
        text(
            "SELECT o.status, l.reserved, l.shipped, l.cancelled, l.promised_on FROM sales_order o"
            " JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id) WHERE o.number = :n"
        ),
        {"n": number},
    ).one()


def waiting_at(owner, warehouse, product) -> int:
    return owner.execute(
        text("SELECT backordered FROM stock_level WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).scalar_one()


def test_what_is_there_is_reserved_and_the_rest_waits_and_is_told(given, owner):
    placed = given.an_order({cast.gauze: IN_STOCK + 40}, supply=SupplyTerms(backorder=True))
    [line] = placed.answer["lines"]
    assert (placed.answer["status"], line["reserved"], line["backordered"]) == ("confirmed", IN_STOCK, 40)
    assert line["promised_on"]
    assert waiting_at(owner, cast.shanghai_warehouse, cast.gauze) == 40


def test_without_the_dealers_word_nothing_waits(given, owner):
    with pytest.raises(Invalid) as refusal:
        given.an_order({cast.gauze: IN_STOCK + 1})
    assert [fault.code for fault in refusal.value.faults] == ["stock_short"]
    assert waiting_at(owner, cast.shanghai_warehouse, cast.gauze) == 0


def test_an_order_of_which_nothing_is_there_waits_and_cannot_be_picked(database, given, owner):
    given.an_order({cast.gauze: IN_STOCK})
    number = given.an_order({cast.gauze: 7}, supply=SupplyTerms(backorder=True)).number
    assert state(owner, number).status == "backordered"
    with (
        pytest.raises(Conflict) as refusal,
        transaction(database.staff_session(cast.order_desk.actor())) as s,
    ):
        pick_order(s, actor=cast.order_desk.actor(), number=number, today=cast.TODAY, at=cast.NOW)
    assert refusal.value.code == "backordered"


def test_the_first_come_is_the_first_served(database, given, owner):
    given.an_order({cast.gauze: IN_STOCK})
    first = given.an_order({cast.gauze: 30}, supply=SupplyTerms(backorder=True)).number
    second = given.an_order({cast.gauze: 30}, supply=SupplyTerms(backorder=True)).number
    assert fill(database).units == {}
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 40))
    assert fill(database).units == {first: 30, second: 10}
    assert (state(owner, first).status, state(owner, first).promised_on) == ("confirmed", None)
    assert (state(owner, second).reserved, state(owner, second).promised_on is not None) == (10, True)
    assert fill(database).units == {}


def test_what_left_and_what_still_waits_are_one_order(database, given, owner):
    number = given.an_order({cast.gauze: IN_STOCK + 5}, supply=SupplyTerms(backorder=True)).number
    given.a_delivery_of(number)
    assert (state(owner, number).status, state(owner, number).shipped) == ("backordered", IN_STOCK)
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 5))
    assert fill(database).units == {number: 5}
    assert state(owner, number).status == "partially_shipped"
    given.a_delivery_of(number)
    assert state(owner, number).status == "shipped"


def test_cancelling_gives_back_stock_and_the_place_in_the_queue(database, given, owner):
    number = given.an_order({cast.gauze: IN_STOCK + 5}, supply=SupplyTerms(backorder=True)).number
    with transaction(database.dealer_session(BUYER.actor())) as session:
        cancel_order(session, actor=BUYER.actor(), number=number, reason="", at=cast.NOW)
    assert waiting_at(owner, cast.shanghai_warehouse, cast.gauze) == 0
    assert state(owner, number).cancelled == IN_STOCK + 5


def test_a_held_order_keeps_its_place_and_waits_on_after_its_release(database, given, owner):
    given.credit_limit_of(cast.huadong, "10.00")
    number = given.an_order({cast.gauze: IN_STOCK + 8}, supply=SupplyTerms(backorder=True)).number
    assert state(owner, number).status == "on_hold"
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 3))
    assert fill(database).units == {number: 3}
    assert state(owner, number).status == "on_hold"
    with transaction(database.staff_session(cast.order_desk.actor())) as session:
        release_order(
            session,
            actor=cast.order_desk.actor(),
            number=number,
            reason="paid",
            today=cast.TODAY,
            at=cast.NOW,
        )
    assert (state(owner, number).status, state(owner, number).reserved) == ("confirmed", IN_STOCK + 3)


def test_two_runs_at_once_serve_every_unit_once(database, given, owner):
    given.an_order({cast.gauze: IN_STOCK})
    numbers = [given.an_order({cast.gauze: 10}, supply=SupplyTerms(backorder=True)).number for _ in range(3)]
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 25))
    served = together(2, lambda _: fill(database))
    assert sum(sum(one.units.values()) for one in served) == 25
    assert [state(owner, number).reserved for number in numbers] == [10, 10, 5]


def test_an_arrival_is_promised_once(given, owner):
    owner.execute(
        text(
            "UPDATE stock_level SET in_transit = 50, next_arrival = :day"
            " WHERE warehouse_id = :w AND product_id = :p"
        ),
        {"w": cast.shanghai_warehouse.id, "p": cast.gauze.id, "day": cast.TODAY + timedelta(days=400)},
    )
    given.an_order({cast.gauze: IN_STOCK})
    days = [
        given.an_order({cast.gauze: 30}, supply=SupplyTerms(backorder=True)).answer["lines"][0]["promised_on"]
        for _ in range(2)
    ]
    assert days[0] == str(cast.TODAY + timedelta(days=400)) != days[1]
