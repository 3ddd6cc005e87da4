"""A search finds what was typed, to the letter."""

from __future__ import annotations

import pytest

from portal.kernel.search_pattern import containing, containing_code


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ("DE26", "%de26%"),
        (" 明德 ", "%明德%"),
        ("100%", r"%100\%%"),
        ("100％", r"%100\%%"),
        ("A_1", r"%a\_1%"),
        ("\\", "%\\\\%"),
        ("", "%%"),
        ("x" * 200, f"%{'x' * 100}%"),
    ],
)
def test_signs_that_mean_something_to_like_mean_themselves(typed, pattern):
    assert containing(typed) == pattern


@pytest.mark.parametrize(
    ("typed", "pattern"), [("so-26", "%s026%"), ("P%1", r"%p\%1%"), ("-", None), ("_ _", None), ("", None)]
)
def test_a_code_is_found_with_and_without_its_dashes(typed, pattern):
    assert containing_code(typed) == pattern
