"""What a person types is read as it was meant, or refused with the reason; never as something else."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.kernel import typed
from portal.kernel.errors import Fault
from tests.faults import all_said

SHANGHAI = ZoneInfo("Asia/Shanghai")
FULL_WIDTH = str.maketrans("0123456789,.-¥%:", "０１２３４５６７８９，．－￥％：")

amounts = st.decimals(min_value="-999999999999.99", max_value="999999999999.99", places=2)
quantities = st.integers(min_value=-(10**12), max_value=10**12)
blanks = st.text(alphabet=" \t\u3000\u00a0", max_size=3)
NUMBER = "0123456789,.-"
same_as_plain = set(NUMBER + "¥元%") | set((NUMBER + "¥%").translate(FULL_WIDTH))
foreign = st.characters().filter(lambda character: character not in same_as_plain and not character.isspace())


def in_any_width(text: str, wide: list[bool]) -> str:
    return (
        "".join(
            letter.translate(FULL_WIDTH) if one else letter for letter, one in zip(text, wide, strict=False)
        )
        + text[len(wide) :]
    )


@given(
    amounts,
    st.booleans(),
    st.sampled_from(["{}", "¥{}", "{}元", "¥ {}", "{} 元"]),
    st.lists(st.booleans(), max_size=24),
    blanks,
    blanks,
)
def test_every_correctly_written_amount_is_read_as_it_is(amount, grouped, money, wide, before, after):
    written = money.format(f"{amount:,.2f}" if grouped else f"{amount:.2f}")
    assert typed.money(before + in_any_width(written, wide) + after) == amount


@given(quantities, st.booleans(), st.lists(st.booleans(), max_size=20), blanks, blanks)
def test_every_correctly_written_quantity_is_read_as_it_is(quantity, grouped, wide, before, after):
    written = f"{quantity:,}" if grouped else str(quantity)
    assert typed.quantity(before + in_any_width(written, wide) + after) == quantity


@given(st.decimals(min_value=0, max_value=100, places=2), st.sampled_from(["", "%", "％"]))
def test_a_percentage_is_read_with_its_sign_and_without(share, sign):
    assert typed.percent(f"{share}{sign}") == share


@given(amounts, foreign, st.data())
@example(Decimal(2), "²", None)
@example(Decimal(2), "③", None)
@example(Decimal(2), "٣", None)
@example(Decimal(2), "𝟚", None)
@example(Decimal(1), "e", None)
@example(Decimal(1), "_", None)
def test_one_foreign_character_anywhere_and_nothing_is_read(amount, character, data):
    written = f"{amount:,.2f}"
    place = data.draw(st.integers(0, len(written))) if data else len(written)
    for read in (typed.money, typed.quantity, typed.percent):
        with pytest.raises(typed.Misread):
            read(written[:place] + character + written[place:])


@given(st.text(alphabet=NUMBER + "¥元 ２，．", max_size=12))
def test_what_is_read_is_what_the_digits_say(text):
    try:
        amount = typed.money(text)
    except typed.Misread:
        return
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace("¥", "").replace("元", "")
    assert amount == Decimal(plain) and amount == round(amount, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Nothing"),
        ("   ", "Nothing"),
        ("¥", "Nothing"),
        ("10.000,00", "groups of three"),
        ("1,23", "groups of three"),
        ("12,34,567", "groups of three"),
        ("0,123", "groups of three"),
        ("1,2345", "groups of three"),
        (",123", "groups of three"),
        ("1,234,", "groups of three"),
        ("1234,567", "groups of three"),
        ("1,，234", "groups of three"),
        ("1.234", "2 decimal places"),
        ("1.", "not a number"),
        (".5", "not a number"),
        ("1.2.3", "not a number"),
        ("--5", "One minus"),
        ("5-", "One minus"),
        ("－-5", "One minus"),
        ("¥-¥5", "“¥”"),
        ("-¥-5", "One minus"),
        ("¥5元", "“¥”"),
        ("5¥", "“¥”"),
        ("元5", "“元”"),
        ("+5", "“+”"),
        ("1e3", "“e”"),
        ("1E+3", "“E”"),
        ("1_000", "“_”"),
        ("2²", "“²”"),
        ("½", "“½”"),
        ("٣", "“٣”"),
        ("१२", "“१”"),
        ("NaN", "“N”"),
        ("-Infinity", "“I”"),
        ("1 000", "spaces"),
        ("1\u3000000", "spaces"),
        ("5\u200b", "“U+200B”"),
        ("五", "“五”"),
        ("0x10", "“x”"),
        ("1\x00", "“U+0000”"),
        ("1" * 13, "12 digits"),
        ("1" * 41, "40 characters"),
        ("1" + " " * 50, "40 characters"),
        ("1'000", "“'”"),
    ],
    ids=repr,
)
def test_the_refusal_says_what_is_wrong(text, reason):
    with pytest.raises(typed.Misread, match=re.escape(reason)) as refusal:
        typed.money(text)
    assert refusal.value.code == "not_money" and refusal.value.fix


@pytest.mark.parametrize(
    "value", [True, 1.0, None, Decimal(1), [1], "1.0", "12.00", "1元", "¥1", "1%"], ids=repr
)
def test_a_quantity_is_whole_and_nothing_else(value):
    with pytest.raises(typed.Misread):
        typed.quantity(value)


@pytest.mark.parametrize("value", [0.5, 5, True, None, b"5", Decimal(5), ["5"]], ids=repr)
def test_what_is_no_text_stood_for_no_money_day_or_moment(value):
    for read in (typed.money, typed.percent, typed.day, typed.strict_moment):
        with pytest.raises(typed.Misread):
            read(value)


def test_a_quantity_too_large_for_any_order_is_still_read_so_that_the_maximum_can_be_named():
    assert typed.quantity("9" * 20) == int("9" * 20)


@given(amounts)
def test_programs_write_plain_amounts_only(amount):
    written = f"{amount:.2f}"
    assert typed.money(written, strict=True) == amount
    for other in (
        written.translate(FULL_WIDTH),
        f" {written}",
        f"¥{written}",
        f"{written}元",
        f"+{written}",
        f"{written}0",
    ):
        with pytest.raises(typed.Misread):
            typed.money(other, strict=True)
    with pytest.raises(typed.Misread):
        typed.money("1,234.50", strict=True)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2999, 12, 31)), blanks)
def test_a_day_is_read_in_either_width(day, blank):
    assert (
        typed.day(f"{blank}{day}{blank}")
        == typed.day(str(day).translate(FULL_WIDTH))
        == typed.day(str(day), strict=True)
        == day
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-30",
        "2026-2-3",
        "20260203",
        "2026-W05-1",
        "03.02.2026",
        "2026/02/03",
        "٢٠٢٦-٠٢-٠٣",
        "1969-12-31",
        "3000-01-01",
        "²026-02-03",
    ],
)
def test_anything_else_is_no_day(text):
    with pytest.raises(typed.Misread) as refusal:
        typed.day(text)
    assert refusal.value.code == "not_a_date"


@given(
    st.datetimes(min_value=datetime(1992, 1, 1), max_value=datetime(2999, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_with_an_offset_keeps_it_and_one_without_is_local(local, minutes):
    local = local.replace(second=0, microsecond=0)
    elsewhere = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    for written in (elsewhere.isoformat(), elsewhere.isoformat().translate(FULL_WIDTH).replace("＋", "+")):
        assert typed.moment(written, SHANGHAI) == elsewhere
    assert typed.moment(f"{local:%Y-%m-%d %H:%M}", SHANGHAI) == local.replace(tzinfo=SHANGHAI)
    assert typed.moment(f"{local:%Y-%m-%dT%H:%M}".translate(FULL_WIDTH), SHANGHAI).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-31T08:30:00",
        "2026-10-31T08:30Z",
        "２026-10-31T08:30:00Z",
        "2026-10-31",
        " 2026-10-31T08:30:00Z",
    ],
)
def test_a_program_says_seconds_and_offset(text):
    with pytest.raises(typed.Misread):
        typed.strict_moment(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-10-31T25:00",
        "2026-02-30 08:30",
        "2026-10-31T08:30+25:00",
        "2026-10-31T08:30 +02:00",
        "2026-10-31T8:30",
    ],
)
def test_anything_else_is_no_moment(text):
    with pytest.raises(typed.Misread):
        typed.moment(text, SHANGHAI)


def test_a_field_that_cannot_be_read_leaves_a_fault_at_its_place():
    faults: list[Fault] = []
    assert typed.field(typed.money, "12.50", "/amount", faults) == Decimal("12.50") and not faults
    assert typed.field(typed.money, "12,50", "/amount", faults) is None
    assert [(fault.pointer, fault.code) for fault in faults] == [("/amount", "not_money")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("", None),
        (None, None),
        ("-7", None),
        (" 7", None),
        ("7_0", None),
        ("７", None),
        ("9" * 19, None),
    ],
)
def test_a_number_of_our_own_comes_back_as_it_was_written(text, number):
    assert typed.own_number(text) == number


MONEY = "Write it like 1234.50 or 1,234.50."
STRICT = partial(typed.money, strict=True)
WHOLE = "Enter 1 or more, without decimals."


@pytest.mark.parametrize(
    ("read", "value", "told"),
    [
        (typed.quantity, "", f"quantity_not_whole: Nothing has been entered. {WHOLE}"),
        (typed.quantity, "1.5", f"quantity_not_whole: A quantity is a whole number. {WHOLE}"),
        (typed.money, "1.234", f"not_money: An amount has at most 2 decimal places. {MONEY}"),
        (typed.money, "1" * 13, f"not_money: At most 12 digits before the point. {MONEY}"),
        (typed.money, "1" * 40, f"not_money: At most 12 digits before the point. {MONEY}"),
        (typed.money, "1" * 41, f"not_money: At most 40 characters. {MONEY}"),
        (typed.money, "1e3", f"not_money: A number has no “e”. {MONEY}"),
        (typed.money, "1\u200b", f"not_money: A number has no “U+200B”. {MONEY}"),
        (typed.money, "1 2", f"not_money: A number has no spaces within. {MONEY}"),
        (typed.money, "--1", f"not_money: One minus sign, before the number. {MONEY}"),
        (typed.money, "1-2", f"not_money: One minus sign, before the number. {MONEY}"),
        (typed.money, "1,23", f"not_money: Commas stand only before groups of three digits. {MONEY}"),
        (typed.money, "1.2.3", f"not_money: This is not a number. {MONEY}"),
        (STRICT, "1,234", f"not_money: Commas stand only before groups of three digits. {MONEY}"),
        (STRICT, "1.234", f"not_money: An amount has at most 2 decimal places. {MONEY}"),
        (typed.percent, "x", "not_a_percentage: A number has no “x”. Write it like 12.5."),
        (
            typed.percent,
            "1" * 13,
            "not_a_percentage: At most 12 digits before the point. Write it like 12.5.",
        ),
        (typed.day, "2026-02-30", "not_a_date: Enter a valid date. Write it like 2026-10-31."),
        (
            partial(typed.moment, zone=SHANGHAI),
            "x",
            "not_a_moment: Enter a valid date and time. Write it like 2026-10-31 08:30.",
        ),
        (
            typed.strict_moment,
            "2026-10-31 08:30",
            "not_a_moment: Enter a valid date and time. Write it like 2026-10-31 08:30.",
        ),
    ],
)
def test_each_refusal_says_which_kind_was_expected_why_it_is_none_and_how_to_write_one(read, value, told):
    faults: list[Fault] = []
    assert typed.field(read, value, "/there", faults) is None
    assert all_said(faults) == [f"/there {told}"]
    with pytest.raises(typed.Misread) as misread:
        read(value)
    assert str(misread.value) == told.removesuffix(f" {faults[0].fix}")


def test_twelve_digits_before_the_point_are_read():
    assert typed.money("9" * 12) == Decimal("9" * 12)


@given(
    st.dates(date(1970, 1, 1), date(2173, 10, 13)),
    st.sampled_from(
        ["{0}-{1}-{2}", "{0}/{1}/{2}", "{0}.{1}.{2}", "{0}年{1}月{2}日", "{0}／{1}／{2}", "{0} 年 {1} 月 {2}"]
    ),
    st.booleans(),
)
def test_a_day_of_a_sheet_is_read_however_it_is_written(day, form, padded):
    month, of_month = (f"{day.month:02}", f"{day.day:02}") if padded else (day.month, day.day)
    assert typed.sheet_day(form.format(day.year, month, of_month)) == day
    assert typed.sheet_day(f"{day:%Y%m%d}") == day
    assert typed.sheet_day(str((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    "wrong", ["", "2026-13-01", "2026-2-30", "00001", "99999999", "tomorrow", "1/2/2026"]
)
def test_what_is_no_day_of_a_sheet_is_refused(wrong):
    with pytest.raises(typed.Misread):
        typed.sheet_day(wrong)
