"""Warranties by dated rules: months as the Civil Code counts them, the closest rule, the latest beginning."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies

from portal.devices.warranty_rules import (
    NO_WARRANTY,
    Warranty,
    WarrantyBasis,
    WarrantyRule,
    WarrantyStand,
    months_after,
    rule_for,
    stand_of,
    warranty_of,
)

DAYS = strategies.dates(date(2000, 1, 1), date(2100, 1, 1))
MONTHS = strategies.integers(1, 240)
SHIPPED = date(2026, 1, 31)


def a_rule(rule_id: int = 1, **said) -> WarrantyRule:
    usual = {
        "product_id": None,
        "category_code": None,
        "months": 12,
        "starts": WarrantyBasis.INSTALLATION,
        "latest_months": 3,
        "valid_from": date(2020, 1, 1),
    }
    return WarrantyRule(rule_id, **usual | said)


@pytest.mark.parametrize(
    ("day", "months", "ends"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 27), 2, date(2027, 1, 27)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_a_term_ends_with_the_corresponding_day_or_the_months_last(day, months, ends):
    assert months_after(day, months) == ends


@given(DAYS, MONTHS)
def test_a_term_is_never_a_month_too_long_or_too_short(day, months):
    ends = months_after(day, months)
    assert (ends.year - day.year) * 12 + ends.month - day.month == months
    assert ends.day == day.day or (ends + timedelta(days=1)).day == 1


@given(DAYS, strategies.none() | DAYS, MONTHS, MONTHS, strategies.sampled_from(WarrantyBasis))
def test_to_install_earlier_never_ends_a_warranty_later(shipped, installed, months, latest, starts):
    rule = a_rule(months=months, latest_months=latest, starts=starts)
    found = warranty_of(rule, shipped_on=shipped, installed_on=installed)
    without = warranty_of(rule, shipped_on=shipped, installed_on=None)
    assert found.first and found.last and without.first and without.last
    assert found.first <= without.first and found.last <= without.last
    assert found.first <= months_after(shipped, latest)
    assert found.last == months_after(found.first, months)


def test_an_installation_begins_it_and_at_the_latest_the_third_month_after_shipment():
    told = [
        warranty_of(a_rule(), shipped_on=SHIPPED, installed_on=day)
        for day in (date(2026, 2, 10), date(2026, 9, 1), None)
    ]
    begins_late = Warranty(date(2026, 4, 30), date(2027, 4, 30))
    assert told == [Warranty(date(2026, 2, 10), date(2027, 2, 10)), begins_late, begins_late]


def test_by_shipment_the_installation_says_nothing_unless_the_shipment_is_unknown():
    rule = a_rule(starts=WarrantyBasis.SHIPMENT)
    day = date(2026, 3, 1)
    assert warranty_of(rule, shipped_on=SHIPPED, installed_on=day).first == SHIPPED
    assert warranty_of(rule, shipped_on=None, installed_on=day).first == day
    assert warranty_of(rule, shipped_on=None, installed_on=None) == NO_WARRANTY
    assert warranty_of(a_rule(months=0), shipped_on=SHIPPED, installed_on=None) == NO_WARRANTY
    assert warranty_of(None, shipped_on=SHIPPED, installed_on=day) == NO_WARRANTY


def test_the_closest_rule_holds_and_of_one_subject_the_newest_that_was_in_force():
    everything = a_rule(1)
    line, below = a_rule(2, category_code="P"), a_rule(3, category_code="P07")
    product, later = a_rule(4, product_id=7), a_rule(5, product_id=7, valid_from=date(2026, 6, 1))
    rules = [later, product, below, line, everything]

    def of(product_id, category, on=date(2026, 1, 1)):
        found = rule_for(rules, product_id=product_id, category_code=category, on=on)
        return found and found.id

    assert of(7, "P07") == 4 and of(7, "P07", date(2026, 6, 1)) == 5
    assert (of(8, "P07"), of(8, "P08"), of(8, "T01")) == (3, 2, 1)
    assert of(7, "P07", date(2019, 12, 31)) is None


@pytest.mark.parametrize(
    ("warranty", "contract_to", "stand"),
    [
        (Warranty(date(2026, 1, 1), date(2026, 12, 31)), None, WarrantyStand.COVERED),
        (Warranty(date(2025, 1, 1), date(2025, 12, 31)), date(2026, 12, 31), WarrantyStand.CONTRACT),
        (Warranty(date(2025, 1, 1), date(2025, 12, 31)), date(2026, 5, 31), WarrantyStand.EXPIRED),
        (Warranty(date(2027, 1, 1), date(2027, 12, 31)), None, WarrantyStand.PENDING),
        (NO_WARRANTY, None, WarrantyStand.UNKNOWN),
    ],
)
def test_how_a_device_stands_on_a_day(warranty, contract_to, stand):
    assert stand_of(warranty, contract_to, on=date(2026, 6, 1)) is stand
