"""What differs in a delivery, and what a signature may be."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from portal.deliveries.rules import (
    CASE_MOVES,
    CaseAct,
    CaseKind,
    CaseState,
    Counted,
    Lot,
    Shipped,
    after,
    arrivals,
    differences,
    link_state,
    name_fault,
    plain_name,
)
from portal.kernel.errors import Conflict
from portal.kernel.signature_rules import POINTS_MAX, path_of, read_strokes
from tests import cast
from tests.architecture import tree

DOCUMENT = tree.ROOT / "docs/deliveries.md"
SENT = (Shipped(1, "A", "L1", 10), Shipped(1, "A", "L2", 5), Shipped(2, "B", "-", 3))


def found(*counted: tuple[str, str, int, int]) -> list[tuple[str, str, int, str]]:
    said = [Counted(*one, pointer=f"/lines/{place}") for place, one in enumerate(counted)]
    arrived, faults = arrivals(SENT, said)
    assert not faults
    return [(str(one.kind), one.lot.lot_no, one.quantity, one.came_lot) for one in differences(arrived)]


def faults(*counted: tuple[str, str, int, int]) -> list[tuple[str, str]]:
    said = [Counted(*one, pointer=f"/lines/{place}") for place, one in enumerate(counted)]
    return [(one.pointer, one.code) for one in arrivals(SENT, said)[1]]


def test_what_nobody_names_arrived_as_it_was_shipped():
    assert found() == []
    arrived, _ = arrivals(SENT, [])
    assert [(one.lot, one.received) for one in arrived] == [
        (Lot(1, "L1"), 10),
        (Lot(1, "L2"), 5),
        (Lot(2, "-"), 3),
    ]


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([("A", "L1", 8, 0)], [("short", "L1", 2, "")]),
        ([("A", "L1", 0, 0)], [("short", "L1", 10, "")]),
        ([("B", "-", 4, 0)], [("excess", "-", 1, "")]),
        ([("A", "L1", 10, 3)], [("damaged", "L1", 3, "")]),
        ([("A", "L1", 9, 9)], [("damaged", "L1", 9, ""), ("short", "L1", 1, "")]),
        # another lot of the product came for the units that did not
        ([("A", "L1", 6, 0), ("A", "X9", 4, 0)], [("wrong_lot", "L1", 4, "X9")]),
        ([("A", "L1", 6, 0), ("A", "X9", 3, 0)], [("wrong_lot", "L1", 3, "X9"), ("short", "L1", 1, "")]),
        ([("A", "L1", 6, 0), ("A", "X9", 6, 1)], [
            ("damaged", "X9", 1, ""), ("wrong_lot", "L1", 4, "X9"), ("excess", "X9", 2, "")]),
        # also where the other lot is one that was shipped
        ([("A", "L1", 12, 0), ("A", "L2", 3, 0)], [("wrong_lot", "L2", 2, "L1")]),
        # one lot for two
        ([("A", "L1", 8, 0), ("A", "L2", 4, 0), ("A", "X9", 3, 0)], [
            ("wrong_lot", "L1", 2, "X9"), ("wrong_lot", "L2", 1, "X9")]),
        # units of another product stand for nothing
        ([("A", "L1", 9, 0), ("B", "X9", 1, 0)], [("short", "L1", 1, ""), ("excess", "X9", 1, "")]),
    ],
)  # fmt: skip
def test_differences_are_told_by_their_kind(counted, expected):
    assert found(*counted) == expected


def test_units_missing_and_surplus_are_all_accounted_for():
    for one in range(0, 25, 3):
        for two in range(0, 9, 2):
            for other in (0, 4, 11):
                told = found(("A", "L1", one, 0), ("A", "L2", two, 0), ("A", "X9", other, 0))
                units = {kind: sum(row[2] for row in told if row[0] == kind) for kind in map(str, CaseKind)}
                missing = max(0, 10 - one) + max(0, 5 - two)
                surplus = max(0, one - 10) + max(0, two - 5) + other
                assert units["short"] + units["wrong_lot"] == missing
                assert units["excess"] + units["wrong_lot"] == surplus
                assert not (units["short"] and units["excess"])


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([("C", "L1", 1, 0)], [("/lines/0/sku", "not_in_shipment")]),
        ([("A", "", 1, 0)], [("/lines/0/lot", "lot_malformed")]),
        ([("A", "x" * 41, 1, 0)], [("/lines/0/lot", "lot_malformed")]),
        ([("A", "x" * 40, 1, 0)], []),
        ([("A", "L\n1", 1, 0)], [("/lines/0/lot", "lot_malformed")]),
        ([("A", "L1", 1, 0), ("A", "L1", 2, 0)], [("/lines/1/lot", "lot_repeated")]),
        ([("A", "L1", -1, 0)], [("/lines/0/received", "received_out_of_range")]),
        ([("A", "L1", 1_000_001, 0)], [("/lines/0/received", "received_out_of_range")]),
        ([("A", "L1", 2, 3)], [("/lines/0/damaged", "damaged_out_of_range")]),
        ([("A", "L1", 2, -1)], [("/lines/0/damaged", "damaged_out_of_range")]),
        ([("C", "L1", 1, 0), ("A", "L1", 2, 3)], [
            ("/lines/0/sku", "not_in_shipment"), ("/lines/1/damaged", "damaged_out_of_range")]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_line(counted, expected):
    assert faults(*counted) == expected


@pytest.mark.parametrize("lot_no", ["B" * 21, "B" * 40, "B" * 64, "L\u200b7"])
def test_a_lot_that_was_shipped_is_counted_whatever_its_number_looks_like(lot_no):
    count = Counted("A", lot_no, 2, 1, "/lines/0")
    arrived, wrong = arrivals([Shipped(1, "A", lot_no, 3)], [count])
    assert not wrong
    assert [(one.lot.lot_no, one.received, one.damaged) for one in arrived] == [(lot_no, 2, 1)]


@pytest.mark.parametrize("length", [21, 40])
def test_another_lot_may_have_a_number_as_long_as_goods_are_received_under(length):
    assert not faults(("A", "X" * length, 1, 0))


def test_lots_of_two_lines_of_the_order_are_counted_together():
    arrived, _ = arrivals([Shipped(1, "A", "L1", 3), Shipped(1, "A", "L1", 4)], [])
    assert [(one.shipped, one.received) for one in arrived] == [(7, 7)]


LATER = cast.NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("received", "revoked", "at", "state"),
    [
        (None, None, cast.NOW, "open"),
        (None, None, LATER, "expired"),
        (cast.NOW, None, cast.NOW, "used"),
        (cast.NOW, None, LATER - timedelta(seconds=1), "used"),
        (cast.NOW, None, LATER, "expired"),
        (None, cast.NOW, cast.NOW, "revoked"),
        (cast.NOW, cast.NOW, LATER, "revoked"),
    ],
)
def test_a_link_says_what_it_opens(received, revoked, at, state):
    assert link_state(received_at=received, revoked_at=revoked, expires_at=LATER, at=at) == state


def test_a_case_moves_as_the_document_says():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"(\S+) --> (\S+)", chart))
    told = {("[*]", "open")} | {
        (str(source), str(target)) for sources, target in CASE_MOVES.values() for source in sources
    }
    assert drawn == told


@pytest.mark.parametrize("state", [CaseState.SETTLED, CaseState.REJECTED])
@pytest.mark.parametrize("act", list(CaseAct))
def test_what_is_decided_stays_decided(state, act):
    with pytest.raises(Conflict):
        after(state, act)


@pytest.mark.parametrize("typed", ["", "   ", "　"])
def test_a_name_is_needed(typed):
    assert name_fault("/signed_by", plain_name(typed)).code == "required"


@pytest.mark.parametrize("typed", ["x" * 61, "a\u202eb", "a\x00b"])
def test_a_name_that_would_deceive_is_refused(typed):
    assert name_fault("/signed_by", plain_name(typed)).code == "name"


def test_a_name_is_kept_plain():
    assert plain_name("  王　小明\n ") == "王 小明"
    assert name_fault("/signed_by", "王 小明") is None


@pytest.mark.parametrize("text", ["", "  ", "[]"])
def test_an_empty_field_is_no_signature(text):
    assert read_strokes(text) is None


def test_strokes_are_read_and_drawn():
    strokes = read_strokes("[[0,0,600,200],[5,6]]")
    assert strokes == [[0, 0, 600, 200], [5, 6]]
    assert path_of(strokes) == "M0 0 L600 200 M5 6 h1"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{}",
        "7",
        "[7]",
        "[[]]",
        "[[1]]",
        "[[1,2,3]]",
        "[[601,2]]",
        "[[1,201]]",
        "[[-1,2]]",
        "[[1.5,2]]",
        "[[true,2]]",
        '[["1",2]]',
        "[[NaN,2]]",
        "[[1,1e3]]",
        "[" * 40_000,
        "[[1,2]]" + " " * 50_000,
        "[" + ",".join(["[1,2]"] * 201) + "]",
        "[[" + ",".join(["1,2"] * (POINTS_MAX + 1)) + "]]",
    ],
)
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - its own, or that of the parser
        read_strokes(text)
