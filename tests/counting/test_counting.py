"""What lies in a warehouse is counted blind, counted again where it differs, and posted by another person."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portal.counting import queries
from portal.counting.rules import TRANSITIONS, CountState, Standing
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from tests import cast
from tests.builders import a_lot
from tests.counting.acts import (
    HERE,
    approved,
    cancelled,
    entered,
    movements,
    opened,
    rejected,
    shown,
    submitted,
)
from tests.races import failures, together
from tests.shipping.acts import audited, level, picked, retired, shipped
from tests.transfers.acts import serials, serials_here, standing, untrue_of_goods

DIAGRAM = Path(__file__).parents[2] / "docs" / "counting.md"


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert untrue_of_goods(database) == []


@pytest.fixture
def goods(given):
    """A product with 10 units of lot A and 5 of lot B."""
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10), a_lot("B", 5))
    return product


def counted(database, number, product, **lots: int) -> None:
    for lot_no, units in lots.items():
        entered(database, number, product, lot_no, units)


def twice(database, number, product, **lots: int) -> None:
    """Count lots that differ, both times alike, and hand in."""
    counted(database, number, product, **lots)
    assert submitted(database, number) is CountState.RECOUNTING
    due = {line.lot_no for line in shown(database, number) if line.is_due}
    counted(database, number, product, **{lot: units for lot, units in lots.items() if lot in due})
    assert submitted(database, number) is CountState.SUBMITTED


def codes(refusal) -> set[str]:
    return {fault.code for fault in refusal.value.faults} or {refusal.value.code}


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"counting"}


def test_every_lot_is_read_page_by_page_in_an_order_that_stands(database, given):
    product = given.a_product()
    given.stock_of(product, HERE, *(a_lot(f"L{place}", 3) for place in range(5)))
    number = opened(database, product)

    def read(cursor=None):
        actor = cast.order_desk.actor()
        with transaction(database.session_for(actor)) as session:
            count = queries.stock_count(session, actor=actor, number=number)
            how = {"actor": actor, "count": count, "at": cast.NOW, "limit": 2, "cursor": cursor}
            return queries.lines_by_product(session, **how)

    page, lots = read(), []
    while True:
        lots += [line.lot_no for line in page.items]
        entered(database, number, product, lots[-1], 3)  # what is counted goes last on the page
        if page.next_cursor is None:
            break
        page = read(page.next_cursor)
    assert sorted(lots) == [f"L{place}" for place in range(5)] and len(set(lots)) == 5


def test_differences_are_counted_again_and_posted_by_another_person(database, owner, goods):
    number = opened(database, goods)
    twice(database, number, goods, A=8, B=6)
    approved(database, number)
    assert (standing(owner, goods, "A", HERE), standing(owner, goods, "B", HERE)) == ((8, 0, 0), (6, 0, 0))
    assert movements(owner, number) == [("A", "count", -2, 0, 0), ("B", "count", 1, 0, 0)]
    assert level(owner, goods) == (14, 0)
    assert audited(owner, number)[-1] == "count:approved"


def test_who_counts_is_never_told_what_should_be_there(database, goods):
    number = opened(database, goods)
    counted(database, number, goods, A=8, B=5)
    for line in shown(database, number):
        assert (line.expected, line.difference, line.value) == (None, None, None)
    submitted(database, number)
    assert [(line.lot_no, line.is_due, line.expected) for line in shown(database, number)] == [
        ("A", True, None),
        ("B", False, None),
    ]
    counted(database, number, goods, A=8)
    submitted(database, number)
    first = shown(database, number)[0]
    assert (first.lot_no, first.expected, first.difference) == ("A", 10, -2)
    assert first.value == Decimal("-200.00")


def test_work_goes_on_while_people_count(given, database, owner):
    """4 units leave before the lot is counted, 2 after: neither is a difference, the one missing is."""
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10))
    number = opened(database, product)
    before = given.an_order({product: 4})
    shipped(database, picked(database, before.number).shipment_number)
    counted(database, number, product, A=5)
    assert submitted(database, number) is CountState.RECOUNTING
    counted(database, number, product, A=5)
    after = given.an_order({product: 2})
    shipped(database, picked(database, after.number).shipment_number)
    submitted(database, number)
    [line] = shown(database, number)
    assert (line.expected, line.difference) == (6, -1)
    approved(database, number)
    assert level(owner, product) == (3, 0)


def test_several_people_add_up_and_take_back(database, goods):
    number = opened(database, goods)
    entered(database, number, goods, "A", 7)
    entered(database, number, goods, "A", 5, by=cast.erp)
    entered(database, number, goods, "A", -2)
    assert [line.counted for line in shown(database, number) if line.lot_no == "A"] == [10]
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "A", -11)
    assert codes(refusal) == {"units_out_of_range"}


def test_nothing_is_handed_in_that_nobody_counted(database, goods):
    number = opened(database, goods)
    counted(database, number, goods, A=10)
    with pytest.raises(Conflict) as refusal:
        submitted(database, number)
    assert refusal.value.code == "not_counted" and refusal.value.params["count"] == 1


def test_what_was_right_is_not_counted_again(database, goods):
    number = opened(database, goods)
    counted(database, number, goods, A=9, B=5)
    submitted(database, number)
    with pytest.raises(Conflict) as refusal:
        counted(database, number, goods, B=4)
    assert refusal.value.code == "not_to_recount"
    counted(database, number, goods, A=10)
    submitted(database, number)
    approved(database, number)


@pytest.mark.parametrize("person", [cast.order_desk, cast.erp])
def test_who_opened_or_counted_does_not_approve(database, owner, goods, person):
    number = opened(database, goods)
    counted(database, number, goods, A=10)
    entered(database, number, goods, "B", 5, by=cast.erp)
    submitted(database, number)
    with pytest.raises(Forbidden):
        approved(database, number, by=person)
    assert audited(owner, number)[-1] == "count:submitted"


def test_units_that_orders_hold_are_not_counted_away(given, database, owner, goods):
    order = given.an_order({goods: 14})
    number = opened(database, goods)
    twice(database, number, goods, A=8, B=5)
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert codes(refusal) == {"promised"}
    assert refusal.value.faults[0].params["orders"] == order.number
    assert level(owner, goods) == (15, 14)


def test_units_in_a_parcel_are_not_counted_away_though_the_level_has_others(given, database, owner):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 5, expires_on=date(2028, 1, 1)), a_lot("B", 20))
    order = given.an_order({product: 5})
    picked(database, order.number)
    number = opened(database, product)
    twice(database, number, product, A=4, B=20)
    with pytest.raises(Conflict) as refusal:
        approved(database, number)
    assert refusal.value.faults[0].params["orders"] == order.number
    assert standing(owner, product, "A", HERE) == (5, 0, 0)


def test_a_lot_that_nobody_knew_is_added(database, owner, goods):
    number = opened(database, goods)
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "NEW", 3)
    assert codes(refusal) == {"lot_not_expected"}
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "NEW", 3, is_new=True)
    assert codes(refusal) == {"expiry_missing"}
    expires_on = cast.TODAY + timedelta(days=400)
    entered(database, number, goods, "NEW", 3, is_new=True, expires_on=expires_on)
    counted(database, number, goods, A=10, B=5)
    submitted(database, number)
    entered(database, number, goods, "NEW", 3)
    submitted(database, number)
    approved(database, number)
    assert standing(owner, goods, "NEW", HERE) == (3, 0, 0)
    assert level(owner, goods) == (18, 0)


@pytest.mark.parametrize("days", [0, -1, -400])
def test_what_has_expired_is_found_in_quarantine_and_not_for_sale(database, owner, goods, days):
    number = opened(database, goods)
    old = {"is_new": True, "expires_on": cast.TODAY + timedelta(days=days)}
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "OLD", 3, **old)
    assert codes(refusal) == {"expired"}
    entered(database, number, goods, "OLD", 3, standing=Standing.QUARANTINED, **old)
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "OLD", 3, is_new=True)
    assert codes(refusal) == {"expired"}


def test_nothing_is_found_in_inspection_that_was_not_received(database, goods):
    number = opened(database, goods)
    far = {"is_new": True, "expires_on": cast.TODAY + timedelta(days=400)}
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, "NEW", 3, standing=Standing.INSPECTING, **far)
    assert codes(refusal) == {"not_received"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "lot_missing"), ("-", "lot_missing"), ("L" * 41, "lot_malformed"), ("A\x07", "lot_malformed")],
)
def test_a_lot_number_is_one_that_a_receipt_would_take(database, goods, typed, code):
    number = opened(database, goods)
    with pytest.raises(Invalid) as refusal:
        entered(database, number, goods, typed, 3, is_new=True, expires_on=cast.TODAY + timedelta(days=400))
    assert codes(refusal) == {code}


def test_a_lot_number_is_read_as_a_receipt_reads_it(database, goods):
    number = opened(database, goods)
    entered(database, number, goods, " Ａ ", 10)
    far = cast.TODAY + timedelta(days=400)
    entered(database, number, goods, "Ｌ" * 40, 1, is_new=True, expires_on=far)
    assert {line.lot_no: line.counted for line in shown(database, number)} == {
        "A": 10,
        "B": None,
        "L" * 40: 1,
    }


def test_a_product_without_lot_control_has_one_lot_whatever_the_label_says(given, database, owner):
    """Its lot has no dates either, so that those of a label do not contradict it."""
    product = given.a_product(lot_controlled=False)
    other = given.a_product()
    given.stock_of(other, HERE, a_lot("A", 1))
    number = opened(database, other)
    far = {"is_new": True, "expires_on": cast.TODAY + timedelta(days=400)}
    entered(database, number, product, "X-1", 3, **far)
    entered(database, number, product, "X-2", 2, **far)
    assert [line.counted for line in shown(database, number) if line.sku == product.sku] == [5]


def test_what_lies_in_quarantine_is_counted_there(given, database, owner):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("OLD", 4, state="expired"), a_lot("A", 5))
    number = opened(database, product)
    entered(database, number, product, "OLD", 3, standing=Standing.QUARANTINED)
    counted(database, number, product, A=5)
    submitted(database, number)
    entered(database, number, product, "OLD", 3, standing=Standing.QUARANTINED)
    submitted(database, number)
    approved(database, number)
    assert standing(owner, product, "OLD", HERE) == (0, 0, 3)
    assert movements(owner, number) == [("OLD", "count", 0, 0, -1)]


def test_what_expired_since_it_was_counted_is_put_right_where_it_lies_now(given, database, owner):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10, expires_on=cast.TODAY + timedelta(days=5)))
    number = opened(database, product)
    twice(database, number, product, A=7)
    retired(database, today=cast.TODAY + timedelta(days=6))
    approved(database, number)
    assert standing(owner, product, "A", HERE) == (0, 0, 7)


def test_what_comes_to_a_lot_that_expired_and_is_not_retired_yet_is_set_apart(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, HERE, a_lot("A", 2, expires_on=cast.TODAY))
    serials_here(owner, product, lot.id, "S1", "S2")
    number = opened(database, product)
    for _ in range(2):
        entered(database, number, product, "A", 3, serials=["S1", "X8", "X9"])
        submitted(database, number)
    approved(database, number)
    assert standing(owner, product, "A", HERE) == (1, 0, 2) and untrue_of_goods(database) == []
    assert serials(owner, product) == {
        "S1": ("saleable", HERE.id),
        "S2": ("scrapped", None),
        "X8": ("quarantined", HERE.id),
        "X9": ("quarantined", HERE.id),
    }
    retired(database, today=cast.TODAY)
    assert standing(owner, product, "A", HERE) == (0, 0, 3)
    assert serials(owner, product)["S1"] == ("quarantined", HERE.id)


@pytest.mark.parametrize(
    ("shelf", "apart", "stands"), [(7, 0, (7, 0, 0)), (13, 0, (10, 0, 3)), (8, 4, (8, 0, 4))]
)
def test_units_of_a_lot_that_expired_and_is_not_retired_yet_are_missing_where_they_lay(
    given, database, owner, shelf, apart, stands
):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10, expires_on=cast.TODAY))
    number = opened(database, product)
    for _ in range(2):
        entered(database, number, product, "A", shelf)
        if apart:
            entered(database, number, product, "A", apart, standing=Standing.QUARANTINED, is_new=True)
        submitted(database, number)
    approved(database, number)
    assert standing(owner, product, "A", HERE) == stands


def test_serials_are_scanned_and_the_missing_and_surplus_ones_named(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, HERE, a_lot("A", 3))
    serials_here(owner, product, lot.id, "S1", "S2", "S3")
    number = opened(database, product)
    with pytest.raises(Invalid) as refusal:
        entered(database, number, product, "A", 2, serials=["S1"])
    assert codes(refusal) == {"serial_count"}
    for _ in range(2):
        entered(database, number, product, "A", 1, serials=["S1"])
        with pytest.raises(Invalid) as refusal:
            entered(database, number, product, "A", 1, serials=["S1"])
        assert codes(refusal) == {"serial_counted"}
        entered(database, number, product, "A", 2, serials=["S2", "X9"])
        state = submitted(database, number)
    assert state is CountState.SUBMITTED
    [line] = shown(database, number)
    assert (line.difference, list(line.missing), list(line.surplus)) == (0, ["S3"], ["X9"])
    approved(database, number)
    assert serials(owner, product) == {
        "S1": ("saleable", HERE.id),
        "S2": ("saleable", HERE.id),
        "S3": ("scrapped", None),
        "X9": ("saleable", HERE.id),
    }


def test_a_serial_that_is_elsewhere_is_not_counted_in(given, database, owner):
    product = given.a_product(serial_controlled=True)
    [lot, other] = given.stock_of(product, HERE, a_lot("A", 1), a_lot("B", 1))
    serials_here(owner, product, lot.id, "S1")
    serials_here(owner, product, other.id, "T1")
    number = opened(database, product)
    entered(database, number, product, "B", 1, serials=["T1"])
    for _ in range(2):
        entered(database, number, product, "A", 2, serials=["S1", "T1"])
        submitted(database, number)
    with pytest.raises(Invalid) as refusal:
        approved(database, number)
    assert codes(refusal) == {"serial_elsewhere"}
    assert standing(owner, product, "A", HERE) == (1, 0, 0)


def test_one_serial_is_counted_in_one_lot_of_a_product_and_in_those_of_others(given, database, owner):
    product, another = (given.a_product(serial_controlled=True) for _ in range(2))
    lots = {
        "A": (product, given.stock_of(product, HERE, a_lot("A", 1), a_lot("B", 1))),
        "C": (another, given.stock_of(another, HERE, a_lot("C", 1))),
    }
    for of, kept in lots.values():
        for lot in kept:
            serials_here(owner, of, lot.id, f"S-{lot.lot_no}")

    def counted(*found: tuple[str, list[str]]) -> str:
        number = opened(database, product, another)
        for _ in range(2):
            for lot_no, scanned in found:
                of = another if lot_no == "C" else product
                due = {one.lot_no for one in shown(database, number) if one.is_due}
                if lot_no in due:
                    entered(database, number, of, lot_no, len(scanned), serials=scanned)
            submitted(database, number)
        return number

    number = counted(("A", ["S-A", "X9"]), ("B", ["S-B", "X9"]), ("C", ["S-C"]))
    with pytest.raises(Invalid) as refusal:
        approved(database, number)
    assert codes(refusal) == {"serial_repeated"} and "X9" not in serials(owner, product)
    rejected(database, number)
    approved(database, counted(("A", ["S-A", "X9"]), ("B", ["S-B"]), ("C", ["S-C", "X9"])))
    for of in (product, another):
        assert serials(owner, of)["X9"] == ("saleable", HERE.id)


@pytest.mark.parametrize("length", [21, 40])
def test_a_lot_number_is_as_long_as_goods_are_received_under(database, owner, goods, length):
    number = opened(database, goods)
    counted(database, number, goods, A=10, B=5)
    for _ in range(2):
        found = {"is_new": True, "expires_on": cast.TODAY + timedelta(days=400)}
        entered(database, number, goods, "X" * length, 3, **found)
        submitted(database, number)
    approved(database, number)
    assert standing(owner, goods, "X" * length, HERE) == (3, 0, 0)


def test_a_lot_number_longer_than_any_is_refused(database, goods):
    with pytest.raises(Invalid) as refusal:
        entered(database, opened(database, goods), goods, "X" * 41, 3, is_new=True)
    assert codes(refusal) == {"lot_malformed"}


def test_a_lot_is_in_one_undecided_count_only(given, database, goods):
    first = opened(database, goods)
    with pytest.raises(Conflict) as refusal:
        opened(database, goods)
    assert refusal.value.params["number"] == first
    other = given.a_product()
    given.stock_of(other, HERE, a_lot("Z", 1))
    second = opened(database, other)
    with pytest.raises(Conflict) as refusal:
        entered(database, second, goods, "A", 10, is_new=True)
    assert refusal.value.code == "counted_elsewhere"
    cancelled(database, first)
    assert opened(database, goods)


def test_two_counts_of_the_same_goods_at_once_are_one(database, goods):
    outcomes = together(3, lambda _: opened(database, goods))
    assert [type(error) for error in failures(outcomes)] == [Conflict, Conflict]


def test_a_rejected_count_posts_nothing(database, owner, goods):
    number = opened(database, goods)
    twice(database, number, goods, A=1, B=5)
    with pytest.raises(Invalid):
        rejected(database, number, note=" ")
    rejected(database, number, note="count the second shelf too")
    assert level(owner, goods) == (15, 0)
    with pytest.raises(Conflict):
        approved(database, number)


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({}, "scope"),
        ({"everything": True, "location": "A"}, "scope"),
        ({"location": "NOWHERE"}, "scope"),
    ],
)
def test_a_count_of_nothing_is_refused(database, scope, code):
    with pytest.raises(Invalid) as refusal:
        opened(database, **scope)
    assert codes(refusal) == {code}


def test_an_approval_and_a_shipment_at_once_keep_all_sums(given, database, owner, goods):
    """Ten of A are there and nine counted; an order for all fifteen is picked and shipped meanwhile."""
    number = opened(database, goods)
    twice(database, number, goods, A=9, B=5)
    order = given.an_order({goods: 14})

    def act(place: int) -> object:
        if place:
            return approved(database, number)
        return shipped(database, picked(database, order.number).shipment_number)

    outcomes = together(2, act)
    assert all(isinstance(error, (Conflict, Invalid)) for error in failures(outcomes)), outcomes
    on_hand, reserved = level(owner, goods)
    assert 0 <= reserved <= on_hand
