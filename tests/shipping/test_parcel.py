"""Waybills and serials as people type, paste and scan them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shipping.parcel import (
    TRACKING_MAX,
    ParcelLine,
    Waybill,
    checked_serials,
    checked_waybill,
)
from portal.stock.serial_rules import SERIAL_MAX

STENTS = ParcelLine(1, "ST-1", "STENT", 2, serial_controlled=True)
MORE_STENTS = ParcelLine(1, "ST-2", "STENT", 1, serial_controlled=True)
GLOVES = ParcelLine(2, "-", "GLOVES", 9, serial_controlled=False)


@pytest.mark.parametrize("number", ["SF1020304050", "1Z 999 AA1 01", "YT-2026/11.7", "a", "9" * TRACKING_MAX])
def test_the_numbers_of_real_waybills_are_taken(number):
    assert checked_waybill("EMS", number) == (Waybill("EMS", number), [])


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_what_is_kept_is_short_and_printable(carrier, number):
    kept, faults = checked_waybill(carrier, number)
    if not faults:
        assert 1 <= len(kept.carrier) <= 64 and kept.carrier.isprintable()
        assert (
            1 <= len(kept.tracking_no) <= 64 and kept.tracking_no.isascii() and kept.tracking_no.isprintable()
        )


def codes(lines, serials) -> list[str]:
    return [fault.code for fault in checked_serials(lines, serials, {})[1]]


def test_one_serial_for_every_unit_is_kept_trimmed_and_in_order():
    assert checked_serials([STENTS], {(1, "ST-1"): [" B2 ", "Ａ１", "", "  "]}, {}) == (
        {(1, "ST-1"): ["B2", "A1"]},
        [],
    )


def test_no_serials_are_no_fault():
    assert checked_serials([STENTS, GLOVES], {(1, "ST-1"): [], (2, "-"): [" "]}, {}) == ({}, [])


@pytest.mark.parametrize(
    ("serials", "code"),
    [
        ({(1, "ST-1"): ["A"]}, "serial_count"),
        ({(1, "ST-1"): ["A", "B", "C"]}, "serial_count"),
        ({(1, "ST-1"): ["A", "A"]}, "serial_repeated"),
        ({(1, "ST-1"): ["A", "ａ".upper()]}, "serial_repeated"),
        ({(1, "ST-1"): ["A", "B C"]}, "serial_malformed"),
        ({(1, "ST-1"): ["A", "x" * (SERIAL_MAX + 1)]}, "serial_malformed"),
        ({(1, "ST-1"): ["A", "序列号"]}, "serial_malformed"),
        ({(2, "-"): ["A"]}, "not_serial_controlled"),
        ({(1, "OTHER"): ["A"]}, "unknown_line"),
        ({(7, "ST-1"): ["A"]}, "unknown_line"),
    ],
)
def test_serials_that_cannot_be_are_refused(serials, code):
    assert codes([STENTS, GLOVES], serials) == [code]


def test_a_serial_stands_in_one_lot_only():
    assert codes([STENTS, MORE_STENTS], {(1, "ST-1"): ["A", "B"], (1, "ST-2"): ["B"]}) == ["serial_repeated"]


def test_every_wrong_line_is_told():
    assert codes([STENTS, GLOVES], {(1, "ST-1"): ["A"], (2, "-"): ["A"], (3, "-"): ["A"]}) == [
        "serial_count",
        "not_serial_controlled",
        "unknown_line",
    ]


def test_tens_of_thousands_of_serials_cost_in_proportion():
    many = ParcelLine(1, "ST-1", "STENT", 40_000, True)
    serials = {(1, "ST-1"): [f"S{number}" for number in range(39_999)] + ["S7"]}
    begun = time.process_time()
    _, [fault] = checked_serials([many], serials, {})
    assert time.process_time() - begun < 3  # processor time: 0.1 as it is
    assert (fault.code, fault.params) == ("serial_repeated", {"serial": "S7"})


@pytest.mark.parametrize(
    ("named", "passed", "leaving", "faults"),
    [
        ([], ["A1", "B2"], ["A1", "B2"], []),
        (["B2", "A1"], ["A1"], ["B2", "A1"], []),
        (["B2", "A1"], ["A1", "B2"], ["B2", "A1"], []),
        (["B2", "C3"], ["A1"], None, ["serial_left_out"]),
        (["C3", "D4"], ["A1", "B2"], None, ["serial_left_out"]),
        (["A1", "A1"], ["A1"], None, ["serial_repeated"]),
        ([], ["A1"], None, ["serial_count"]),
    ],
)
def test_what_passed_the_review_is_among_what_leaves(named, passed, leaving, faults):
    key = (STENTS.line_no, STENTS.lot_no)
    cleaned, wrong = checked_serials([STENTS], {key: named}, {key: passed})
    assert [fault.code for fault in wrong] == faults
    assert cleaned.get(key) == leaving
