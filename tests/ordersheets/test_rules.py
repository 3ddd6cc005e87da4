"""What people paste: from Excel, chats and mails, with everything that gets in between."""

from __future__ import annotations

from io import BytesIO
from time import process_time

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Invalid
from portal.kernel.spreadsheet import text_of
from portal.ordersheets.read_file import as_text, read_file
from portal.ordersheets.rules import ABOVE, HEAD, read_text, row_of


def read(text: str) -> list[tuple[str, int | None, list[str]]]:
    sheet = read_text(text, rows_max=10_000)
    return [(row.code, row.quantity, [fault.code for fault in row.faults]) for row in sheet.rows]


@pytest.mark.parametrize(
    "line",
    [
        "A-1\t12",
        "A-1,12",
        "A-1 , １２",
        "A-1;12",
        "A-1；１２",
        "A-1，12",
        "A-1、12",
        "A-1 12",
        "A-1\u300012",
        "A-1: 12",
        "A-1×12",
        "A-1 x 12",
        "A-1*12盒",
        "A-1\t12盒",
        "A-1\t12 boxes",
        "A-1 医用手套 M号 12 盒",
        "12盒 A-1",
        "12\tA-1",
        "'A-1\t'12",
        "\ufeffA-1\u00a0\t12\u200b",
        "\u202aA-1\u202c\t12",
        '"A-1","12"',
        "A-1\t\t12\t",
    ],
)
def test_a_line_says_code_and_quantity(line):
    assert read(line) == [("A-1", 12, [])]


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        ("A-1\t1,000", 1000),
        ("A-1, 1,000", 1000),
        ("A-1 1,234,567", 1234567),
        ('A-1,"1,000"', 1000),
        ("A-1 ２，０００", 2000),
        ("A-1\t1.5万", 15000),
        ("A-1 2万支", 20000),
    ],
)
def test_large_quantities_are_read_as_they_are_written(line, quantity):
    assert read(line) == [("A-1", quantity, [])]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("A-1", "quantity_not_whole"),
        ("A-1\tabc", "quantity_not_whole"),
        ("A-1\t1.5", "quantity_not_whole"),
        ("A-1\t1e3", "quantity_not_whole"),
        ("A-1\t2²", "unknown_unit"),
        ("A-1\t1.000,00", "quantity_not_whole"),
        ("A-1\t0.00005万", "quantity_not_whole"),
        ("A-1\t10 foo", "unknown_unit"),
        ("A-1\t=5", "formula"),
        ('=HYPERLINK("x")\t3', "formula"),
        ("＝1+1\t3", "formula"),
        ("1.23E+11\t5", "sku_rounded"),
        ("6.9E12\t5", "sku_rounded"),
        ("A-1,1,000", "not_clear"),
        ("A-1 5 7", "not_clear"),
        ("A-1 B-2 5", "not_clear"),
    ],
)
def test_what_could_mean_anything_is_refused_and_not_guessed(line, fault):
    [(_, _, faults)] = read(line)
    assert faults[0] == fault


