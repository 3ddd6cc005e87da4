"""A stock report as people paste it."""

from __future__ import annotations

from time import process_time

import pytest

from portal.dealerstock.rules import LINES_MAX
from portal.dealerstock.sheet_rules import LINE_MAX, SIZE_MAX, raw_lines
from portal.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("GLOVES\tSY-1\t5", [("GLOVES", "SY-1", "5", "", "")]),
        ("GLOVES SY-1 5", [("GLOVES", "SY-1", "5", "", "")]),
        (
            "GLOVES,SY-1,5,2026-11-01,华山医院",
            [("GLOVES", "SY-1", "5", "2026-11-01", "华山医院")],
        ),
        (
            "GLOVES SY-1 5 2026-11-01 Renji Hospital",
            [("GLOVES", "SY-1", "5", "2026-11-01", "Renji Hospital")],
        ),
        ("数量\t批号\t产品编码\n5\tSY-1\tGLOVES\n", [("GLOVES", "SY-1", "5", "", "")]),
        ("SKU;Qty;Lot No.;Hospital\nGLOVES;7;SY-1;Renji", [("GLOVES", "SY-1", "7", "", "Renji")]),
        (
            "010690123451004117270101 10A1".replace(" ", ""),
            [("01069012345100411727010110A1", "", "1", "", "")],
        ),
        ("(01)06901234510041(10)A1\t3", [("(01)06901234510041(10)A1", "", "3", "", "")]),
        (
            "]d201069012345100411010A1\x1d17270101",
            [("]d201069012345100411010A1\x1d17270101", "", "1", "", "")],
        ),
        ("\n \n", []),
    ],
)
def test_lines_are_read_by_their_head_or_in_the_usual_order(text, read):
    assert [(one.code, one.lot, one.quantity, one.day, one.customer) for one in raw_lines(text)] == read


def test_rows_are_numbered_as_they_stand():
    assert [one.row for one in raw_lines("SKU,lot,qty\n\nA-1,L,1\nB-1,L,1")] == [3, 4]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("x" * (SIZE_MAX + 1), "/lines", "report_large"),
        ("A-1 L 1\n" * (LINES_MAX + 2), "/lines", "too_many_lines"),
        ("A-1 L 1\n" + "A-1," * (LINE_MAX // 4) + "L", "/rows/2", "too_long"),
    ],
)
def test_a_text_of_more_than_is_read_is_refused(text, pointer, code):
    with pytest.raises(Invalid) as refusal:
        raw_lines(text)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [(pointer, code)]


@pytest.mark.parametrize("field", ['"a,', '"a"",', ' "a\t'])
def test_quotes_that_never_close_are_read_in_one_go(field):
    line = (field * LINE_MAX)[: LINE_MAX - 1] + "x"
    began = process_time()
    assert len(raw_lines("\n".join([line] * 100))) == 100
    assert process_time() - began < 2


def test_a_full_report_is_read():
    assert len(raw_lines("sku,lot,qty\n" + 'A-1,"L, 1",1\n' * LINES_MAX)) == LINES_MAX
