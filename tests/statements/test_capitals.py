"""Amounts in Chinese capital numerals, as a bill is written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.statements.pdf.capitals import in_capitals

_DIGITS = {word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_aloud(words: str) -> Decimal:
    """The amount a reader understands; written apart from the code under test."""
    if words.startswith("负"):
        return -read_aloud(words[1:])
    yuan, _, rest = words.partition("元") if "元" in words else ("", "", words)
    cents = sum(
        _DIGITS[rest[rest.index(mark) - 1]] * worth for mark, worth in (("角", 10), ("分", 1)) if mark in rest
    )
    return Decimal(_read_groups(yuan) * 100 + cents) / 100


def _read_groups(words: str) -> int:
    for mark, worth in (("亿", 10**8), ("万", 10**4)):
        if mark in words:
            head, _, tail = words.rpartition(mark)
            return _read_groups(head) * worth + _read_groups(tail)
    value, digit = 0, 0
    for word in words:
        if word in _UNITS:
            value, digit = value + digit * _UNITS[word], 0
        else:
            digit = _DIGITS[word]
    return value + digit


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1.00", "壹元整"),
        ("1.05", "壹元零伍分"),
        ("10.50", "壹拾元伍角整"),
        ("100.05", "壹佰元零伍分"),
        ("1001.00", "壹仟零壹元整"),
        ("1010.00", "壹仟零壹拾元整"),
        ("10050.03", "壹万零伍拾元零叁分"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"),
        ("20001000.00", "贰仟万零壹仟元整"),
        ("100000001.00", "壹亿零壹元整"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("1000000000000.00", "壹万亿元整"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-325.04", "负叁佰贰拾伍元零肆分"),
    ],
)
def test_amounts_are_written_as_the_rules_for_bills_say(amount, words):
    assert in_capitals(Decimal(amount)) == words


@given(st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2))
def test_what_is_written_reads_back_as_the_amount(amount):
    words = in_capitals(amount)

    assert read_aloud(words) == amount
    assert "零零" not in words


def test_an_amount_no_column_holds_is_refused():
    with pytest.raises(ValueError, match="too large"):
        in_capitals(Decimal("10000000000000000.00"))
