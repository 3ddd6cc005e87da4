"""Tables that people upload: read in every encoding, each bad cell named, nothing taken by halves."""

from __future__ import annotations

import io
import zipfile
from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest
from xlsxwriter import Workbook

from portal.kernel.errors import Fault, Invalid
from portal.kernel.spreadsheet import cell_name, read_table
from portal.pricing.rule_sheet import FIELDS, YES_OR_NO, Words, folded, read_sheet, step_labels
from portal.pricing.rules import BreaksAre, RuleKind
from tests.archives import an_archive, claiming

ROWS = [["sku", "kind", "min_1", "value_1"], ["GLOVES", "net", "1", "19.90"], ["纱布", "net", "10", "2"]]


def as_csv(rows=ROWS, delimiter=",") -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def workbook(fill) -> bytes:
    file = io.BytesIO()
    book = Workbook(file)
    fill(book.add_worksheet("规则"))
    book.close()
    return file.getvalue()


def repacked(content: bytes, **parts: str) -> bytes:
    """The workbook with some of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].removesuffix(".xml"), old.read(name)))
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_csv_is_read_in_the_encodings_that_excel_saves(encoding, delimiter):
    table = read_table(as_csv(delimiter=delimiter).encode(encoding))
    assert [texts for _, texts in table.rows] == ROWS and not table.faults


def test_a_workbook_is_read_as_excel_shows_it():
    def fill(sheet):
        for row, texts in enumerate(ROWS):
            sheet.write_row(row, 0, texts)
        sheet.write_row(5, 0, ["A1", "net", 1, 19.9, 1234567, 0.1 + 0.2])

    table = read_table(workbook(fill))
    assert [texts for _, texts in table.rows[:3]] == ROWS
    assert table.rows[3] == (6, ["A1", "net", "1", "19.9", "1234567", "0.3"])


def test_formulas_merged_cells_and_errors_are_named_by_their_cells():
    def fill(sheet):
        sheet.write_row(0, 0, ROWS[0])
        sheet.write_formula(7311, 5, "=1+1", None, 2)
        sheet.merge_range("B3:C4", "net")

    table = read_table(workbook(fill))
    assert {(fault.pointer, fault.code) for fault in table.faults} == {
        ("/F7312", "formula"),
        ("/B3", "merged"),
    }
    typed = read_table(b'sku,kind\r\n=HYPERLINK("x"),net\r\n')
    assert [(fault.pointer, fault.code) for fault in typed.faults] == [("/A2", "formula")]


@pytest.mark.parametrize(
    ("row", "column", "name"), [(1, 0, "A1"), (7312, 5, "F7312"), (2, 25, "Z2"), (3, 26, "AA3")]
)
def test_cells_are_called_as_people_see_them(row, column, name):
    assert cell_name(row, column) == name


SHEET = "xl__worksheets__sheet1.xml"
BARE = {"xl__workbook.xml": "<workbook/>", SHEET: "<worksheet><sheetData/></worksheet>"}
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet><sheetData/></worksheet>'


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 no workbook",
        b"\xff\xd8\xff\xe0" + bytes(range(256)),
        b'a,b\r\n"open',
        b"a\x00b",
        repacked(workbook(lambda sheet: None), sheet1=DOCTYPE),
        repacked(workbook(lambda sheet: None), sheet1="<worksheet><sheetData><row>"),
        repacked(
            workbook(lambda sheet: None),
            sheet1="<worksheet>" + " " * (65 * 2**20) + "</worksheet>",
        ),
        claiming(an_archive(**BARE | {SHEET: "<w>" + " " * 2**27 + "</w>"}), 10),
        claiming(an_archive(**BARE | {SHEET: "<w></w>" + " " * 100}), 7),
        an_archive(ZIP_BZIP2, **BARE),
        an_archive(ZIP_LZMA, **BARE),
        an_archive(**BARE | {f"part{number}.xml": "" for number in range(500)}),
    ],
    ids=[
        *("no zip", "picture", "open quote", "nul", "doctype", "broken", "bomb"),
        *("bomb that lies", "shorter than it says", "bzip2", "lzma", "parts"),
    ],
)
def test_what_is_no_table_is_refused_and_not_guessed_at(content, request):
    with pytest.raises(Invalid) as refusal:
        read_table(content)
    is_too_much = request.node.callspec.id in ("bomb", "bomb that lies", "parts")
    assert refusal.value.code == ("too_much" if is_too_much else "not_a_table")


def test_the_least_workbook_is_read():
    assert read_table(an_archive(**BARE)).rows == []


@pytest.mark.parametrize(
    "content",
    [
        an_archive(**BARE | {SHEET: "<w><row>" + "<c><f/></c>" * 20_001 + "</row></w>"}),
        an_archive(**BARE | {SHEET: "<w>" + "<mergeCell/>" * 20_001 + "</w>"}),
        an_archive(**BARE | {SHEET: "<w>" + '<c t="e"><v>1</v></c>' * 20_001 + "</w>"}),
        (("=," * 50 + "\r\n") * 401).encode(),
        ("=," * 20_001).encode(),
    ],
    ids=["formulas", "merged", "errors", "csv", "one row"],
)
def test_cells_that_hold_no_value_are_told_of_within_bounds(content):
    with pytest.raises(Invalid) as refusal:
        read_table(content)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/file", "faults_max")]


def test_a_table_has_its_bounds():
    with pytest.raises(Invalid) as refusal:
        read_table(("a\r\n" * 10_002).encode())
    assert refusal.value.code == "rows_max"
    with pytest.raises(Invalid) as refusal:
        read_table(",".join(["a"] * 61).encode())
    assert refusal.value.code == "columns_max"
    assert len(read_table(("a\r\n" * 10_001).encode()).rows) == 10_001
    assert [fault.code for fault in read_table(("a" * 501).encode()).faults] == ["cell_long"]


def test_a_column_far_out_is_refused_in_a_workbook_too():
    with pytest.raises(Invalid) as refusal:
        read_table(workbook(lambda sheet: sheet.write(0, 200, "x")))
    assert refusal.value.code == "columns_max"


WORDS = Words(
    {folded(name): name for name in [*FIELDS, *step_labels(1), *step_labels(2)]},
    {folded(name): str(name) for name in RuleKind},
    {folded(name): str(name) for name in BreaksAre},
    {folded(name): name for name in YES_OR_NO},
)


def ten_thousand(**changed: str) -> bytes:
    """A rule for each of 10,000 products; `changed` cells by their names."""
    rows = [["tier", "sku", "kind", "max_quantity", "tax_included", "min_1", "value_1"]]
    rows += [["S", f"SKU-{n:05}", "net", "", "", "1", "19.00"] for n in range(10_000)]
    for cell, text in changed.items():
        rows[int(cell[1:]) - 1][ord(cell[0]) - 65] = text
    return as_csv(rows, "\t").encode("gbk")


def test_a_fault_in_row_7312_of_10000_is_told_with_its_cell():
    read = read_sheet(read_table(ten_thousand()), WORDS)
    assert len(read.rules) == 10_000
    faults = [
        Fault("/rules/7310/breaks/0/min_quantity", "minimum", ""),
        Fault("/rules/7310/breaks", "breaks_order", ""),
        Fault("/rules/9999/sku", "unknown_sku", ""),
        Fault("/rules/0/category", "unknown_category", ""),
    ]
    assert [fault.pointer for fault in read.beside_cells(faults)] == ["/F7312", "/F7312", "/B10001", "/A2"]


def test_all_bad_cells_of_a_table_are_told_together():
    with pytest.raises(Invalid) as refusal:
        read_sheet(read_table(ten_thousand(B7312="SKU-00000", E9001="perhaps", G3="=1+1")), WORDS)
    assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == {
        ("/B7312", "tie"),
        ("/E9001", "tax_included"),
        ("/G3", "formula"),
    }


@pytest.mark.parametrize(
    ("head", "codes"),
    [
        (["sku", "price"], {"unknown_column", "missing_column"}),
        (["sku", "sku", "kind", "min_1", "value_1"], {"unknown_column"}),
        (["sku", "kind", "min_1"], {"missing_column"}),
    ],
)
def test_a_head_that_says_nothing_known_is_told(head, codes):
    with pytest.raises(Invalid) as refusal:
        read_sheet(read_table(as_csv([head, ["x"] * len(head)]).encode()), WORDS)
    assert codes <= {fault.code for fault in refusal.value.faults}


def test_an_empty_file_is_told():
    with pytest.raises(Invalid) as refusal:
        read_sheet(read_table(b""), WORDS)
    assert refusal.value.code == "empty_table"
