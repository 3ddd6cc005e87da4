"""Workbooks that count days from 1904: every reader reads the day that people see."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from portal.bank.read_file import read_bank_file
from portal.devices.imported_rows import FIELDS, entry_of, rows_of_table
from portal.kernel.spreadsheet import read_table
from portal.kernel.workbook_days import Days
from portal.kernel.workbooks import workbook_sheets
from portal.own_ledgers.line_rules import Reader
from portal.own_ledgers.peek import peek, rows_of
from portal.workdays.imported_days import read_days

ZONE = ZoneInfo("Asia/Shanghai")

DAY = date(2026, 11, 2)
AT = datetime(2026, 11, 2, 14, 30)
EPOCHS = pytest.mark.parametrize("from_1904", [False, True])


def a_workbook(*rows: list[object], from_1904: bool, form: str = "yyyy-mm-dd") -> bytes:
    file = io.BytesIO()
    options = {"in_memory": True, "date_1904": from_1904, "default_date_format": form}
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet()
        for place, cells in enumerate(rows):
            page.write_row(place, 0, cells)
    return file.getvalue()


@EPOCHS
@pytest.mark.parametrize(
    "form",
    [
        "yyyy-mm-dd",
        'yyyy"年"m"月"d"日"',
        "[$-804]aaaa yyyy/m/d",
        "d/m/yy;@",
        "yyyy-mm-dd hh:mm:ss",
        "[Magenta]m/d",
    ],
)
def test_a_day_reads_the_same_whatever_it_is_counted_from(from_1904, form):
    content = a_workbook(["Q", DAY, 44866, 0.5], from_1904=from_1904, form=form)
    assert read_table(content).rows == [(1, ["Q", "46328", "44866", "0.5"])]
    assert [list(rows) for rows in workbook_sheets(content)] == [[(1, ["Q", "46328", "44866", "0.5"])]]


@EPOCHS
def test_a_moment_keeps_its_time(from_1904):
    [(_, cells)] = read_table(a_workbook([AT], from_1904=from_1904, form="yyyy-mm-dd hh:mm")).rows
    assert cells[0].startswith("46328.604166")


@pytest.mark.parametrize(
    "form", ["0.00", "[h]:mm", "0.00E+00", '0"days"', "G/General", "[White]0", "[mm]:ss", r"0\d"]
)
def test_amounts_and_durations_are_no_days(form):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "date_1904": True}) as book:
        book.add_worksheet().write_number(0, 0, 44866, book.add_format({"num_format": form}))
    assert read_table(file.getvalue()).rows == [(1, ["44866"])]


@pytest.mark.parametrize("form", [14, 22, 31, 57])
def test_formats_that_every_excel_knows_are_days(form):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "date_1904": True}) as book:
        book.add_worksheet().write_number(0, 0, 44866, book.add_format({"num_format": form}))
    assert read_table(file.getvalue()).rows == [(1, ["46328"])]


def test_a_time_of_day_alone_has_no_year():
    assert Days({"1"}).moved("0.75", "1") == "0.75"


@given(st.integers(1, 60_000))
def test_only_styled_cells_are_moved_and_by_four_years_and_a_day(serial):
    days = Days({"3"})
    assert float(days.moved(str(serial), "3")) == serial + 1462
    assert days.moved(str(serial), "0") == str(serial) == Days().moved(str(serial), "3")


def test_a_workbook_without_styles_is_read():
    content = a_workbook(["Q", 7], from_1904=True)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for one in old.namelist():
            if one != "xl/styles.xml":
                new.writestr(one, old.read(one))
    assert read_table(file.getvalue()).rows == [(1, ["Q", "7"])]


@EPOCHS
def test_a_device_is_installed_on_the_day_that_people_see(from_1904):
    heads = ["dealer", "sku", "serial", "produced_on", "expires_on"]
    row = ["huadong", "STENT", "S1", date(2025, 2, 28), DAY]
    table = read_table(a_workbook(heads, row, from_1904=from_1904))
    [entry] = (entry_of(one, today=DAY) for one in rows_of_table(table, {name: name for name in FIELDS}))
    assert (entry.days["produced_on"], entry.days["expires_on"]) == (date(2025, 2, 28), DAY)


@EPOCHS
def test_a_bank_books_on_the_day_that_people_see(from_1904):
    heads = ["交易日期", "收入", "支出", "余额", "对方户名", "流水号"]
    rows = [[DAY, 44866, "", 44866, "甲公司", "A1"], [AT, 100, "", 44966, "乙公司", "A2"]]
    read = read_bank_file(
        a_workbook(heads, *rows, from_1904=from_1904, form="yyyy/m/d h:mm"), ZONE, account="1"
    )
    assert [(one.booked_on, str(one.amount)) for one in read.bookings] == [(DAY, "44866"), (DAY, "100")]


@EPOCHS
def test_a_ledger_and_a_list_of_working_days_read_so_too(from_1904):
    heads = ["日期", "单据编号", "摘要", "借方金额", "贷方金额", "余额"]
    rows: list[list[object]] = [[DAY, "IN-1", "货款", 0, 100, 100], [DAY, "IN-2", "货款", 0, 50, 150]]
    content = a_workbook(heads, *rows, from_1904=from_1904)
    seen = peek(content)
    assert seen.layout is not None
    assert {one.day for one in Reader(seen.layout, ZONE).read(rows_of(content, seen.sheet)).lines} == {DAY}
    [row] = read_days(
        read_table(a_workbook(["date", "working", "name"], [DAY, 1, "补班"], from_1904=from_1904))
    )
    assert row.day is not None and row.day.day == DAY
