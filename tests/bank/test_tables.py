"""Tables of Chinese banks: recognised by their headings, proven by their balances, else told."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from portal.bank.column_rules import Part, recognised
from portal.bank.read_file import read_bank_file, read_bank_table
from portal.bank.rules import LeftOut
from portal.kernel.errors import Invalid

DATA = Path(__file__).parent / "data" / "cn"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def of_file(content: bytes):
    return read_bank_file(content, SHANGHAI)


def read(name: str, encoding: str = ""):
    content = (DATA / name).read_bytes()
    if encoding:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        content = text.replace("¥", "￥").encode(encoding)  # GBK has the wide one alone
    return of_file(content)


def moved(file) -> tuple[int, str, int, str]:
    """Bookings and sums, in and out."""
    money_in = [one.amount for one in file.bookings if one.amount > 0]
    money_out = [one.amount for one in file.bookings if one.amount < 0]
    return len(money_in), f"{sum(money_in):.2f}", len(money_out), f"{sum(money_out):.2f}"


# What their source says of them: money in, money out, and what has to be told.
FILES = {
    "boc_debit.csv": ((4, "9821.00", 13, "-9394.30"), []),
    "icbc_debit_v1.csv": (
        (5, "2841.74", 6, "-4241.08"),
        ["balances_masked", "total_differs", "total_differs"],
    ),
    "cmb_debit.csv": ((1, "1234.00", 4, "-2013.14"), ["balance_step"]),
    "bocom_debit.csv": ((3, "11.25", 3, "-114.00"), ["balance_step"]),
    "abc_debit.csv": ((2, "10000.01", 2, "-12355.89"), ["balance_step"]),
    "ccb_debit.xls": ((0, "0.00", 6, "-703.26"), ["balance_step"]),
    "alipay_personal.csv": (
        (1, "222228.50", 4, "-161.64"),
        ["no_balance", "count_differs", "total_differs", "total_differs"],
    ),
    "wechat_personal.csv": (
        (5, "28.49", 11, "-2904.53"),
        ["no_balance", "count_differs", "total_differs", "total_differs"],
    ),
}


@pytest.mark.parametrize("encoding", ["", "gb18030", "gbk", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_says_what_its_source_says(name, encoding):
    if encoding and name.endswith(".xls"):
        return
    file = read(name, encoding)
    sums, doubts = FILES[name]
    assert moved(file) == sums
    assert [one.code for one in file.doubts] == doubts


def test_the_balances_of_a_whole_file_are_proven_though_the_newest_stands_first():
    [statement] = read("boc_debit.csv").statements
    assert (statement.opening, statement.closing, statement.currency) == (
        Decimal("2813.58"),
        Decimal("3240.28"),
        "CNY",
    )
    assert statement.bookings[0].booked_on.isoformat() == "2025-08-01"


def test_the_first_step_that_does_not_fit_is_told_with_its_row():
    [doubt] = read("ccb_debit.xls").doubts
    assert doubt.pointer == "/file/10"
    assert (doubt.params["before"], doubt.params["amount"], doubt.params["balance"]) == (
        "2,140.13",
        "-515.02",
        "1,579.11",
    )


def test_rows_in_which_no_money_moved_are_left_out_and_told():
    left_out = read("alipay_personal.csv").left_out
    assert [(one.because, one.amount) for one in left_out] == [
        (LeftOut.NEUTRAL, Decimal("16.03")),
        (LeftOut.NEUTRAL, Decimal("99.34")),
        (LeftOut.CLOSED, Decimal("82.00")),
        (LeftOut.NEUTRAL, Decimal("50.00")),
        (LeftOut.CLOSED, Decimal("-50.00")),
    ]
    neutral = [one for one in read("wechat_personal.csv").left_out if one.because == LeftOut.NEUTRAL]
    assert (len(neutral), sum(one.amount for one in neutral)) == (11, Decimal("26100.89"))


def test_a_short_row_is_taken_and_an_amount_of_zero_is_told():
    file = read("abc_debit.csv")
    assert Decimal("-12345.89") in [one.amount for one in file.bookings]
    assert [one.because for one in file.left_out] == [LeftOut.ZERO]


def layouts():
    with (DATA / "corporate_layouts.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("layout", layouts(), ids=lambda one: one["bank"])
def test_the_headings_of_company_accounts_are_recognised(layout):
    heads = layout["columns"].split("|")
    columns = recognised(heads, 1)
    assert columns.is_enough
    assert columns.has(Part.BALANCE) and columns.has(Part.TEXT) and columns.has(Part.PARTY, Part.PAYER)
    assert columns.has(Part.MONEY_IN) is columns.has(Part.MONEY_OUT)


DAYS = {
    "Excel serial": ("46346", "46347.5"),
    "20260131": ("20261120", "20261121"),
    "20260131 and a time column": ("20261120", "20261121"),
    "2026-01-31": ("2026-11-20", "2026-11-21"),
}


def company_file(layout, *, newest_first: bool) -> bytes:
    """An export of a company account: 100.00, then 50.00 in, then 30.00 out."""
    heads = layout["columns"].split("|")
    columns = recognised(heads, 1)
    first, second = DAYS.get(layout["date_style"], ("2026-11-20 09:00:00", "2026-11-21 10:00:00"))
    rows = []
    for day, money_in, money_out, balance in (
        (first, "50.00", "", "150.00"),
        (second, "", "30.00", "120.00"),
    ):
        row = [""] * len(heads)

        def put(part, value, row=row):
            if (place := columns.place(part)) is not None:
                row[place] = value

        put(Part.DAY, day)
        put(Part.BALANCE, balance)
        put(Part.MONEY_IN, money_in)
        put(Part.MONEY_OUT, money_out)
        put(Part.AMOUNT, money_in or f"-{money_out}")
        put(Part.PARTY, "上海明德医疗器械有限公司")
        put(Part.PAYER, "上海明德医疗器械有限公司" if money_in else "我司")
        put(Part.PAYEE, "我司" if money_in else "上海明德医疗器械有限公司")
        rows.append(row)
    above = [["账号：6222 0000 0000 0001"], *[["说明"]] * (int(layout["rows_above_header"] or 1))]
    written = io.StringIO()
    csv.writer(written).writerows([*above, heads, *(rows[::-1] if newest_first else rows)])
    return written.getvalue().encode("gbk")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("layout", layouts(), ids=lambda one: one["bank"])
def test_company_accounts_of_every_bank_are_read_and_proven(layout, newest_first):
    file = of_file(company_file(layout, newest_first=newest_first))
    [statement] = file.statements
    assert file.is_proven
    assert (statement.opening, statement.closing) == (Decimal("100.00"), Decimal("120.00"))
    assert [(one.amount, one.party) for one in statement.bookings] == [
        (Decimal("50.00"), "上海明德医疗器械有限公司"),
        (Decimal("-30.00"), "上海明德医疗器械有限公司"),
    ]
    assert statement.account.replace(" ", "") == "6222000000000001"


def of_rows(*rows: str) -> bytes:
    return "\n".join(rows).encode()


HEAD = "交易日期,摘要,借方金额,贷方金额,余额,对方户名"


def test_money_out_with_a_minus_is_money_out_all_the_same():
    file = of_file(of_rows(HEAD, "2026-11-20,a,-5.00,,95.00,x", "2026-11-21,b,-1.00,,94.00,x"))
    assert [one.amount for one in file.bookings] == [Decimal("-5.00"), Decimal("-1.00")]
    assert file.is_proven


def test_a_red_amount_in_its_own_column_takes_money_back():
    file = of_file(of_rows(HEAD, "2026-11-20,a,,50.00,150.00,x", "2026-11-21,冲正,,-50.00,100.00,x"))
    assert [(one.amount, one.is_reversal) for one in file.bookings] == [
        (Decimal("50.00"), False),
        (Decimal("-50.00"), True),
    ]
    assert file.is_proven


def test_amounts_as_chinese_keyboards_and_pages_write_them():
    row = '２０２６年１１月２０日,a,,￥１，２３４．５０,"¥1,334.50",x'
    file = of_file(of_rows(HEAD, row.replace("￥１，２３４．５０", '"￥１，２３４．５０"')))
    assert [one.amount for one in file.bookings] == [Decimal("1234.50")]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2026-02-30,a,,5.00,105.00,x", "day"),
        ("2026-11-20,a,,abc,105.00,x", "amount"),
        ("2026-11-20,a,5.00,5.00,105.00,x", "both_ways"),
        ("2026-11-20,a,,,105.00,x", "amount"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_number(row, code):
    with pytest.raises(Invalid) as refusal:
        of_file(of_rows(HEAD, row))
    assert [(one.pointer, one.code) for one in refusal.value.faults] == [("/file/2", code)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 50, "not_a_table"),
        ("备注,说明\n1,2".encode(), "no_heads"),
        (HEAD.encode(), "no_bookings"),
        (of_rows(HEAD, "2026-11-20,a,,5.00,105.00,上海")[:-1], "cut_off"),
        (of_rows(HEAD, "2026-11-20,a,,5.001,105.00,x"), "places"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "not_a_table"),
        (of_rows(HEAD + ",币种", "2026-11-20,a,,5.00,,x,人民币", "2026-11-20,a,,5.00,,x,美元"), "currency"),
        (of_rows(HEAD, *["2026-11-20,a,,5.00,,x"] * 10_001), "too_many"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_statement_is_refused_in_words(content, code):
    with pytest.raises(Invalid) as refusal:
        of_file(content)
    assert refusal.value.faults[0].code == code


def test_an_old_workbook_that_breaks_off_is_refused():
    content = (DATA / "ccb_debit.xls").read_bytes()
    for kept in (600, 3000, len(content) // 2):
        with pytest.raises(Invalid):
            of_file(content[:kept])


def workbook(rows) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return written.getvalue()


def test_a_workbook_is_read_with_days_as_numbers():
    heads = ["交易日期", "摘要", "借方金额", "贷方金额", "余额"]
    content = workbook([heads, [46346, "货款", "", 50, 150], [46347, "费", 30, "", 120]])
    file = of_file(content)
    assert [(one.booked_on.isoformat(), one.amount) for one in file.bookings] == [
        ("2026-11-20", Decimal("50")),
        ("2026-11-21", Decimal("-30")),
    ]
    assert file.is_proven


def test_a_quote_that_is_never_closed_spoils_no_other_row():
    rows = read_bank_table(of_rows(HEAD, '2026-11-20,"a,,5.00,105.00,x', "2026-11-20,a,,5.00,110.00,x")).rows
    assert [len(cells) for _, cells in rows] == [6, 2, 6]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-30T16:30:00Z", "2026-12-01"),
        ("2026-11-30 15:59:59 +0000", "2026-11-30"),
        ("2026/12/1 00:10:00 +08:00", "2026-12-01"),
        ("20261130 163000+0000", "2026-12-01"),
        ("2026-11-30 23:30:00", "2026-11-30"),
        ("2026年11月30日 09:30-10:30", "2026-11-30"),
    ],
)
def test_a_moment_with_an_offset_is_of_the_day_where_the_business_is_done(said, day):
    heads = "交易日期,起息日,摘要,借方金额,贷方金额,余额"
    [one] = of_file(of_rows(heads, f"{said},{said},a,,5.00,105.00")).bookings
    assert (str(one.booked_on), str(one.value_on)) == (day, day)
