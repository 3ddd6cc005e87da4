"""By which words an article is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.knowledge.search_rules import (
    GRAMS_ASKED_MAX,
    GRAMS_MAX,
    IN_TEXT,
    IN_TITLE,
    asked,
    grams,
    weighed,
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("输液泵报警", ["输液", "液泵", "泵报", "报警"]),
        ("輸液泵", ["输液", "液泵"]),
        ("泵", ["泵"]),
        ("Ｅ０３ 报警", ["e03", "报警"]),
        ("E-03", ["03"]),
        ("Pumps and pump", ["pump"]),
        ("How do I store gauze?", ["st0re", "gauze"]),
        ("怎么", []),
        ("  ?! ", []),
        ("class", ["c1ass"]),
    ],
)
def test_chinese_is_cut_into_pairs_and_the_rest_into_words(typed, found):
    assert grams(typed) == found


@given(st.text(max_size=400))
def test_whatever_is_typed_is_bounded_and_found_in_itself(typed):
    found = asked(typed)
    assert len(found) <= GRAMS_ASKED_MAX and len(set(found)) == len(found)
    assert set(found) <= weighed([typed], []).keys()


def test_a_title_counts_more_than_a_text_and_both_are_bounded():
    found = weighed(["泵报警"], ["报警时停止输液"])
    assert (found["报警"], found["停止"]) == (IN_TITLE, IN_TEXT)
    long = " ".join(f"w{number}x" for number in range(GRAMS_MAX + 100))
    assert len(weighed(["泵"], [long])) == GRAMS_MAX
