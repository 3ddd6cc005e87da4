"""A lot as it is typed, compared and named; and every rule that compares lots, with other spellings."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.complaints.rules import TriageEntry, triage_faults
from portal.dealerstock.rules import LineKind, Reported, line_faults
from portal.deliveries.rules import Counted, Lot, Shipped, arrivals
from portal.devices.imported_rows import FileRow, entry_of
from portal.kernel.lots import LOT_MAX, lot_faults, lot_key, meant, named_as, plain_lot, spelled
from portal.repairs.report_rules import LotForPart, Used, used_faults
from portal.returns.rules import Asked, ReturnReason, ShippedLot, planned
from portal.shipping.parcel import ParcelLine, checked_serials
from portal.shipping.review_rules import PackedUnits, units_of_code
from portal.shipping.rules import LotChoice, LotUnits, Need, plan_picking
from portal.transfers.rules import Arrived, Line, arrival_faults, as_sent
from tests import cast
from tests.architecture import tree

OTHERS = pytest.mark.parametrize("said", ["st-1", "ＳＴ－１", "ｓｔ-1", " St-1 ", "\u3000ST-1"])


@given(st.text(max_size=60))
def test_a_key_is_one_writing_of_every_spelling(said):
    key = lot_key(said)
    assert lot_key(key) == key or "İ" in said or any(len(one.upper()) > 1 for one in said)
    assert lot_key(f"  {plain_lot(said)}  ") == key
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in said)
    assert lot_key(wide) == lot_key(unicodedata.normalize("NFKC", wide))


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20))
def test_capitals_and_width_do_not_matter_to_plain_signs(said):
    wide = "".join(chr(ord(one) + 0xFEE0) for one in said)
    assert lot_key(said) == lot_key(said.lower()) == lot_key(said.upper()) == lot_key(wide)
    assert plain_lot(wide) == said


@OTHERS
def test_the_known_spelling_is_taken(said):
    assert spelled(said, ["ST-1", "ST-2"]) == "ST-1"
    assert named_as(("STENT", said), {("STENT", "ST-1"), ("PUMP", "st-1")}) == ("STENT", "ST-1")
    assert meant(said, [("ST-1", 1), ("ST-2", 2), ("ST-1", 3)]) == [1, 3]


def test_of_two_that_differ_in_capitals_the_exact_one_is_meant_and_a_third_spelling_is_neither():
    assert [spelled(one, ["ab1", "AB1"]) for one in ("ab1", "AB1", "ＡＢ1", "Ab1")] == [
        "ab1",
        "AB1",
        "AB1",
        None,
    ]
    assert named_as((1, "Ab1"), {(1, "ab1"), (1, "AB1")}) == (1, "Ab1")
    assert spelled("X", []) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("L" * (LOT_MAX + 1), "too_long"),
        ("㍿" * 11, "too_long"),  # four characters each
        ("L\x001", "unreadable_text"),
        ("L\u200b1", "unreadable_text"),
        ("L\u20281", "unreadable_text"),
    ],
)
def test_what_is_no_lot_is_told_and_never_cut(said, code):
    assert [(one.pointer, one.code) for one in lot_faults("/lot", said)] == [("/lot", code)]
    told = [Reported("S", said, 1, LineKind.STOCK, cast.TODAY, "", "/lines/0")]
    if code != "too_long":
        assert ("/lines/0/lot", code) in {(one.pointer, one.code) for one in line_faults(told, cast.TODAY)}
        entry = TriageEntry("quality", "major", False, "No harm.", lot=said)
        assert ("/lot", code) in {
            (one.pointer, one.code) for one in triage_faults(entry, cast.NOW, has_event=False)
        }
    texts = {"dealer": "huadong", "sku": "STENT", "serial": "S1", "lot": said}
    assert ("/lot", code) in {
        (one.pointer, one.code) for one in entry_of(FileRow(2, texts), today=cast.TODAY).faults
    }


@pytest.mark.parametrize("column", ["lot", "shipment", "contract_no"])
def test_nothing_of_a_device_is_cut_silently(column):
    texts = {"dealer": "huadong", "sku": "STENT", "serial": "S1", column: "X" * 61}
    entry = entry_of(FileRow(2, texts), today=cast.TODAY)
    assert (f"/{column}", "too_long") in {(one.pointer, one.code) for one in entry.faults}
    assert not entry_of(FileRow(2, {**texts, column: "ｇｚ-7 "}), today=cast.TODAY).lot.endswith(" ")


SENT = (Shipped(1, "A", "ST-1", 10), Shipped(1, "A", "ST-2", 5))


@OTHERS
def test_a_delivery_is_counted_by_its_lots_however_they_are_typed(said):
    arrived, faults = arrivals(SENT, [Counted("A", said, 8, 0, "/lines/0")])
    assert not faults
    assert [(one.lot, one.received) for one in arrived] == [(Lot(1, "ST-1"), 8), (Lot(1, "ST-2"), 5)]
    twice = [Counted("A", "ST-1", 4, 0, "/lines/0"), Counted("A", said, 4, 0, "/lines/1")]
    assert [(one.pointer, one.code) for one in arrivals(SENT, twice)[1]] == [("/lines/1/lot", "lot_repeated")]


def test_a_lot_that_was_not_shipped_is_named_once_too():
    counts = [Counted("A", "ｇｚ-9", 4, 0, "/lines/0"), Counted("A", "GZ-9", 4, 0, "/lines/1")]
    arrived, faults = arrivals(SENT, counts)
    assert [(one.pointer, one.code) for one in faults] == [("/lines/1/lot", "lot_repeated")]
    assert [one.lot.lot_no for one in arrived] == ["ST-1", "ST-2", "gz-9"]


@OTHERS
def test_a_return_names_the_lot_that_was_shipped(said):
    shipped = [
        ShippedLot(1, 11, 1, "A", "ST-1", 5, False, False),
        ShippedLot(1, 12, 1, "A", "ST-2", 5, False, False),
    ]
    asked = [Asked("A", said, 2, next(iter(ReturnReason)), "/lines/0")]
    coming, faults = planned(asked, shipped, has_temperatures=False)
    assert not faults and [(one.lot_id, one.quantity) for one in coming] == [(11, 2)]
    _, faults = planned([*asked, *asked], shipped, has_temperatures=False)
    assert [one.code for one in faults] == ["lot_repeated"]


@OTHERS
def test_a_choice_at_the_picking_and_serials_of_a_parcel_name_its_lots(said):
    day = date(2090, 1, 1)
    lots = [LotUnits(11, 1, "ST-1", day, 9, True), LotUnits(12, 1, "ST-0", date(2089, 1, 1), 9, True)]
    choice = LotChoice(1, said, 3, "customer wants it", "/lots/0")
    plan = plan_picking([Need(1, 1, 3)], lots, [choice], cast.TODAY, 1)
    assert not plan.faults and [(one.lot_id, one.quantity) for one in plan.allocations] == [(11, 3)]
    lines = [ParcelLine(1, "ST-1", "STENT", 2, True)]
    cleaned, faults = checked_serials(lines, {(1, said): ["A"], (1, "ST-1"): ["B"]}, {})
    assert not faults and {name: sorted(serials) for name, serials in cleaned.items()} == {
        (1, "ST-1"): ["A", "B"]
    }


@OTHERS
def test_a_label_is_of_the_lot_in_the_parcel(said):
    fields = {"line_no": 1, "product_id": 1, "lot_id": 11, "sku": "STENT", "lot_no": "ST-1", "quantity": 2}
    unit = PackedUnits(
        **fields | {name: _usual(name) for name in PackedUnits.__dataclass_fields__ if name not in fields}
    )
    assert units_of_code([unit], sku="STENT", lot=said.strip(), expiry=None) is unit


def _usual(name: str) -> object:
    return {"serials": (), "serial_controlled": False, "expires_on": None, "passed": 0}.get(name, "")


@OTHERS
def test_a_transfer_arrives_by_the_lots_that_left(said):
    line = Line(1, 1, 11, "STENT", "ST-1", False, 4, 0, 0, 0, ())
    told = as_sent([line], [Arrived("STENT", said, 4, 0, (), (), "/lines/0")])
    assert not arrival_faults([line], told, whole=True)
    twice = as_sent([line], [*told, Arrived("STENT", said, 0, 0, (), (), "/lines/1")])
    assert [one.code for one in arrival_faults([line], twice, whole=True)] == ["line_repeated"]


@OTHERS
def test_a_part_is_taken_from_the_lot_that_is_held(said):
    names = LotForPart.__dataclass_fields__
    fields = {"product_id": 1, "sku": "PART", "lot_id": 11, "lot_no": "ST-1", "free": 5}
    lot = LotForPart(**fields | {name: None for name in names if name not in fields})
    used = [Used("PART", said, 2, (), "/used/0")]
    assert not used_faults(used, [lot], {"PART": 4})
    twice = [*used, Used("PART", "ST-1", 1, (), "/used/1")]
    assert [one.pointer for one in used_faults(twice, [lot], {"PART": 4})] == ["/used/1/lot"]


LOT_FIELD = re.compile(r"""ui\.\w+\(\s*"(?:lot|lot_no)",.{0,400}?\)\s*\}\}""", re.DOTALL)


def test_no_field_lets_the_browser_cut_a_lot():
    fields = [
        (path.name, found[0])
        for folder in ("portal/templates", "backoffice/templates")
        for path in (tree.ROOT / folder).rglob("*.html")
        for found in LOT_FIELD.finditer(path.read_text(encoding="utf-8"))
    ]
    assert len(fields) >= 8
    assert [name for name, said in fields if "maxlength" in said] == []
