"""A unit with a serial number is in exactly one place."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.stock.serial_rules import SerialState, plain_serials, serial_faults
from portal.stock.serials import Place, Serials, bring_in, move_serials, send_out, take_in
from tests import cast
from tests.builders import a_lot
from tests.races import together

DESK = cast.order_desk
SHANGHAI, GUANGZHOU = cast.shanghai_warehouse, cast.guangzhou_warehouse
SALEABLE = Place(SerialState.SALEABLE, SHANGHAI.id)


@pytest.fixture
def lot(given):
    product = given.a_product(serial_controlled=True)
    return given.stock_of(product, SHANGHAI, a_lot("A", 3))[0]


@pytest.fixture
def act(database):
    """Do something with a session of the desk and commit."""

    def done(verb, *args, **kwargs):
        with transaction(database.session_for(DESK.actor())) as session:
            return verb(session, *args, **kwargs)

    return done


def of(lot, *serials: str) -> list[Serials]:
    return [Serials(lot.product.id, lot.id, serials, "/lines/0/serials")]


def places(owner) -> dict[str, tuple]:
    rows = owner.execute(text("SELECT serial, state, warehouse_id, dealer_id FROM serial_unit"))
    return {row.serial: (row.state, row.warehouse_id, row.dealer_id) for row in rows}


def test_a_serial_is_taken_in_once_and_never_again(lot, act, owner):
    assert act(take_in, of(lot, "S1", "S2"), to=SALEABLE, document="GR-1") == []
    again = act(take_in, of(lot, "S2", "S3"), to=SALEABLE, document="GR-2")
    assert [(fault.pointer, fault.params["serial"]) for fault in again] == [("/lines/0/serials", "S2")]


def test_the_same_serial_of_another_product_is_another_unit(given, lot, act, owner):
    other = given.stock_of(given.a_product(serial_controlled=True), SHANGHAI, a_lot("A", 1))[0]
    for one in (lot, other):
        assert act(take_in, of(one, "S1"), to=SALEABLE, document="GR-1") == []


@pytest.mark.parametrize("verb", ["take_in", "move_serials", "send_out", "bring_in"])
def test_a_serial_does_not_stand_for_units_of_two_lots(given, lot, act, owner, verb):
    """Nor twice in one: of the units that are named so, one would be without a serial."""
    other = given.stock_of(lot.product, SHANGHAI, a_lot("B", 3))[0]
    named = [
        Serials(lot.product.id, lot.id, ["S1", "S2"], "/a"),
        Serials(lot.product.id, other.id, ["S3", "S1", "S3"], "/b"),
    ]
    way = {"dealer_id": cast.huadong.id, "shipment_no": "SH-1"}
    verbs = {
        "take_in": (take_in, {"to": SALEABLE, "document": "GR-1"}),
        "move_serials": (move_serials, {"of": SALEABLE, "to": SALEABLE, "document": "TR-1"}),
        "send_out": (send_out, way | {"warehouse_id": SHANGHAI.id}),
        "bring_in": (bring_in, way | {"to": SALEABLE, "document": "RT-1"}),
    }
    done, how = verbs[verb]
    if verb == "move_serials":
        act(take_in, of(lot, "S1", "S2"), to=SALEABLE, document="GR-1")
        act(take_in, of(other, "S3"), to=SALEABLE, document="GR-1")
    faults = act(done, named, **how)
    assert [(fault.code, fault.pointer, fault.params["serial"]) for fault in faults] == [
        ("serial_repeated", "/b", "S1"),
        ("serial_repeated", "/b", "S3"),
    ]


def test_a_unit_leaves_from_where_it_is_and_only_once(lot, act, owner):
    act(take_in, of(lot, "S1"), to=SALEABLE, document="GR-1")
    way = {"warehouse_id": SHANGHAI.id, "dealer_id": cast.huadong.id, "shipment_no": "SH-1"}
    assert (
        act(send_out, of(lot, "S1"), **(way | {"warehouse_id": GUANGZHOU.id}))[0].code == "serial_elsewhere"
    )
    assert act(send_out, of(lot, "S1"), **way) == []
    assert places(owner)["S1"] == ("shipped", None, cast.huadong.id)
    assert len(act(send_out, of(lot, "S1"), **(way | {"shipment_no": "SH-2"}))) == 1


def test_a_unit_of_a_dealer_that_the_actor_does_not_see_is_a_fault(database, lot, act, owner):
    act(send_out, of(lot, "S1"), warehouse_id=SHANGHAI.id, dealer_id=cast.huadong.id, shipment_no="SH-1")
    way = {"warehouse_id": GUANGZHOU.id, "dealer_id": cast.yuegang.id, "shipment_no": "SH-2"}
    with transaction(database.session_for(cast.south_desk.actor())) as session:
        [fault] = send_out(session, of(lot, "S1"), **way)
    assert fault.code == "serial_elsewhere"
    assert places(owner)["S1"] == ("shipped", None, cast.huadong.id)


def test_a_unit_that_was_written_off_turns_up_again(lot, act, owner):
    act(take_in, of(lot, "S1"), to=SALEABLE, document="GR-1")
    act(move_serials, of(lot, "S1"), of=SALEABLE, to=Place(SerialState.SCRAPPED), document="IC-1")
    assert act(take_in, of(lot, "S1"), to=SALEABLE, document="IC-2") == []
    assert places(owner)["S1"] == ("saleable", SHANGHAI.id, None)


def test_a_unit_that_was_never_recorded_is_recorded_as_it_leaves(lot, act, owner):
    way = {"warehouse_id": SHANGHAI.id, "dealer_id": cast.huadong.id, "shipment_no": "SH-1"}
    assert act(send_out, of(lot, "OLD"), **way) == []
    assert places(owner)["OLD"][0] == "shipped"


def test_what_is_in_inspection_does_not_leave(lot, act):
    act(take_in, of(lot, "S1"), to=Place(SerialState.INSPECTING, SHANGHAI.id), document="GR-1")
    way = {"warehouse_id": SHANGHAI.id, "dealer_id": cast.huadong.id, "shipment_no": "SH-1"}
    assert len(act(send_out, of(lot, "S1"), **way)) == 1


def test_a_unit_comes_back_from_the_shipment_it_left_with_and_from_no_other(lot, act, owner):
    way = {"warehouse_id": SHANGHAI.id, "dealer_id": cast.huadong.id, "shipment_no": "SH-1"}
    act(send_out, of(lot, "S1"), **way)
    to = Place(SerialState.QUARANTINED, SHANGHAI.id)
    back = {"to": to, "document": "RT-1", "dealer_id": cast.huadong.id}
    assert len(act(bring_in, of(lot, "S1"), **back, shipment_no="SH-2")) == 1
    assert (
        len(act(bring_in, of(lot, "S1"), **(back | {"dealer_id": cast.yuegang.id}), shipment_no="SH-1")) == 1
    )
    assert act(bring_in, of(lot, "S1"), **back, shipment_no="SH-1") == []
    assert places(owner)["S1"] == ("quarantined", SHANGHAI.id, None)


def test_of_many_that_move_one_unit_at_once_one_does(database, lot, act, owner):
    act(take_in, of(lot, "S1"), to=SALEABLE, document="GR-1")

    def leave(place: int):
        to = Place(SerialState.IN_TRANSIT)
        with transaction(database.session_for(DESK.actor())) as session:
            return move_serials(session, of(lot, "S1"), of=SALEABLE, to=to, document=f"TR-{place}")

    outcomes = together(4, leave)
    assert sorted(map(len, outcomes)) == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("serials", "units", "controlled", "code"),
    [
        (["S1"], 2, True, "serial_count"),
        ([], 1, True, "serial_count"),
        (["S1", "S1"], 2, True, "serial_repeated"),
        (["S 1"], 1, True, "serial_malformed"),
        (["9" * 21], 1, True, "serial_malformed"),
        (["S1"], 1, False, "not_serial_controlled"),
    ],
)
def test_what_is_wrong_with_serials_is_told(serials, units, controlled, code):
    assert [f.code for f in serial_faults("/s", "SKU", serials, units=units, controlled=controlled)] == [code]


def test_serials_are_kept_plain():
    assert plain_serials([" Ｓ１ ", "", "\u3000"]) == ["S1"]


def test_a_dealer_sees_the_serials_it_has_and_no_others(database, lot, act):
    way = {"warehouse_id": SHANGHAI.id, "shipment_no": "SH-1"}
    act(send_out, of(lot, "MINE"), dealer_id=cast.huadong.id, **way)
    act(send_out, of(lot, "THEIRS"), dealer_id=cast.yuegang.id, **way)
    act(take_in, of(lot, "OURS"), to=SALEABLE, document="GR-1")
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        assert session.execute(text("SELECT serial FROM serial_unit")).scalars().all() == ["MINE"]
