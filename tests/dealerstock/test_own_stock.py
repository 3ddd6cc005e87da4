"""What a dealer holds of what it bought, through parcels, returns, counts and sales; and of nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.dealerstock.queries import Show, StockFilter, own_stock, to_order_again
from portal.dealerstock.reports import Told, inventory_report, inventory_reports, told_lines
from portal.dealerstock.rules import Finding
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, NotFound
from tests import cast
from tests.dealerstock.acts import counted, reported, sold
from tests.races import together

GLOVES, LOT = cast.gloves.sku, cast.gloves_lot.lot_no
YESTERDAY = cast.TODAY - timedelta(days=1)


@pytest.fixture
def bought(given):
    """Huadong received 20 gloves and 10 more are on their way."""
    delivery = given.a_delivery_of(given.an_order({cast.gloves: 20}).number)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
    return given.a_delivery_of(given.an_order({cast.gloves: 10}).number).shipment_number


def lots(database, *, by=cast.huadong.buyer, short_days=180, **wanted):
    with transaction(database.session_for(by.actor())) as session:
        page = own_stock(
            session,
            actor=by.actor(),
            wanted=StockFilter(**wanted),
            short_days=short_days,
            today=cast.TODAY,
        )
    return {one.lot: (one.held, one.on_the_way, one.sold, one.counted_on) for one in page.items}


def findings(report):
    return [one.finding for one in report.lines]


def test_what_was_received_is_held_and_what_was_shipped_is_on_its_way(database, bought, given):
    assert lots(database) == {LOT: (20, 10, 0, None)}
    given.a_receipt_of(bought, by=cast.huadong.buyer)
    assert lots(database) == {LOT: (30, 0, 0, None)}


def test_what_came_back_is_not_held(database, bought, owner):
    owner.execute(
        text("UPDATE shipment_line SET returned = 4 WHERE dealer_id = :d AND quantity = 20"),
        {"d": cast.huadong.id},
    )
    assert lots(database)[LOT][0] == 16


def test_sales_and_counts_move_the_book(database, bought):
    assert findings(reported(database, [sold(GLOVES, LOT, 6)])) == [Finding.NONE]
    assert lots(database)[LOT] == (14, 10, 6, None)
    reported(database, [counted(GLOVES, LOT, 12)])
    assert lots(database)[LOT] == (12, 10, 6, cast.TODAY)
    assert findings(reported(database, [sold(GLOVES, LOT, 1, YESTERDAY)])) == [Finding.COUNTED_SINCE]
    assert lots(database)[LOT] == (12, 10, 7, cast.TODAY)


def test_a_count_of_yesterday_leaves_what_was_received_and_sold_today(database, bought):
    reported(database, [sold(GLOVES, LOT, 3)])
    reported(database, [counted(GLOVES, LOT, 2, YESTERDAY)])
    assert lots(database)[LOT][0] == 2 + 20 - 3


def test_goods_counted_before_their_receipt_are_held_once(database, bought, given):
    report = reported(database, [counted(GLOVES, LOT, 28)])
    assert findings(report) == [Finding.MORE_THAN_HELD]
    assert lots(database)[LOT] == (20, 10, 0, cast.TODAY)
    given.a_receipt_of(bought, by=cast.huadong.buyer)
    assert lots(database)[LOT] == (30, 0, 0, cast.TODAY)
    assert findings(reported(database, [counted(GLOVES, LOT, 28)])) == [Finding.NONE]
    assert lots(database)[LOT][0] == 28


def test_goods_counted_before_their_receipt_and_reported_after_it_are_held_once(database, given):
    delivery = given.a_delivery_of(given.an_order({cast.gloves: 20}).number, on=YESTERDAY)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
    assert findings(reported(database, [counted(GLOVES, LOT, 20, YESTERDAY)])) == [Finding.NONE]
    assert lots(database)[LOT][0] == 20


def test_more_than_a_number_holds_is_refused_and_what_is_there_is_still_told(database, bought, given):
    most = [sold(GLOVES, LOT, 1_000_000)] * 500
    reported(database, most)
    with pytest.raises(Invalid) as refusal:
        reported(database, [sold(GLOVES, LOT, 1)])
    assert [(one.pointer, one.code) for one in refusal.value.faults] == [("/lines/0/quantity", "book_max")]
    assert lots(database)[LOT] == (20 - 500_000_000, 10, 500_000_000, None)
    reported(database, [counted(GLOVES, LOT, 5)])
    given.a_receipt_of(bought, by=cast.huadong.buyer)
    assert lots(database)[LOT][0] == 5


def test_within_a_report_the_day_decides_and_not_the_line(database, bought):
    lines = [sold(GLOVES, LOT, 3), counted(GLOVES, LOT, 0, YESTERDAY), counted(GLOVES, LOT, 5)]
    reported(database, lines)
    assert lots(database)[LOT][0] == 5


def test_nothing_is_dropped_and_every_line_is_told(database, bought):
    report = reported(
        database,
        [
            sold(GLOVES, LOT, 25),
            sold(GLOVES, LOT, 25),
            sold(GLOVES, "ELSEWHERE", 2),
            counted("NO-SUCH", LOT, 1),
            counted(GLOVES.lower(), "elsewhere", 3),
        ],
    )
    assert findings(report) == [
        Finding.MORE_THAN_HELD,
        Finding.MORE_THAN_BOUGHT,
        Finding.NOT_BOUGHT,
        Finding.UNKNOWN_PRODUCT,
        Finding.NOT_BOUGHT,
    ]
    buyer = cast.huadong.buyer.actor()
    with transaction(database.session_for(buyer)) as session:
        kept = inventory_report(session, actor=buyer, number=report.number)
    assert [one.quantity for one in kept.lines] == [25, 25, 2, 1, 3]
    assert kept.head.doubtful == 5
    assert lots(database)[LOT][0] == -30
    assert set(lots(database, show=Show.DOUBTFUL)) == {LOT}


@pytest.mark.parametrize(
    "lines",
    [[], [counted(GLOVES, LOT, 1), counted(GLOVES.lower(), LOT.lower(), 2)], [sold(GLOVES, LOT, 0)]],
)
def test_a_report_that_cannot_be_taken_leaves_nothing(database, bought, lines):
    with pytest.raises(Invalid):
        reported(database, lines)
    assert lots(database)[LOT] == (20, 10, 0, None)


def test_two_counts_at_once_leave_what_one_of_them_found(database, bought):
    together(2, lambda place: reported(database, [counted(GLOVES, LOT, 7 + place)]))
    assert lots(database)[LOT][0] in (7, 8)


def test_who_may_not_report_is_refused(database, bought):
    with pytest.raises(Forbidden):
        reported(database, [sold(GLOVES, LOT, 1)], by=cast.huadong.finance)


def test_lots_are_found_by_words_and_by_days_left(database, given):
    lot = cast.gauze_lot_short_dated
    delivery = given.a_delivery_of(given.an_order({cast.gauze: 5}).number)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
    left = (lot.expires_on - cast.TODAY).days
    assert lots(database, within=left) == {}
    assert set(lots(database, within=left + 1)) == {lot.lot_no}
    assert lots(database, show=Show.SHORT, short_days=left) == {}
    assert set(lots(database, show=Show.SHORT, short_days=left + 1)) == {lot.lot_no}
    assert set(lots(database, q="z-shor")) == {lot.lot_no}
    assert lots(database, q="nothing like it") == {}


def test_a_rival_sees_and_moves_nothing_of_it(database, bought):
    number = reported(database, [sold(GLOVES, LOT, 6)]).number
    rival = cast.yuegang.buyer
    assert findings(reported(database, [sold(GLOVES, LOT, 1)], by=rival)) == [Finding.NOT_BOUGHT]
    assert lots(database, by=rival) == {}
    assert lots(database)[LOT] == (14, 10, 6, None)
    with transaction(database.session_for(rival.actor())) as session:
        with pytest.raises(NotFound):
            inventory_report(session, actor=rival.actor(), number=number)
        [own] = inventory_reports(session, actor=rival.actor()).items
        assert own.number != number
        assert to_order_again(session, actor=rival.actor(), lead_days=30, today=cast.TODAY) == []


def test_headquarters_reads_the_dealers_of_its_regions_only(database, bought):
    reported(database, [counted(GLOVES, LOT, 9, YESTERDAY), sold(GLOVES, LOT, 1)])
    reported(database, [counted(GLOVES, LOT, 8)])

    def told(by, **said):
        with transaction(database.session_for(by.actor())) as session:
            return [(one.dealer, one.quantity) for one in told_lines(session, actor=by.actor(), **said).items]

    assert told(cast.east_manager) == [("huadong", 8)]
    assert told(cast.east_manager, told=Told.SOLD) == [("huadong", 1)]
    assert told(cast.national_manager, region_id=cast.east.id) == [("huadong", 8)]
    assert told(cast.national_manager, region_id=cast.south.id) == []
    assert told(cast.south_manager) == []
    assert told(cast.national_manager, q="nothing") == []
    with pytest.raises(Forbidden):
        told(cast.hq_finance)


def test_what_sells_is_ordered_again_as_far_as_nothing_covers_it(database, bought, given):
    buyer = cast.huadong.buyer.actor()

    def again(lead):
        with transaction(database.session_for(buyer)) as session:
            return [
                (one.sku, one.sold, one.held, one.coming, one.quantity)
                for one in to_order_again(session, actor=buyer, lead_days=lead, today=cast.TODAY)
            ]

    assert again(90) == []
    reported(database, [sold(GLOVES, LOT, 19)])
    assert again(30) == []
    [(sku, units, held, coming, quantity)] = again(90)
    assert (sku, units, held, coming) == (GLOVES, 19, 1, 10)
    assert quantity >= 8 and quantity % cast.gloves.pack_multiple == 0
    given.an_order({cast.gloves: 10})
    assert again(90) == []
