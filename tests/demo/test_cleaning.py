"""What the cleaning refuses, each fault on a row that is sound but for it."""

from __future__ import annotations

from datetime import date

import pytest

from demo.source.cleaning import (
    Fault,
    Report,
    certificate_fault,
    item_faults,
    sound_certificates,
    sound_items,
    valid_gtin,
)
from demo.source.naming import read_generics
from demo.source.prepare import TRADE_ITEM_COLUMNS

GENERICS = read_generics()
TODAY = date(2026, 11, 18)
GOOD_GTIN = "06941382276802"


def item(**changes: str) -> dict[str, str]:
    """A sound trade item with some fields changed."""
    sound = dict.fromkeys(TRADE_ITEM_COLUMNS, "") | {
        "gtin": GOOD_GTIN,
        "unit": "BASE_UNIT_OR_EACH",
        "trade_name": "en: Feeding tube",
        "manufacturer": "Bonree Medical Co., Ltd.",
        "manufacturer_srn": "CN-MF-000001161",
        "risk_class": "EU_CLASS_IIA",
        "emdn": "G02020101",
    }
    return sound | changes


def faults_of(*rows: dict[str, str]) -> dict[str, int]:
    """Faults the cleaning counts in these rows."""
    report = Report()
    list(sound_items(rows, GENERICS, report))
    return dict(report.faults)


def test_a_sound_row_is_accepted():
    report = Report()
    accepted = list(sound_items([item()], GENERICS, report))
    assert [(row["gtin"], generic.name_zh) for row, generic in accepted] == [(GOOD_GTIN, "一次性使用鼻胃管")]
    assert (report.read, report.accepted, dict(report.faults)) == (1, 1, {})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"gtin": ""}, Fault.MISSING_GTIN),
        ({"gtin": "06941382276803"}, Fault.BAD_CHECK_DIGIT),
        ({"gtin": "6941382276802"}, Fault.BAD_CHECK_DIGIT),
        ({"gtin": "0694138227680X"}, Fault.BAD_CHECK_DIGIT),
        ({"trade_name": "en: /"}, Fault.PLACEHOLDER_NAME),
        ({"trade_name": "en: no", "model_name": "en: N/A"}, Fault.PLACEHOLDER_NAME),
        ({"trade_name": "", "model_name": "en: 04560264568945"}, Fault.PLACEHOLDER_NAME),
        (
            {"trade_name": "", "additional_description": "en: " + "A sentence, not a name. " * 4},
            Fault.PLACEHOLDER_NAME,
        ),
        ({"manufacturer": "/"}, Fault.NO_MAKER),
        ({"manufacturer": ""}, Fault.NO_MAKER),
        ({"risk_class": ""}, Fault.UNKNOWN_CLASS),
        ({"risk_class": "EU_CLASS_IV"}, Fault.UNKNOWN_CLASS),
        ({"emdn": ""}, Fault.UNKNOWN_CATEGORY),
        ({"emdn": "QQ99"}, Fault.UNKNOWN_CATEGORY),
    ],
)
def test_a_row_with_one_fault_is_refused_for_it(changes: dict[str, str], fault: Fault):
    assert faults_of(item(**changes)) == {fault: 1}


def test_the_second_of_two_equal_gtins_is_refused():
    assert faults_of(item(), item(trade_name="en: Another tube")) == {Fault.DUPLICATE_GTIN: 1}


def test_all_faults_of_a_row_are_counted():
    row = item(gtin="1", trade_name="en: -", manufacturer="no", risk_class="")
    assert item_faults(row, None, set()) == [
        Fault.BAD_CHECK_DIGIT,
        Fault.PLACEHOLDER_NAME,
        Fault.NO_MAKER,
        Fault.UNKNOWN_CLASS,
    ]


def test_a_packaging_level_is_no_device():
    report = Report()
    assert not list(sound_items([item(unit="CASE")], GENERICS, report))
    assert (report.packages_read, report.read) == (1, 0)


def test_every_single_wrong_digit_of_a_gtin_is_found():
    for place in range(14):
        for digit in "0123456789":
            changed = GOOD_GTIN[:place] + digit + GOOD_GTIN[place + 1 :]
            assert valid_gtin(changed) == (changed == GOOD_GTIN)


def certificate(valid_from: str, valid_to: str, gtin: str = GOOD_GTIN) -> dict[str, str]:
    """A certificate row."""
    return {
        "gtin": gtin,
        "notified_body": "DEKRA",
        "standard": "MDR",
        "certificate_no": "C 1",
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "fault"),
    [
        ("2023-09-13", "2028-05-01", None),
        ("", "2019-06-26", None),
        ("", "2202-12-31", Fault.ABSURD_DATE),
        ("0203-09-13", "2028-05-01", Fault.ABSURD_DATE),
        ("2023-09-13", "2026-02-30", Fault.ABSURD_DATE),
        ("2023-09-13", "", Fault.ABSURD_DATE),
        ("2028-05-01", "2023-09-13", Fault.REVERSED_DATES),
    ],
)
def test_certificates_with_dates_nobody_can_mean_are_refused(
    valid_from: str, valid_to: str, fault: Fault | None
):
    assert certificate_fault(certificate(valid_from, valid_to), TODAY) == fault


def test_a_certificate_needs_its_device():
    report = Report()
    rows = [certificate("", "2028-05-01"), certificate("", "2028-05-01", gtin="00000000000000")]
    assert len(sound_certificates(rows, {GOOD_GTIN}, report, today=TODAY)) == 1
    assert dict(report.faults) == {Fault.UNKNOWN_DEVICE: 1}
