"""A document number gives nothing away and catches the slips of people who read it aloud."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import numbering
from portal.kernel.numbering import ALPHABET

DAY = date(2026, 11, 21)
bodies = st.text(ALPHABET, min_size=8, max_size=8)


def test_a_number_is_prefix_year_month_body_and_check():
    number = numbering.new_number("SO", DAY)
    assert number.startswith("SO2611-")
    assert len(number) == len("SO2611-7K3F9Q2MA")
    assert set(number[7:]) <= set(ALPHABET)
    assert number[-1] == numbering.check_character(number[7:-1])


def test_the_alphabet_has_no_look_alikes():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_a_thousand_numbers_of_a_day_differ_and_do_not_count_up():
    numbers = [numbering.new_number("SO", DAY) for _ in range(1000)]
    assert len(set(numbers)) == 1000
    assert numbers != sorted(numbers)


@given(bodies, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(body, place, wrong):
    mistyped = body[:place] + wrong + body[place + 1 :]
    assert (numbering.check_character(mistyped) == numbering.check_character(body)) == (mistyped == body)


def test_most_swaps_of_neighbours_are_caught():
    pairs = [(a, b) for a in ALPHABET for b in ALPHABET if a != b]
    missed = [pair for pair in pairs if _check("0000", pair) == _check("0000", pair[::-1])]
    assert len(missed) <= 2, missed  # Luhn is blind to the first and the last character of its alphabet only


def _check(front: str, pair: tuple[str, str]) -> str:
    return numbering.check_character(front + "".join(pair))
