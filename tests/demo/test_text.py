"""Texts in many languages become one readable text, and fillers none."""

from __future__ import annotations

import pytest

from portal.catalogue.registry_text import best_text, by_language, is_placeholder, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("en: Feeding tube", ("Feeding tube", "en")),
        ("fr: Sonde | en: Tube", ("Tube", "en")),
        ("fr: Sonde | zh: 鼻胃管 | de: Sonde", ("鼻胃管", "zh")),
        ("fr: Sonde | de: Ernährungssonde", ("Ernährungssonde", "de")),
        ("el: Καθετήρας", ("Καθετήρας", "el")),
        ("en: no | de: Sonde", ("Sonde", "de")),
        ("en: / | fr: -", ("", "")),
        ("Tube without a mark", ("Tube without a mark", "en")),
        ("", ("", "")),
    ],
)
def test_english_is_preferred_then_chinese_then_german(text: str, expected: tuple[str, str]):
    assert best_text(text) == expected


def test_a_colon_inside_a_text_is_no_language_mark():
    assert by_language("en: Kit: 3 pieces | de: Set: 3 Stück") == {
        "en": "Kit: 3 pieces",
        "de": "Set: 3 Stück",
    }


@pytest.mark.parametrize(
    "filler", ["", " ", "/", "no", "N/A", "n/a ", "-", ".", "None", "12345", "04560264568945", "1.0 / 2"]
)
def test_fillers_and_numbers_name_nothing(filler: str):
    assert is_placeholder(filler)


@pytest.mark.parametrize("name", ["X95L", "Nose plug", "No-touch catheter", "鼻胃管", "Öl"])
def test_short_and_foreign_names_are_names(name: str):
    assert not is_placeholder(name)


def test_a_text_comes_out_on_one_line():
    assert tidy(" Wound\u00a0plaster\n 40 pieces:\u200b , ") == "Wound plaster 40 pieces:"
