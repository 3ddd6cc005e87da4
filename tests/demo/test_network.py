"""Dealers, their papers and people."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from stdnum.cn import uscc

from demo.scenario import Scenario
from demo.world.business_days import local_date
from demo.world.companies import organisation_check
from demo.world.network import HEADQUARTERS, build_dealers
from demo.world.regions import AREAS, DATA, SERVING_ORDER, WAREHOUSES, read_cities, read_provinces
from portal.kernel.printable import unprintable


def test_every_province_has_a_dealer(scenario: Scenario):
    assert {dealer.province for dealer in scenario.dealers} == set(read_provinces())
    assert len(scenario.dealers) == 200


def test_large_economies_have_more_dealers_than_small_ones(scenario: Scenario):
    dealers = Counter(dealer.province for dealer in scenario.dealers)
    assert dealers["44"] > 10 * dealers["54"]


def test_all_four_tiers_occur_in_their_shares(scenario: Scenario):
    assert Counter(dealer.tier for dealer in scenario.dealers) == {"S": 10, "A": 40, "B": 80, "C": 70}


def test_the_two_rivals_stand_in_different_regions_and_tiers(scenario: Scenario):
    first, second = scenario.dealers[:2]
    assert (first.province, first.tier, second.province, second.tier) == ("31", "S", "44", "B")
    assert first.area != second.area


def test_credit_codes_are_valid_and_unique(scenario: Scenario):
    codes = [dealer.credit_code for dealer in scenario.dealers]
    assert len(set(codes)) == len(codes)
    assert all(uscc.is_valid(code) for code in codes)
    assert all(code[16] == organisation_check(code[8:16]) for code in codes)


def test_the_check_character_of_an_organisation_code_is_the_standards_own():
    # The example printed in GB 11714, and two codes that large listed companies publish.
    assert organisation_check("D2143569") == "X"
    assert organisation_check("19220382") == "1"
    assert organisation_check("79965505") == "8"


def test_names_and_addresses_of_mail_are_unique(scenario: Scenario):
    names = [dealer.name_zh for dealer in scenario.dealers]
    mails = [person.email for dealer in scenario.dealers for person in dealer.users] + [
        person.email for person in HEADQUARTERS
    ]
    assert len(set(names)) == len(names)
    assert len(set(mails)) == len(mails)
    assert all(mail == mail.lower() and mail.endswith(".example") for mail in mails)


def test_every_dealer_has_a_buyer_and_the_first_ones_all_roles(scenario: Scenario):
    roles = [{person.role for person in dealer.users} for dealer in scenario.dealers]
    assert all("dealer_buyer" in held for held in roles)
    assert all(len(held) == 4 for held in roles[:8])


def test_headquarters_has_every_role_and_managers_of_single_areas():
    office = {"channel_manager", "order_desk", "hq_finance", "quality", "administrator"}
    assert office | {"service_desk", "technician"} == {person.role for person in HEADQUARTERS}
    scoped = [person for person in HEADQUARTERS if person.areas]
    assert len(scoped) == 3 and all(area in AREAS for person in scoped for area in person.areas)


def test_class_one_needs_no_paper_and_class_three_a_licence_in_force(scenario: Scenario, today: date):
    without = next(dealer for dealer in scenario.dealers if len(dealer.licences) == 1)
    assert without.may_deal("I", "M0404", today)
    assert without.may_deal("II", "M0404", today)
    assert not without.may_deal("III", "M0404", today)


def test_a_licence_limited_in_scope_covers_no_other_category(scenario: Scenario, today: date):
    limited = next(
        paper for dealer in scenario.dealers for paper in dealer.licences if paper.categories == ("W",)
    )
    day = max(limited.valid_from, min(today, limited.valid_to or today))
    assert limited.covers("III", "W0101", day)
    assert not limited.covers("III", "M0404", day)
    assert not limited.covers("III", "W0101", (limited.valid_to or today) + timedelta(days=1))


def test_a_few_licences_have_lapsed_and_a_few_soon_will(scenario: Scenario, today: date):
    ends = [paper.valid_to for dealer in scenario.dealers for paper in dealer.licences if paper.valid_to]
    assert 2 <= sum(end < today for end in ends) <= 20
    assert 4 <= sum(today <= end <= today + timedelta(days=90) for end in ends) <= 30


def test_licence_numbers_name_province_and_year(scenario: Scenario):
    numbers = [paper.number for dealer in scenario.dealers for paper in dealer.licences]
    assert len(set(numbers)) == len(numbers)
    assert all(
        re.fullmatch(r"[\u4e00-\u9fff]{2}药监械经营[备许]20\d{2}\d{4}号", number) for number in numbers
    )


def test_a_dealer_is_served_by_its_own_areas_warehouse_first(scenario: Scenario):
    assert all(WAREHOUSES[dealer.warehouses[0]].area == dealer.area for dealer in scenario.dealers)


def test_every_area_has_two_neighbours_that_help_out():
    assert SERVING_ORDER.keys() == AREAS.keys()
    for area, order in SERVING_ORDER.items():
        assert order[0] == area and len(order) == len(set(order)) == 3 and set(order) <= AREAS.keys()


def test_provinces_are_those_of_the_official_division():
    with (DATA / "provinces.csv").open(encoding="utf-8", newline="") as file:
        official = {row["code"]: row["name"] for row in csv.DictReader(file)}
    assert {code: province.name_zh for code, province in read_provinces().items()} == official


def test_municipalities_are_cities_and_pseudo_names_are_none():
    cities = read_cities()
    assert [city.name_zh for city in cities["11"]] == ["北京市"]
    assert not [city for found in cities.values() for city in found if city.name_zh in ("市辖区", "县")]
    assert all(found for found in cities.values())


@pytest.mark.parametrize("count", [40, 317, 1_000])
def test_any_number_of_dealers_covers_every_province(count: int, today: date):
    dealers = build_dealers(today=today, count=count)
    assert len(dealers) == count
    assert len({dealer.province for dealer in dealers}) == 31


def test_the_same_seed_gives_the_same_dealers_and_another_seed_others(scenario: Scenario, today: date):
    assert build_dealers(today=today, seed=1) == scenario.dealers
    assert build_dealers(today=today, seed=2) != scenario.dealers


def test_everything_that_is_named_can_be_printed(scenario: Scenario):
    named = [
        text
        for dealer in scenario.dealers
        for text in (
            dealer.name_zh,
            dealer.name_en,
            dealer.city,
            dealer.address,
            dealer.contact,
            *(person.name for person in dealer.users),
            *(part for place in dealer.addresses for part in (place.line, place.contact)),
        )
    ]
    for device in scenario.devices:
        named += [device.name_zh, device.name_en, device.specification, device.unit_zh, device.maker.name]
    assert {text: unprintable(text) for text in named if unprintable(text)} == {}


def test_some_dealers_had_another_tier_within_two_years(scenario: Scenario):
    changed = [dealer for dealer in scenario.dealers if len(dealer.tiers) > 1]
    assert 20 <= len(changed) <= 60
    assert not {dealer.index for dealer in changed} & {0, 1}
    for dealer in changed:
        (since, before), (changed_on, now) = dealer.tiers
        assert since == dealer.since < changed_on <= local_date(scenario.now)
        assert before != now == dealer.tier
        assert dealer.tier_on(changed_on - timedelta(days=1)) == before
        assert dealer.tier_on(changed_on) == now == dealer.tier_on(date.max)
