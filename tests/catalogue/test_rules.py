"""How a product is found: what a person types and what stands on the box are the same word."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalogue import rules


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("５ＭＬ", "5ml"),
        ("AB-12/3", "ab 12 3"),
        ("  一次性  注射器 ", "一次性 注射器"),
        ("注射器5mL", "注射器 5ml"),
        ("%_", ""),
        ("Ø12", "ø12"),
    ],
)
def test_full_width_case_and_separators_do_not_matter(typed, normal):
    assert rules.normalised(typed) == normal


def test_a_code_is_found_with_and_without_its_hyphen():
    text = rules.search_text(["AB-1001"])
    assert "ab1001" in text and "ab 1001" in text


def test_chinese_is_cut_into_characters_and_pairs_codes_into_triples():
    assert rules.grams("注射器 ab12") == sorted(
        ["注", "射", "器", "注射", "射器", "ab1", "b12", "^ab", "^12"]
    )


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


LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=16)


@given(LETTERS, st.data())
def test_one_slip_of_the_finger_leaves_something_in_common(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("aeqxz"))
    swapped = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    for typed in (
        swapped,
        word[:place] + letter + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + word[place + 1 :],
    ):
        if 4 <= len(typed) <= 16:
            assert set(rules.slips(typed)) & set(rules.slips(word))


@pytest.mark.parametrize(
    ("word", "other"),
    [("gloves", "sleeves"), ("abcd", "abdce"), ("suture", "syringe"), ("手套", "手术"), ("st", "ts")],
)
def test_other_words_have_nothing_in_common(word, other):
    assert not set(rules.slips(word)) & set(rules.slips(other))


@pytest.mark.parametrize(
    ("typed", "whole", "beginning", "initials"),
    [
        ("shoutao", True, True, False),
        ("shou", True, True, False),
        ("shout", False, True, False),
        ("yyst", False, False, False),
        ("jcst", False, False, True),
        ("st", False, False, True),
        ("outao", False, False, False),
        ("hou", False, False, False),
    ],
)
def test_a_reading_is_told_by_its_syllables(typed, whole, beginning, initials):
    patterns = rules.reading_patterns(typed)
    found = [
        bool(pattern and re.search(pattern, "yi yong jian cha shou tao"))
        for pattern in (patterns.whole, patterns.beginning, patterns.initials)
    ]
    assert found == [whole, beginning, initials]


@pytest.mark.parametrize("word", ["syringe", "gloves", "stent", "ab12", "ø12", "手套"])
def test_what_cannot_be_a_reading_is_not_sought_as_one(word):
    patterns = rules.reading_patterns(word)
    assert (patterns.whole, patterns.beginning) == (None, None)


def test_what_is_typed_is_read_as_words_with_codes_in_digits():
    sought = rules.sought(" 注射器 AB-O1 glovex ")
    assert sought.typed == "注射器 ab-o1 glovex"
    assert sought.words == ("注射器", "ab", "01", "glovex")
    assert sought.slips == ((), (), (), tuple(rules.slips("glovex")))
    assert sought.number is None and sought.gtin is None and sought.misread is None


@pytest.mark.parametrize("typed", ["06901234567892", "(01)06901234567892(10)AB"])
def test_a_number_that_a_reader_sends_is_what_is_sought(typed):
    sought = rules.sought(typed)
    assert (sought.number, sought.gtin, sought.words) == (
        "06901234567892",
        "06901234567892",
        ("06901234567892",),
    )


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("AB-O1", "ab o1 abo1 01 ab01"),
        ("oil", "oil"),
        ("a" * 20 + "-" + "b" * 19, f"{'a' * 20} {'b' * 19} {'a' * 20}{'b' * 19}"),
        ("a" * 20 + "-" + "b" * 20, f"{'a' * 20} {'b' * 20}"),
        ("a" * 45, "a" * 45),
    ],
)
def test_what_a_product_is_found_by(part, text):
    assert rules.search_text(["", part]) == text


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (["a"], []),
        (["a", "x"], []),
        (["器"], ["器"]),
        (["ab"], ["^ab"]),
        (["1a"], ["^1a"]),
        (["abc"], ["abc"]),
        (["ab", "abc"], ["^ab", "abc"]),
        (["ab12"], ["ab1", "b12"]),
        (["注射"], ["射", "注", "注射"]),
        (["注射", "ab"], ["^ab", "射", "注", "注射"]),
    ],
)
def test_what_is_looked_up_for_words(words, pieces):
    assert rules.query_grams(words) == pieces


def test_a_word_of_three_letters_is_one_piece():
    assert rules.grams("abc") == ["^ab", "abc"]


def test_what_no_initials_can_be_is_not_sought_as_some():
    assert rules.reading_patterns("iu").initials is None
    assert rules.reading_patterns("st").initials == "(^| )s[a-z]* t[a-z]*( |$)"


@pytest.mark.parametrize("word", ["a" * 199, "an" * 99, "shua" * 49, "h" * 199, "aerng" * 39])
def test_no_word_keeps_the_search_for_syllables_busy(word):
    began = process_time()
    assert rules.reading_patterns(word + "é").whole is None
    assert process_time() - began < 1


@pytest.mark.parametrize("word", ["xian", "erhua", "nanan", "aoao", "zhongguo", "lv", "yizh"])
def test_a_syllable_takes_as_much_as_it_can_and_leaves_what_is_one_too(word):
    assert rules.reading_patterns(word).whole is not None