def test_a_stray_quote_swallows_no_line():
    lines = '"A-1\t2\nB-2\t"3\nC-3\t4"\nD-4\t5'
    assert [row.row for row in read_text(lines, rows_max=9).rows] == [1, 2, 3, 4]
    assert read("D-4\t5\n" + lines)[0] == ("D-4", 5, [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\v"])
def test_lines_end_as_they_like(end):
    assert read(end.join(["A-1\t1", "", " ", "B-2\t2", ""])) == [("A-1", 1, []), ("B-2", 2, [])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_file_is_read_whatever_wrote_it(encoding):
    sheet = read_file("货号，数量\nＡ-1,１２盒\n".encode(encoding), rows_max=9)
    assert [(row.quantity, row.unit) for row in sheet.rows] == [(12, "盒")]


def test_a_head_in_either_language_names_its_columns():
    for head in (
        "序号\t品名\t货号\t订货数量\t单价",
        "No.\tName\tPart No.\tQty (box)\tPrice",
        "#\t-\tＳＫＵ\tＱＴＹ\t¥",
    ):
        assert read(f"订货单\n{head}\n1\t手套\tA-1\t5\t9\n2\t纱布\tB-2\t６\t9")[-2:] == [
            ("A-1", 5, []),
            ("B-2", 6, []),
        ], head


def test_a_head_is_never_an_article_and_what_stands_above_is_told():
    sheet = read_text("订货单 2026\nSKU\tQty\nA-1\t2\nSKU\tQty\nB-2\t3", rows_max=9)
    assert [row.code for row in sheet.rows] == ["A-1", "B-2"]
    assert [(one.row, one.because) for one in sheet.skipped] == [(1, ABOVE), (2, HEAD), (4, HEAD)]


def test_a_column_that_numbers_the_lines_is_no_quantity():
    assert read("1,A-1,5\n2,B-2,6\n3,C-3,7") == [("A-1", 5, []), ("B-2", 6, []), ("C-3", 7, [])]


def test_a_scanned_barcode_is_one_unit():
    [row] = read_text("]C1010690123451001017991231\x1d10A,1", rows_max=9).rows
    assert (row.quantity, row.is_scanned, row.faults) == (1, True, ())
    [row] = read_text("(01)06901234510010(10)A,1\t3", rows_max=9).rows
    assert (row.quantity, row.is_scanned) == (3, False)


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of these rows; a pair is a formula and what it comes to."""
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, tuple):
                    sheet.write_formula(number, column, value[0], value=value[1])
                else:
                    sheet.write(number, column, value)
    return content.getvalue()


def test_a_workbook_is_refused_where_it_matters_only():
    content = workbook(
        [["货号", "数量", "金额"], ["A-1", 5, ("=B2*2", 10)], ["B-2", ("=1+1", 2), 4], [6901234510010, 3, 1]]
    )
    sheet = read_file(content, rows_max=9)
    assert [(row.code, row.quantity, [one.code for one in row.faults]) for row in sheet.rows] == [
        ("A-1", 5, []),
        ("B-2", None, ["formula"]),
        ("6901234510010", 3, []),
    ]


def test_too_many_rows_are_refused_as_a_whole():
    with pytest.raises(Invalid) as refusal:
        read_text("A-1 1\n" * 11, rows_max=10)
    assert refusal.value.code == "rows_max"


def test_a_row_that_was_corrected_is_read_like_any_other():
    row = row_of(7, "A-1\tabc", " A-1\u200b", "１２ 盒")
    assert (row.row, row.text, row.code, row.quantity, row.unit) == (7, "A-1\tabc", "A-1", 12, "盒")
    assert row_of(7, "", "=A1", "1").faults[0].code == "formula"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_every_line_is_a_row_or_told(text):
    sheet = read_text(text, rows_max=10_000)
    told = [row.row for row in sheet.rows] + [one.row for one in sheet.skipped]
    assert len(told) == len(set(told))
    assert all(row.faults or (row.code and row.quantity is not None) for row in sheet.rows)
    again = read_text("\n".join(row.text for row in sheet.rows if "…" not in row.text), rows_max=10_000)
    assert len(again.rows) + len(again.skipped) <= len(told)


def test_a_binary_file_is_no_sheet():
    with pytest.raises(Invalid):
        text_of(b"\x00\x01\x02")


HOSTILE = {
    "blanks behind a quantity": "A-1\t1" + " " * 200_000 + "!1 .",
    "blanks before what multiplies": "A-1" + " " * 200_000 + "b;",
    "marks that multiply": "A-1 " + "* " * 100_000 + ";",
    "blanks behind ten thousands": "A-1\t1万" + " " * 200_000 + "盒 .",
    "what a reader sends without an end": "]C1" + "99\x1d" * 200_000,
    "addresses in brackets": "(01)" * 200_000,
    "thousands": "A-1 1" + ",000" * 20_000 + "!,",
    "fields without an end": "A-1," * 500_000,
    "blanks between figures": "1 " * 500_000,
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_line_keeps_the_reader_busy(line):
    began = process_time()
    [(_, quantity, faults)] = read(line)
    assert quantity is None and faults
    assert process_time() - began < 2


def test_a_line_without_an_end_is_told_beside_those_that_are_read():
    [first, long, last] = read_text("A-1\t1\n" + "B-1," * 90 + "\nC-1\t3", rows_max=10).rows
    assert [fault.code for fault in long.faults] == ["line_long"] and long.row == 2
    assert (first.code, first.quantity, last.code, last.quantity) == ("A-1", 1, "C-1", 3)


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * 2 * 2**20,
        (b"a," * 1_000 + b"\n") * 500,
        (b"1 " * 900 + b"\n") * 400,
        b'"\n' * 2**20,
        ("订货单" * 300_000).encode("gbk"),
    ],
    ids=["empty lines", "fields", "figures", "quotes", "one line of GBK"],
)
def test_a_file_of_the_largest_size_is_read_or_refused_at_once(content):
    began = process_time()
    try:
        read_file(content, rows_max=1_000)
    except Invalid as refusal:
        assert refusal.code == "rows_max"
    assert process_time() - began < 4


@pytest.mark.parametrize("content", [b"A-1\t1\n" * 400_000, b"PK" + b"x" * 9 * 2**20])
@pytest.mark.parametrize("read_by", [lambda content: read_file(content, rows_max=1_000), as_text])
def test_a_file_that_nobody_orders_by_is_not_looked_into(content, read_by):
    with pytest.raises(Invalid) as refusal:
        read_by(content)
    assert [fault.code for fault in refusal.value.faults] == ["file_large"]
