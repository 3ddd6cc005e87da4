"""Two books matched: each defect is found under its class, none is invented, and all of them together explain
what the sums differ by.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.world.ledger_defects import our_books, their_books
from portal.own_ledgers.combine_rules import Budget
from portal.own_ledgers.difference_rules import Doc, Kind, distance, is_transposed
from portal.own_ledgers.layout_rules import Books
from portal.own_ledgers.line_rules import Line
from portal.own_ledgers.match_rules import match
from portal.own_ledgers.side_rules import books_of
from tests.own_ledgers.scores import score

DAY = date(2026, 10, 12)


def doc(place: int, amount: int, number: str = "", day: int = 12, **more: object) -> Doc:
    """A document of October, amount in yuan."""
    return replace(Doc(place, DAY.replace(day=day), amount * 100, number), **more)  # type: ignore[arg-type]


def classes(ours: list[Doc], theirs: list[Doc]) -> list[tuple[str, int]]:
    """What differs, and what each comes to in fen."""
    return [(str(one.kind), one.fen) for one in match(ours, theirs).differences]


@pytest.mark.parametrize("seed", range(1, 9))
def test_known_defects_in_five_thousand_lines_are_found_and_none_is_invented(seed):
    chance = Random(seed)
    ours = our_books(chance, 5_000)
    theirs = their_books(chance, ours, 0.08)
    result = match(ours, theirs.docs)
    found = score(result, theirs.wrong)
    assert min(found.recall.values()) >= 0.99, found.recall
    assert min(found.precision.values()) >= 0.99, found.precision
    assert not found.invented


@pytest.mark.parametrize("seed", range(1, 4))
def test_few_amounts_that_come_again_and_again_do_not_confuse_it(seed):
    chance = Random(seed)
    amounts = [chance.randrange(10_000, 100_000) * 10 for _ in range(20)]
    ours = [replace(one, fen=chance.choice(amounts), net=None) for one in our_books(chance, 2_000)]
    theirs = their_books(chance, ours, 0.05)
    found = score(match(ours, theirs.docs), theirs.wrong)
    assert sum(found.recall.values()) / len(Kind) >= 0.98 and not found.invented


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 60), st.floats(0, 0.9))
def test_the_differences_always_explain_the_difference_to_the_fen(seed, count, share):
    chance = Random(seed)
    ours = our_books(chance, count)
    theirs = their_books(chance, ours, share).docs
    inside = [replace(one, inside=chance.random() < 0.9) for one in theirs]
    result = match(ours, inside)
    apart = sum(one.fen for one in inside if one.inside) - sum(one.fen for one in ours)
    assert sum(one.fen for one in result.differences) == apart
    places = [one.place for each in result.differences for one in each.ours if each.kind != Kind.DUPLICATE]
    assert len(places) == len(set(places)), "no document is told of twice"


@pytest.mark.parametrize("left", [0, 1, 40, 400])
def test_what_a_file_may_cost_is_bounded_and_what_was_not_looked_for_is_said(left):
    chance = Random(left)
    ours = [doc(place, chance.randrange(10**4, 10**5), day=1 + place % 28) for place in range(1, 300)]
    theirs = [doc(place, one.fen + ours[place].fen) for place, one in enumerate(ours[:-1], start=1)]
    budget = Budget(left)
    result = match(ours, theirs, budget)
    assert result.unsearched and budget.left > left - 30_000
    assert result.matched + sum(len(one.ours) for one in result.differences) == len(ours)
    apart = sum(one.fen for one in theirs) - sum(one.fen for one in ours)
    assert sum(one.fen for one in result.differences) == apart
    assert not match(ours, ours).unsearched


def test_books_that_agree_have_no_differences_whatever_their_order():
    ours = our_books(Random(1), 500)
    result = match(ours, [replace(one, place=500 - one.place) for one in reversed(ours)])
    assert (result.matched, result.differences) == (500, [])


def test_one_invoice_in_several_rows_and_one_row_for_several_of_ours():
    assert classes([doc(1, 90, "IN1")], [doc(1, 60, "IN1"), doc(2, 30, "IN1")]) == []
    ours = [doc(1, -12345, "PY1"), doc(2, -23456, "PY2")]
    assert classes(ours, [doc(1, -35801, "付款-88", day=14)]) == []
    assert classes([doc(1, -35801, "PY1")], [doc(1, -12345), doc(2, -23456)]) == []
    assert classes(ours, [doc(1, -35801, "PY1")]) == [], "under the number of the first"


def test_several_for_several_of_one_day():
    ours = [doc(1, 11111, "A1"), doc(2, 22222, "A2"), doc(3, 40, "A3")]
    theirs = [doc(1, 33000), doc(2, 333), doc(3, 40)]
    assert classes(ours, theirs) == []


def test_small_sums_that_chance_could_give_are_not_believed():
    ours = [doc(1, 1, "A1"), doc(2, 2, "A2")]
    assert sorted(classes(ours, [doc(1, 3, "B1")])) == [
        ("missing_here", 300),
        ("missing_there", -200),
        ("missing_there", -100),
    ]


def test_dates_differ_by_month_or_by_more_than_some_days():
    ours = [doc(1, 100, "A1", day=1), doc(2, 200, "A2"), doc(3, 300, "A3", day=30)]
    theirs = [doc(1, 100, "A1", day=5), doc(2, 200, "A2", day=20), doc(3, 300, "A3", day=30)]
    theirs[2] = replace(theirs[2], day=date(2026, 11, 1))
    assert classes(ours, theirs) == [("date", 0), ("date", 0)]


def test_a_document_on_the_other_side_of_the_time_compared_is_a_date_and_counts():
    ours = [doc(1, 100, "A1", day=1, inside=False)]
    assert classes(ours, [doc(1, 100, "A1", day=2)]) == [("date", 10000)]
    assert classes([doc(1, 100, "A1", inside=False)], []) == []


def test_a_document_of_theirs_without_numbers_is_found_by_amount_and_day():
    ours = [doc(1, 100, "A1"), doc(2, 100, "A2", day=20)]
    result = match(ours, [doc(1, 100, day=21), doc(2, 100, day=12)])
    assert (result.matched, result.differences) == (2, [])
    assert classes([doc(1, 100, "A1")], [doc(1, -100)]) == [("sign", -20000)]
    assert classes([doc(1, 8520, "A1")], [doc(1, 5820)]) == [("transposed", -270000)]


def test_numbers_of_their_own_say_nothing():
    ours = [doc(place, 100 + place, f"IN{place}", day=place) for place in range(1, 20)]
    theirs = [replace(one, number=f"记-{one.place}") for one in ours]
    assert classes(ours, theirs) == []


def test_a_number_within_the_sentence_and_a_reference_of_ours_are_numbers_too():
    ours = [doc(1, 100, "IN2610-AAAAAAAA1"), doc(2, 200, "PY1", also="BANK77")]
    theirs = [doc(1, 100, "记-5", day=16, text="收货 in2610-aaaaaaaa1"), doc(2, 200, "BANK77", day=15)]
    result = match(ours, theirs)
    assert (result.matched, result.differences) == (2, [])


def test_what_was_booked_and_taken_back_here_is_nothing_to_agree_about():
    ours = [doc(1, 100, "A1"), doc(2, -100, "A1"), doc(3, 50, "A2")]
    assert classes(ours, [doc(1, 50, "A2")]) == []
    assert classes(ours, [doc(1, 50, "A2"), doc(2, 100, "A1"), doc(3, 100, "A1")]) == [("sign", 20000)]


def test_twice_here_or_there_is_told_on_its_side():
    twice = [doc(1, 100, "A1"), doc(2, 100, "A1")]
    [there] = match([doc(1, 100, "A1")], twice).differences
    assert (there.kind, there.fen, len(there.theirs)) == (Kind.DUPLICATE, 10000, 2)
    [here] = match(twice, [doc(1, 100, "A1")]).differences
    assert (here.kind, here.fen, len(here.ours)) == (Kind.DUPLICATE, -10000, 2)


def test_a_swapped_number_that_is_anothers_is_a_wrong_reference_and_not_an_amount():
    ours = [doc(1, 120, "IN12"), doc(2, 210, "IN21")]
    theirs = [doc(1, 120, "IN21"), doc(2, 210, "IN21")]
    assert classes(ours, theirs) == [("reference", 0)]


def test_whose_view_a_ledger_is_in_is_told_by_what_both_books_have():
    ours = [doc(1, 100, "A1"), doc(2, -30, "A2")]
    lines = [Line(1, DAY, 10000, "A1", ""), Line(2, DAY, -3000, "A2", "")]
    turned = [replace(one, fen=-one.fen) for one in lines]
    assert books_of(lines, ours, Books.OURS) == (Books.THEIRS, True)
    assert books_of(turned, ours, Books.THEIRS) == (Books.OURS, True)
    assert books_of([replace(one, number="") for one in turned], ours, Books.THEIRS) == (Books.OURS, True)
    assert books_of([], ours, Books.OURS) == (Books.OURS, False)


@settings(max_examples=200, deadline=None)
@given(st.integers(10, 10**9), st.data())
def test_two_neighbouring_digits_that_changed_places_are_seen(fen, data):
    digits = list(str(fen))
    place = data.draw(st.integers(0, len(digits) - 2))
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    swapped = int("".join(digits))
    assert is_transposed(fen, swapped) == (swapped != fen)
    assert not is_transposed(fen, -swapped) or swapped == 0


@settings(max_examples=100, deadline=None)
@given(st.text("AB12", max_size=8), st.text("AB12", max_size=8))
def test_a_distance_is_the_same_both_ways_and_nothing_only_for_the_same(first, second):
    assert distance(first, second, most=9) == distance(second, first, most=9)
    assert (distance(first, second, most=9) == 0) == (first == second)
