"""A line may come from several warehouses: who serves what is decided, reserved, sent and given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.checks.stock_levels import check_levels
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid
from portal.orders.terms import SupplyTerms
from portal.shipping.pick_list import pick_list
from portal.shipping.ship_order import ship_order
from tests import cast
from tests.builders import a_lot
from tests.orders.test_change_order import change
from tests.orders.test_place_order import level
from tests.races import failures, together
from tests.shipping.acts import cancelled, picked, put_back, retired, shipped

HERE, THERE = cast.shanghai_warehouse, cast.guangzhou_warehouse


@pytest.fixture
def goods(given):
    """A product in packs of 10: 35 in the dealer's own warehouse, 50 in the next that serves it."""
    product = given.a_product(price="10.00", pack_multiple=10)
    given.stock_of(product, HERE, a_lot("HERE", 35))
    given.stock_of(product, THERE, a_lot("THERE", 50))
    return product


def reserved(owner, product) -> tuple[int, int]:
    """Units reserved in either warehouse."""
    return tuple(level(owner, where, product)[1] for where in (HERE, THERE))


def sent(database, number):
    return shipped(database, picked(database, number).shipment_number)


@pytest.fixture(autouse=True)
def everything_adds_up(database):
    """After each test the levels are those of lots, movements, orders and parcels."""
    yield
    with database.system_session() as session:
        assert check_levels(session, actor=SYSTEM) == []


def test_the_nearest_serves_whole_packs_and_the_next_the_rest(given, owner, goods):
    placed = given.an_order({goods: 60}, supply=SupplyTerms(split=True))
    [line] = placed.answer["lines"]
    assert (line["reserved"], line["backordered"]) == (60, 0)
    assert line["elsewhere"] == [{"warehouse": THERE.code, "quantity": 30}]
    assert placed.answer["warehouse"] == HERE.code
    assert reserved(owner, goods) == (30, 30)


def test_without_leave_to_split_it_is_refused_and_nothing_is_reserved(given, owner, goods):
    with pytest.raises(Invalid) as refusal:
        given.an_order({goods: 60})
    assert [fault.code for fault in refusal.value.faults] == ["stock_short"]
    assert reserved(owner, goods) == (0, 0)


def test_more_than_all_have_is_refused_with_what_they_have_together(given, goods):
    with pytest.raises(Invalid) as refusal:
        given.an_order({goods: 90}, supply=SupplyTerms(split=True))
    [fault] = refusal.value.faults
    assert (fault.params["available"], fault.params["most"]) == (80, 80)


def test_what_none_has_waits_behind_what_both_have(given, owner, goods):
    [line] = given.an_order({goods: 100}, supply=SupplyTerms(split=True, backorder=True)).answer["lines"]
    assert (line["reserved"], line["backordered"], line["elsewhere"][0]["quantity"]) == (80, 20, 50)
    waiting = text("SELECT warehouse_id, backordered FROM stock_level WHERE backordered > 0")
    assert owner.execute(waiting).all() == [(HERE.id, 20)]


def test_an_order_that_one_warehouse_has_is_not_split(given, owner, goods):
    [line] = given.an_order({goods: 40}, supply=SupplyTerms(split=True)).answer["lines"]
    assert line["elsewhere"] == [] and reserved(owner, goods) == (0, 40)


def test_each_warehouse_sends_its_parcel_and_the_order_is_shipped_by_the_last(given, database, owner, goods):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number
    first = sent(database, number)
    assert first.order_status == "partially_shipped" and reserved(owner, goods) == (0, 30)
    second = sent(database, number)
    assert second.order_status == "shipped" and reserved(owner, goods) == (0, 0)
    assert (first.gross, second.gross) == (240, 240)
    places = owner.execute(
        text("SELECT w.code FROM shipment s JOIN warehouse w ON w.id = s.warehouse_id ORDER BY s.id")
    ).scalars()
    assert list(places) == [HERE.code, THERE.code]


def test_the_pick_list_is_of_the_warehouse_that_sends_next(given, database, goods):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number

    def listed():
        with database.staff_session(cast.order_desk.actor()) as session:
            found = pick_list(session, number=number, today=cast.TODAY)
            return found.warehouse_code, [(line.to_pick, line.missing) for line in found.lines]

    assert listed() == (HERE.code, [(30, 0)])
    sent(database, number)
    assert listed() == (THERE.code, [(30, 0)])


def test_a_parcel_from_elsewhere_is_put_back_there(given, database, owner, goods):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number
    sent(database, number)
    picked(database, number)
    assert put_back(database, number) == "partially_shipped"
    assert reserved(owner, goods) == (0, 30)


@pytest.mark.parametrize("parcels", [0, 1])
def test_cancelling_gives_back_what_is_reserved_wherever_it_is(given, database, owner, goods, parcels):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number
    for _ in range(parcels):
        sent(database, number)
    gone = cancelled(database, number, by=cast.order_desk)
    assert gone.units == 60 - 30 * parcels and reserved(owner, goods) == (0, 0)


def test_a_change_may_take_other_sources(given, database, owner, goods):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number
    change(database, number, {goods: 80}, supply=SupplyTerms(split=True))
    assert reserved(owner, goods) == (30, 50)


def test_two_orders_that_cross_both_warehouses_do_not_oversell(given, database, owner, goods):
    [lost] = failures(together(2, lambda _: given.an_order({goods: 60}, supply=SupplyTerms(split=True))))
    assert isinstance(lost, (Conflict, Invalid)), lost
    assert reserved(owner, goods) == (30, 30)


def test_one_call_sends_all_of_the_next_warehouse(given, database, owner, goods):
    number = given.an_order({goods: 60}, supply=SupplyTerms(split=True)).number
    actor = cast.erp.actor()  # a person would ship what another has reviewed
    with transaction(database.staff_session(actor)) as session:
        whole = ship_order(
            session,
            actor=actor,
            number=number,
            carrier="顺丰速运",
            tracking_no="SF1",
            today=cast.TODAY,
            at=cast.NOW,
        )
    assert whole.gross == 240 and reserved(owner, goods) == (0, 30)


def test_units_of_an_expired_lot_elsewhere_wait_at_the_orders_own_warehouse(given, database, owner):
    goods = given.a_product(price="10.00")
    given.stock_of(goods, HERE, a_lot("HERE", 10))
    given.stock_of(goods, THERE, a_lot("THERE", 30, expires_on=cast.TODAY + timedelta(days=3)))
    number = given.an_order({goods: 40}, supply=SupplyTerms(split=True, backorder=True)).number
    assert reserved(owner, goods) == (10, 30)
    retired(database, today=cast.TODAY + timedelta(days=3))
    assert reserved(owner, goods) == (10, 0)
    line = owner.execute(text("SELECT reserved, quantity FROM order_line ORDER BY order_id DESC LIMIT 1"))
    assert tuple(line.one()) == (10, 40)
    held = owner.execute(text("SELECT holds FROM sales_order WHERE number = :n"), {"n": number})
    assert held.scalar_one() == ["stock"]
