"""What stands against a product: every fault at once, each beside its field."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalogue.product_faults import REQUIRED, Surroundings, product_faults, remarks, sku_faults
from portal.catalogue.product_fields import LABELS, ProductFields, as_json, differences, from_json
from portal.catalogue.product_input import read_fields
from portal.catalogue.registration_numbers import read_registration
from portal.kernel.searching import with_right_check_digit
from tests import cast
from tests.catalogue.acts import PUMP

AROUND = Surroundings(None, {"A02"}, frozenset(), cast.TODAY)
DAY = timedelta(days=1)


def faults(around=AROUND, **other) -> set[tuple[str, str]]:
    return {(one.pointer.strip("/"), one.code) for one in product_faults(replace(PUMP, **other), around)}


def test_a_sound_product_has_no_fault():
    assert faults() == set()


def test_an_empty_one_tells_everything_that_is_missing_at_once():
    told = {(one.pointer.strip("/"), one.code) for one in product_faults(ProductFields(), AROUND)}
    assert {name for name, code in told if code == "required"} == set(REQUIRED) - {"pack_multiple"}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"udi_di": "06901234520003"}, ("udi_di", "wrong_check_digit")),
        ({"udi_di": "690123452"}, ("udi_di", "gtin")),
        ({"inner_gtin": PUMP.udi_di, "inner_units": 5}, ("inner_gtin", "gtin_twice")),
        ({"inner_gtin": "16901234520009"}, ("inner_units", "package_units")),
        ({"case_units": 10}, ("case_gtin", "package_gtin")),
        ({"inner_gtin": "16901234520009", "inner_units": 1}, ("inner_units", "units")),
        ({"category_code": "Z99"}, ("category_code", "unknown_category")),
        ({"device_class": 4}, ("device_class", "device_class")),
        ({"origin": "martian"}, ("origin", "origin")),
        ({"maker_country": "china"}, ("maker_country", "country")),
        ({"maker_country": "DE"}, ("origin", "origin_country")),
        ({"unit": "furlong"}, ("unit", "unknown_unit")),
        ({"pack_multiple": 0}, ("pack_multiple", "pack_multiple")),
        ({"registration_no": "浙械注准2023214012"}, ("registration_no", "registration_no")),
        ({"registration_no": "国械注进20232140123"}, ("registration_no", "registration_origin")),
        ({"device_class": 3}, ("registration_no", "registration_class")),
        ({"registration_from": date(2022, 1, 1)}, ("registration_from", "registration_year")),
        ({"registration_to": None}, ("registration_to", "registration_end")),
        ({"registration_to": date(2023, 5, 1)}, ("registration_to", "registration_dates")),
        ({"registration_renewal_asked_on": date(2100, 1, 1)}, ("registration_renewal_asked_on", "renewal")),
        ({"registration_renewal_asked_on": date(2023, 1, 1)}, ("registration_renewal_asked_on", "renewal")),
        ({"registration_renewal_asked_on": cast.TODAY + DAY}, ("registration_renewal_asked_on", "future")),
        ({"registration_to": cast.TODAY - DAY}, ("registration_to", "registration_ended")),
        ({"storage_min": Decimal(9), "storage_max": Decimal("8.5")}, ("storage_min", "storage")),
        ({"storage_max": Decimal(131)}, ("storage_max", "temperature")),
        ({"lot_controlled": False}, ("lot_controlled", "untraced")),
        (
            {"lot_controlled": False, "serial_controlled": True, "expiry_controlled": True},
            ("lot_controlled", "expiry_without_lot"),
        ),
        ({"name_en": "x" * 501}, ("name_en", "text_max")),
        ({"name_en": "a\u202eb"}, ("name_en", "unprintable")),
        ({"state": "gone"}, ("state", "state")),
    ],
)
def test_each_fault_stands_at_its_field(other, expected):
    assert expected in faults(**other)


@pytest.mark.parametrize(
    "other",
    [
        {"registration_to": cast.TODAY - DAY, "registration_renewal_asked_on": cast.TODAY - 9 * DAY},
        {"registration_to": cast.TODAY - DAY, "state": "withdrawn"},
        {"registration_to": cast.TODAY},
        {"registration_renewal_asked_on": cast.TODAY},
        {"device_class": 1, "registration_no": "浙杭械备20230001", "registration_to": None},
        {"device_class": 1, "registration_no": "浙杭械备20230001号", "registration_to": None},
        {"storage_min": Decimal(8), "storage_max": Decimal(8)},
    ],
)
def test_what_is_lawful_is_no_fault(other):
    assert faults(**other) == set()


@pytest.mark.parametrize(
    ("inner", "case", "multiple", "expected"),
    [
        (10, 100, 1, set()),
        (10, 100, 10, set()),
        (10, 100, 5, set()),
        (10, 100, 200, set()),
        (10, 100, 12, {("pack_multiple", "pack_multiple")}),
        (10, 105, 10, {("case_units", "package_multiple")}),
        (10, 10, 10, {("case_units", "package_multiple")}),
        (100, 10, 10, {("case_units", "package_multiple")}),
    ],
)
def test_packages_hold_whole_packages_and_an_order_fills_them(inner, case, multiple, expected):
    packed = {
        "inner_gtin": "16901234520009",
        "inner_units": inner,
        "case_gtin": "26901234520006",
        "case_units": case,
    }
    assert faults(**packed, pack_multiple=multiple) == expected


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("国械注准20233140001", ("domestic", 3, 2023)),
        ("国械注进20182661234", ("imported", 2, 2018)),
        ("国械注许20203070005", ("imported", 3, 2020)),
        ("粤械注准20212140001", ("domestic", 2, 2021)),
        ("国械备20150003号", ("imported", 1, 2015)),
        ("沪械备20230009", ("domestic", 1, 2023)),
        ("苏苏械备20230009", ("domestic", 1, 2023)),
        ("国械注准20232140001", None),  # class II of domestic makers is the provinces'
        ("国械注进20231140001", None),
        ("粤械注准20213140001", None),
        ("天械注准20212140001", None),
        ("国械注准2023314000１", None),
        ("国械注准202331400012", None),
        ("", None),
    ],
)
def test_a_number_tells_origin_class_and_year(number, told):
    found = read_registration(number)
    assert (found and (found.origin, found.device_class, found.year)) == told


def test_a_certificate_of_a_higher_class_is_told_to_who_approves():
    lowered = replace(PUMP, registration_no="国械注准20233140001")
    assert product_faults(lowered, AROUND) == []
    assert [one.code for one in remarks(lowered)] == ["class_lowered"]
    assert remarks(PUMP) == []


@pytest.mark.parametrize("sku", ["A", "MK-20", "TL.1/2+3_4", "9" * 40])
def test_skus(sku):
    assert sku_faults(sku) == []


@pytest.mark.parametrize("sku", ["", "-A", "a", "A B", "9" * 41, "输液泵"])
def test_no_skus(sku):
    assert [one.code for one in sku_faults(sku)] == ["sku"]


@given(st.from_regex(r"[0-9]{13}", fullmatch=True), st.integers(0, 9))
def test_of_ten_last_digits_one_is_right(body, digit):
    right = with_right_check_digit(body + "0")
    assert (("udi_di", "wrong_check_digit") in faults(udi_di=f"{body}{digit}")) == (right[-1] != str(digit))


def test_every_field_has_a_label_and_comes_back_from_json():
    assert set(LABELS) == {one.name for one in fields(ProductFields)}
    full = replace(PUMP, storage_min=Decimal("-18.5"), registration_renewal_asked_on=date(2026, 2, 28))
    assert from_json(as_json(full)) == full
    assert [one.field for one in differences(PUMP, full)] == ["registration_renewal_asked_on", "storage_min"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("udi_di", "6901234520002", "06901234520002"),
        ("udi_di", "０６９０１２３４５２０００２", "06901234520002"),
        ("device_class", "Ⅱ", 2),
        ("device_class", "第三类", 3),
        ("device_class", "Class I", 1),
        ("registration_to", "45000", date(2023, 3, 15)),
        ("registration_to", "2023/03/15", date(2023, 3, 15)),
        ("registration_to", "", None),
        ("storage_max", "-18.5 ℃", Decimal("-18.5")),
        ("unit", "box", "盒"),
        ("origin", "进口", "imported"),
        ("sterile", "是", True),
        ("sterile", "No", False),
        ("registration_no", "浙械注准 ２０２３ 2140123", "浙械注准20232140123"),
        ("state", "停售", "withdrawn"),
        ("pack_multiple", "1,000", 1000),
    ],
)
def test_what_people_write_is_read(name, text, value):
    wrong: list = []
    assert getattr(read_fields({name: text}, PUMP, wrong), name) == value and not wrong


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("registration_to", "2026-02-30"),
        ("sterile", "perhaps"),
        ("storage_min", "86 °F"),
        ("storage_min", "2-8"),
        ("pack_multiple", "1.5"),
        ("device_class", "IV"),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_changes_nothing(name, text):
    wrong: list = []
    assert read_fields({name: text}, PUMP, wrong) == PUMP
    assert [one.pointer for one in wrong] == [f"/{name}"]
