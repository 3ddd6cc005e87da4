"""A stock report as people paste it."""

from __future__ import annotations

import pytest

from portal.dealerstock.sheet_rules import raw_lines


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
