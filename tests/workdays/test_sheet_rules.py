"""A file of working days, row by row."""

from __future__ import annotations

from datetime import date

import pytest

from portal.kernel.errors import Invalid
from portal.kernel.spreadsheet import read_table
from portal.kernel.typed import Misread
from portal.workdays.day_rules import NamedDay, thin_years
from portal.workdays.rules import read_clock
from portal.workdays.sheet_rules import read_days


def rows(text: str):
    return read_days(read_table(text.encode()))


@pytest.mark.parametrize(
    "written",
    ["2027-01-01", "2027/1/1", "2027年1月1日", "20270101", "２０２７－０１－０１", "46388", " 2027.1.1 "],
)
def test_a_day_is_read_as_people_and_workbooks_write_it(written):
    [row] = rows(f"日期,上班,名称\n{written},0,元旦\n")
    assert row.day == NamedDay(date(2027, 1, 1), False, "元旦") and row.row == 2


@pytest.mark.parametrize(
    ("written", "working"),
    [
        ("1", True),
        ("是", True),
        ("上班", True),
        ("Working", True),
        ("０", False),
        ("休", False),
        ("OFF", False),
    ],
)
def test_working_or_off_is_said_in_either_language(written, working):
    [row] = rows(f"Date,Worked,English name\n2027-01-01,{written},New Year\n")
    assert row.day == NamedDay(date(2027, 1, 1), working, "", "New Year")


def test_every_row_has_its_own_faults():
    found = rows(
        "name,working,date\n元旦,0,2027-01-01\nx,maybe,2027-02-30\n,1,\n元旦,0,2027-1-1\n"
        f"{'长' * 61},0,2027-05-01\n公式,0,=A1\n,0,1999-01-01\n"
    )
    told = [(one.row, [(fault.pointer, fault.code) for fault in one.faults]) for one in found]
    assert told == [
        (2, []),
        (3, [("/day", "not_a_date"), ("/working", "flag")]),
        (4, [("/day", "not_a_date")]),
        (5, [("/day", "twice")]),
        (6, [("/name_zh", "too_long")]),
        (7, [("", "cell_no_value")]),
        (8, [("/day", "date_range")]),
    ]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"", ["empty_table"]),
        (b"date,working\n", ["empty_table"]),
        (b"a,b\n1,2\n", ["missing_column", "missing_column"]),
        (b"date,b\n1,2\n", ["missing_column"]),
        (b"date,working\n" + b"2027-01-01,1\n" * 1001, ["rows"]),
        (b"\x00\x01\x02", ["not_a_table"]),
    ],
)
def test_what_is_no_such_table_is_refused(content, codes):
    with pytest.raises(Invalid) as refused:
        read_days(read_table(content))
    assert [fault.code for fault in refused.value.faults] == codes


def test_a_year_with_hardly_a_weekday_off_is_asked_about():
    days = [NamedDay(date(2031, 1, number), False) for number in range(1, 15)]
    assert thin_years(days) == () and thin_years(days[:9]) == (2031,)
    assert thin_years([NamedDay(date(2032, 1, 1), True)]) == (2032,)


@pytest.mark.parametrize(
    ("written", "minute"), [("9:00", 540), ("２４：００", 1440), (" 13:30 ", 810), ("0:00", 0)]
)
def test_a_time_of_day_is_read(written, minute):
    assert read_clock(written) == minute


@pytest.mark.parametrize("written", ["", "9", "24:01", "9:60", "-1:00", "9:00:00", "9：" + "0" * 50, "nine"])
def test_what_is_no_time_of_day_is_refused(written):
    with pytest.raises(Misread, match="not_a_time"):
        read_clock(written)
