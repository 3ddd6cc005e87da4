"""Workbooks of strangers, read piece by piece: so far as somebody looks, and never without an end."""

from __future__ import annotations

import io
import zipfile
from itertools import islice
from time import process_time

import pytest
import xlsxwriter

from portal.kernel import spreadsheet
from portal.kernel.archives import Allowance, TooMuch
from portal.kernel.errors import Invalid
from portal.kernel.workbooks import (
    BROKEN,
    SharedStrings,
    column_of,
    opened_workbook,
    sheet_paths,
    workbook_sheets,
)


def a_workbook(rows: int, *, broken: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for row in range(rows):
            page.write_string(row, 0, f"text {row}")
            page.write_number(row, 2, 19.9)
        if broken:
            page.write_formula(rows, 2, "=A1/0", value="#DIV/0!")
    return file.getvalue()


def changed(content: bytes, name: str, become: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, become if one == name else old.read(one))
    return file.getvalue()


def test_cells_are_texts_and_an_error_says_so():
    [rows] = (list(rows) for rows in workbook_sheets(a_workbook(2, broken=True)))
    assert rows == [(1, ["text 0", "", "19.9"]), (2, ["text 1", "", "19.9"]), (3, ["", "", "#DIV/0!"])]


def test_who_looks_at_the_first_rows_unpacks_no_more():
    content = a_workbook(60_000)
    for sheet in workbook_sheets(content, at_most=2**20):
        assert [texts[0] for _, texts in islice(sheet, 3)] == ["text 0", "text 1", "text 2"]
    with pytest.raises(TooMuch):
        [list(sheet) for sheet in workbook_sheets(content, at_most=2**20)]
    assert sum(1 for sheet in workbook_sheets(content) for _ in sheet) == 60_000


def test_rows_without_an_end_that_hold_nothing_are_too_much():
    swollen = b"<worksheet><sheetData>" + b"<row/>" * 600_000 + b"</sheetData></worksheet>"
    content = changed(a_workbook(1), "xl/worksheets/sheet1.xml", swollen)
    with pytest.raises(TooMuch):
        [row for sheet in workbook_sheets(content, at_most=2**21) for row in sheet if any(row[1])]


@pytest.mark.parametrize("place", [-1, 2, 10**9])
def test_a_text_that_is_not_there_is_none(place):
    with opened_workbook(a_workbook(2)) as book:
        with pytest.raises(LookupError):
            SharedStrings(book, Allowance(10**6))[place]
        assert SharedStrings(book, Allowance(10**6))[1] == "text 1"
        assert sheet_paths(book) == ["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize(
    "strings",
    [
        b"<!DOCTYPE sst [<!ENTITY a 'aaaa'>]><sst><si><t>&a;</t></si></sst>",
        b"<sst><si><t>" + b"a" * 40_000 + b"</t></si></sst>",
        b"<sst><si><t>text",
        b"<sst><si " + b"x" * 2**22,
    ],
)
def test_texts_of_a_broken_workbook_are_refused(strings):
    content = changed(a_workbook(1), "xl/sharedStrings.xml", strings)
    with pytest.raises(BROKEN):
        [row for sheet in workbook_sheets(content) for row in sheet]


def test_a_column_is_one_that_a_workbook_has():
    assert [column_of(one) for one in ("A1", "XFD1048576", "12")] == [0, 16_383, -1]
    for reference in ("XFE1", "A" * 20_000):  # of two million letters an hour would be spent
        with pytest.raises(ValueError, match="no workbook has"):
            column_of(reference)


def test_readings_beside_a_text_are_no_part_of_it():
    strings = "<sst><si><t>北</t><rPh><t>bei</t></rPh><r><t>京</t></r></si></sst>".encode()
    content = changed(a_workbook(1), "xl/sharedStrings.xml", strings)
    [[(_, texts)]] = (list(sheet) for sheet in workbook_sheets(content))
    assert texts[0] == "北京"


SWOLLEN = {
    "cells": b"<worksheet><row>" + b"<c/>" * 9_000_000 + b"</row></worksheet>",
    "attributes": b"<worksheet " + b" ".join(b'a%d=""' % one for one in range(500_000)) + b"/>",
}


@pytest.mark.parametrize("sheet", SWOLLEN.values(), ids=SWOLLEN.keys())
def test_a_few_kilobytes_that_unpack_to_millions_of_elements_are_refused_at_once(sheet):
    content = changed(a_workbook(1), "xl/worksheets/sheet1.xml", sheet)
    began = process_time()
    with pytest.raises(Invalid) as refusal:
        spreadsheet.read_table(content)
    assert refusal.value.code in ("too_much", "not_a_table")
    assert process_time() - began < 4


def test_sheets_and_their_texts_share_an_allowance():
    content = changed(a_workbook(1), "xl/sharedStrings.xml", b"<sst>" + b"<si/>" * 1_000 + b"</sst>")
    with opened_workbook(content) as book:
        assert SharedStrings(book, Allowance(8_000))[999] == ""
        with pytest.raises(TooMuch):
            SharedStrings(book, Allowance(2_000))[999]


@pytest.mark.parametrize("content", [b"\n" * 2_000_000, (b"," * 1_000 + b"\n") * 2_000])
def test_a_csv_of_empty_cells_is_refused_before_it_is_read(content):
    with pytest.raises(Invalid) as refusal:
        spreadsheet.read_table(content)
    assert refusal.value.code == "too_much"


def test_the_largest_table_is_read():
    with io.BytesIO() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            page, bold = book.add_worksheet(), book.add_format({"bold": True})
            for row in range(2_000):  # a fifth of it, so that it is read in a second
                for column in range(spreadsheet.COLUMNS_MAX):
                    page.write_number(row, column, row, bold)
        content = file.getvalue()
    assert len(spreadsheet.read_table(content).rows) == 2_000
