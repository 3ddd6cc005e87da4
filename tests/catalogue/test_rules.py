"""How a product is found: what a person types and what stands on the box are the same word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalogue import rules


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("５ＭＬ", "5ml"), ("AB-12/3", "ab 12 3"), ("  一次性  注射器 ", "一次性 注射器"), ("注射器5mL", "注射器 5ml"), ("%_", ""), ("Ø12", "ø12")],
)
def test_full_width_case_and_separators_do_not_matter(typed, normal):
    assert rules.normalised(typed) == normal


def test_a_code_is_found_with_and_without_its_hyphen():
    text = rules.search_text(["AB-1001"])
    assert "ab1001" in text and "ab 1001" in text


def test_chinese_is_cut_into_characters_and_pairs_codes_into_triples():
    assert rules.grams("注射器 ab12") == sorted(["注", "射", "器", "注射", "射器", "ab1", "b12", "^ab", "^12"])


def test_a_flood_of_words_is_cut_short():
    assert len(rules.sought("x " * 5000).words) == 12


@given(st.lists(st.text(max_size=20), max_size=6), st.data())
def test_every_word_of_a_product_finds_it_by_index_and_by_text(parts, data):
    text = rules.search_text(parts)
    words = text.split()
    if words:
        word = data.draw(st.sampled_from(words))
        assert set(rules.query_grams([word])) <= set(rules.grams(text))
        assert word in text
