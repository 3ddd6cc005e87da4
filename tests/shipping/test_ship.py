"""Shipping: proven again, out of the stock, billed to the fen, announced; never twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.shipping.review_rules import Check
from tests import cast
from tests.builders import a_lot
from tests.roles import Licence
from tests.shipping.acts import (
    account,
    audited,
    differences,
    level,
    lots,
    passed,
    picked,
    put_back,
    received,
    reviewed,
    shipped,
    status,
)


def test_a_shipped_parcel_leaves_lots_level_and_reservation(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    shipped(database, picked(database, order.number).shipment_number)
    assert level(owner, cast.gauze) == (50, 0)
    assert lots(owner, cast.gauze)["GZ-SHORT"] == (0, 0, "saleable")
    assert lots(owner, cast.gauze)["GZ-FRESH"] == (50, 0, "saleable")
    assert differences(database) == []


def test_every_lot_that_left_has_its_movement(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    moved = owner.execute(
        text(
            "SELECT l.lot_no, m.on_hand_delta, m.reserved_delta, m.dealer_id FROM stock_movement m"
            " JOIN lot l ON l.id = m.lot_id"
            " WHERE m.document = :n AND m.kind = 'shipment' ORDER BY l.lot_no"
        ),
        {"n": number},
    ).all()
    assert [tuple(row) for row in moved] == [
        ("GZ-FRESH", -20, -20, cast.huadong.id),
        ("GZ-SHORT", -30, -30, cast.huadong.id),
    ]


def test_what_was_open_is_billed(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    assert account(owner) == ("0.00", order.answer["total"])
    done = shipped(database, picked(database, order.number).shipment_number)
    assert done.gross == Decimal(order.answer["total"])
    assert account(owner) == (order.answer["total"], "0.00")
    assert owner.execute(text("SELECT tax FROM invoice")).scalar_one() == Decimal(order.answer["tax"])


def test_a_wholly_shipped_order_is_shipped_and_announced(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    assert shipped(database, number).order_status == "shipped"
    assert audited(owner, number) == ["shipment:picked", "shipment:reviewed", "shipment:shipped"]
    announced = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'order.shipped'")).scalar_one()
    assert announced == {"number": order.number, "shipment": number}


def test_parts_of_an_order_bill_its_amount_and_its_tax_exactly(given, database, owner):
    product = given.a_product(price="0.07")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
    order = given.an_order({product: 29})
    for units in (1, 13, 2):
        done = shipped(database, picked(database, order.number, quantities={1: units}).shipment_number)
        assert done.order_status == "partially_shipped"
        assert differences(database) == []
    assert shipped(database, picked(database, order.number).shipment_number).order_status == "shipped"
    billed = owner.execute(text("SELECT sum(gross) AS gross, sum(tax) AS tax FROM invoice")).one()
    assert (str(billed.gross), str(billed.tax)) == (order.answer["total"], order.answer["tax"])
    assert account(owner) == (order.answer["total"], "0.00")


def test_a_parcel_is_shipped_once(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    with pytest.raises(Conflict) as refusal:
        shipped(database, number)
    assert refusal.value.code == "already_shipped"
    assert level(owner, cast.gauze) == (50, 0)


def test_a_parcel_is_shipped_once_even_while_the_next_one_is_picked(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    first = picked(database, order.number, quantities={1: 10}).shipment_number
    shipped(database, first)
    picked(database, order.number)
    with pytest.raises(Conflict) as refusal:
        shipped(database, first)
    assert refusal.value.code == "already_shipped"
    assert level(owner, cast.gauze) == (90, 40)


def test_a_parcel_that_was_put_back_is_gone(given, database):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    put_back(database, order.number)
    with pytest.raises(NotFound):
        shipped(database, number)


@pytest.mark.parametrize(
    ("carrier", "tracking_no", "pointers"),
    [
        ("", "", ["/carrier", "/tracking_no"]),
        ("  ", "SF1", ["/carrier"]),
        ("x" * 65, "SF1", ["/carrier"]),
        ("a\nb", "SF1", ["/carrier"]),
        ("顺丰", " ", ["/tracking_no"]),
        ("顺丰", "9" * 65, ["/tracking_no"]),
        ("顺丰", "SF<script>", ["/tracking_no"]),
        ("顺丰", "单号123", ["/tracking_no"]),
    ],
)
def test_a_waybill_that_cannot_be_is_refused_at_its_field(
    given, database, owner, carrier, tracking_no, pointers
):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    with pytest.raises(Invalid) as refusal:
        shipped(database, number, carrier=carrier, tracking_no=tracking_no)
    assert [fault.pointer for fault in refusal.value.faults] == pointers
    assert status(owner, order.number) == "picking"


def test_blanks_and_full_width_digits_of_a_waybill_are_made_plain(given, database, owner):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    shipped(database, number, carrier=" 顺丰速运 ", tracking_no="　ＳＦ１２３ ")
    kept = owner.execute(
        text("SELECT carrier, tracking_no FROM shipment WHERE number = :n"), {"n": number}
    ).one()
    assert tuple(kept) == ("顺丰速运", "SF123")


def test_a_licence_that_ended_between_pick_and_departure_stops_the_parcel(given, database, owner):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    given.licences_of(cast.huadong, Licence("lapsed", 2, date(2020, 1, 1), date(2024, 1, 1)))
    with pytest.raises(Conflict) as refusal:
        shipped(database, number)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/lines/1/sku", "licence")]
    assert status(owner, order.number) == "picking"
    assert account(owner)[0] == "0.00"


def test_a_lot_that_expired_between_pick_and_departure_stops_the_parcel(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    number = picked(database, order.number).shipment_number
    with pytest.raises(Conflict) as refusal:
        shipped(database, number, today=cast.TODAY + timedelta(days=60))
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code, fault.params["lot"]) == ("/lines/1", "lot_not_saleable", "GZ-SHORT")
    assert level(owner, cast.gauze) == (100, 50)


def test_a_lot_blocked_between_pick_and_departure_stops_the_parcel(given, database, owner):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    owner.execute(
        text("UPDATE lot_stock SET state = 'blocked' WHERE lot_id = :l"), {"l": cast.gauze_lot_short_dated.id}
    )
    with pytest.raises(Conflict) as refusal:
        shipped(database, number)
    assert [fault.code for fault in refusal.value.faults] == ["lot_not_saleable"]


def test_the_database_itself_refuses_a_parcel_with_an_expired_lot(given, database, monkeypatch):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    monkeypatch.setattr("portal.shipping.ship.sells_on", lambda *_: True)
    with pytest.raises(Conflict) as refusal:
        shipped(database, number, today=cast.TODAY + timedelta(days=60))
    assert refusal.value.code == "lot_not_saleable"


def test_serials_are_kept_with_the_lot_they_belong_to(given, database, owner):
    order = given.an_order({cast.stent: 2})
    number = picked(database, order.number).shipment_number
    shipped(database, number, serials={(1, "ST-1"): [" S-002 ", "S-001"]})
    assert owner.execute(text("SELECT serials FROM shipment_line")).scalar_one() == ["S-002", "S-001"]


def test_a_program_may_leave_serials_out(given, database, owner):
    order = given.an_order({cast.stent: 2})
    shipped(database, picked(database, order.number).shipment_number, by=cast.erp, review=False)
    assert owner.execute(text("SELECT serials FROM shipment_line")).scalar_one() == []


def test_of_units_that_a_reviewer_passed_a_program_records_the_rest(given, database, owner):
    order = given.an_order({cast.stent: 3})
    number = picked(database, order.number).shipment_number
    reviewed(database, number, Check(1, "ST-1", 1, serials=("S-002",)))
    with pytest.raises(Invalid) as refusal:
        shipped(
            database, number, by=cast.erp, review=False, serials={(1, "ST-1"): ["S-003", "S-004", "S-005"]}
        )
    assert [(one.pointer, one.code) for one in refusal.value.faults] == [
        ("/serials/1/ST-1", "serial_left_out")
    ]
    shipped(database, number, by=cast.erp, review=False, serials={(1, "ST-1"): ["S-001", "S-002", "S-003"]})
    told = owner.execute(text("SELECT serials FROM outbound_review ORDER BY id")).scalars().all()
    assert told == [["S-002"], ["S-001", "S-003"]]
    left = owner.execute(text("SELECT serials FROM shipment_line")).scalar_one()
    assert left == ["S-001", "S-002", "S-003"]


def test_what_a_reviewer_passed_does_not_leave_unnamed(given, database, owner):
    order = given.an_order({cast.stent: 2})
    number = picked(database, order.number).shipment_number
    reviewed(database, number, Check(1, "ST-1", 1, serials=("S-001",)))
    with pytest.raises(Invalid) as refusal:
        shipped(database, number, by=cast.erp, review=False)
    assert [fault.code for fault in refusal.value.faults] == ["serial_count"]
    assert status(owner, order.number) == "picking"


def test_a_wrong_number_of_serials_ships_nothing(given, database, owner):
    order = given.an_order({cast.stent: 2})
    number = picked(database, order.number).shipment_number
    with pytest.raises(Invalid) as refusal:
        shipped(database, number, by=cast.erp, review=False, serials={(1, "ST-1"): ["S-001"]})
    assert [fault.code for fault in refusal.value.faults] == ["serial_count"]
    assert status(owner, order.number) == "picking"


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.hq_finance, cast.east_manager])
def test_only_the_order_desk_ships(given, database, person):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    with pytest.raises(Forbidden):
        shipped(database, number, by=person)


def test_the_order_desk_of_another_region_finds_no_such_parcel(given, database):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    with pytest.raises(NotFound):
        shipped(database, number, by=cast.south_desk)


def test_a_second_parcel_may_leave_while_the_first_is_received(given, database):
    order = given.an_order({cast.gauze: 50})
    first = picked(database, order.number, quantities={1: 10}).shipment_number
    shipped(database, first)
    second = picked(database, order.number).shipment_number
    assert received(database, first).order_status == "picking"
    assert shipped(database, second).order_status == "shipped"


def test_a_parcel_costs_the_same_statements_whatever_its_lines(given, database, count_statements):
    costs = []
    for lines in (1, 8):
        products = [given.a_product() for _ in range(lines)]
        for product in products:
            given.stock_of(
                product, cast.shanghai_warehouse, a_lot("A", 1, expires_on=date(2098, 1, 1)), a_lot("B", 5)
            )
        number = picked(database, given.an_order(dict.fromkeys(products, 3)).number).shipment_number
        passed(database, number)
        with count_statements() as counted:
            shipped(database, number, review=False)
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 18, counted
