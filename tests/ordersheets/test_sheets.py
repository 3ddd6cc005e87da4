"""Real order sheets, spoilt in one known way each: lines taken and lines told are the lines given."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.ordersheets.read_file import read_file
from portal.ordersheets.rules import ABOVE, HEAD

SHEETS = Path(__file__).with_name("sheets")
LINES, UNITS = 83, 452


def read(name: str):
    return read_file((SHEETS / name).read_bytes(), rows_max=10_000)


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        ("source.csv", [(1, HEAD)]),
        ("file_preamble.csv", [(1, ABOVE), (3, HEAD)]),
        ("file_header_multirow_2.csv", [(1, HEAD), (2, HEAD)]),
        ("file_no_header.csv", []),
        ("file_field_delimiter_0x3B.csv", [(1, HEAD)]),
        ("file_field_delimiter_0x9.csv", [(1, HEAD)]),
        ("file_record_delimiter_0xD.csv", [(1, HEAD)]),
        ("file_escape_char_0x5C.csv", [(1, HEAD)]),
        ("row_extra_quote10_col6.csv", [(1, HEAD)]),
    ],
)
def test_what_does_not_change_the_lines_changes_nothing(name, skipped):
    sheet = read(name)
    assert [row.faults for row in sheet.rows] == [()] * LINES
    assert len({row.code for row in sheet.rows}) == LINES
    assert sum(row.quantity for row in sheet.rows) == UNITS
    assert [(one.row, one.because) for one in sheet.skipped] == skipped


def test_guessed_columns_are_told():
    assert read("source.csv").columns is None
    columns = read("file_no_header.csv").columns
    assert (columns.code, columns.quantity) == (3, 2)


@pytest.mark.parametrize(
    ("name", "line", "units"),
    [
        ("row_less_sep_row5_col3.csv", 6, 9),
        ("row_more_sep_row7_col4.csv", 8, 2),
        ("row_field_delimiter_12_0x20.csv", 13, 1),
    ],
)
def test_a_line_with_other_fields_than_the_table_is_told_and_not_guessed(name, line, units):
    sheet = read(name)
    refused = [row for row in sheet.rows if row.faults]
    assert [(row.row, row.quantity, [one.code for one in row.faults]) for row in refused] == [
        (line, None, ["shifted"])
    ]
    assert len(sheet.rows) == LINES
    assert sum(row.quantity for row in sheet.rows if not row.faults) == UNITS - units
    assert "9CC-9259" not in {row.code for row in sheet.rows}


def test_a_second_table_is_read_by_its_own_head():
    sheet = read("file_multitable_more.csv")
    assert len(sheet.rows) == LINES + 82
    assert [one.row for one in sheet.skipped] == [1, 85]
    assert [row.row for row in sheet.rows if row.faults] == [106]  # its text has a separator too many
    assert not {"PRODUCTID", "DATE"} & {row.code for row in sheet.rows}
