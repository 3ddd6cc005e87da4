"""Goods leave one warehouse, are on their way, and arrive: whole, damaged, late or never."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.transfers.make_transfer import cancel_transfer
from portal.transfers.rules import TRANSITIONS, TransferState
from tests import cast
from tests.builders import a_lot
from tests.races import failures, together
from tests.shipping.acts import audited, level, picked, retired
from tests.transfers.acts import (
    FROM,
    TO,
    arrived,
    going,
    here,
    left,
    made,
    next_arrival,
    on_the_way,
    serials,
    serials_here,
    settled,
    standing,
    untrue_of_goods,
)

DIAGRAM = Path(__file__).parents[2] / "docs" / "transfers.md"
OTHER = cast.erp


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert untrue_of_goods(database) == []


@pytest.fixture
def goods(given):
    """A product with 10 units of lot A in Shanghai."""
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 10))
    return product


def codes(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults}


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"draft"}


def test_a_level_waits_for_the_next_day_when_the_first_units_have_arrived(database, owner, goods):
    days = [cast.TODAY + timedelta(days=3), cast.TODAY + timedelta(days=5)]
    numbers = [made(database, going(goods, "A", 2), expected_on=day) for day in days]
    waited = []
    for number in numbers:
        left(database, number)
    for number in numbers:
        waited.append(next_arrival(owner, goods))
        arrived(database, number, here(goods, "A", 2))
    assert [*waited, next_arrival(owner, goods)] == [*days, None]


def test_units_leave_are_on_their_way_and_arrive(database, owner, goods):
    number = made(database, going(goods, "A", 7), expected_on=cast.TODAY + timedelta(days=3))
    assert level(owner, goods) == (10, 0)
    left(database, number)
    assert (level(owner, goods), on_the_way(owner, goods)) == ((3, 0), 7)
    assert untrue_of_goods(database) == []
    receipt = arrived(database, number, here(goods, "A", 7))
    assert (receipt.state, receipt.missing) == (TransferState.RECEIVED, 0)
    assert (level(owner, goods, TO), on_the_way(owner, goods)) == ((7, 0), 0)
    assert audited(owner, number) == ["transfer:made", "transfer:dispatched", "transfer:received"]


def test_what_is_promised_to_an_order_does_not_leave(given, database, owner, goods):
    given.an_order({goods: 6})
    number = made(database, going(goods, "A", 5))
    with pytest.raises(Invalid) as refusal:
        left(database, number)
    assert codes(refusal) == {"not_free"}
    assert refusal.value.faults[0].params["free"] == 4
    assert level(owner, goods) == (10, 6)


def test_what_lies_in_a_parcel_does_not_leave_though_another_lot_would_do_for_the_level(
    given, database, owner
):
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 5, expires_on=date(2028, 1, 1)), a_lot("B", 20))
    order = given.an_order({product: 5})
    picked(database, order.number)
    number = made(database, going(product, "A", 1))
    with pytest.raises(Invalid) as refusal:
        left(database, number)
    assert codes(refusal) == {"not_free"}


def test_a_lot_that_expires_tonight_stays_where_it_is(given, database):
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 5, expires_on=cast.TODAY))
    number = made(database, going(product, "A", 1))
    with pytest.raises(Invalid) as refusal:
        left(database, number)
    assert codes(refusal) == {"lot_not_saleable"}


def test_damaged_units_are_set_apart_where_they_arrive(database, owner, goods):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    assert arrived(database, number, here(goods, "A", 4, 2)).state is TransferState.RECEIVED
    assert standing(owner, goods, "A", TO) == (4, 0, 2)


def test_what_is_missing_is_promised_to_nobody_and_waits_for_another_person(database, owner, goods):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    receipt = arrived(database, number, here(goods, "A", 3))
    assert (receipt.state, receipt.missing, on_the_way(owner, goods)) == (TransferState.DIFFERING, 3, 0)
    with pytest.raises(Forbidden) as refusal:
        settled(database, number, here(goods, "A", 1), by=cast.order_desk)
    assert refusal.value.code == "same_person"
    receipt = settled(database, number, here(goods, "A", 1))
    assert (receipt.state, receipt.missing) == (TransferState.DIFFERING, 2)
    receipt = settled(database, number, here(goods, "A", 0, 2))
    assert (receipt.state, receipt.missing) == (TransferState.RECEIVED, 0)
    assert standing(owner, goods, "A", TO) == (4, 0, 0)
    assert audited(owner, number)[-2:] == ["transfer:settled", "transfer:settled"]


@pytest.mark.parametrize(
    ("told", "reason", "code"),
    [((0, 4), "why", "more_than_sent"), ((0, 0), "why", "nothing_settled"), ((1, 0), " ", "reason_missing")],
)
def test_what_is_missing_is_cleared_up_with_a_reason_and_never_twice(
    database, owner, goods, told, reason, code
):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    arrived(database, number, here(goods, "A", 3))
    with pytest.raises(Invalid) as refusal:
        settled(database, number, here(goods, "A", *told), reason=reason)
    assert codes(refusal) == {code}
    assert standing(owner, goods, "A", TO) == (3, 0, 0)


def test_the_same_receipt_twice_changes_nothing_and_another_is_refused(database, owner, goods):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    first = arrived(database, number, here(goods, "A", 3, 1))
    assert arrived(database, number, here(goods, "A", 3, 1)) == first
    assert standing(owner, goods, "A", TO) == (3, 0, 1)
    for other in (here(goods, "A", 4, 1), here(goods, "B", 3, 1)):
        with pytest.raises(Conflict) as refusal:
            arrived(database, number, other)
        assert refusal.value.code == "received_already"
    settled(database, number, here(goods, "A", 1, 1))
    assert arrived(database, number, here(goods, "A", 3, 1)).state is TransferState.RECEIVED
    assert standing(owner, goods, "A", TO) == (4, 0, 1)


def test_two_receipts_at_once_count_once(database, owner, goods):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    outcomes = together(4, lambda _: arrived(database, number, here(goods, "A", 6)))
    assert failures(outcomes) == []
    assert (level(owner, goods, TO), on_the_way(owner, goods)) == ((6, 0), 0)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("A", 7, 0)], "more_than_sent"),
        ([("A", -1, 0)], "quantity_negative"),
        ([("B", 1, 0)], "not_sent"),
        ([("A", 1, 0), ("A", 1, 0)], "line_repeated"),
        ([], "line_missing"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_with_what_to_do(database, owner, goods, lines, code):
    number = made(database, going(goods, "A", 6))
    left(database, number)
    with pytest.raises(Invalid) as refusal:
        arrived(database, number, *(here(goods, lot, good, bad) for lot, good, bad in lines))
    assert code in codes(refusal)
    assert all(fault.fix for fault in refusal.value.faults)
    assert on_the_way(owner, goods) == 6


def test_a_draft_names_what_is_there_and_goes_somewhere_else(database, goods):
    with pytest.raises(Invalid) as refusal:
        made(
            database,
            going(goods, "NONE", 1),
            going(goods, "A", 0, pointer="/lines/1"),
            destination=FROM.code,
            expected_on=cast.TODAY - timedelta(days=1),
        )
    assert codes(refusal) == {"lot_not_here", "quantity_out_of_range", "same_warehouse", "day_past"}
    with pytest.raises(Invalid) as refusal:
        made(database, going(goods, "A", 1), origin="NOWHERE")
    assert codes(refusal) == {"unknown_warehouse"}


def test_a_draft_is_given_up_and_what_left_is_not(database, goods):
    number = made(database, going(goods, "A", 1))

    def given_up(which: str) -> None:
        with transaction(database.session_for(cast.order_desk.actor())) as session:
            cancel_transfer(session, actor=cast.order_desk.actor(), number=which)

    given_up(number)
    with pytest.raises(Conflict):
        left(database, number)
    gone = made(database, going(goods, "A", 1))
    left(database, gone)
    with pytest.raises(Conflict):
        given_up(gone)
    with pytest.raises(NotFound):
        given_up("TR2611-NOBODY000")


def test_each_serial_leaves_is_on_its_way_and_arrives(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, FROM, a_lot("A", 4))
    serials_here(owner, product, lot.id, "S1", "S2", "S3", "S4")
    number = made(database, going(product, "A", 3))
    with pytest.raises(Invalid) as refusal:
        left(database, number)
    assert codes(refusal) == {"serial_count"}
    with pytest.raises(Invalid) as refusal:
        left(database, number, serials={(product.sku, "A"): ["S1", "S2", "X9"]})
    assert codes(refusal) == {"serial_elsewhere"}
    left(database, number, serials={(product.sku, "A"): ["S1", "S2", "S3"]})
    assert serials(owner, product)["S1"] == ("in_transit", None)
    with pytest.raises(Invalid) as refusal:
        arrived(database, number, here(product, "A", 1, serials=["S4"]))
    assert codes(refusal) == {"serial_elsewhere"}
    arrived(database, number, here(product, "A", 1, 1, serials=["S2"], bad_serials=["S1"]))
    settled(database, number, here(product, "A", 0, 1))
    assert serials(owner, product) == {
        "S1": ("quarantined", TO.id),
        "S2": ("saleable", TO.id),
        "S3": ("scrapped", None),
        "S4": ("saleable", FROM.id),
    }


@pytest.fixture
def two_on_the_way(given, database, owner):
    """Two transfers of one lot that left with S1, S2, S3 and T1, T2; the product and their numbers."""
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, FROM, a_lot("A", 5))
    serials_here(owner, product, lot.id, "S1", "S2", "S3", "T1", "T2")
    first = made(database, going(product, "A", 3, "S1", "S2", "S3"))
    second = made(database, going(product, "A", 2, "T1", "T2"))
    left(database, first)
    left(database, second)
    return product, first, second


@pytest.mark.parametrize(
    ("good", "bad", "at"),
    [
        (["S1", "T1"], [], "/lines/0/serials"),
        (["S1"], ["T2"], "/lines/0/damaged_serials"),
    ],
)
def test_units_of_another_transfer_of_the_lot_are_not_received(
    two_on_the_way, database, owner, good, bad, at
):
    product, first, _ = two_on_the_way
    told = here(product, "A", len(good), len(bad), serials=good, bad_serials=bad)
    with pytest.raises(Invalid) as refusal:
        arrived(database, first, told)
    assert [(fault.code, fault.pointer) for fault in refusal.value.faults] == [("serial_elsewhere", at)]
    assert {state for state, _ in serials(owner, product).values()} == {"in_transit"}


def test_what_is_missing_is_not_cleared_up_with_units_of_another_transfer(two_on_the_way, database, owner):
    product, first, second = two_on_the_way
    arrived(database, first, here(product, "A", 1, serials=["S1"]))
    for told in (
        here(product, "A", 1, serials=["T1"]),
        here(product, "A", 0, 1, bad_serials=["T2"]),
        here(product, "A", 1, serials=["S1"]),
    ):
        with pytest.raises(Invalid) as refusal:
            settled(database, first, told)
        assert codes(refusal) == {"serial_elsewhere"}
    arrived(database, second, here(product, "A", 2, serials=["T1", "T2"]))
    settled(database, first, here(product, "A", 1, 1, serials=["S3"], bad_serials=["S2"]))
    assert serials(owner, product)["S2"] == ("scrapped", None)


def test_the_same_receipt_again_names_the_same_units(two_on_the_way, database, owner):
    product, first, _ = two_on_the_way
    receipt = arrived(database, first, here(product, "A", 1, 1, serials=["S2"], bad_serials=["S1"]))
    again = here(product, "A", 1, 1, serials=["S2"], bad_serials=["S1"])
    assert arrived(database, first, again) == receipt
    half = here(product, "A", 1, 1, serials=["S2"], bad_serials=["S1"], pointer="/lines/1")
    for other in (
        [here(product, "A", 1, 1, serials=["S1"], bad_serials=["S2"])],
        [here(product, "A", 1, 1, serials=["S3"], bad_serials=["S1"])],
        [again, half],
    ):
        with pytest.raises(Conflict) as refusal:
            arrived(database, first, *other)
        assert refusal.value.code == "received_already"


def test_units_and_serials_of_a_lot_that_expired_there_are_set_apart(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, FROM, a_lot("A", 3, expires_on=cast.TODAY + timedelta(days=5)))
    serials_here(owner, product, lot.id, "S1", "S2", "S3")
    before = made(database, going(product, "A", 1, "S3"))
    left(database, before)
    arrived(database, before, here(product, "A", 1, serials=["S3"]))
    number = made(database, going(product, "A", 2, "S1", "S2"))
    left(database, number)
    retired(database, today=cast.TODAY + timedelta(days=6))
    arrived(database, number, here(product, "A", 2, serials=["S1", "S2"]))
    assert standing(owner, product, "A", TO) == (0, 0, 3)
    assert serials(owner, product)["S1"] == ("quarantined", TO.id)


def test_a_dispatch_and_an_order_never_both_get_the_last_units(given, database, owner, goods):
    number = made(database, going(goods, "A", 10))

    def act(place: int) -> object:
        return left(database, number) if place else given.an_order({goods: 10})

    outcomes = together(2, act)
    assert len(failures(outcomes)) == 1
    on_hand, reserved = level(owner, goods)
    assert (on_hand, reserved) in {(0, 0), (10, 10)}


def test_goods_that_go_both_ways_at_once_never_wait_crosswise(given, database, owner):
    products = [given.a_product() for _ in range(4)]
    for product in products:
        given.stock_of(product, FROM, a_lot("A", 20))
        given.stock_of(product, TO, a_lot("B", 20))
    ways = [(FROM.code, TO.code, "A", products), (TO.code, FROM.code, "B", products[::-1])] * 3
    numbers = [
        made(
            database,
            *(going(product, lot, 2, pointer=f"/lines/{place}") for place, product in enumerate(lines)),
            origin=origin,
            destination=destination,
        )
        for origin, destination, lot, lines in ways
    ]
    assert failures(together(len(numbers), lambda place: left(database, numbers[place]))) == []
    assert [level(owner, product) for product in products] == [(14, 0)] * 4
