"""Ledgers as accounting software exports them, read to the fen."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from itertools import chain, islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from portal.kernel.errors import Invalid
from portal.own_ledgers.cell_rules import day_of, fen_of, numbers_in, side_of
from portal.own_ledgers.layout_rules import Books, Field, layout_of
from portal.own_ledgers.line_rules import Reader, Reading
from portal.own_ledgers.peek import peek, rows_of
from portal.own_ledgers.sheets import sheets

DATA = Path(__file__).parent / "data"
SHANGHAI = ZoneInfo("Asia/Shanghai")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # with which .xls begins, and a workbook with a password

# As SOURCE.md says: lines, opening, what raises the debt and what lowers it with how many lines, closing; in
# fen, negative where we owe the dealer.
SOURCE = {
    "yonyou_u8_supplier.xls": (27, 12648055, (66666783, 15), (45469563, 12), 33845275),
    "yonyou_u8_prepaid.xls": (21, -5800000, (32079432, 8), (89169943, 13), -62890511),
    "yonyou_tplus_statement.xlsx": (30, 20391740, (57201985, 19), (62301279, 11), 15292446),
    "kingdee_jdy_statement.xlsx": (33, 8841236, (85901971, 19), (41743785, 14), 52999422),
    "kingdee_kis_detail.csv": (30, 4599000, (39130025, 13), (60756024, 17), -17026999),
}


def read(content: bytes) -> Reading:
    """All lines of a file by its own headings."""
    seen = peek(content)
    assert seen.layout is not None
    return Reader(seen.layout, SHANGHAI).read(rows_of(content, seen.sheet))


@pytest.mark.parametrize("name", SOURCE)
def test_every_file_reads_as_its_source_says_and_proves_itself(name):
    lines, opening, plus, minus, closing = SOURCE[name]
    reading = read((DATA / name).read_bytes())
    raised = [line.fen for line in reading.lines if line.fen > 0]
    lowered = [-line.fen for line in reading.lines if line.fen < 0]
    assert (len(reading.lines), reading.opening, reading.closing) == (lines, opening, closing)
    assert ((sum(raised), len(raised)), (sum(lowered), len(lowered))) == (plus, minus)
    assert not reading.faults and reading.is_proven and reading.proven > lines
    assert all(line.number for line in reading.lines)


def test_columns_are_recognised_whether_days_stand_in_one_or_three():
    u8 = peek((DATA / "yonyou_u8_supplier.xls").read_bytes()).layout
    assert u8 and {Field.YEAR, Field.MONTH, Field.DAY_OF_MONTH} <= u8.columns.keys()
    assert u8.columns[Field.DOCUMENT] == 9 and u8.head_rows == 2
    tplus = peek((DATA / "yonyou_tplus_statement.xlsx").read_bytes()).layout
    assert tplus and (tplus.columns[Field.DAY], tplus.columns[Field.DOCUMENT]) == (7, 8)
    assert (tplus.columns[Field.DEBIT], tplus.columns[Field.CREDIT]) == (11, 14)


def test_a_voucher_number_is_no_document_and_the_summary_may_hold_one():
    kis = read((DATA / "kingdee_kis_detail.csv").read_bytes())
    assert kis.lines[0].number == "DK26010103" and Field.DOCUMENT not in layout("日期,凭证字号,借方,贷方")
    assert numbers_in("付货款 DK26010103，冲 XSFP26011047") == ["DK26010103", "XSFP26011047"]


def layout(heads: str, *rows: str) -> dict[Field, int]:
    """The columns of a text."""
    text = "\n".join([heads, *rows]).encode()
    found = layout_of(list(next(sheets(text))))
    assert found is not None
    return dict(found.columns)


@pytest.mark.parametrize(
    ("heads", "fields"),
    [
        ("Date,Document No.,Description,Debit,Credit,Balance", "day document summary debit credit balance"),
        ("日期;摘要;借方金额;贷方金额;方向;余额", "day summary debit credit balance_side balance"),
        ("日期\t单号\t金额\t借/贷", "day document amount side"),
        ("单据日期,发票号码,应收金额,收款金额,备注", "day document debit credit summary"),
        ("年,月,日,摘要,金额", "year month day_of_month summary amount"),
        ("2026年,,凭证号,摘要,借方,贷方\n月,日,,,,", "month day_of_month summary debit credit"),
    ],
)
def test_free_layouts_are_recognised(heads, fields):
    found = layout(heads)
    assert sorted(found) == sorted(Field(one) for one in fields.split())


def test_a_year_in_the_headings_is_the_year_of_every_day():
    text = "2026年,,摘要,借方,贷方\n月,日,,,\n1,7,发票IN2601-001,,10\n,8,付款,5,\n".encode()
    assert [line.day for line in read(text).lines] == [date(2026, 1, 7), date(2026, 1, 8)]


def test_headings_of_our_view_say_so():
    found = layout_of([(1, ["日期", "单号", "应收金额", "收款金额"])])
    assert found and found.hint is Books.OURS
    assert layout_of([(1, ["日期", "单号", "借方", "贷方"])]).hint is None


@pytest.mark.parametrize(
    ("said", "fen"),
    [
        ("1,234.50", 123450),
        ("￥１，２３４．５０", 123450),
        ("-¥5", -500),
        ("(1,000.00)", -100000),
        ("12.3-", -1230),
        ("－88", -8800),
        ("RMB 3元", 300),
        (".5", 50),
        ("0", 0),
        ("1.005", 101),
        ("12,34", None),
        ("1e3", None),
        ("货款", None),
        ("", None),
        ("9" * 16, None),
        ("1" * 28, None),
        ("0" * 40 + "1.50", 150),
        ("1." + "4" * 60, 144),
        ("-0.00", 0),
        ("(-3)", 300),
    ],
)
def test_amounts_are_read_as_they_are_typed(said, fen):
    assert fen_of(said) == fen


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026/1/4", date(2026, 1, 4)),
        ("2026年1月4日", date(2026, 1, 4)),
        ("２０２６．０１．０４", date(2026, 1, 4)),
        ("20260104", date(2026, 1, 4)),
        ("46026", date(2026, 1, 4)),
        ("46026.5", date(2026, 1, 4)),
        ("2026-01-04 13:22:01", date(2026, 1, 4)),
        ("2026-01-03T16:00:00.000Z", date(2026, 1, 4)),
        ("2026-01-04 00:30:00+09:00", date(2026, 1, 3)),
        ("26-1-4", date(2026, 1, 4)),
        ("2026-02-30", None),
        ("2206-01-04", None),
        ("本月", None),
    ],
)
def test_days_are_read_as_they_are_typed(said, day):
    assert day_of(said, SHANGHAI) == day


def test_sides_are_words():
    words = ("借", "贷", "平", "Cr", "余", "付款", "增加")
    assert [side_of(one) for one in words] == [1, -1, 0, -1, None, 1, -1]


def test_an_amount_on_neither_side_is_told_and_not_guessed():
    head = ["日期", "单号", "金额", "收付标志"]
    rows = [(1, head), (2, ["2026-01-04", "A1", "10", "付"]), (3, ["2026-01-05", "A2", "20", "?"])]
    reading = Reader(layout_of(rows), SHANGHAI).read(iter(rows))
    assert [(line.number, line.fen) for line in reading.lines] == [("A1", -1000)]
    assert [one.pointer for one in reading.faults] and reading.fault_count == 1


@pytest.mark.parametrize(
    "inner",
    [
        '<row r="1">' + '<c r="A1"><v>12</v></c>' * 3 + "</row>",
        '<row r="1"><c r="A1"><v>' + "1" * 40_000 + "</v></c></row>",
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
    ],
)
def test_a_workbook_that_is_made_to_swell_is_none(inner):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{inner}</sheetData></worksheet>")
    with pytest.raises(Invalid) as refused:
        for sheet in sheets(made.getvalue()):
            list(sheet)
    assert refused.value.code == "not_a_table"


def test_a_day_that_is_none_and_an_amount_that_is_none_are_told_with_their_rows():
    unread = "2026-02-30,A,,1\n2026-02-01,B,,zwölf\n,C,,3\n"
    text = f"日期,摘要,借方,贷方\n{unread}2026-02-02,D,,4\n合计,,,8\n".encode()
    reading = read(text)
    assert [one.pointer for one in reading.faults] == ["/rows/2", "/rows/3", "/rows/4"]
    assert [one.code for one in reading.faults] == ["day_unread", "amount_unread", "day_unread"]
    assert [line.summary for line in reading.lines] == ["D"]


def test_an_error_of_excel_is_told_with_its_row_where_the_cell_is_needed():
    rows = [
        "2026-01-04,,#REF!,,1.00",
        "#N/A,X1,,10.00,#VALUE!",
        "2026-01-05,#NAME?,1.00,,",
        "2026-01-06,X3,1.00,,#REF!",
        "合计,,#REF!,#REF!,",
    ]
    reading = read("\n".join(["日期,单号,借方,贷方,余额", *rows]).encode())
    assert [(one.pointer, one.code) for one in reading.faults] == [
        ("/rows/2", "cell_error"),
        ("/rows/3", "cell_error"),
        ("/rows/4", "cell_error"),
    ]
    assert [line.number for line in reading.lines] == ["X3"]


def test_looking_at_the_first_rows_of_a_swollen_workbook_soon_ends():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + b"<row/>" * (3 * 2**20))
    with pytest.raises(Invalid) as refusal:
        peek(file.getvalue())
    assert refusal.value.code == "not_a_table"


def test_a_sum_or_balance_that_does_not_add_up_is_told_with_its_row():
    text = "日期,摘要,借方,贷方,余额\n2026-02-01,A,,1,1\n2026-02-02,B,,2,4\n合计,,,4,4\n".encode()
    reading = read(text)
    assert reading.wrong == [3, 4] and reading.proven == 1 and not reading.is_proven


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "html"),
        (b"\n\n  <!DOCTYPE html><table>", "html"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (OLE + b"\0" * 600, "not_a_table"),
        (b"PK\x03\x04 nothing of the kind", "not_a_table"),
        (b"\x00\x01\x02", "not_a_table"),
        (b"   ", "not_a_table"),
        (b"a,b\n\xff\xff\xff", "not_text"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content, code):
    with pytest.raises(Invalid) as refusal:
        list(chain.from_iterable(sheets(content)))
    assert refusal.value.code == code and refusal.value.faults[0].pointer == "/file"


def test_a_page_called_a_table_is_refused_with_its_line():
    with pytest.raises(Invalid) as refusal:
        list(next(sheets(b"\xef\xbb\xbf\n\n<table>")))
    assert refusal.value.params == {"line": 3}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_every_encoding_of_excel_is_read(encoding):
    reading = read("日期,单号,借方,贷方\n2026-02-01,A-100001,,1.00\n".encode(encoding))
    assert reading.lines[0].number == "A-100001"


def a_workbook(*rows: list[object], sheet: str = "明细") -> bytes:
    """A workbook whose first sheet is a cover."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("封面").write(0, 0, "供应商对账")
        page = book.add_worksheet(sheet)
        for down, row in enumerate(rows):
            page.write_row(down, 0, row)
    return file.getvalue()


def test_the_sheet_with_headings_is_found_behind_a_cover():
    content = a_workbook(
        ["日期", "单号", "借方", "贷方"], [46026, "A-100001", "", 19.9], ["合计", "", "", 19.9]
    )
    assert peek(content).sheet == 1
    [line] = read(content).lines
    assert (line.day, line.fen) == (date(2026, 1, 4), 1990)


def test_two_hundred_thousand_rows_are_the_most():
    text = "日期,贷方\n" + "2026-02-01,1\n" * 200_001
    with pytest.raises(Invalid) as refusal:
        read(text.encode())
    assert refusal.value.code == "rows_max"


def test_rows_are_given_out_as_they_are_read():
    rows = next(sheets(("日期,贷方\n" + "2026-02-01,1\n" * 100).encode()))
    assert [number for number, _ in islice(rows, 3)] == [1, 2, 3]


def test_lines_of_moments_with_an_offset_are_of_the_day_where_the_business_is_done():
    text = "日期,单号,借方,贷方\n2026-01-31T16:00:00Z,A-100001,,1.00\n2026-01-31T15:59:59Z,A-100002,,1.00\n"
    assert [line.day for line in read(text.encode()).lines] == [date(2026, 2, 1), date(2026, 1, 31)]
