"""What is wrong with a delivery, by the dates on its label, and how far a receipt is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from portal.receiving.rules import (
    TRANSITIONS,
    Article,
    Delivered,
    PurchaseState,
    ReceiptState,
    Terms,
    delivery_faults,
    purchase_state,
    receipt_state,
    repeated,
)

DIAGRAM = Path(__file__).parents[2] / "docs" / "receiving.md"
TODAY = date(2026, 11, 27)
TERMS = Terms(TODAY, 15, by_person=False)
SYRINGE = Article(1, "SY", 2, True, False, True, "国械注准1", date(2020, 1, 1), date(2027, 1, 1), False)
STENT = replace(SYRINGE, sku="ST", device_class=3, serial_controlled=True)
LINE = Delivered("SY", "L1", 10, "/lines/0", expires_on=date(2028, 1, 1))


def faults(line: Delivered = LINE, article: Article = SYRINGE, terms: Terms = TERMS) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in delivery_faults(line, article, terms)]


def test_a_label_without_a_fault_is_received():
    assert faults() == []


@pytest.mark.parametrize(
    ("days", "code"),
    [(-400, "expired"), (0, "expired"), (1, "expires_soon"), (15, "expires_soon"), (16, None)],
)
def test_what_has_expired_or_soon_does_is_refused(days, code):
    line = replace(LINE, expires_on=TODAY + timedelta(days=days))
    assert faults(line) == ([("/lines/0/expires_on", code)] if code else [])


@pytest.mark.parametrize(
    ("produced", "code"),
    [
        (date(2019, 12, 31), "registration_not_valid"),
        (date(2020, 1, 1), None),
        (TODAY, None),
        (TODAY + timedelta(days=1), "produced_later"),
    ],
)
def test_goods_are_produced_within_the_term_of_their_certificate(produced, code):
    found = faults(replace(LINE, produced_on=produced))
    assert found == ([("/lines/0/produced_on", code)] if code else [])


def test_what_was_produced_before_a_certificate_lapsed_may_come_and_the_day_has_to_be_said():
    lapsed = replace(SYRINGE, registration_to=date(2024, 3, 31))
    assert faults(replace(LINE, produced_on=date(2024, 3, 31)), lapsed) == []
    assert faults(replace(LINE, produced_on=date(2024, 4, 1)), lapsed) == [
        ("/lines/0/produced_on", "registration_not_valid")
    ]
    assert faults(LINE, lapsed) == [("/lines/0/produced_on", "production_needed")]
    assert faults(LINE, replace(lapsed, is_renewing=True)) == []


def test_lot_expiry_and_serial_numbers_are_demanded_where_a_product_has_them():
    bare = Delivered("ST", "", 2, "/lines/0")
    assert faults(bare, STENT) == [
        ("/lines/0/lot", "lot_missing"),
        ("/lines/0/expires_on", "expiry_missing"),
        ("/lines/0/serials", "serial_count"),
    ]
    plain = replace(SYRINGE, lot_controlled=False, expiry_controlled=False)
    assert faults(Delivered("SY", "-", 2, "/lines/0"), plain) == []


def test_a_person_leaves_devices_of_class_iii_to_a_colleague_and_a_program_tells_what_was_done():
    line = replace(LINE, sku="ST", quantity=1, serials=("S1",))
    person = replace(TERMS, by_person=True)
    assert faults(line, STENT, person) == [("/lines/0/inspection", "inspection_needed")]
    assert faults(replace(line, inspection=True), STENT, person) == []
    assert faults(line, STENT, TERMS) == []
    assert faults(LINE, SYRINGE, person) == []


def test_a_lot_stands_on_one_line_and_a_serial_on_one_unit():
    one = replace(LINE, sku="ST", serials=("S1", "S2"))
    other = replace(one, lot="L2", serials=("S2",), pointer="/lines/1")
    again = replace(LINE, pointer="/lines/1")
    assert [(f.pointer, f.code) for f in repeated([one, other])] == [("/lines/1/serials", "serial_repeated")]
    assert {f.pointer for f in repeated([LINE, again])} == {"/lines/0/lot", "/lines/1/lot"}


def test_a_receipt_waits_while_a_unit_does():
    for inspecting, accepted, refused in product((0, 3), (0, 2), (0, 1)):
        state = receipt_state(inspecting=inspecting, accepted=accepted, refused=refused)
        assert (state is ReceiptState.INSPECTING) == bool(inspecting)
        if not inspecting and (accepted or refused):
            told = {(2, 0): "accepted", (2, 1): "partly_refused", (0, 1): "refused"}
            assert state == told[accepted, refused]


@pytest.mark.parametrize(
    ("lines", "state"),
    [([(5, 0), (3, 0)], "open"), ([(5, 5), (3, 0)], "partly_received"), ([(5, 6), (3, 3)], "received")],
)
def test_a_purchase_order_is_received_when_every_line_is(lines, state):
    assert purchase_state(lines) is PurchaseState(state)


def test_the_diagram_is_the_law():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"inspecting", "accepted"}
