"""Picking: lots by expiry, the proof of compliance, part parcels, and putting back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.shipping.rules import LotChoice
from tests import cast
from tests.builders import a_lot
from tests.roles import Licence
from tests.shipping.acts import (
    account,
    audited,
    cancelled,
    differences,
    level,
    lots,
    parcel,
    picked,
    put_back,
    released,
    shipped,
    status,
)

LAPSED = Licence("lapsed", 2, date(2020, 1, 1), date(2024, 1, 1))


def test_the_lots_that_expire_first_are_picked_first(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    done = picked(database, order.number)
    assert parcel(owner, done.shipment_number) == [(1, "GZ-SHORT", 30), (1, "GZ-FRESH", 20)]
    assert done.units == 50


def test_a_picked_order_is_being_picked_and_its_lots_are_taken(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    picked(database, order.number)
    assert status(owner, order.number) == "picking"
    assert lots(owner, cast.gauze)["GZ-SHORT"] == (30, 30, "saleable")
    assert lots(owner, cast.gauze)["GZ-FRESH"] == (70, 20, "saleable")


def test_picking_moves_no_stock_and_no_money(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    before = level(owner, cast.gauze), account(owner)
    picked(database, order.number)
    assert (level(owner, cast.gauze), account(owner)) == before
    assert differences(database) == []


def test_a_second_order_gets_what_the_first_parcel_left(given, database, owner):
    first, second = given.an_order({cast.gauze: 40}), given.an_order({cast.gauze: 20})
    picked(database, first.number)
    assert parcel(owner, picked(database, second.number).shipment_number) == [(1, "GZ-FRESH", 20)]


def test_a_lot_too_near_its_expiry_is_passed_over(given, database, owner):
    product = given.a_product()
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("NEAR", 5, expires_on=cast.TODAY + timedelta(days=30)),
        a_lot("FAR", 5),
    )
    order = given.an_order({product: 5})
    assert parcel(owner, picked(database, order.number, margin_days=30).shipment_number) == [(1, "FAR", 5)]


def test_lots_that_are_short_are_told_line_by_line_and_nothing_is_picked(given, database, owner):
    product = given.a_product()
    given.stock_of(
        product, cast.shanghai_warehouse, a_lot("NEAR", 5, expires_on=cast.TODAY + timedelta(days=30))
    )
    order = given.an_order({cast.gauze: 1, product: 5})
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number, margin_days=30)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code, fault.params["missing"]) == ("/lines/2", "lots_short", 5)
    assert status(owner, order.number) == "confirmed"
    assert lots(owner, cast.gauze)["GZ-SHORT"] == (30, 0, "saleable")


def test_another_lot_may_be_chosen_with_a_reason_that_the_audit_keeps(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    done = picked(
        database,
        order.number,
        choices=[LotChoice(1, "GZ-FRESH", 40, " hospital wants long expiry ", "/lots/0")],
    )
    assert parcel(owner, done.shipment_number) == [(1, "GZ-SHORT", 10), (1, "GZ-FRESH", 40)]
    kept = owner.execute(
        text("SELECT reason, after FROM audit_event WHERE subject = :s"), {"s": done.shipment_number}
    ).one()
    assert kept.reason == "hospital wants long expiry"
    assert kept.after["chosen_lots"][0]["lot"] == "GZ-FRESH"


def test_a_chosen_lot_that_is_expired_is_refused(given, database):
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(Invalid) as refusal:
        picked(
            database,
            order.number,
            choices=[LotChoice(1, "GZ-EXPIRED", 5, "it is only a little late", "/lots/0")],
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/lots/0/lot", "lot_not_saleable")
    ]


def test_part_of_an_order_can_be_picked(given, database, owner):
    order = given.an_order({cast.gauze: 50, cast.gloves: 3})
    done = picked(database, order.number, quantities={1: 10})
    assert parcel(owner, done.shipment_number) == [(1, "GZ-SHORT", 10)]


@pytest.mark.parametrize(
    ("quantities", "pointer", "code"),
    [
        ({1: 51}, "/quantities/1", "quantity_out_of_range"),
        ({1: -1}, "/quantities/1", "quantity_out_of_range"),
        ({9: 1}, "/quantities/9", "quantity_out_of_range"),
        ({1: 0}, "/quantities", "nothing_to_pick"),
        ({}, "/quantities", "nothing_to_pick"),
    ],
)
def test_a_parcel_holds_what_the_order_waits_for(given, database, quantities, pointer, code):
    order = given.an_order({cast.gauze: 50})
    with pytest.raises(Invalid) as refusal:
        picked(database, order.number, quantities=quantities)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [(pointer, code)]


def test_a_licence_that_ended_since_the_order_stops_the_pick_at_its_lines(given, database, owner):
    order = given.an_order({cast.gloves: 3, cast.gauze: 5})
    given.licences_of(cast.huadong, LAPSED)
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert [(fault.pointer, fault.code, bool(fault.fix)) for fault in refusal.value.faults] == [
        ("/lines/2/sku", "licence", True)
    ]
    assert status(owner, order.number) == "confirmed"


def test_an_authorisation_that_ended_since_the_order_stops_the_pick(given, database):
    order = given.an_order({cast.gloves: 3})
    given.authorisation_of(cast.huadong, cast.guangdong)
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert [fault.code for fault in refusal.value.faults] == ["region_not_authorised"]


def test_a_dealer_suspended_since_the_order_gets_nothing(given, database):
    order = given.an_order({cast.gloves: 3})
    given.state_of(cast.huadong, "suspended")
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert [fault.code for fault in refusal.value.faults] == ["dealer_not_active"]


def test_a_registration_that_ended_since_the_order_stops_the_pick(given, database, owner):
    order = given.an_order({cast.gauze: 5})
    owner.execute(
        text("UPDATE product SET registration_to = '2024-01-01' WHERE id = :p"), {"p": cast.gauze.id}
    )
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert [fault.code for fault in refusal.value.faults] == ["registration"]


def test_everything_against_a_pick_comes_at_once(given, database):
    order = given.an_order({cast.gauze: 50})
    given.licences_of(cast.huadong, LAPSED)
    with pytest.raises(Invalid) as refusal:
        picked(
            database,
            order.number,
            choices=[LotChoice(1, "NONE", 5, "why", "/lots/0")],
            today=cast.TODAY + timedelta(days=60),
        )
    assert [fault.code for fault in refusal.value.faults] == ["unknown_lot", "licence"]


def test_an_order_is_picked_once(given, database):
    order = given.an_order({cast.gauze: 5})
    picked(database, order.number)
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert refusal.value.code == "already_picking"


def test_a_held_order_is_not_picked(given, database):
    given.credit_limit_of(cast.huadong, "1.00")
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert refusal.value.code == "on_hold"
    released(database, order.number)
    picked(database, order.number)


def test_a_cancelled_order_is_not_picked(given, database):
    order = given.an_order({cast.gauze: 5})
    cancelled(database, order.number)
    with pytest.raises(Conflict) as refusal:
        picked(database, order.number)
    assert refusal.value.code == "already_cancelled"


@pytest.mark.parametrize(
    "person", [cast.huadong.buyer, cast.huadong.boss, cast.hq_finance, cast.east_manager, cast.quality]
)
def test_only_the_order_desk_picks(given, database, person):
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(Forbidden):
        picked(database, order.number, by=person)


def test_the_order_desk_of_another_region_finds_no_such_order(given, database):
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(NotFound):
        picked(database, order.number, by=cast.south_desk)


def test_a_parcel_can_be_put_back_as_if_it_had_never_been(given, database, owner):
    order = given.an_order({cast.gauze: 50, cast.gloves: 3})
    before = lots(owner, cast.gauze), level(owner, cast.gauze)
    done = picked(database, order.number)
    assert put_back(database, order.number) == "confirmed"
    assert (lots(owner, cast.gauze), level(owner, cast.gauze)) == before
    assert parcel(owner, done.shipment_number) == []
    assert audited(owner, done.shipment_number) == ["shipment:picked", "shipment:unpicked"]
    assert differences(database) == []


def test_a_parcel_put_back_from_a_partly_shipped_order_leaves_it_partly_shipped(given, database):
    order = given.an_order({cast.gauze: 50})
    shipped(database, picked(database, order.number, quantities={1: 10}).shipment_number)
    picked(database, order.number)
    assert put_back(database, order.number) == "partially_shipped"


def test_only_what_is_being_picked_can_be_put_back(given, database):
    order = given.an_order({cast.gauze: 5})
    with pytest.raises(Conflict) as refusal:
        put_back(database, order.number)
    assert refusal.value.code == "not_picking"


@pytest.mark.parametrize("lines", [1, 8])
def test_a_pick_costs_the_same_few_statements_whatever_its_lines(given, database, count_statements, lines):
    products = [given.a_product() for _ in range(lines)]
    for product in products:
        given.stock_of(
            product, cast.shanghai_warehouse, a_lot("A", 1, expires_on=date(2098, 1, 1)), a_lot("B", 5)
        )
    order = given.an_order(dict.fromkeys(products, 3))
    with count_statements() as counted:
        picked(database, order.number)
    assert len(counted) == 7, counted
