"""The outbound review: by another person, line by line, before anything leaves; what fails is set apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.orders.terms import SupplyTerms
from portal.shipping.confirm_pick import confirm_pick
from portal.shipping.parcel_sheet import parcel_sheet
from portal.shipping.review_rules import Check, Outcome
from portal.shipping.review_scan import review_scan
from tests import cast
from tests.builders import a_lot
from tests.played import played
from tests.races import failures, together
from tests.shipping.acts import (
    Reviewed,
    audited,
    cancelled,
    differences,
    level,
    parcel,
    passed,
    picked,
    put_back,
    reviewed,
    shipped,
    status,
)
from tests.transfers.acts import serials, serials_here

GTIN = "06901234567892"


def code(*, lot="", serial="", expiry="", di=GTIN) -> str:
    """A label in brackets, as a reader with them sends it."""
    parts = (
        f"(17){expiry}" if expiry else "",
        f"(10){lot}" if lot else "",
        f"(21){serial}" if serial else "",
    )
    return f"(01){di}" + "".join(parts)


def scanned(database, number, label, *, quantity=None, by=cast.desk_colleague, left=None):
    with transaction(database.session_for(by.actor())) as session:
        return review_scan(
            session,
            actor=by.actor(),
            shipment_number=number,
            code=label,
            quantity=quantity,
            today=cast.TODAY,
            at=cast.NOW,
            left=left,
        )


def confirmed(database, number, *, by=cast.order_desk, **what):
    with transaction(database.session_for(by.actor())) as session:
        return confirm_pick(
            session, actor=by.actor(), shipment_number=number, today=cast.TODAY, at=cast.NOW, **what
        )


def records(owner) -> list[Any]:
    return owner.execute(text("SELECT * FROM outbound_review ORDER BY id")).all()


def codes(refusal) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refusal.value.faults]


@played
def gauze(given, database, owner):
    """A parcel of 30 units of a lot that expires soon and 20 of a fresh one."""
    order = given.an_order({cast.gauze: 50})
    return order, picked(database, order.number).shipment_number


def test_nothing_leaves_unreviewed(database, owner, gauze):
    order, number = gauze
    with pytest.raises(Conflict) as refusal:
        shipped(database, number, review=False)
    assert refusal.value.code == "not_reviewed"
    assert codes(refusal) == [("/lines/1", "not_reviewed")] * 2
    assert (status(owner, order.number), level(owner, cast.gauze)) == ("picking", (100, 50))


def test_a_part_that_passed_is_not_the_parcel(database, gauze):
    _, number = gauze
    assert reviewed(database, number, Check(1, "GZ-SHORT", 30), Check(1, "GZ-FRESH", 19)).left == 1
    with pytest.raises(Conflict) as refusal:
        shipped(database, number, review=False)
    assert [fault.params for fault in refusal.value.faults] == [{"lot": "GZ-FRESH", "units": 1}]
    assert reviewed(database, number, Check(1, "GZ-FRESH", 1)).left == 0
    assert shipped(database, number, review=False).order_status == "shipped"


def test_where_no_review_is_kept_a_parcel_leaves_without(database, owner, gauze):
    _, number = gauze
    assert shipped(database, number, review=False, review_required=False).order_status == "shipped"
    assert records(owner) == []


def test_whoever_picked_does_not_review(database, owner, gauze):
    _, number = gauze
    with pytest.raises(Forbidden) as refusal:
        passed(database, number, by=cast.order_desk)
    assert refusal.value.code == "same_person"
    assert records(owner) == []


def test_whoever_confirmed_a_line_at_the_shelf_has_picked_too(database, gauze):
    _, number = gauze
    confirmed(database, number, by=cast.desk_colleague, line=(1, "GZ-SHORT"))
    with pytest.raises(Forbidden):
        reviewed(database, number, Check(1, "GZ-FRESH", 20))


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.BAD_LABEL])
def test_whoever_reviewed_a_line_picks_none_of_the_others(database, gauze, outcome):
    _, number = gauze
    reviewed(database, number, Check(1, "GZ-SHORT", 3, outcome, note="read twice"))
    for lot in ("GZ-SHORT", "GZ-FRESH"):
        with pytest.raises(Forbidden) as refusal:
            confirmed(database, number, by=cast.desk_colleague, line=(1, lot))
        assert refusal.value.code == "same_person"
    confirmed(database, number, by=cast.order_desk, line=(1, "GZ-FRESH"))
    reviewed(database, number, Check(1, "GZ-FRESH", 20), by=cast.desk_colleague)


def test_what_is_sent_again_is_neither_passed_nor_set_apart_twice(database, owner, gauze):
    _, number = gauze
    for check in (
        Check(1, "GZ-SHORT", 2, left=30),
        Check(1, "GZ-FRESH", 3, Outcome.DAMAGED, note="wet", left=20),
    ):
        reviewed(database, number, check)
        before = parcel(owner, number), len(records(owner))
        with pytest.raises(Conflict) as refusal:
            reviewed(database, number, check)
        assert refusal.value.code == "reviewed_meanwhile"
        assert (parcel(owner, number), len(records(owner))) == before
    assert reviewed(database, number, Check(1, "GZ-SHORT", 2, left=28)).left == 43


def test_a_label_that_is_sent_again_passes_nothing_more(database, owner, gauze):
    _, number = gauze
    owner.execute(text("UPDATE product SET udi_di = :di WHERE id = :p"), {"di": GTIN, "p": cast.gauze.id})
    assert scanned(database, number, code(lot="GZ-SHORT"), quantity=5, left=50).left == 45
    with pytest.raises(Conflict) as refusal:
        scanned(database, number, code(lot="GZ-SHORT"), quantity=5, left=50)
    assert refusal.value.code == "reviewed_meanwhile"
    assert len(records(owner)) == 1


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.quality, cast.hq_finance, cast.east_manager])
def test_only_the_warehouse_reviews(database, gauze, person):
    with pytest.raises(Forbidden):
        passed(database, gauze[1], by=person)


def test_the_warehouse_of_another_region_finds_no_such_parcel(database, gauze):
    with pytest.raises(NotFound):
        reviewed(database, gauze[1], Check(1, "GZ-SHORT", 30), by=cast.south_desk)


def test_the_record_says_what_the_law_asks(database, owner, gauze):
    order, number = gauze
    reviewed(database, number, Check(1, "GZ-SHORT", 30, udi="(01)x"))
    [row] = records(owner)
    assert (row.shipment_no, row.order_no, row.buyer, row.dealer_id) == (
        number,
        order.number,
        cast.huadong.name_zh,
        cast.huadong.id,
    )
    assert (row.sku, row.name_zh, row.lot_no, row.quantity, row.unit) == (
        cast.gauze.sku,
        cast.gauze.name_zh,
        "GZ-SHORT",
        30,
        cast.gauze.unit,
    )
    assert (row.registration_no != "", row.udi, row.outcome) == (True, "(01)x", "passed")
    assert (row.reviewed_by, row.reviewed_by_label) == (
        cast.desk_colleague.actor().key,
        cast.desk_colleague.actor().label,
    )
    assert (row.reviewed_at, row.picked_by) == (cast.NOW, cast.order_desk.actor().key)
    assert row.expires_on == cast.gauze_lot_short_dated.expires_on
    assert "shipment:reviewed" in audited(owner, number)


def test_a_record_without_a_scanned_code_has_the_identifier_of_the_product(database, owner, gauze):
    reviewed(database, gauze[1], Check(1, "GZ-SHORT", 30))
    di = owner.execute(text("SELECT udi_di FROM product WHERE id = :p"), {"p": cast.gauze.id}).scalar_one()
    assert records(owner)[0].udi == di


@pytest.mark.parametrize(
    "statement", ["UPDATE outbound_review SET quantity = 1", "DELETE FROM outbound_review"]
)
def test_a_record_is_never_changed(database, owner, gauze, statement):
    reviewed(database, gauze[1], Check(1, "GZ-SHORT", 30))
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text(statement))
    assert refusal.value.orig.sqlstate == "TL002"
    assert [row.quantity for row in records(owner)] == [30]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (Check(2, "GZ-SHORT", 1, pointer="/x"), [("/x", "unknown_line")]),
        (Check(1, "GZ-OTHER", 1, pointer="/x"), [("/x", "unknown_line")]),
        (Check(1, "GZ-SHORT", 0, pointer="/x"), [("/x/quantity", "quantity_out_of_range")]),
        (Check(1, "GZ-SHORT", -3, pointer="/x"), [("/x/quantity", "quantity_out_of_range")]),
        (Check(1, "GZ-SHORT", 31, pointer="/x"), [("/x/quantity", "quantity_out_of_range")]),
        (Check(1, "GZ-SHORT", 1, Outcome.DAMAGED, pointer="/x"), [("/x/note", "note_missing")]),
        (Check(1, "GZ-SHORT", 1, Outcome.EXPIRED, note="  ", pointer="/x"), [("/x/note", "note_missing")]),
        (
            Check(1, "GZ-SHORT", 1, Outcome.DAMAGED, note="x" * 501, pointer="/x"),
            [("/x/note", "note_too_long")],
        ),
        (Check(1, "GZ-SHORT", 1, serials=("S1",), pointer="/x"), [("/x/serials", "not_serial_controlled")]),
    ],
)
def test_what_does_not_fit_the_parcel_is_not_recorded(database, owner, gauze, check, expected):
    with pytest.raises(Invalid) as refusal:
        reviewed(database, gauze[1], check)
    assert codes(refusal) == expected
    assert records(owner) == []


def test_nothing_is_reviewed_twice(database, owner, gauze):
    _, number = gauze
    reviewed(database, number, Check(1, "GZ-SHORT", 30))
    with pytest.raises(Invalid) as refusal:
        reviewed(database, number, Check(1, "GZ-SHORT", 1))
    assert codes(refusal) == [("/quantity", "reviewed")]
    with pytest.raises(Invalid):
        reviewed(database, number, Check(1, "GZ-FRESH", 15), Check(1, "GZ-FRESH", 15))
    assert len(records(owner)) == 1


def test_two_reviewers_at_once_record_each_unit_once(database, owner, gauze):
    _, number = gauze
    whole = (Check(1, "GZ-SHORT", 30), Check(1, "GZ-FRESH", 20))
    outcomes = together(4, lambda _: reviewed(database, number, *whole))
    assert sum(isinstance(one, Reviewed) for one in outcomes) == 1 and len(failures(outcomes)) == 3
    assert sum(row.quantity for row in records(owner)) == 50


def test_a_parcel_that_left_is_not_reviewed_any_more(database, gauze):
    _, number = gauze
    shipped(database, number)
    with pytest.raises(Conflict) as refusal:
        reviewed(database, number, Check(1, "GZ-SHORT", 1))
    assert refusal.value.code == "already_shipped"


def test_a_parcel_put_back_takes_its_review_with_it(database, owner, gauze):
    order, number = gauze
    passed(database, number)
    put_back(database, order.number)
    again = picked(database, order.number).shipment_number
    with pytest.raises(Conflict):
        shipped(database, again, review=False)
    assert {row.shipment_no for row in records(owner)} == {number}
    passed(database, again)
    assert shipped(database, again, review=False).order_status == "shipped"


def test_an_order_cancelled_after_a_reviewed_parcel_was_put_back_leaves_the_record(database, owner, gauze):
    order, number = gauze
    passed(database, number)
    put_back(database, order.number)
    cancelled(database, order.number)
    assert len(records(owner)) == 2 and differences(database) == []


# Serial numbers


@pytest.fixture
def stents(given, database):
    """A parcel of two units that have serial numbers."""
    order = given.an_order({cast.stent: 2})
    return order, picked(database, order.number).shipment_number


def test_units_with_serials_pass_only_with_them(database, stents):
    with pytest.raises(Invalid) as refusal:
        reviewed(database, stents[1], Check(1, "ST-1", 2))
    assert codes(refusal) == [("/serials", "serial_count")]


def test_the_serials_that_passed_are_those_that_leave(database, owner, stents):
    _, number = stents
    reviewed(database, number, Check(1, "ST-1", 1, serials=(" S-001",)))
    reviewed(database, number, Check(1, "ST-1", 1, serials=("S-002",)))
    shipped(database, number, review=False)
    serials = owner.execute(text("SELECT serials FROM shipment_line")).scalar_one()
    assert sorted(serials) == ["S-001", "S-002"]
    held = owner.execute(text("SELECT serial, state, dealer_id FROM serial_unit ORDER BY serial")).all()
    assert [tuple(row) for row in held] == [
        ("S-001", "shipped", cast.huadong.id),
        ("S-002", "shipped", cast.huadong.id),
    ]


def test_no_serial_passes_twice(database, stents):
    _, number = stents
    reviewed(database, number, Check(1, "ST-1", 1, serials=("S-001",)))
    with pytest.raises(Invalid) as refusal:
        reviewed(database, number, Check(1, "ST-1", 1, serials=("S-001",)))
    assert codes(refusal) == [("/serials", "serial_repeated")]


def test_a_serial_that_left_before_does_not_pass_again(given, database, stents):
    _, number = stents
    shipped(database, number, serials={(1, "ST-1"): ["S-1", "S-2"]})
    another = picked(database, given.an_order({cast.stent: 1}).number).shipment_number
    with pytest.raises(Invalid) as refusal:
        reviewed(database, another, Check(1, "ST-1", 1, serials=("S-1",)))
    assert codes(refusal) == [("/serials", "serial_elsewhere")]


# Findings


def damaged(lot="GZ-SHORT", units=1, outcome=Outcome.DAMAGED, line=1, serials=()) -> Check:
    return Check(line, lot, units, outcome, serials=serials, note="box crushed")


def quarantined(owner, product) -> dict[str, tuple[int, int, int]]:
    found = owner.execute(
        text(
            "SELECT l.lot_no, k.on_hand, k.allocated, k.quarantined FROM lot_stock k"
            " JOIN lot l ON l.id = k.lot_id WHERE k.product_id = :p AND k.warehouse_id = :w"
        ),
        {"p": product.id, "w": cast.shanghai_warehouse.id},
    )
    return {row.lot_no: (row.on_hand, row.allocated, row.quarantined) for row in found}


@pytest.mark.parametrize("outcome", [Outcome.DAMAGED, Outcome.BAD_LABEL, Outcome.EXPIRED])
def test_what_is_found_wrong_leaves_the_parcel_for_quarantine(database, owner, gauze, outcome):
    order, number = gauze
    done = reviewed(database, number, damaged(units=4, outcome=outcome))
    assert (done.set_apart, done.left, done.put_back, done.order_status) == (4, 46, False, "picking")
    assert parcel(owner, number) == [(1, "GZ-SHORT", 26), (1, "GZ-FRESH", 20)]
    assert quarantined(owner, cast.gauze)["GZ-SHORT"] == (26, 26, 4)
    assert level(owner, cast.gauze) == (96, 50)
    assert differences(database) == []
    passed(database, number)
    assert shipped(database, number, review=False).order_status == "partially_shipped"
    rest = picked(database, order.number).shipment_number
    assert parcel(owner, rest) == [(1, "GZ-FRESH", 4)]
    assert shipped(database, rest).order_status == "shipped"
    assert differences(database) == []


def test_the_last_units_of_a_line_take_the_line_with_them(database, owner, gauze):
    _, number = gauze
    reviewed(database, number, damaged(units=30))
    assert parcel(owner, number) == [(1, "GZ-FRESH", 20)]


def test_units_that_passed_stay_when_others_of_their_lot_fail(database, owner, gauze):
    _, number = gauze
    done = reviewed(database, number, Check(1, "GZ-SHORT", 28), damaged(units=2), Check(1, "GZ-FRESH", 20))
    assert (done.left, done.set_apart) == (0, 2)
    assert shipped(database, number, review=False).order_status == "partially_shipped"


def test_a_parcel_of_which_nothing_is_left_is_put_back(given, database, owner):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    done = reviewed(database, number, damaged(units=5))
    assert (done.put_back, done.order_status, done.left) == (True, "confirmed", 0)
    assert status(owner, order.number) == "confirmed" and parcel(owner, number) == []
    assert len(records(owner)) == 1 and differences(database) == []


@pytest.mark.parametrize("backorder", [False, True])
def test_an_order_that_cannot_keep_its_stock_is_held(given, database, owner, backorder):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("ONLY", 5))
    order = given.an_order({product: 5}, supply=SupplyTerms(backorder=backorder))
    number = picked(database, order.number).shipment_number
    done = reviewed(database, number, damaged("ONLY", 2))
    assert (done.put_back, done.order_status) == (True, "on_hold")
    assert (status(owner, order.number), level(owner, product)) == ("on_hold", (3, 3))
    assert quarantined(owner, product)["ONLY"] == (3, 0, 2)
    waiting = owner.execute(
        text("SELECT backordered FROM stock_level WHERE product_id = :p AND warehouse_id = :w"),
        {"p": product.id, "w": cast.shanghai_warehouse.id},
    ).scalar_one()
    assert waiting == (2 if backorder else 0)
    assert differences(database) == []


def test_serials_of_what_failed_lie_in_quarantine(database, owner, stents):
    order, number = stents
    reviewed(database, number, damaged("ST-1", 1, serials=("S-9",)))
    held = owner.execute(text("SELECT serial, state, warehouse_id FROM serial_unit")).all()
    assert [tuple(row) for row in held] == [("S-9", "quarantined", cast.shanghai_warehouse.id)]
    with pytest.raises(Invalid) as refusal:
        reviewed(database, number, Check(1, "ST-1", 1, serials=("S-9",)))
    assert codes(refusal) == [("/serials", "serial_elsewhere")]
    assert status(owner, order.number) == "picking"


def test_the_same_serial_of_two_products_is_two_units_in_quarantine_too(given, database, owner):
    """One that was recorded when it came moves; the other is recorded now."""
    known, new = (given.a_product(serial_controlled=True) for _ in range(2))
    lots = [given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 1))[0] for product in (known, new)]
    serials_here(owner, known, lots[0].id, "S-1")
    number = picked(database, given.an_order({known: 1, new: 1}).number).shipment_number
    found = [
        replace(damaged("A", 1, line=line, serials=("S-1",)), pointer=f"/lines/{line - 1}") for line in (1, 2)
    ]
    reviewed(database, number, *found)
    apart = {"S-1": ("quarantined", cast.shanghai_warehouse.id)}
    assert serials(owner, known) == serials(owner, new) == apart


def test_a_finding_that_races_the_departure_is_either_before_or_after_it(given, database, owner):
    for _ in range(3):
        order = given.an_order({cast.gauze: 10})
        number = picked(database, order.number).shipment_number
        reviewed(database, number, Check(1, parcel(owner, number)[0][1], 9))
        acts = [
            lambda number=number: reviewed(database, number, damaged(parcel(owner, number)[0][1], 1)),
            lambda number=number: shipped(database, number, review=False),
        ]
        outcomes = together(2, lambda place, acts=acts: acts[place]())
        assert all(isinstance(one, DomainError) for one in failures(outcomes))
        assert differences(database) == []


# A program


def test_a_program_reports_what_its_own_warehouse_reviewed(database, owner, gauze):
    _, number = gauze
    shipped(database, number, by=cast.erp, review=False)
    found = records(owner)
    assert [(row.lot_no, row.quantity, row.outcome) for row in found] == [
        ("GZ-SHORT", 30, "passed"),
        ("GZ-FRESH", 20, "passed"),
    ]
    assert {(row.reviewed_by, row.reviewed_by_label) for row in found} == {
        (cast.erp.actor().key, cast.erp.actor().label)
    }


def test_a_program_reports_nothing_twice(database, owner, gauze):
    _, number = gauze
    reviewed(database, number, Check(1, "GZ-SHORT", 30), Check(1, "GZ-FRESH", 5))
    shipped(database, number, by=cast.erp, review=False)
    assert [(row.quantity, row.reviewed_by == cast.erp.actor().key) for row in records(owner)] == [
        (30, False),
        (5, False),
        (15, True),
    ]


# Labels


@pytest.fixture
def labelled(given, database, owner):
    """A parcel of two lots of a product whose label carries a GTIN."""
    product = given.a_product()
    owner.execute(text("UPDATE product SET udi_di = :di WHERE id = :p"), {"di": GTIN, "p": product.id})
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L-1", 3), a_lot("L-2", 10))
    order = given.an_order({product: 5})
    return product, picked(database, order.number).shipment_number


def test_a_label_passes_the_units_of_its_lot(database, owner, labelled):
    _, number = labelled
    assert scanned(database, number, code(lot="L-1")).left == 2
    assert scanned(database, number, code(lot="L-2"), quantity=1).left == 1
    assert [(row.lot_no, row.quantity, row.udi) for row in records(owner)] == [
        ("L-1", 3, f"(01){GTIN}(10)L-1"),
        ("L-2", 1, f"(01){GTIN}(10)L-2"),
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (code(lot="L-3"), "wrong_lot"),
        (code(), "lot_unclear"),
        (code(lot="L-1", di="06901234567809"), "not_in_parcel"),
        (code(lot="L-1", expiry="300101"), "wrong_expiry"),
        ("nonsense", None),
        ("", None),
    ],
)
def test_a_label_of_something_else_is_refused(database, owner, labelled, label, expected):
    with pytest.raises(Invalid) as refusal:
        scanned(database, labelled[1], label)
    [fault] = refusal.value.faults
    assert fault.pointer == "/code" and expected in (None, fault.code)
    assert records(owner) == []


def test_a_unit_with_a_serial_is_scanned_one_by_one(database, owner, stents):
    _, number = stents
    owner.execute(text("UPDATE product SET udi_di = :di WHERE id = :p"), {"di": GTIN, "p": cast.stent.id})
    assert scanned(database, number, code(lot="ST-1", serial="A1"), quantity=2).left == 1
    with pytest.raises(Invalid) as refusal:
        scanned(database, number, code(lot="ST-1"))
    assert codes(refusal) == [("/code", "serial_missing")]
    assert scanned(database, number, code(lot="ST-1", serial="A2")).left == 0
    assert [list(row.serials) for row in records(owner)] == [["A1"], ["A2"]]


def test_a_label_confirms_units_at_the_shelf_once(database, owner, labelled):
    _, number = labelled
    confirmed(database, number, code=code(lot="L-1"))
    confirmed(database, number, code=code(lot="L-1"), by=cast.desk_colleague)
    taken = owner.execute(text("SELECT lot_no, taken_by FROM shipment_line ORDER BY lot_no")).all()
    assert [tuple(row) for row in taken] == [("L-1", cast.order_desk.actor().key), ("L-2", None)]
    assert audited(owner, number).count("shipment:confirmed") == 1
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        assert parcel_sheet(session, number).untaken == 1


def test_what_is_reviewed_is_not_confirmed_afterwards(database, labelled):
    _, number = labelled
    passed(database, number)
    with pytest.raises(Conflict):
        confirmed(database, number, code=code(lot="L-1"))


@pytest.mark.parametrize("line", [(2, "L-1"), (1, "L-9")])
def test_only_what_is_in_the_parcel_is_confirmed(database, labelled, line):
    with pytest.raises(Invalid) as refusal:
        confirmed(database, labelled[1], line=line)
    assert codes(refusal) == [("/code", "unknown_line")]
