"""Devices come with shipments and go with returns; one dealer has each, and a rival sees nothing of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from portal.devices.add_contract import Contract, add_contract
from portal.devices.change_state import change_state
from portal.devices.note_event import note_event
from portal.devices.queries import DeviceFilter, count_devices, devices
from portal.devices.queries import number_of as found_by
from portal.devices.replace_part import Part, replace_part
from portal.devices.rules import DeviceAct, DeviceState
from portal.devices.vocabulary import EventKind
from portal.devices.warrant import renew_warranties
from portal.devices.warranty_rules import WarrantyStand, months_after
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials
from tests import cast
from tests.devices.acts import (
    HOSPITAL,
    RIVAL,
    SERVICE,
    a_rule,
    an_installation,
    as_,
    installed,
    number_of,
    seen_by,
    sent,
)
from tests.invariants import broken_promises
from tests.races import failures, together
from tests.returns.acts import approved, arrived, asked, inspected, judged, requested
from tests.shipping.acts import differences

TODAY, YESTERDAY = cast.TODAY, cast.TODAY - timedelta(days=1)


def holders(owner, serial: str) -> list[tuple[int, str, bool]]:
    """Dealer and state of each who had it, and whether one has it now."""
    rows = owner.execute(
        text("SELECT dealer_id, state, held_until IS NULL FROM device WHERE serial = :s ORDER BY id"),
        {"s": serial},
    )
    return [tuple(row) for row in rows]


def test_what_is_shipped_is_a_device_of_its_dealer_under_the_warranty_of_its_rule(given, database, owner):
    a_rule(database)
    parcel = sent(given, database, "S1", "S2")
    found = seen_by(database, SERVICE, number_of(owner, "S1"))
    latest = months_after(TODAY, 3)
    assert (found.shipment_no, found.lot_no, found.state) == (parcel, "ST-1", "shipped")
    assert (found.warranty_from, found.warranty_to) == (latest, months_after(latest, 12))
    assert found.udi.startswith(f"(01){cast.stent.udi_di}(10)ST-1") and found.udi.endswith("(21)S1")
    assert differences(database) == [] and broken_promises(owner) == {}


def test_no_statement_is_asked_for_a_parcel_without_serials(given, database, owner):
    given.a_delivery_of(given.an_order({cast.gloves: 3}, by=cast.huadong.buyer).number)
    assert owner.execute(text("SELECT count(*) FROM device")).scalar_one() == 0


def test_a_device_goes_back_and_to_another_dealer_who_learns_nothing_of_the_first(given, database, owner):
    parcel = sent(given, database, "S1")
    first = number_of(owner, "S1")
    installed(database, first)
    number = requested(database, parcel, asked(cast.stent, 1, "ST-1", 0, "damaged", "S1")).number
    approved(database, number)
    arrived(database, number)
    assert holders(owner, "S1") == [(cast.huadong.id, "returned", False)]
    with pytest.raises(Conflict):
        installed(database, first)
    inspected(database, number, judged(cast.stent, "ST-1", 1))
    _moved_to_guangzhou(owner, database)
    sent(given, database, "S1", to=cast.yuegang)
    assert holders(owner, "S1")[1:] == [(cast.yuegang.id, "shipped", True)]
    theirs = seen_by(database, RIVAL, number_of(owner, "S1"))
    assert len(theirs.holders) == 1 and theirs.events == () and not theirs.has_hospital
    both = seen_by(database, cast.quality, number_of(owner, "S1"))
    assert [one.dealer_code for one in both.holders] == ["yuegang", "huadong"]
    assert [one.kind for one in both.events] == ["returned", "installed"]
    assert [one.number for one in seen_by(database, SERVICE, first).holders] == [first]


def _moved_to_guangzhou(owner, database):
    """The unit lies in the other warehouse now, by no document."""
    with transaction(database.system_session()) as session:
        here = Place(SerialState.SALEABLE, cast.shanghai_warehouse.id)
        there = Place(SerialState.SALEABLE, cast.guangzhou_warehouse.id)
        named = [Serials(cast.stent.id, cast.stent_lot.id, ["S1"], "")]
        assert move_serials(session, named, of=here, to=there, document="TR-TEST") == []


def test_what_a_return_refuses_is_the_dealers_again_as_it_was(given, database, owner):
    parcel = sent(given, database, "S1")
    first = number_of(owner, "S1")
    installed(database, first)
    number = requested(database, parcel, asked(cast.stent, 1, "ST-1", 0, "damaged", "S1")).number
    approved(database, number)
    arrived(database, number)
    inspected(database, number, judged(cast.stent, "ST-1", 1, "refused"))
    assert holders(owner, "S1") == [(cast.huadong.id, "installed", True)]
    assert number_of(owner, "S1") == first
    assert differences(database) == []
    told = "SELECT topic, payload FROM outbox WHERE topic IN ('device.returned', 'device.given_back')"
    came, went = owner.execute(text(f"{told} ORDER BY id")).all()
    assert (came.topic, went.topic) == ("device.returned", "device.given_back")
    assert came.payload == went.payload == {"number": first, "document": number}


def test_an_installation_begins_the_warranty_and_the_last_report_tells_the_place(given, database, owner):
    a_rule(database)
    sent(given, database, "S1", on=TODAY)
    owner.execute(text("UPDATE device SET shipped_on = :day"), {"day": TODAY - timedelta(days=20)})
    number = number_of(owner, "S1")
    told = installed(database, number, an_installation(installed_on=YESTERDAY))
    assert told.warranty.first == YESTERDAY and told.state is DeviceState.INSTALLED
    moved = an_installation(hospital="上海新院", installed_on=TODAY, accepted_on=None, accepted_by="")
    assert installed(database, number, moved).warranty.first == YESTERDAY, "moving begins no second one"
    found = seen_by(database, SERVICE, number)
    assert (found.hospital, found.installed_on, found.accepted_by) == ("上海新院", TODAY, "")
    assert [one.kind for one in found.events] == ["moved", "installed"] and len(found.reports) == 2
    assert differences(database) == []


def test_everything_wrong_with_a_report_is_told_at_once_each_at_its_field(given, database, owner):
    sent(given, database, "S1")
    said = an_installation(
        hospital="院\0",
        installed_on=TODAY + timedelta(days=1),
        accepted_on=TODAY,
        accepted_by="",
        installed_by="x" * 101,
        signature="[[1,2,3]]",
    )
    with pytest.raises(Invalid) as refusal:
        installed(database, number_of(owner, "S1"), said)
    pointers = {fault.pointer for fault in refusal.value.faults}
    assert pointers == {
        "/hospital",
        "/installed_on",
        "/accepted_on",
        "/accepted_by",
        "/installed_by",
        "/signature",
    }
    with pytest.raises(Invalid):
        installed(database, number_of(owner, "S1"), an_installation(installed_on=date(2001, 1, 1)))


def test_a_rival_and_a_buyer_can_do_nothing_to_a_device(given, database, owner):
    sent(given, database, "S1")
    number = number_of(owner, "S1")
    for act in (
        lambda who: installed(database, number, by=who),
        lambda who: as_(
            database, who, change_state, number=number, act=DeviceAct.RETIRE, reason="x", at=cast.NOW
        ),
        lambda who: as_(
            database, who, replace_part, number=number, part=Part("x", 1, TODAY), today=TODAY, at=cast.NOW
        ),
        lambda who: as_(database, who, note_event, number=number, kind=EventKind.NOTE, at=cast.NOW, said="x"),
        lambda who: seen_by(database, who, number),
    ):
        with pytest.raises(NotFound):
            act(RIVAL)
    with pytest.raises(Forbidden):
        installed(database, number, by=cast.huadong.buyer)
    with pytest.raises(Forbidden):
        a_rule_by_a_dealer = Contract("C1", TODAY, TODAY)
        as_(database, SERVICE, add_contract, number=number, contract=a_rule_by_a_dealer, at=cast.NOW)
    with pytest.raises(Forbidden):
        as_(database, SERVICE, change_state, number=number, act=DeviceAct.RECALL, reason="x", at=cast.NOW)


def test_hospitals_are_masked_wherever_somebody_may_not_see_them(given, database, owner):
    sent(given, database, "S1")
    number = number_of(owner, "S1")
    installed(database, number, an_installation(note=f"三楼 {HOSPITAL}"))
    for who, sees in ((SERVICE, True), (cast.quality, True), (cast.order_desk, False)):
        found = seen_by(database, who, number)
        assert (HOSPITAL in repr(found)) is sees
        assert found.place[0] == (HOSPITAL if sees else "三甲医院·上海")
        assert ("孙静" in repr(found)) is sees
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        [row] = devices(session, DeviceFilter(hospital="no such"), sees=False).items
        assert (row.hospital_zh, HOSPITAL in repr(row)) == ("三甲医院·上海", False), (
            "what is hidden is not sought"
        )
        assert count_devices(session, DeviceFilter(hospital="仁济"), sees=True) == 1
    said = owner.execute(
        text("SELECT coalesce(string_agg(a::text, ' '), '') FROM audit_event a")
    ).scalar_one()
    assert HOSPITAL not in said


def test_a_device_is_found_by_its_serial_and_by_what_its_label_says(given, database, owner):
    sent(given, database, "AB-1", "AB-2")
    with transaction(database.session_for(SERVICE.actor())) as session:
        number = found_by(session, "AB-1")
        label = f"(01){cast.stent.udi_di}(10)ST-1(21)AB-1"
        [by_label] = devices(session, DeviceFilter(q=label), sees=True).items
        assert (by_label.number, by_label.sku) == (number, "STENT")
        with pytest.raises(NotFound):
            found_by(session, "AB")
        other = DeviceFilter(q="(01)06901234510010(21)AB-1")
        assert devices(session, other, sees=True).items == ()
        assert found_by(session, "AB-2") == number_of(owner, "AB-2")
        for q, count in (("ａｂ", 2), ("ab1", 1), (number, 1), ("-", 0), ("%", 0), ("b-1", 0)):
            assert count_devices(session, DeviceFilter(q=q), sees=True) == count, q
    with transaction(database.session_for(RIVAL.actor())) as session:
        assert devices(session, DeviceFilter(q="AB"), sees=True).items == ()
        with pytest.raises(NotFound):
            found_by(session, "AB-1")


def test_a_contract_extends_the_cover_and_a_new_rule_reckons_anew(given, database, owner):
    sent(given, database, "S1")
    number = number_of(owner, "S1")
    contract = Contract("FW-2026-1", TODAY, TODAY + timedelta(days=400), "parts and labour")
    as_(database, cast.quality, add_contract, number=number, contract=contract, at=cast.NOW)
    assert seen_by(database, SERVICE, number).stand is WarrantyStand.CONTRACT
    a_rule(database, sku="STENT", starts="shipment", months=24)
    about = {"product_id": cast.stent.id, "category_code": None}
    with transaction(database.system_session()) as session:
        last = renew_warranties(session, after=(0, 0), **about)
        assert last and renew_warranties(session, after=last, **about) is None
    found = seen_by(database, SERVICE, number)
    assert (found.warranty_to, found.stand) == (months_after(TODAY, 24), WarrantyStand.COVERED)
    with pytest.raises(Invalid):
        bad = Contract(" ", TODAY, YESTERDAY)
        as_(database, cast.quality, add_contract, number=number, contract=bad, at=cast.NOW)


def test_every_fault_of_a_rule_is_told_and_a_dealer_sets_none(database):
    with pytest.raises(Invalid) as refusal:
        a_rule(
            database, sku="NOPE", category="ZZZ", months=10**9, latest_months=-1, starts="", valid_from=None
        )
    assert {fault.pointer for fault in refusal.value.faults} == {
        "/sku",
        "/category",
        "/months",
        "/latest_months",
        "/starts",
        "/valid_from",
    }
    a_rule(database)
    with pytest.raises(Conflict):
        a_rule(database, months=6)


def test_of_two_who_act_on_what_they_saw_one_is_told_to_look_again(given, database, owner):
    sent(given, database, "S1")
    number = number_of(owner, "S1")
    seen = seen_by(database, SERVICE, number).revision
    outcomes = together(2, lambda _: installed(database, number, revision=seen))
    [refused] = failures(outcomes)
    assert isinstance(refused, Conflict) and refused.code == "changed_meanwhile"


def test_what_is_recalled_or_in_repair_is_not_installed_meanwhile(given, database, owner):
    sent(given, database, "S1")
    number = number_of(owner, "S1")

    def acts(act: DeviceAct, who=cast.quality) -> DeviceState:
        return as_(database, who, change_state, number=number, act=act, reason="because", at=cast.NOW)

    assert acts(DeviceAct.BEGIN_REPAIR, SERVICE) is DeviceState.IN_REPAIR
    with pytest.raises(Conflict):
        installed(database, number)
    assert acts(DeviceAct.END_REPAIR, SERVICE) is DeviceState.SHIPPED
    assert acts(DeviceAct.RECALL) is DeviceState.RECALLED
    assert acts(DeviceAct.LIFT_RECALL) is DeviceState.SHIPPED
    assert acts(DeviceAct.RETIRE, SERVICE) is DeviceState.RETIRED
    with pytest.raises(Conflict):
        acts(DeviceAct.BEGIN_REPAIR)
    kinds = [one.kind for one in seen_by(database, SERVICE, number).events]
    assert kinds == ["retired", "recall_lifted", "recalled", "repaired", "repair_begun"]
