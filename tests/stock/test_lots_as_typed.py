"""One lot is one lot through every door, however it is typed; what was written before counts together too."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.complaints.queries import complaint
from portal.complaints.trend import by_lot, signals
from portal.dealerstock.rules import Finding
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.lots import key_sql, lot_key
from portal.promotions.terms import LotTerms
from portal.stock.change_location import change_location
from portal.stock.lot_names import known_lots
from tests import cast
from tests.complaints.acts import a_complaint, a_triage, triaged
from tests.counting import acts as counting
from tests.dealerstock.acts import counted, reported, sold
from tests.deliveries import acts as deliveries
from tests.devices.acts import in_register
from tests.nonconforming import acts as nonconforming
from tests.promotions.acts import draft
from tests.receiving.acts import decision, inspected, line, received
from tests.service.acts import an_entry, as_, opened
from tests.transfers import acts as transfers

STENT, SYRINGE, LOT = cast.stent, cast.syringe, cast.stent_lot.lot_no
WRITTEN = ("ST-1", "st-1", "ＳＴ－１")


def lots_of(owner, product) -> list[str]:
    asked = text("SELECT lot_no FROM lot WHERE product_id = :product ORDER BY id")
    return list(owner.execute(asked, {"product": product.id}).scalars())


def another(owner, product, lot_no: str) -> None:
    made = "INSERT INTO lot (product_id, lot_no, expires_on) VALUES (:product, :lot, '2098-12-31')"
    owner.execute(text(made), {"product": product.id, "lot": lot_no})


def codes(refusal) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in refusal.value.faults]


def listed(database) -> list[tuple[str, str, int, bool]]:
    with transaction(database.session_for(cast.quality.actor())) as session:
        rows = by_lot(session, actor=cast.quality.actor(), days=365, today=cast.TODAY, at=cast.NOW)
        assert signals(session, today=cast.TODAY, at=cast.NOW) == sum(one.is_signal for one in rows)
    return [(one.sku, one.lot_no, one.complaints, one.is_signal) for one in rows]


@pytest.mark.parametrize("said", ["st-1", "ＳＴ－１", "İß-ﬁ Ⅳ①½", "歷ÿ", "a b", "ς", "ŉﬀ"])
def test_the_database_compares_as_we_do(owner, said):
    kept = owner.execute(text(f"SELECT {key_sql('CAST(:said AS text)')}"), {"said": said}).scalar_one()
    assert kept == lot_key(said)


def test_three_complaints_on_one_lot_are_a_signal_however_it_was_typed(database, owner):
    for said in WRITTEN:
        a_complaint(database, product=STENT.sku, lot=said)
    kept = owner.execute(text("SELECT lot_no FROM service_request WHERE kind = 'complaint' ORDER BY id"))
    assert list(kept.scalars()) == ["ST-1", "st-1", "ST-1"]
    assert listed(database) == [(STENT.sku, LOT, 3, True)]


def test_complaints_that_were_written_before_count_together(database, owner):
    numbers = [a_complaint(database, product=STENT.sku, lot="X-9") for _ in WRITTEN]
    for number, said in zip(numbers, ("x-9", "Ｘ－9 ", "X-9"), strict=True):
        owner.execute(
            text("UPDATE service_request SET lot_no = :lot WHERE number = :number"),
            {"lot": said, "number": number},
        )
    assert [(lot_key(lot), count, is_signal) for _, lot, count, is_signal in listed(database)] == [
        ("X-9", 3, True)
    ]
    another(owner, STENT, "X-9")
    assert listed(database) == [(STENT.sku, "X-9", 3, True)]


def test_quality_names_the_lot_as_we_know_it_and_its_expiry_is_shown(database):
    number = a_complaint(database, product=STENT.sku)
    triaged(database, number, a_triage(lot="ｓｔ-1"))
    other = a_complaint(database)
    triaged(database, other, a_triage(lot="st-1 ", product=STENT.sku))
    with transaction(database.session_for(cast.quality.actor())) as session:
        found = [complaint(session, actor=cast.quality.actor(), number=one) for one in (number, other)]
    assert [one.lot_no for one in found] == [LOT, LOT]
    assert found[1].expires_on == cast.stent_lot.expires_on
    with pytest.raises(Invalid) as refused:
        triaged(database, other, a_triage(lot="L" * 200))
    assert codes(refused) == [("/lot", "too_long")]


def test_of_two_known_lots_that_differ_in_capitals_the_exact_one_is_meant(database, owner):
    another(owner, STENT, "st-1")
    for said in ("st-1", "ST-1", "ＳＴ－１"):
        a_complaint(database, product=STENT.sku, lot=said)
    kept = owner.execute(text("SELECT lot_no FROM service_request ORDER BY id")).scalars()
    assert list(kept) == ["st-1", "ST-1", "ST-1"]
    with pytest.raises(Invalid) as refused:
        received(database, line(STENT, "St-1", 1, serials=["N1"]))
    assert codes(refused) == [("/lines/0/lot", "lot_unclear")]


def test_a_request_about_a_device_may_write_its_lot_otherwise(database, owner):
    in_register(database, cast.huadong, STENT, "D-1", since=cast.TODAY, lot="ｓｔ-1")
    assert list(owner.execute(text("SELECT lot_no FROM device")).scalars()) == [LOT]
    number = opened(database, an_entry("repair", device="D-1", lot="st-1"))
    asked = text("SELECT lot_no FROM service_request WHERE number = :number")
    assert owner.execute(asked, {"number": number}).scalar_one() == LOT
    with pytest.raises(Invalid) as refused:
        opened(database, an_entry("repair", device="D-1", lot="ST-2"))
    assert codes(refused) == [("/lot", "other_lot")]


def test_goods_are_received_and_inspected_into_the_lot_that_is_known(database, owner):
    before = lots_of(owner, SYRINGE)
    number = received(database, line(SYRINGE, "sy-early", 5, expires_on=None, inspection=True)).number
    inspected(database, number, decision(SYRINGE, "ｓｙ-Early", 5))
    assert lots_of(owner, SYRINGE) == before
    lines = [line(SYRINGE, "n-1", 1), line(SYRINGE, "Ｎ-1", 2)]
    with pytest.raises(Invalid) as refused:
        received(database, *lines)
    assert {code for _, code in codes(refused)} == {"lot_repeated"}
    received(database, lines[1])
    assert lots_of(owner, SYRINGE) == [*before, "N-1"]


def test_a_count_a_transfer_a_report_and_a_bin_take_the_lot_that_lies_there(database, owner):
    before = lots_of(owner, SYRINGE)
    count = counting.opened(database, SYRINGE)
    counting.entered(database, count, SYRINGE, "ｓｙ-early", 7)
    number = transfers.made(database, transfers.going(SYRINGE, "sy-early", 3))
    with pytest.raises(Invalid) as refused:
        transfers.made(
            database,
            transfers.going(SYRINGE, "sy-early", 3),
            transfers.going(SYRINGE, "SY-EARLY", 3, pointer="/lines/1"),
        )
    assert codes(refused) == [("/lines/1/lot", "line_repeated")]
    transfers.left(database, number)
    transfers.arrived(database, number, transfers.here(SYRINGE, "Sy-Early", 3))
    nonconforming.reported(database, SYRINGE, "sy-EARLY", 2, apart=True)
    told = text("SELECT after ->> 'lot' FROM audit_event WHERE after ? 'lot' ORDER BY id")
    assert set(owner.execute(told).scalars()) == {"SY-EARLY"}
    named = {"warehouse": cast.shanghai_warehouse.code, "sku": SYRINGE.sku, "location": "A-1"}
    desk = cast.order_desk
    as_(
        database, desk, lambda session: change_location(session, actor=desk.actor(), lot="ｓｙ-late", **named)
    )
    assert lots_of(owner, SYRINGE) == before


def test_a_dealer_is_not_told_how_we_write_a_lot_that_it_never_got(given, database, owner):
    """Else it could find out which lots there are, by typing them in small letters."""
    another(owner, SYRINGE, "SECRET-7")
    delivery = given.a_delivery_of(given.an_order({SYRINGE: 10}).number)
    signed = deliveries.signed(
        database, delivery.shipment_number, (SYRINGE, "SY-EARLY", 6, 0), (SYRINGE, "secret-7", 4, 0)
    )
    assert signed.cases
    report = reported(database, [counted(SYRINGE.sku, "secret-7", 1)])
    a_complaint(database, product=SYRINGE.sku, lot="ｓecret-7")
    kept = owner.execute(
        text(
            "SELECT came_lot FROM delivery_case_line WHERE came_lot <> ''"
            " UNION ALL SELECT lot_no FROM service_request"
        )
    )
    assert [report.lines[0].line.lot, *kept.scalars()] == ["secret-7"] * 3


def test_a_dealers_report_counts_a_lot_once_however_it_is_typed(given, database):
    delivery = given.a_delivery_of(given.an_order({SYRINGE: 20}).number)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
    report = reported(database, [sold(SYRINGE.sku, "ｓｙ-early", 2), counted(SYRINGE.sku, "sy-LATE", 1)])
    assert [one.finding for one in report.lines] == [Finding.NONE, Finding.NOT_BOUGHT]
    assert [one.line.lot for one in report.lines] == ["SY-EARLY", "sy-LATE"]
    with pytest.raises(Invalid) as refused:
        reported(database, [counted(SYRINGE.sku, "SY-EARLY", 1), counted(SYRINGE.sku, "sy-early", 1)])
    assert [code for _, code in codes(refused)] == ["twice"]


def test_a_wrong_lot_that_came_is_one_however_it_is_typed(given, database, owner):
    delivery = given.a_delivery_of(given.an_order({SYRINGE: 10}).number)
    said = [(SYRINGE, "ｓｙ-early", 6, 0), (SYRINGE, "sy-late", 4, 0)]
    signed = deliveries.signed(database, delivery.shipment_number, *said)
    came = owner.execute(text("SELECT lot_no, came_lot FROM delivery_case_line")).one()
    assert tuple(came) == ("SY-EARLY", "sy-late")
    again = [(SYRINGE, "SY-EARLY", 6, 0), (SYRINGE, "SY-LATE", 4, 0)]
    assert deliveries.signed(database, delivery.shipment_number, *again).cases == signed.cases


def test_a_clearance_names_its_lots_however_they_are_typed(database, owner):
    draft(database, skus=(SYRINGE.sku,), lots=(LotTerms("ｓｙ-early"),))
    bound = text("SELECT l.lot_no FROM promotion_lot p JOIN lot l ON l.id = p.lot_id")
    assert list(owner.execute(bound).scalars()) == ["SY-EARLY"]


def test_what_is_no_text_of_the_database_is_no_lot(database, count_statements):
    with transaction(database.session_for(cast.quality.actor())) as session:
        with count_statements() as counted_:
            assert known_lots(session, [(STENT.id, "st\0-1"), (STENT.id, " ")]) == {}
        assert not counted_
        assert known_lots(session, [(STENT.id, "st-1"), (SYRINGE.id, "st-1")]) == {(STENT.id, "st-1"): LOT}
