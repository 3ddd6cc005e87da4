"""Which reported lines are accepted, and that the books never say what cannot be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sellout.decide_rules import (
    DEALER,
    USED,
    Books,
    LineKind,
    LineState,
    Meant,
    Reported,
    Shelf,
    decide,
    ends,
    in_order,
)

FIRST = date(2026, 3, 2)


def day(number: int) -> date:
    return FIRST + timedelta(number)


@pytest.mark.parametrize(
    ("changes", "on", "free"),
    [
        ({}, 0, 10),
        ({3: 10}, 3, 10),
        ({3: 10}, 2, 0),
        ({1: 20, 5: -10}, 2, 10),
        ({1: 20, 5: -20, 6: 10}, 2, 0),
    ],
)
def test_a_late_line_takes_only_what_was_there_and_is_not_needed_since(changes, on, free):
    shelf = Shelf(10, {day(number): units for number, units in changes.items()})
    assert shelf.free_on(day(on)) == free


def test_on_one_day_goods_come_back_before_they_are_sold_and_are_sold_before_they_are_used():
    kinds = [LineKind.USE, LineKind.SELL_OUT, LineKind.RETURN]
    assert in_order([(FIRST, kind) for kind in kinds]) == [2, 1, 0]
    assert in_order([(day(1), LineKind.RETURN), (FIRST, LineKind.USE)]) == [1, 0]


def test_a_use_without_a_hospital_is_the_dealers_own():
    assert ends(LineKind.USE, "") == (DEALER, USED)
    assert ends(LineKind.USE, "h1") == ("@h1", USED)
    assert ends(LineKind.RETURN, "h1") == ("@h1", DEALER)


LINES = st.builds(
    Reported,
    document=st.just("D"),
    line=st.just("1"),
    kind=st.sampled_from(LineKind),
    day=st.integers(0, 9).map(day),
    sku=st.just("S"),
    lot=st.just("A"),
    serial=st.sampled_from(["", "U1", "U2"]),
    quantity=st.integers(1, 5),
    hospital=st.sampled_from(["", "h1", "h2"]),
)


@given(st.lists(LINES, max_size=30), st.booleans(), st.booleans())
def test_in_any_story_nothing_is_made_or_lost_and_no_day_ends_below_zero(lines, by_serial, is_coming):
    books = Books({(1, DEALER): Shelf(12, {day(2): 7, day(5): 5})})
    meant = Meant(1, 1, "A", by_serial, is_coming)
    for line in lines:
        source, target = ends(line.kind, line.hospital)
        if source == target:
            continue
        decision = decide(line, meant, source, target, books)
        assert (decision.state is LineState.ACCEPTED) == (not decision.defect)
        assert sum(shelf.held for shelf in books.shelves.values()) == 12
        for shelf in books.shelves.values():
            assert shelf.held >= 0 and all(shelf.free_on(day(number)) >= 0 for number in range(2, 10))
