"""Numbers that are names and that Excel rounded: told wherever one is read, in every kind of file."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from portal.bank.read_file import read_bank_file
from portal.catalogue.imported_rows import read_products
from portal.dealerstock.read_lines import read_lines
from portal.dealerstock.rules import LineKind
from portal.dealerstock.sheet_rules import raw_lines
from portal.devices.imported_rows import FIELDS, entry_of, rows_of_table
from portal.kernel.errors import Invalid
from portal.kernel.old_workbooks import number_text
from portal.kernel.rounded import is_rounded, long_number
from portal.kernel.spreadsheet import read_table
from portal.ordersheets.read_file import read_file
from portal.own_ledgers.line_rules import Reader
from portal.own_ledgers.peek import peek, rows_of
from portal.stock.serial_rules import serial_faults
from portal.tracking.event_sheet import read_event_sheet
from portal.tracking.rules import EventCode

ZONE = ZoneInfo("Asia/Shanghai")

TODAY = date(2026, 11, 20)


def a_workbook(*rows: list[object]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for place, cells in enumerate(rows):
            page.write_row(place, 0, cells)
    return file.getvalue()


def a_csv(*rows: list[object]) -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in rows).encode()


@pytest.mark.parametrize(
    "said",
    [
        "8.93E+18",
        "8.93901E+18",
        "1E+15",
        "6,90123E+13",
        "4.61e14",
        "-1.5E+20",
        " 8.9E+18 ",
        "８．９３Ｅ＋１８",
    ],
)
def test_what_excel_leaves_of_a_long_number_is_known(said):
    assert is_rounded(said)


@pytest.mark.parametrize(
    "said",
    ["", "3E45", "2e10", "E+18", "SN-8.93E+18", "8939010102358479123", "1.5", "GZ-7", "12E", "1E+", "₁E+15x"],
)
def test_what_somebody_may_call_a_unit_or_a_lot_stays(said):
    assert not is_rounded(said)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("8939010102358479123", "8.93901010235848E+18"),
        ("1000000000000000", "1E+15"),
        ("123456789012345678", "1.23456789012346E+17"),
    ],
)
def test_a_long_number_is_written_as_excel_shows_it(number, shown):
    assert long_number(Decimal(number)) == shown == number_text(number)
    assert is_rounded(shown)


def test_fifteen_digits_and_amounts_stay_what_they_are():
    [(_, cells)] = read_table(a_workbook([123456789012345, 19.899999999999999, 999999999999.99, 0.1])).rows
    assert cells == ["123456789012345", "19.9", "999999999999.99", "0.1"]


HEADS = {name: name for name in FIELDS}


@pytest.mark.parametrize("column", ["serial", "lot", "shipment", "contract_no", "sku", "dealer"])
@pytest.mark.parametrize("make", [a_workbook, a_csv])
def test_a_device_whose_number_was_rounded_is_refused_at_its_row(column, make):
    said = {
        "dealer": "huadong",
        "sku": "STENT",
        "serial": "S1",
        "lot": "L1",
        "shipment": "",
        "contract_no": "",
    }
    long: object = 8939010102358479123 if make is a_workbook else "8.93901E+18"
    table = read_table(
        make(list(said), list(said.values()), list({**said, "serial": "S2", column: long}.values()))
    )
    first, second = (entry_of(row, today=TODAY) for row in rows_of_table(table, HEADS))
    assert not first.faults
    [told] = [one for one in second.faults if one.code == "rounded"]
    assert (told.pointer, second.row) == (f"/{column}", 3)
    assert "text" in told.fix and "E+18" in str(told.params["code"])


def test_a_long_number_in_a_column_that_nobody_reads_is_nobodys_fault():
    table = read_table(
        a_workbook(["dealer", "sku", "serial", "internal"], ["huadong", "STENT", "S1", 10**18])
    )
    [entry] = (entry_of(row, today=TODAY) for row in rows_of_table(table, HEADS))
    assert not entry.faults


def test_a_serial_number_that_was_pasted_from_excel_is_told_wherever_serials_are_typed():
    [told] = serial_faults("/serials", "STENT", ["S1", "8.93901E+18"], units=2, controlled=True)
    assert told.code == "rounded"
    assert not serial_faults("/serials", "STENT", ["S1", "3E45"], units=2, controlled=True)


BANK = ["交易日期", "收入", "支出", "余额", "对方户名", "对方账号", "流水号"]


@pytest.mark.parametrize("column", [5, 6])
@pytest.mark.parametrize("make", [a_workbook, a_csv])
def test_a_bank_reference_or_account_that_was_rounded_is_told_with_its_row(column, make):
    row: list[object] = ["2026-11-02", 100, "", 100, "甲公司", "6222", "A1"]
    read_bank_file(make(BANK, row), ZONE, account="1")
    row[column] = 6222020200112233445 if make is a_workbook else "6.22202E+18"
    with pytest.raises(Invalid) as refused:
        read_bank_file(make(BANK, row), ZONE, account="1")
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/file/2", "rounded")]


@pytest.mark.parametrize("make", [a_workbook, a_csv])
def test_a_ledgers_document_that_was_rounded_is_told_with_its_row(make):
    heads = ["日期", "单据编号", "摘要", "借方金额", "贷方金额", "余额"]
    long: object = 2026110212345678901 if make is a_workbook else "2.02611E+18"
    content = make(
        heads, ["2026-11-02", "IN-1", "货款", 0, 100, 100], ["2026-11-03", long, "货款", 0, 50, 150]
    )
    seen = peek(content)
    assert seen.layout is not None
    reading = Reader(seen.layout, ZONE).read(rows_of(content, seen.sheet))
    assert [line.number for line in reading.lines] == ["IN-1"]
    assert [(one.pointer, one.code) for one in reading.faults] == [("/rows/3", "rounded")]


@pytest.mark.parametrize("make", [a_workbook, a_csv])
def test_a_tracking_number_that_was_rounded_is_told_with_its_row(make):
    long: object = 773012345678901234 if make is a_workbook else "7.73012E+17"
    table = read_table(make(["number", "at", "code"], [long, "2026-11-02 10:00", "picked_up"]))
    [row] = read_event_sheet(table, ZoneInfo("Asia/Shanghai"), {"picked_up": next(iter(EventCode))})
    assert ("/rows/2/number", "rounded") in {(one.pointer, one.code) for one in row.faults}


def test_a_gtin_that_was_rounded_is_told_as_what_it_is():
    table = read_table(a_csv(["sku", "udi_di", "registration_no"], ["STENT", "6.90123E+12", "2.01731E+11"]))
    [row] = read_products(table, {name: name for name in ("sku", "udi_di", "registration_no")}).rows
    assert {(one.pointer, one.code) for one in row.faults} >= {
        ("/udi_di", "rounded"),
        ("/registration_no", "rounded"),
    }


def test_an_article_of_an_order_and_a_lot_of_a_report_are_told_too():
    sheet = read_file(a_workbook(["SKU", "数量"], [8939010102358479123, 2]), rows_max=10)
    assert [one.code for row in sheet.rows for one in row.faults] == ["sku_rounded"]
    raw = raw_lines("SKU,lot,quantity\nSTENT,8.93901E+18,2\n")
    with pytest.raises(Invalid) as refused:
        read_lines(None, raw, kind=LineKind.STOCK, as_of=TODAY, today=TODAY)  # type: ignore[arg-type]
    assert [(one.pointer, one.code) for one in refused.value.faults] == [("/rows/2/lot", "rounded")]
