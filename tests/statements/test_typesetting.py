"""Lines are broken as Chinese typography asks, and never wider than their room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.paper.page import BODY
from portal.kernel.paper.typesetting import (
    LINES_MAX,
    NEVER_FIRST,
    NEVER_LAST,
    break_lines,
    shortened,
    shrunk,
)

texts = st.text(alphabet="医疗器械有限公司（）、，。《》“”ABC xyz-/.,;:!?0123456789()¥", max_size=120)
rooms = st.floats(min_value=40, max_value=300)


@given(texts, rooms)
def test_no_line_is_wider_than_its_room(text, room):
    assert all(BODY.width(line) <= room for line in break_lines(text, BODY, room))


@given(texts, rooms)
def test_breaking_loses_no_character(text, room):
    lines = break_lines(text, BODY, room)

    if len(lines) < LINES_MAX:
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(
    st.text(alphabet="医疗器械有限公司（）、，。", min_size=1, max_size=60).map(
        lambda t: t.replace("（）", "（科）")
    )
)
def test_a_line_starts_with_no_closing_mark_unless_marks_alone_fill_it(text):
    lines = break_lines(text, BODY, 100)

    for before, line in pairwise(lines):
        if line[0] in NEVER_FIRST or before[-1] in NEVER_LAST:
            assert set(before[-8:]) & set(NEVER_FIRST + NEVER_LAST)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("医疗器械，有限公司", 4 * 8, ("医疗器", "械，有限", "公司")),
        ("医疗（器械）公司", 3 * 8, ("医疗", "（器", "械）公", "司")),
        ("医用（带针）、导管", 6 * 8, ("医用（带", "针）、导管")),
        ("SO-202609-000123", 50, ("SO-202609-", "000123")),
        ("余额 ¥1,234,567.89 元", 66, ("余额", "¥1,234,567.89 元")),
        ("Medical Technology Co., Ltd.", 80, ("Medical Technology", "Co., Ltd.")),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 60, ("ABCDEFGHIJKL", "MNOPQRSTUV", "WXYZ")),
        ("", 50, ()),
        (" \n\t ", 50, ()),
    ],
)
def test_lines_break_where_a_reader_expects(text, room, lines):
    assert break_lines(text, BODY, room) == lines


def test_a_text_without_end_is_cut_with_an_ellipsis():
    lines = break_lines("医" * 10_000, BODY, 80)

    assert len(lines) == LINES_MAX
    assert lines[-1].endswith("…")
    assert BODY.width(lines[-1]) <= 80


@given(st.integers(0, 10**16), st.floats(min_value=30, max_value=120))
def test_a_shrunk_number_fits_or_is_as_small_as_it_gets(number, room):
    text = f"{number:,}.00"
    style = shrunk(text, BODY, room)

    assert style.size <= BODY.size
    assert style.width(text) <= room or style.size == 4


@given(texts, rooms)
def test_a_shortened_text_fits_on_one_line(text, room):
    assert BODY.width(shortened(text, BODY, room)) <= room
