"""Goods are received, inspected, accepted or refused; stock, serials and records tell the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.coldchain.record_inbound import Inbound, record_inbound
from portal.coldchain.rules import Range
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.orders.fill_backorders import fill_backorders
from portal.orders.terms import SupplyTerms
from portal.receiving.purchases import purchase
from portal.receiving.records import Sought, records, records_of
from portal.replenishment.request_supply import request_supply
from tests import cast
from tests.builders import a_lot
from tests.coldchain.acts import TOLERANCE, made_cold
from tests.races import failures, together
from tests.receiving.acts import (
    FAR_OFF,
    SUPPLIER,
    a_supplier,
    decision,
    inspected,
    line,
    ordered,
    received,
)
from tests.replenishment.acts import asked
from tests.shipping.acts import differences

SHANGHAI = cast.shanghai_warehouse


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert differences(database) == []


def units(owner, product, lot: str, warehouse=SHANGHAI) -> tuple[int, int, int]:
    """On hand, in inspection, in quarantine."""
    found = owner.execute(
        text(
            "SELECT on_hand, inspecting, quarantined FROM lot_stock k JOIN lot t ON t.id = k.lot_id"
            " WHERE t.product_id = :p AND t.lot_no = :l AND k.warehouse_id = :w"
        ),
        {"p": product.id, "l": lot, "w": warehouse.id},
    ).one()
    return tuple(found)


def serials(owner, product) -> dict[str, str]:
    rows = owner.execute(
        text("SELECT serial, state FROM serial_unit WHERE product_id = :p"), {"p": product.id}
    )
    return {row.serial: row.state for row in rows}


def told_of(refusal) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in refusal.value.faults]


def recorded(database, number: str):
    with transaction(database.session_for(cast.quality.actor())) as session:
        return records_of(session, actor=cast.quality.actor(), number=number)


def test_goods_accepted_at_once_may_be_sold_and_have_their_record(database, owner):
    a_supplier(database)
    done = received(
        database,
        line(cast.syringe, " ａｂ－7 ", 40, produced_on=date(2026, 1, 5)),
        supplier=SUPPLIER.code,
        reference="DN-1",
    )
    assert (done.state, units(owner, cast.syringe, "ab-7")) == ("accepted", (40, 0, 0))
    [record] = recorded(database, done.number)
    assert (record.arrived, record.accepted, record.refused, record.result) == (40, 40, 0, "accepted")
    assert (record.lot_no, record.produced_on, record.expires_on) == ("ab-7", date(2026, 1, 5), FAR_OFF)
    assert (record.supplier, record.supplier_address, record.supplier_contact, record.supplier_licence) == (
        SUPPLIER.name,
        SUPPLIER.address,
        SUPPLIER.contact,
        SUPPLIER.licence_no,
    )
    assert (record.sku, record.udi_di, record.specification) == (
        cast.syringe.sku,
        cast.syringe.udi_di,
        cast.syringe.specification,
    )
    assert record.registrant and record.registration_no
    assert (record.actor_label, record.at) == (cast.erp.name, cast.NOW)


def test_an_inspection_accepts_some_sets_others_apart_and_leaves_the_rest_waiting(database, owner):
    done = received(database, line(cast.syringe, "L1", 40, inspection=True))
    assert (done.state, units(owner, cast.syringe, "L1")) == ("inspecting", (0, 40, 0))
    first = inspected(database, done.number, decision(cast.syringe, "L1", 10, 5))
    assert (first.state, units(owner, cast.syringe, "L1")) == ("inspecting", (10, 25, 5))
    last = inspected(database, done.number, decision(cast.syringe, "L1", 25))
    assert (last.state, units(owner, cast.syringe, "L1")) == ("partly_refused", (35, 0, 5))
    told = [
        (one.accepted, one.refused, one.fault, one.actor_label) for one in recorded(database, done.number)
    ]
    who = cast.quality.display_name
    assert told == [(10, 5, "外包装破损", who), (25, 0, "", who)]


@pytest.mark.parametrize(
    ("accepted", "refused", "code"),
    [
        (41, 0, "units_inspected"),
        (40, 1, "units_inspected"),
        (0, 0, "units_inspected"),
        (-1, 5, "units_inspected"),
    ],
)
def test_nothing_is_decided_that_does_not_wait(database, owner, accepted, refused, code):
    done = received(database, line(cast.syringe, "L1", 40, inspection=True))
    with pytest.raises(Invalid) as refusal:
        inspected(database, done.number, decision(cast.syringe, "L1", accepted, refused))
    assert [fault.code for fault in refusal.value.faults] == [code]
    assert units(owner, cast.syringe, "L1") == (0, 40, 0)


def test_a_refusal_says_why_and_what_it_is_about(database):
    done = received(database, line(cast.syringe, "L1", 40, inspection=True))
    with pytest.raises(Invalid) as refusal:
        inspected(
            database,
            done.number,
            decision(cast.syringe, "L1", 0, 1, reason="  "),
            replace(decision(cast.gauze, "L1", 1), pointer="/lines/1"),
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/lines/0/reason", "reason_missing"),
        ("/lines/1/lot", "not_received"),
    ]
    with pytest.raises(NotFound):
        inspected(database, "GR2611-00000000A", decision(cast.syringe, "L1", 1))


def test_units_with_serial_numbers_are_taken_in_and_decided_by_number(database, owner):
    stents = line(cast.stent, "S9", 3, serials=(" a1", "a2", "a3"), inspection=True)
    done = received(database, stents)
    assert serials(owner, cast.stent) == dict.fromkeys(("a1", "a2", "a3"), "inspecting")
    for wrong in (
        decision(cast.stent, "S9", 1),
        decision(cast.stent, "S9", 2, 1),
        decision(cast.stent, "S9", 2, 1, refused_serials=("zz",)),
    ):
        with pytest.raises(Invalid):
            inspected(database, done.number, wrong)
    inspected(database, done.number, decision(cast.stent, "S9", 2, 1, refused_serials=("a2",)))
    assert serials(owner, cast.stent) == {"a1": "saleable", "a2": "quarantined", "a3": "saleable"}
    assert units(owner, cast.stent, "S9") == (2, 0, 1)
    [record] = recorded(database, done.number)
    assert (list(record.serials), list(record.refused_serials)) == (["a1", "a2", "a3"], ["a2"])


def test_a_serial_that_is_known_stops_the_whole_receipt(database, owner):
    received(database, line(cast.stent, "S9", 1, serials=("a1",)))
    with pytest.raises(Invalid) as refusal:
        received(
            database,
            line(cast.gauze, "G9", 5),
            replace(line(cast.stent, "S10", 2, serials=("b1", "a1")), pointer="/lines/1"),
        )
    assert [(fault.pointer, fault.params) for fault in refusal.value.faults] == [
        ("/lines/1/serials", {"serial": "a1"})
    ]
    assert owner.execute(text("SELECT count(*) FROM lot WHERE lot_no IN ('G9', 'S10')")).scalar_one() == 0


def test_a_label_that_contradicts_the_lot_is_refused_and_a_known_lot_needs_no_date(database, owner):
    received(database, line(cast.syringe, "L1", 4))
    received(database, line(cast.syringe, "L1", 6, expires_on=None))
    with pytest.raises(Invalid) as refusal:
        received(database, line(cast.syringe, "L1", 1, expires_on=FAR_OFF - timedelta(days=30)))
    assert [fault.code for fault in refusal.value.faults] == ["lot_date"]
    assert units(owner, cast.syringe, "L1") == (10, 0, 0)


def test_units_of_a_blocked_lot_are_set_apart_with_their_serials(given, database, owner):
    given.stock_of(cast.stent, SHANGHAI, a_lot("S9", 0, state="blocked"))
    stents = line(cast.stent, "S9", 1, serials=("a1",), expires_on=None)
    with pytest.raises(Invalid) as refusal:
        received(database, stents)
    assert told_of(refusal) == [("lot_not_saleable", "/lines/0/lot")]
    done = received(database, replace(stents, inspection=True))
    with pytest.raises(Invalid) as refusal:
        inspected(database, done.number, decision(cast.stent, "S9", 1))
    assert told_of(refusal) == [("lot_not_saleable", "/lines/0/accepted")]
    assert recorded(database, done.number) == []
    inspected(database, done.number, decision(cast.stent, "S9", 0, 1, refused_serials=["a1"]))
    assert units(owner, cast.stent, "S9") == (0, 0, 1)
    assert serials(owner, cast.stent) == {"a1": "quarantined"}


@pytest.mark.parametrize(("days", "is_fit"), [(19, True), (20, False), (21, False)])
def test_units_that_expire_while_they_wait_are_not_accepted(database, owner, days, is_fit):
    """Nobody has retired the lot yet: it is saleable, and its last day is over."""
    expires_on = cast.TODAY + timedelta(days=20)
    done = received(database, line(cast.syringe, "L1", 4, inspection=True, expires_on=expires_on))
    today = cast.TODAY + timedelta(days=days)
    if is_fit:
        inspected(database, done.number, decision(cast.syringe, "L1", 4), today=today)
        return
    with pytest.raises(Invalid) as refusal:
        inspected(database, done.number, decision(cast.syringe, "L1", 3, 1), today=today)
    assert told_of(refusal) == [("lot_not_saleable", "/lines/0/accepted")]
    inspected(database, done.number, decision(cast.syringe, "L1", 0, 4), today=today)
    assert units(owner, cast.syringe, "L1") == (0, 0, 4)


# Cold goods


def noted(database, number: str, low: str = "2", high: str = "8", arrival: str = "5") -> None:
    """The warehouse notes how they came."""
    inbound = Inbound("refrigerated_van", cast.NOW - timedelta(hours=2), Decimal(5), Decimal(arrival))
    desk = cast.order_desk.actor()
    with transaction(database.session_for(desk)) as session:
        record_inbound(
            session,
            actor=desk,
            number=number,
            bounds=Range(Decimal(low), Decimal(high)),
            inbound=inbound,
            zone=cast.ZONE,
            tolerance=TOLERANCE,
            at=cast.NOW,
        )


def test_cold_goods_are_accepted_with_the_record_of_their_transport_only(database, owner):
    made_cold(owner, cast.syringe)
    with pytest.raises(Invalid) as refusal:
        received(database, line(cast.syringe, "L1", 4))
    assert told_of(refusal) == [("cold_record_missing", "/lines/0/inspection")]
    done = received(database, line(cast.syringe, "L1", 4, inspection=True))
    with pytest.raises(Conflict) as conflict:
        inspected(database, done.number, decision(cast.syringe, "L1", 4))
    assert conflict.value.code == "cold_record_missing"
    inspected(database, done.number, decision(cast.syringe, "L1", 0, 1))
    noted(database, done.number)
    inspected(database, done.number, decision(cast.syringe, "L1", 3))
    assert units(owner, cast.syringe, "L1") == (3, 0, 1)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"arrival": "9"}, "cold_goods_quarantined"),
        ({"low": "-20", "high": "8"}, "cold_record_of_other_goods"),
        ({"low": "2", "high": "25"}, "cold_record_of_other_goods"),
    ],
)
def test_a_record_that_waits_or_is_of_other_goods_does_not_help(database, owner, record, code):
    made_cold(owner, cast.syringe)
    done = received(database, line(cast.syringe, "L1", 4, inspection=True))
    noted(database, done.number, **record)
    with pytest.raises(Conflict) as conflict:
        inspected(database, done.number, decision(cast.syringe, "L1", 4))
    assert (conflict.value.code, bool(conflict.value.fix)) == (code, True)
    assert units(owner, cast.syringe, "L1") == (0, 4, 0)


def test_who_received_a_device_of_class_iii_does_not_accept_it(database, owner):
    desk = cast.order_desk.actor()
    stents = line(cast.stent, "S9", 1, serials=("a1",), inspection=True)
    with pytest.raises(Invalid) as refusal:
        received(database, replace(stents, inspection=False), actor=desk)
    assert [fault.code for fault in refusal.value.faults] == ["inspection_needed"]
    done = received(database, stents, replace(line(cast.syringe, "L1", 4, inspection=True)), actor=desk)
    inspected(database, done.number, decision(cast.syringe, "L1", 4), actor=desk)
    with pytest.raises(Forbidden) as forbidden:
        inspected(database, done.number, decision(cast.stent, "S9", 1), actor=desk)
    assert forbidden.value.code == "same_person"
    with pytest.raises(Forbidden) as forbidden:
        inspected(database, done.number, decision(cast.stent, "S9", 1), actor=cast.erp.actor())
    assert forbidden.value.code == "person_needed"
    inspected(database, done.number, decision(cast.stent, "S9", 1))
    assert units(owner, cast.stent, "S9") == (1, 0, 0)


def test_a_program_accepts_what_its_own_warehouse_received(database, owner):
    done = received(database, line(cast.stent, "S9", 1, serials=("a1",), inspection=True))
    inspected(database, done.number, decision(cast.stent, "S9", 1), actor=cast.erp.actor())
    assert units(owner, cast.stent, "S9") == (1, 0, 0)


@pytest.mark.parametrize("who", [cast.hq_finance, cast.national_manager, cast.huadong.boss])
def test_who_lacks_the_right_neither_receives_nor_accepts(database, who):
    done = received(database, line(cast.syringe, "L1", 40, inspection=True))
    with pytest.raises(Forbidden):
        received(database, line(cast.syringe, "L2", 40), actor=who.actor())
    with pytest.raises(Forbidden):
        inspected(database, done.number, decision(cast.syringe, "L1", 1), actor=who.actor())


def test_quality_accepts_and_does_not_receive(database):
    with pytest.raises(Forbidden):
        received(database, line(cast.syringe, "L1", 40), actor=cast.quality.actor())


# Purchase orders


def test_what_comes_counts_to_the_purchase_order_and_a_change_of_it_keeps_that(database):
    a_supplier(database)
    assert ordered(database, "PO-1", [(cast.syringe, 50), (cast.gauze, 10), (cast.syringe, 10)]) == "open"
    received(database, line(cast.syringe, "L1", 20), reference="PO-1")
    received(database, line(cast.syringe, "L2", 45), line(cast.gauze, "G1", 10), purchase_order="PO-1")
    with transaction(database.session_for(cast.erp.actor())) as session:
        found = purchase(session, actor=cast.erp.actor(), number="PO-1")
    assert {one.sku: (one.quantity, one.received) for one in found.lines} == {
        "SYRINGE": (60, 65),
        "GAUZE": (10, 10),
    }
    assert (found.order.state, len(found.receipts)) == ("received", 2)
    assert ordered(database, "PO-1", [(cast.syringe, 100), (cast.gauze, 10)]) == "partly_received"
    with pytest.raises(Invalid) as refusal:
        ordered(database, "PO-1", [(cast.syringe, 100)])
    assert [(fault.code, fault.params) for fault in refusal.value.faults] == [
        ("line_received", {"skus": "GAUZE"})
    ]


def test_goods_that_were_not_ordered_or_are_anothers_are_refused(database):
    a_supplier(database)
    a_supplier(database, replace(SUPPLIER, code="SUP-2"))
    ordered(database, "PO-1", [(cast.syringe, 50)])
    with pytest.raises(Invalid) as refusal:
        received(
            database,
            line(cast.gauze, "G1", 10),
            purchase_order="PO-1",
            supplier="SUP-2",
            warehouse=cast.guangzhou_warehouse,
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/warehouse", "other_warehouse"),
        ("/supplier", "other_supplier"),
        ("/lines/0/sku", "not_ordered"),
    ]


def test_every_name_that_nobody_knows_is_told_at_once(database):
    with pytest.raises(Invalid) as refusal:
        received(
            database,
            replace(line(cast.syringe, "L1", 1), sku="NOBODY"),
            supplier="?",
            purchase_order="?",
            supply_request="?",
        )
    assert [fault.pointer for fault in refusal.value.faults] == [
        "/supplier",
        "/lines/0/sku",
        "/purchase_order",
        "/supply_request",
    ]


# What waits for goods


def test_a_receipt_settles_the_request_it_answers_and_what_lacks_is_asked_for_once_it_is_out(
    given, database, owner
):
    given.an_order({cast.gauze: 100})
    waiting = given.an_order({cast.gauze: 30}, supply=SupplyTerms(backorder=True)).number
    [number] = asked(database)
    # A product before gauze and one behind it: their levels are locked in their order.
    done = received(
        database,
        line(cast.southern_mask, "M1", 5),
        replace(line(cast.gauze, "G1", 20, inspection=True), pointer="/lines/1"),
        replace(line(cast.gloves, "", 5), pointer="/lines/2"),
        supply_request=number,
    )
    state = owner.execute(text("SELECT state, quantity FROM supply_request WHERE number = :n"), {"n": number})
    assert tuple(state.one()) == ("received", 20)
    [more] = asked(database, cast.NOW + timedelta(minutes=5))
    lacking = owner.execute(text("SELECT requested FROM supply_request WHERE number = :n"), {"n": more})
    assert lacking.scalar_one() == 10
    inspected(database, done.number, decision(cast.gauze, "G1", 20))
    with transaction(database.system_session()) as session:
        filled = fill_backorders(session, today=cast.TODAY, at=cast.NOW)
    assert filled.units == {waiting: 20}
    with pytest.raises(Conflict):
        received(database, line(cast.gauze, "G2", 7), supply_request=number)


def test_a_request_for_other_goods_is_not_settled(database):
    with pytest.raises(Invalid) as refusal:
        received(database, line(cast.gauze, "G1", 20), supply_request=cast.supply_request_number)
    assert [fault.code for fault in refusal.value.faults] == ["other_goods"]


# Records


def test_records_are_found_by_lot_product_supplier_and_day(database):
    a_supplier(database)
    yesterday = cast.NOW - timedelta(days=1)
    received(database, line(cast.syringe, "L1", 4), supplier=SUPPLIER.code, at=yesterday)
    done = received(database, line(cast.gauze, "L2", 4, inspection=True))
    inspected(database, done.number, decision(cast.gauze, "L2", 3, 1))

    def found(**sought) -> list[str]:
        with transaction(database.session_for(cast.quality.actor())) as session:
            page = records(session, actor=cast.quality.actor(), sought=Sought(**sought))
            return [one.lot_no for one in page.items]

    assert found() == ["L2", "L1", cast.gloves_lot.lot_no]
    assert found(q="l1") == ["L1"]
    assert found(q="GAUZE") == ["L2"]
    assert found(q=done.number) == ["L2"]
    assert found(supplier="苏州示例") == ["L1"]
    assert found(since=cast.TODAY) == ["L2"]
    assert found(until=cast.TODAY - timedelta(days=1), q="SYRINGE") == ["L1"]
    assert found(refused=True) == ["L2"]
    assert found(q="L1", supplier="another") == []


@pytest.mark.parametrize("act", ["UPDATE {} SET fault = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_changes_a_record(database, owner, act):
    received(database, line(cast.syringe, "L1", 4))
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text(act.format("acceptance_record")))
    assert isinstance(refusal.value.orig, psycopg.errors.Error)
    assert refusal.value.orig.sqlstate == "TL002"
    owner.rollback()


def test_a_supplier_that_moves_changes_no_record(database):
    a_supplier(database)
    done = received(database, line(cast.syringe, "L1", 4), supplier=SUPPLIER.code)
    a_supplier(database, replace(SUPPLIER, address="无锡市新区 1 号"))
    assert recorded(database, done.number)[0].supplier_address == SUPPLIER.address


# At the same time


def test_of_two_receipts_of_one_serial_one_comes_through(database, owner):
    def receive(place: int) -> None:
        stents = line(cast.stent, f"S{place}", 2, serials=("a1", f"b{place}"))
        received(database, stents)

    refused = failures(together(4, receive))
    assert [type(error) for error in refused] == [Invalid] * 3
    assert len(serials(owner, cast.stent)) == 2


def test_of_two_decisions_about_the_same_units_one_comes_through(database, owner):
    done = received(database, line(cast.syringe, "L1", 10, inspection=True))
    outcomes = together(4, lambda _: inspected(database, done.number, decision(cast.syringe, "L1", 6)))
    assert [type(error) for error in failures(outcomes)] == [Invalid] * 3
    assert units(owner, cast.syringe, "L1") == (6, 4, 0)


def test_receipts_of_the_same_lots_from_both_ends_and_orders_never_wait_crosswise(given, database):
    lots = [line(cast.syringe, "X", 5), line(cast.gauze, "X", 5), line(cast.last_suture, "X", 5)]

    def act(place: int) -> None:
        if place % 3 == 2:
            given.an_order({cast.syringe: 10, cast.gauze: 1})
        else:
            received(database, *(lots if place % 2 else lots[::-1]))

    assert failures(together(6, act)) == []


def test_units_in_inspection_are_not_asked_for_again(given, database):
    given.an_order({cast.gauze: 100})
    given.an_order({cast.gauze: 30}, supply=SupplyTerms(backorder=True))
    received(database, line(cast.gauze, "G1", 30, inspection=True))
    with transaction(database.system_session()) as session:
        assert request_supply(session, today=cast.TODAY, at=cast.NOW).numbers == ()
