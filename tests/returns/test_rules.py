"""The life of a return, and what may come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.returns.rules import (
    TRANSITIONS,
    Asked,
    Disposition,
    Finding,
    Holder,
    ReturnAct,
    ReturnState,
    ShippedLot,
    after,
    credited,
    inspection_faults,
    planned,
    portions,
)

DIAGRAM = Path(__file__).parents[2] / "docs" / "returns.md"


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, _, end in TRANSITIONS}


@pytest.mark.parametrize("start", ReturnState)
@pytest.mark.parametrize("act", ReturnAct)
def test_every_act_moves_the_return_or_is_refused(start, act):
    ends = {end for begin, done, end in TRANSITIONS if (begin, done) == (start, act)}
    if ends:
        assert {after(start, act)} == ends
    else:
        with pytest.raises(Conflict):
            after(start, act)


def lot(
    line_no: int, lot_no: str, left: int, *, sku: str = "A", is_cold: bool = False, serials=()
) -> ShippedLot:
    return ShippedLot(
        line_no, line_no * 100 + ord(lot_no[-1]), 1, sku, lot_no, left, is_cold, bool(serials), tuple(serials)
    )


def codes(faults) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked("B", "L1", 1, "damaged", "/lines/0"), "/lines/0/sku not_shipped"),
        (Asked("A", "L9", 1, "damaged", "/lines/0"), "/lines/0/sku not_shipped"),
        (Asked("A", "", 1, "damaged", "/lines/0"), "/lines/0/lot which_lot"),
        (Asked("A", "L1", 0, "damaged", "/lines/0"), "/lines/0/quantity quantity_out_of_range"),
        (Asked("A", "L1", 6, "damaged", "/lines/0"), "/lines/0/quantity quantity_out_of_range"),
        (Asked("A", "L1", 10**9, "damaged", "/lines/0"), "/lines/0/quantity quantity_out_of_range"),
        (Asked("A", "L1", 1, "", "/lines/0"), "/lines/0/reason reason_missing"),
    ],
)
def test_what_cannot_come_back_is_told_at_its_line(asked, code):
    coming, faults = planned([asked], [lot(1, "L1", 5), lot(1, "L2", 5)], has_temperatures=False)
    assert (coming, [f"{pointer} {code}" for pointer, code in codes(faults)]) == ([], [code])


def test_nothing_asked_is_a_fault():
    assert codes(planned([], [lot(1, "L1", 5)], has_temperatures=False)[1]) == [("/lines", "no_lines")]


def test_a_lot_is_asked_back_on_one_line_of_the_request():
    twice = [Asked("A", name, 2, "damaged", f"/lines/{place}") for place, name in enumerate(("L1", ""))]
    coming, faults = planned(twice, [lot(1, "L1", 5)], has_temperatures=False)
    assert [line.quantity for line in coming] == [2]
    assert codes(faults) == [("/lines/1/lot", "lot_repeated")]


def test_serials_of_a_product_without_them_are_refused():
    asked = Asked("A", "L1", 1, "damaged", "/lines/0", ("S1",))
    _, faults = planned([asked], [lot(1, "L1", 3)], has_temperatures=False)
    assert codes(faults) == [("/lines/0/serials", "not_serial_controlled")]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=4), st.data())
def test_units_go_to_lines_that_have_them_and_named_ones_where_they_left_from(lines, data):
    holders = [
        Holder((no, 7), left, [f"S{no}-{unit}" for unit in range(left + 1)] if named else ())
        for no, (left, named) in enumerate(lines)
    ]
    of = {serial: one.key for one in holders for serial in one.serials}
    units = data.draw(st.integers(0, sum(one.left for one in holders)))
    serials = data.draw(
        st.one_of(st.just([]), st.lists(st.sampled_from([*of, "X"]), unique=True, max_size=units))
    )
    placed = portions(units, serials, holders)
    for one in holders:
        share, mine = placed.get(one.key, (0, ()))
        assert share <= one.left
        assert all(of.get(serial, one.key) == one.key for serial in mine)
        assert len(mine) == (share if serials else 0)
    if not serials:
        assert sum(share for share, _ in placed.values()) == units


def test_a_product_on_two_lines_comes_back_from_the_first_first():
    coming, faults = planned(
        [Asked("A", "L1", 4, "surplus", "/lines/0")],
        [lot(1, "L1", 3), lot(2, "L1", 3)],
        has_temperatures=False,
    )
    assert (faults, [(line.line_no, line.quantity) for line in coming]) == ([], [(1, 3), (2, 1)])


def test_cold_goods_come_back_with_their_temperatures_or_not_at_all():
    asked, shipped = [Asked("A", "L1", 1, "damaged", "/lines/0")], [lot(1, "L1", 3, is_cold=True)]
    assert codes(planned(asked, shipped, has_temperatures=False)[1]) == [
        ("/lines/0/sku", "temperatures_missing")
    ]
    assert planned(asked, shipped, has_temperatures=True)[1] == []


@pytest.mark.parametrize(
    ("serials", "code"),
    [(("S9", "S1"), "serial_elsewhere"), (("S1", "S1"), "serial_repeated"), (("S1",), "serial_count")],
)
def test_serials_are_those_of_the_shipment_one_for_each_unit(serials, code):
    asked = Asked("A", "L1", 2, "damaged", "/lines/0", serials)
    _, faults = planned([asked], [lot(1, "L1", 3, serials=("S1", "S2", "S3"))], has_temperatures=False)
    assert codes(faults) == [("/lines/0/serials", code)]


quantities = st.integers(-2, 12)


@given(
    st.lists(st.tuples(st.sampled_from(["L1", "L2", ""]), quantities)), st.integers(0, 10), st.integers(0, 10)
)
def test_whatever_is_asked_no_lot_gives_more_than_it_has(wanted, first, second):
    shipped = [lot(1, "L1", first), lot(2, "L1", second), lot(1, "L2", first)]
    asked = [
        Asked("A", name, units, "damaged", f"/lines/{place}") for place, (name, units) in enumerate(wanted)
    ]
    coming, faults = planned(asked, shipped, has_temperatures=False)
    for one in shipped:
        taken = sum(
            line.quantity for line in coming if (line.line_no, line.lot_id) == (one.line_no, one.lot_id)
        )
        assert 0 <= taken <= one.left
    refused = {fault.pointer.split("/")[2] for fault in faults if fault.pointer != "/lines"}
    accepted = sum(one.quantity for place, one in enumerate(asked) if str(place) not in refused)
    assert sum(line.quantity for line in coming) == accepted


def finding(quantity: int, disposition: str = "saleable", note: str = "torn", line_no: int = 1) -> Finding:
    return Finding(line_no, 7, Disposition(disposition), quantity, f"/lines/{line_no}", note)


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([finding(2)], "not_all_judged"),
        ([finding(4)], "not_all_judged"),
        ([], "not_all_judged"),
        ([finding(3), finding(1, line_no=2)], "not_all_judged"),
        ([finding(3), finding(0, "scrap")], "quantity_not_positive"),
        ([finding(3, "scrap", " ")], "reason_missing"),
    ],
)
def test_an_inspection_judges_every_unit_that_came_and_no_other(findings, code):
    assert [fault.code for fault in inspection_faults(findings, {(1, 7): 3})] == [code]


def test_all_but_refused_units_are_paid_back():
    findings = [finding(1), finding(2, "quarantine"), finding(3, "scrap"), finding(4, "refused")]
    assert credited(findings) == {(1, 7): 6}
