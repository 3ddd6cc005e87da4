"""The demo catalogue, made from the shipped extract."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from demo.scenario import Scenario
from demo.source.assortment import choose, largest_limit
from demo.source.catalogue import read_catalogue
from demo.source.cleaning import Fault, valid_gtin
from demo.source.prices import retail_rounded
from demo.source.registration import Registration

CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")


def test_at_least_two_thousand_devices_may_be_sold(scenario: Scenario, today: date):
    assert sum(device.orderable(today) for device in scenario.devices) >= 2_000


def test_the_report_adds_up_with_the_extract(scenario: Scenario):
    report = scenario.catalogue.report
    assert (report.read, report.packages_read, report.certificates_read) == (5_455, 799, 1_428)
    assert report.accepted == len(scenario.catalogue.devices) == 4_430
    assert report.faults[Fault.UNKNOWN_CLASS] == 1_025
    assert report.faults[Fault.PLACEHOLDER_NAME] == 6
    assert report.examples[Fault.ABSURD_DATE] == ["05051986011752 CE 668821: …2202-12-31"]


def test_article_numbers_are_short_readable_and_unique(scenario: Scenario):
    skus = [device.sku for device in scenario.catalogue.devices]
    assert len(set(skus)) == len(skus)
    assert all(re.fullmatch(r"[A-Z0-9]{2,4}-[A-Z0-9-]{1,17}", sku) and len(sku) <= 20 for sku in skus)


def test_article_numbers_do_not_depend_on_day_or_seed(scenario: Scenario, today: date):
    other = read_catalogue(today=today + timedelta(days=400), seed=99)
    assert [device.sku for device in other.devices] == [device.sku for device in scenario.catalogue.devices]


def test_every_device_has_a_valid_udi_and_both_names(scenario: Scenario):
    for device in scenario.catalogue.devices:
        assert valid_gtin(device.udi_di)
        assert CHINESE.search(device.name_zh), device
        assert re.search(r"[^\W\d_]{2}", device.name_en), device
        assert not re.search(r"(^|\|)\s*[a-z]{2}:\s", device.name_en), "a language mark was left over"


def test_categories_form_a_tree_that_holds_every_device(scenario: Scenario):
    categories = scenario.catalogue.categories
    assert all(not category.parent or category.parent in categories for category in categories.values())
    assert all(device.category in categories for device in scenario.devices)
    assert all(CHINESE.search(category.name_zh) for category in categories.values())


@pytest.mark.parametrize(
    ("device_class", "domestic", "number"),
    [
        ("I", True, r"[\u4e00-\u9fff]{2}械备20\d\d9\d{3}"),
        ("I", False, r"国械备20\d\d9\d{3}"),
        ("II", True, r"[\u4e00-\u9fff]械注准20\d\d2\d\d9\d{3}"),
        ("II", False, r"国械注进20\d\d2\d\d9\d{3}"),
        ("III", True, r"国械注准20\d\d3\d\d9\d{3}"),
        ("III", False, r"国械注进20\d\d3\d\d9\d{3}"),
    ],
)
def test_registration_numbers_have_the_legal_form_and_the_demo_serial(
    scenario: Scenario, device_class: str, domestic: bool, number: str
):
    found = [
        device.registration.number
        for device in scenario.catalogue.devices
        if (device.device_class, device.maker.domestic) == (device_class, domestic)
    ]
    assert all(re.fullmatch(number, text) for text in found)
    assert found or (device_class, domestic) == ("III", True)


def test_a_registration_number_belongs_to_one_family(scenario: Scenario):
    families: dict[str, set[str]] = {}
    for device in scenario.catalogue.devices:
        families.setdefault(device.registration.number, set()).add(f"{device.family}/{device.device_class}")
    assert all(len(members) == 1 for members in families.values())


def test_some_registrations_have_lapsed_and_some_soon_will(scenario: Scenario, today: date):
    ends = [device.registration.valid_to for device in scenario.devices if device.registration.valid_to]
    assert sum(end < today for end in ends) >= 3
    assert sum(today <= end <= today + timedelta(days=90) for end in ends) >= 10


def test_a_device_with_a_lapsed_registration_may_not_be_ordered(scenario: Scenario, today: date):
    device = next(device for device in scenario.devices if device.orderable(today))
    lapsed = Registration("国械注进20202149001", today - timedelta(days=1826), today - timedelta(days=1))
    assert not replace(device, registration=lapsed).orderable(today)
    assert not replace(device, on_market=False).orderable(today)


def test_a_class_one_filing_does_not_end(scenario: Scenario):
    assert all(
        (device.registration.valid_to is None) == (device.device_class == "I") for device in scenario.devices
    )


def test_implants_are_class_three(scenario: Scenario):
    assert all(device.device_class == "III" for device in scenario.catalogue.devices if device.implantable)


def test_pack_multiples_come_from_the_packaging(scenario: Scenario):
    packed = [device for device in scenario.catalogue.devices if device.pack_multiple > 1]
    assert len(packed) > 200
    assert all(device.pack_multiple == device.packages[0].quantity for device in packed)


def test_what_expires_is_kept_by_lot(scenario: Scenario):
    assert all(device.lot_controlled for device in scenario.catalogue.devices if device.expiry_controlled)


def test_no_family_takes_more_than_its_share_of_the_assortment(scenario: Scenario):
    families = Counter(device.family for device in scenario.devices)
    assert max(families.values()) < 0.02 * len(scenario.devices)
    assert len(families) == len({device.family for device in scenario.catalogue.devices})


def test_the_assortment_fills_the_size_asked_for():
    assert largest_limit([1, 5, 100], 20) == 14
    assert largest_limit([2, 2], 100) == 2


def test_a_smaller_assortment_stays_within_its_size(scenario: Scenario):
    assert 250 <= len(choose(scenario.catalogue.devices, 300)) <= 300


@pytest.mark.parametrize(
    ("raw", "price"),
    [
        ("0.10", "0.50"),
        ("7.20", "7.00"),
        ("7.38", "7.50"),
        ("7.80", "7.90"),
        ("7.97", "8.00"),
        ("123.45", "123.00"),
        ("123456", "123500.00"),
    ],
)
def test_list_prices_end_as_list_prices_do(raw: str, price: str):
    assert str(retail_rounded(Decimal(raw))) == price
