"""What somebody typed and what is kept meet in one writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql
from stdnum import ean

from portal.kernel.db import transaction
from portal.kernel.searching import (
    ALIKE,
    SEPARATORS,
    SIMPLIFIED,
    TRADITIONAL,
    code_key,
    folded,
    gtin_in,
    search_key,
    with_right_check_digit,
)
from tests import cast

WORDS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cn", "Co"]), max_size=30)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("醫用檢查手套", "医用检查手套"),
        ("上海明德醫療器械有限公司", "上海明德医疗器械有限公司"),
        ("㎖", "ml"),
        ("ﾃ", "テ"),
        ("Ø", "ø"),
    ],
)
def test_width_case_and_traditional_characters_do_not_matter(typed, kept):
    assert folded(typed) == folded(kept) == kept


@pytest.mark.parametrize(
    "typed", ["PO-2026/01", "ｐｏ２０２６０１", "PO 2026 01", "p0—2o26–OI", "PO.2026.0l"]
)
def test_a_code_is_the_same_in_every_width_with_any_dashes_and_with_letters_for_digits(typed):
    assert code_key(typed) == "p0202601"


@given(WORDS)
def test_what_is_folded_stays_as_it_is(text):
    assert search_key(search_key(text)) == search_key(text)
    assert code_key(code_key(text)) == code_key(text)
    assert not set(code_key(text)) & set(ALIKE + SEPARATORS + TRADITIONAL)


def test_no_simplified_character_is_folded_further():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL)) > 2500
    assert not set(SIMPLIFIED) & set(TRADITIONAL)


def test_the_database_folds_by_the_same_rules(database):
    assigned = [
        chr(n) for n in range(0x20, 0x10000) if chr(n).isprintable() and chr(n) not in "İ"
    ]  # two letters for Python, one for PostgreSQL
    pieces = ["".join(assigned[i : i + 500]) for i in range(0, len(assigned), 500)]
    pieces += ["Straße ΟΔΟΣ.", "醫Ａ-Ｏ０", "plain-OIL 0011", ""]
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        for piece in pieces:
            row = session.execute(
                sql("SELECT search_fold(:piece) AS name, code_key(:piece) AS code"), {"piece": piece}
            ).one()
            assert (row.name, row.code) == (search_key(piece), code_key(piece))


GTIN = "06901234510027"


@pytest.mark.parametrize(
    "scanned",
    [
        "(01)06901234510027(17)280101(10)AB-1",
        "（01）06901234510027（17）280101",
        "010690123451002717280101" + "10AB01999",
        "]d2010690123451002717280101" + "10AB\x1d21SN",
        "]C10106901234510027",
        "\x1d10L01T\x1d0106901234510027",
        "]d2172801010106901234510027",
        "]Q321SN-01\x1d172801010106901234510027",
        "(10)AB(01)06901234510027",
        "https://id.gs1.org/01/06901234510027/10/AB?17=280101",
        "02069012345100273712",
    ],
)
def test_a_reader_tells_the_number_of_the_trade_item(scanned):
    assert gtin_in(scanned) == GTIN


@pytest.mark.parametrize(
    "typed", ["06901234510027", "0690 1234 51002-7", "０６９０１２３４５１００２７", "O69OI234510O27"]
)
def test_a_number_is_read_in_every_width_and_grouping(typed):
    assert gtin_in(typed) == GTIN


@pytest.mark.parametrize(
    "other",
    [
        "",
        "手套",
        "0690123451",
        "]C110AB",
        "]d2",
        "\x1d",
        "0106901234510028",
        "(01)0690123",
        "٠" * 13,
        "1" * 15,
        "]C101ABCDEFGHIJKLMN",
    ],
)
def test_anything_else_is_no_number(other):
    assert gtin_in(other) is None


@given(st.text(max_size=200))
def test_no_text_harms_the_reader(text):
    found = gtin_in(text)
    assert found is None or (found.isascii() and found.isdigit())


@given(st.from_regex(r"[0-9]{7}|[0-9]{11,13}", fullmatch=True), st.integers(1, 9))
def test_the_right_check_digit_makes_the_number_sound(body, off):
    sound = body + ean.calc_check_digit(body)
    wrong = body + str((int(sound[-1]) + off) % 10)
    assert with_right_check_digit(wrong) == with_right_check_digit(sound) == sound
    assert gtin_in(wrong) == wrong
