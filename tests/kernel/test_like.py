"""A search finds what was typed, to the letter."""

from __future__ import annotations

import pytest

from portal.like import containing


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [("SO26", "%SO26%"), (" 明德 ", "%明德%"), ("100%", r"%100\%%"), ("A_1", r"%A\_1%"), ("\\", "%\\\\%"), ("", "%%"), ("x" * 200, f"%{'x' * 100}%")],
)
def test_signs_that_mean_something_to_like_mean_themselves(typed, pattern):
    assert containing(typed) == pattern
