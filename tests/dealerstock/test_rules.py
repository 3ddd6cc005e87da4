"""What a reported line does to the book of its lot, and what is said of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dealerstock.rules import (
    BOOK_MAX,
    Book,
    Finding,
    LineKind,
    Reported,
    Since,
    book_faults,
    counted_twice,
    judge,
    line_faults,
    to_reorder,
)

TODAY = date(2026, 11, 27)
UNITS = st.integers(0, 500)
DAYS = st.integers(0, 9).map(lambda back: TODAY - timedelta(days=back))
BOOKS = st.builds(
    Book,
    received=UNITS,
    on_the_way=UNITS,
    changed=st.integers(-500, 500),
    sold=UNITS,
    counted_on=st.none() | DAYS,
)


def line(kind: LineKind, quantity: int, day: date = TODAY) -> Reported:
    return Reported("GLOVES", "L-1", quantity, kind, day, "", "/lines/0")


@given(BOOKS, st.integers(1, 500), DAYS)
def test_a_sale_takes_its_units_out_unless_a_count_included_it(book, quantity, day):
    judged = judge(line(LineKind.SOLD, quantity, day), book)
    included = book.counted_on is not None and day <= book.counted_on
    assert judged.book.held == book.held - (0 if included else quantity)
    assert judged.book.sold == book.sold + quantity
    assert judged.change == judged.book.changed - book.changed


@given(BOOKS, UNITS)
def test_after_a_count_of_today_the_book_says_what_was_found(book, quantity):
    judged = judge(line(LineKind.STOCK, quantity), book)
    assert judged.book.held == quantity
    assert judged.book.counted_on == TODAY
    assert (judged.finding is Finding.MORE_THAN_BOUGHT) == (quantity > book.bought)


@given(BOOKS, UNITS, UNITS, UNITS)
def test_a_count_reported_late_keeps_what_happened_since(book, quantity, received, sold):
    judged = judge(line(LineKind.STOCK, quantity), book, Since(received, sold))
    assert judged.book.held == quantity + received - sold


@given(BOOKS, UNITS, UNITS)
def test_a_count_of_parcels_that_are_not_confirmed_takes_none_of_them_twice(book, quantity, unconfirmed):
    judged = judge(line(LineKind.STOCK, quantity), book, Since(unconfirmed=unconfirmed))
    found_early = quantity - judged.book.held
    assert found_early == max(0, min(quantity - book.held, unconfirmed))
    told = judged.finding in (Finding.MORE_THAN_HELD, Finding.MORE_THAN_BOUGHT)
    assert told == (quantity > book.bought or (found_early > 0 and book.on_the_way > 0))


@pytest.mark.parametrize(
    ("book", "kind", "refused"),
    [
        (Book(sold=BOOK_MAX - 4), LineKind.SOLD, []),
        (Book(sold=BOOK_MAX - 4, counted_on=TODAY), LineKind.SOLD, []),
        (Book(sold=BOOK_MAX - 3, counted_on=TODAY), LineKind.SOLD, ["/lines/0/quantity"]),
        (Book(changed=3 - BOOK_MAX), LineKind.SOLD, ["/lines/0/quantity"]),
        (Book(received=-BOOK_MAX), LineKind.STOCK, ["/lines/0/quantity"]),
    ],
)
def test_a_book_beyond_reckoning_is_refused(book, kind, refused):
    reported = line(kind, 4)
    assert [fault.pointer for fault in book_faults([(reported, judge(reported, book))])] == refused


@given(BOOKS, st.lists(st.integers(1, 50), max_size=5))
def test_the_order_of_sales_makes_no_difference_to_the_book(book, quantities):
    def after(these):
        kept = book
        for quantity in these:
            kept = judge(line(LineKind.SOLD, quantity), kept).book
        return kept

    assert after(quantities) == after(quantities[::-1])


def test_an_older_count_changes_nothing_and_is_told():
    book = Book(received=20, changed=-5, counted_on=TODAY)
    judged = judge(line(LineKind.STOCK, 3, TODAY - timedelta(days=1)), book)
    assert (judged.change, judged.finding, judged.book) == (0, Finding.COUNTED_SINCE, book)


@pytest.mark.parametrize(
    ("book", "quantity", "finding"),
    [
        (Book(received=10), 10, Finding.NONE),
        (Book(received=10, on_the_way=5), 11, Finding.MORE_THAN_HELD),
        (Book(received=10, on_the_way=5), 16, Finding.MORE_THAN_BOUGHT),
        (Book(received=10, sold=8, changed=-8), 3, Finding.MORE_THAN_BOUGHT),
        (Book(received=10, changed=-4), 7, Finding.MORE_THAN_HELD),
    ],
)
def test_an_impossible_sale_is_told_and_counts_all_the_same(book, quantity, finding):
    judged = judge(line(LineKind.SOLD, quantity), book)
    assert (judged.finding, judged.change) == (finding, -quantity)


@pytest.mark.parametrize(
    ("reported", "code"),
    [
        (line(LineKind.SOLD, 0), "quantity_out_of_range"),
        (line(LineKind.STOCK, -1), "quantity_out_of_range"),
        (line(LineKind.STOCK, 1_000_001), "quantity_out_of_range"),
        (line(LineKind.STOCK, 1, TODAY + timedelta(days=1)), "day_to_come"),
        (Reported("", "L-1", 1, LineKind.STOCK, TODAY), "sku_missing"),
        (Reported("GLOVES", "", 1, LineKind.STOCK, TODAY), "lot_missing"),
    ],
)
def test_what_cannot_be_taken_is_refused_beside_its_field(reported, code):
    assert [fault.code for fault in line_faults([reported], TODAY)] == [code]


def test_a_count_of_nothing_is_a_count():
    assert line_faults([line(LineKind.STOCK, 0)], TODAY) == []


def test_two_counts_of_a_lot_on_one_day_are_refused_and_two_sales_are_not():
    count, sale = line(LineKind.STOCK, 1), line(LineKind.SOLD, 1)
    assert [fault.code for fault in counted_twice([(1, count), (1, count)])] == ["twice"]
    assert counted_twice([(1, count), (2, count), (1, sale), (1, sale)]) == []


@given(UNITS, st.integers(1, 90), st.integers(-50, 500), UNITS, st.integers(1, 50))
def test_what_is_ordered_again_covers_the_lead_time_in_whole_packs(sold, lead, held, coming, pack):
    quantity = to_reorder(sold, lead, held, coming, pack)
    assert quantity % pack == 0
    covered = max(0, held) + coming
    if quantity:
        assert (covered + quantity) * 90 >= sold * lead > covered * 90
        assert (covered + quantity - pack) * 90 < sold * lead
    else:
        assert sold == 0 or covered * 90 >= sold * lead
