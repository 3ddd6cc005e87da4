"""Every movement of goods is followed from place to place: nothing appears, nothing vanishes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.custody.find import find_traced
from portal.custody.holders import dealers_holding, holders_of, movements_of
from portal.custody.trace import totals_of, trace_lot, trace_serial
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, NotFound
from portal.nonconforming.rules import Decision
from portal.returns.receive_return import Arrived
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.ledger.acts import delivered
from tests.nonconforming.acts import decided, reported, witnessed
from tests.repairs import acts as repairs
from tests.returns.acts import approved, arrived, asked, inspected, judged, requested
from tests.sellout.acts import RENJI, line
from tests.sellout.acts import reported as reported_sold
from tests.shipping.acts import picked, shipped
from tests.transfers import acts as transfers

SHANGHAI = cast.shanghai_warehouse
BUYER, RIVAL = cast.huadong.buyer, cast.yuegang.buyer


@pytest.fixture(autouse=True)
def _everything_adds_up(owner):
    yield
    assert broken_promises(owner) == {}


@pytest.fixture
def product(given):
    one = given.a_product(price="125.00")
    given.stock_of(one, SHANGHAI, a_lot("A", 50))
    return one


def held(database, product, lot="A", *, by=cast.quality, on=None) -> dict[str, int]:
    """Units by the kind of place and the English name of its owner."""
    with transaction(database.session_for(by.actor())) as session:
        found = trace_lot(session, actor=by.actor(), sku=product.sku, lot=lot)
        page = holders_of(session, found, actor=by.actor(), on=on, zone=cast.ZONE)
        return {" ".join(filter(None, (one.kind, one.code))): one.quantity for one in page.items}


def told(database, product, lot="A", *, by=cast.quality):
    with transaction(database.session_for(by.actor())) as session:
        return totals_of(session, trace_lot(session, actor=by.actor(), sku=product.sku, lot=lot))


def ways(database, product, lot="A", *, by=cast.quality) -> list[tuple[str, str, str, int]]:
    """Kind, place, place, units; the earliest first."""
    with transaction(database.session_for(by.actor())) as session:
        found = trace_lot(session, actor=by.actor(), sku=product.sku, lot=lot)
        rows = movements_of(session, found, actor=by.actor()).items
        return [(one.kind, one.from_kind, one.to_kind, one.quantity) for one in reversed(rows)]


HERE, WITH = f"warehouse {SHANGHAI.code}", f"dealer {cast.huadong.code}"


def test_a_dealer_holds_goods_from_shipping_on(given, database, product):
    number = given.an_order({product: 10}).number
    assert held(database, product) == {HERE: 50}, "an order moves nothing"
    parcel = picked(database, number).shipment_number
    assert held(database, product) == {HERE: 50}
    shipped(database, parcel)
    assert held(database, product) == {HERE: 40, WITH: 10}
    assert ways(database, product)[-1] == ("shipment", "warehouse", "dealer", 10)
    totals = told(database, product)
    assert (totals.shipped, totals.held, totals.here, totals.returned) == (10, 10, 40, 0)


def test_what_comes_back_is_ours_again_and_what_is_refused_the_dealers(given, database, product):
    parcel = delivered(given, database, {product: 10}).shipment_number
    number = requested(database, parcel, asked(product, 4, "A")).number
    approved(database, number)
    arrived(database, number, [Arrived(product.sku, "A", 4, "/lines/0")])
    assert held(database, product) == {HERE: 44, WITH: 6}
    inspected(
        database,
        number,
        judged(product, "A", 3),
        judged(product, "A", 1, "refused"),
    )
    assert held(database, product) == {HERE: 43, WITH: 7}
    totals = told(database, product)
    assert (totals.shipped, totals.returned) == (10, 3)


def test_more_than_a_dealer_held_by_the_books_comes_from_outside(given, database, owner, product):
    parcel = delivered(given, database, {product: 10}).shipment_number
    number = requested(database, parcel, asked(product, 4, "A")).number
    approved(database, number)
    lot = owner.scalar(text("SELECT id FROM lot WHERE product_id = :p").bindparams(p=product.id))
    owner.execute(
        text(
            "INSERT INTO custody_movement (dealer_id, lot_id, from_place_id, to_place_id, quantity, kind, at,"
            " document, actor) SELECT :d, :l, custody_place('dealer', NULL, :d),"
            " custody_place('used', NULL, :d), 9, 'repair', :at, 'USED', 'system'"
        ).bindparams(d=cast.huadong.id, l=lot, at=cast.NOW)
    )
    arrived(database, number, [Arrived(product.sku, "A", 4, "/lines/0")])
    assert held(database, product) == {HERE: 44, f"used {cast.huadong.code}": 9}
    assert ways(database, product)[-2:] == [
        ("return", "dealer", "warehouse", 1),
        ("return", "outside", "warehouse", 3),
    ]


def test_goods_between_warehouses_are_with_the_carrier_and_what_is_lost_is_outside(given, database, product):
    there = f"warehouse {transfers.TO.code}"
    number = transfers.made(database, transfers.going(product, "A", 10))
    transfers.left(database, number)
    assert held(database, product) == {HERE: 40, "carrier": 10}
    transfers.arrived(database, number, transfers.here(product, "A", 6, 1))
    assert held(database, product) == {HERE: 40, there: 7, "carrier": 3}
    transfers.settled(database, number, transfers.here(product, "A", 1, 2))
    assert held(database, product) == {HERE: 40, there: 8}
    assert ways(database, product)[-1] == ("lost", "carrier", "outside", 2)


def test_what_is_destroyed_lies_with_the_destroyed_and_what_goes_to_the_supplier_is_outside(
    given, database, product
):
    witnessed(database, _condemned(database, product, 3, Decision.DESTROY))
    assert held(database, product) == {HERE: 47, "destroyed": 3}
    _condemned(database, product, 2, Decision.SEND_BACK)
    assert held(database, product) == {HERE: 45, "destroyed": 3}
    assert ways(database, product)[-1] == ("dispatch", "warehouse", "outside", 2)


def _condemned(database, product, units, decision):
    number = reported(database, product, "A", units, apart=True)
    decided(database, number, decision)
    return number


def test_a_unit_with_a_serial_number_has_one_place_and_a_life(given, database, owner):
    product = given.a_product(serial_controlled=True, price="125.00")
    given.stock_of(product, SHANGHAI, a_lot("S", 5))
    order = given.an_order({product: 2}).number
    parcel = picked(database, order).shipment_number
    shipped(database, parcel, serials={(1, "S"): ["U-1", "U-2"]})
    number = requested(database, parcel, asked(product, 1, "S", 0, "damaged", "U-1")).number
    approved(database, number)
    arrived(database, number, [Arrived(product.sku, "S", 1, "/lines/0", ("U-1",))])
    with transaction(database.session_for(cast.quality.actor())) as session:
        actor = cast.quality.actor()
        back = trace_serial(session, actor=actor, sku=product.sku, serial="U-1")
        out = trace_serial(session, actor=actor, sku=product.sku, serial="U-2")
    assert (back.kind, out.kind) == ("warehouse", "dealer")
    assert [(one.from_kind, one.to_kind) for one in back.steps] == [
        ("outside", "dealer"),
        ("dealer", "warehouse"),
    ], "a unit that was never recorded before begins with its shipment"
    assert [one.document for one in back.steps] == [parcel, number]


def test_a_day_in_the_past_is_shown_as_it_was(given, database, product):
    number = given.an_order({product: 10}).number
    shipped(database, picked(database, number).shipment_number, at=cast.NOW + timedelta(days=2))
    assert held(database, product, on=cast.TODAY + timedelta(days=1)) == {HERE: 50}
    assert held(database, product, on=cast.TODAY + timedelta(days=2)) == {HERE: 40, WITH: 10}


def test_a_dealer_sees_what_it_had_and_nothing_of_others(given, database, product):
    delivered(given, database, {product: 10})
    assert held(database, product, by=BUYER) == {WITH: 10}
    assert ways(database, product, by=BUYER) == [("shipment", "warehouse", "dealer", 10)]
    totals = told(database, product, by=BUYER)
    assert (totals.shipped, totals.held, totals.here) == (10, 10, 0)
    with pytest.raises(NotFound):
        held(database, product, by=RIVAL)
    with transaction(database.session_for(RIVAL.actor())) as session:
        for said in ("A", product.sku):
            found = find_traced(session, actor=RIVAL.actor(), said=said, today=cast.TODAY)
            assert product.sku not in {one.sku for one in found}


def test_a_manager_sees_the_dealers_of_the_own_regions(given, database, product):
    delivered(given, database, {product: 10})
    assert held(database, product, by=cast.east_manager) == {HERE: 40, WITH: 10}
    assert held(database, product, by=cast.south_manager) == {HERE: 40}


def test_a_hospital_is_named_to_quality_and_to_its_dealer_and_to_no_desk(given, database, product):
    delivered(given, database, {product: 10})
    [one] = reported_sold(database, [line(product.sku, "A", 4)]).lines
    assert one.is_accepted

    def hospitals(by) -> set[str]:
        with transaction(database.session_for(by.actor())) as session:
            found = trace_lot(session, actor=by.actor(), sku=product.sku, lot="A")
            page = holders_of(session, found, actor=by.actor(), zone=cast.ZONE)
            moved = movements_of(session, found, actor=by.actor()).items
            names = {row.name_zh for row in page.items if row.kind == "hospital"}
            return names | {row.to_zh for row in moved if row.to_kind == "hospital"}

    assert hospitals(cast.quality) == hospitals(BUYER) == {RENJI}
    assert hospitals(cast.order_desk) == {cast.huadong.name_zh}, "whose hospital it is, and not which"


def test_a_code_finds_the_lot_in_whichever_capitals(given, database, product):
    given.stock_of(product, SHANGHAI, a_lot("Kx-77", 5))
    with transaction(database.session_for(cast.quality.actor())) as session:
        actor = cast.quality.actor()
        [one] = find_traced(session, actor=actor, said=" ｋｘ－７７ ", today=cast.TODAY)
        assert (one.sku, one.lot, one.serial) == (product.sku, "Kx-77", "")
        lots = find_traced(session, actor=actor, said=product.sku, today=cast.TODAY)
        assert {found.lot for found in lots} == {"A", "Kx-77"}
        assert find_traced(session, actor=actor, said="no-such-lot", today=cast.TODAY) == []
        assert find_traced(session, actor=actor, said="\0", today=cast.TODAY) == []
    with (
        transaction(database.session_for(cast.hq_finance.actor())) as session,
        pytest.raises(Forbidden),
    ):
        find_traced(session, actor=cast.hq_finance.actor(), said="A", today=cast.TODAY)


def test_every_dealer_that_holds_a_lot_is_named(given, database, owner, product):
    delivered(given, database, {product: 10})
    lot = owner.scalar(text("SELECT id FROM lot WHERE product_id = :p").bindparams(p=product.id))
    with transaction(database.system_session()) as session:
        holding = dealers_holding(session, [lot])
    assert [(one.dealer_id, one.lot_id, one.quantity) for one in holding] == [(cast.huadong.id, lot, 10)]


def test_what_the_stock_did_before_it_was_followed_is_followed_by_whole_sets(given, database, owner, product):
    parcel = delivered(given, database, {product: 10}).shipment_number
    number = requested(database, parcel, asked(product, 4, "A")).number
    approved(database, number)
    arrived(database, number, [Arrived(product.sku, "A", 4, "/lines/0")])
    transfer = transfers.made(database, transfers.going(product, "A", 5))
    transfers.left(database, transfer)
    before = _everything(owner)
    with owner.engine.begin() as connection:
        for table in ("custody_movement", "serial_step"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text("TRUNCATE custody_movement, holding, serial_place, serial_step"))
        connection.execute(text("SELECT follow_all_stock()"))
        for table in ("custody_movement", "serial_step"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    assert _everything(owner) == before


def _everything(owner):
    """What lies where, what moved, and where the serial numbers are."""
    queries = (
        "SELECT lot_id, place_id, quantity FROM holding WHERE quantity > 0 ORDER BY 1, 2",
        "SELECT lot_id, from_place_id, to_place_id, quantity, kind, movement_id FROM custody_movement"
        " WHERE movement_id IS NOT NULL ORDER BY movement_id, from_place_id",
        "SELECT product_id, serial, place_id FROM serial_place ORDER BY 1, 2",
    )
    return [[tuple(row) for row in owner.execute(text(query))] for query in queries]


def test_a_part_that_a_repair_used_is_used(database, owner):
    number = repairs.a_request(database)
    repairs.accepted(database, number, repairs.offered(database, number))
    repairs.filed(database, number, repairs.visited(database, number), repairs.a_report(database))
    used = owner.execute(
        text(
            "SELECT p.kind, p.dealer_id, h.quantity FROM holding h JOIN place p ON p.id = h.place_id"
            " WHERE p.kind = 'used'"
        )
    ).all()
    assert [tuple(row) for row in used] == [("used", cast.huadong.id, 2)]
