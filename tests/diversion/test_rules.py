"""Who is asked about goods seen where they should not be, and who is left alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.diversion.rules import (
    Authorisation,
    Campus,
    Holder,
    Level,
    Permission,
    Rights,
    Sighting,
    Verdict,
    is_question,
    judge,
)

MAY, JUNE, JULY = date(2026, 5, 4), date(2026, 6, 4), date(2026, 7, 4)
HOLDER = Holder("D1", MAY, JUNE, JUNE, frozenset({"H1"}))
ACCUSED = Verdict(Level.ACCUSE, "D1")
WATCHED = Verdict(Level.WATCH)


def sighting(**said) -> Sighting:
    usual = {
        "at": JULY,
        "city": "3301",
        "hospital": "H9",
        "is_depot": False,
        "is_scanned": True,
        "accuracy_km": Decimal(0),
    }
    return Sighting(**usual | said)


def authorised(dealer: str = "D1", **said) -> Authorisation:
    usual = {"line": "CV", "city": "3301", "hospital": "", "valid_from": date(2026, 1, 1), "valid_to": None}
    return Authorisation(dealer, **usual | said)


def verdict(
    seen: Sighting | None = None, *, holders=(HOLDER,), rights=(), permissions=(), campuses=(), exists=True
):
    return judge(
        seen or sighting(),
        line="CV",
        exists=exists,
        holders=holders,
        permissions=permissions,
        campuses=campuses,
        rights=Rights(rights),
    )


def test_whoever_sold_where_it_may_not_is_named():
    assert verdict() == ACCUSED
    assert verdict(rights=[authorised(city="4401"), authorised("D2"), authorised(line="OR")]) == ACCUSED


def test_an_authorisation_of_the_day_of_sale_excuses():
    assert verdict(rights=[authorised()]) is None
    assert verdict(rights=[authorised(valid_to=JUNE)]) is None
    assert verdict(rights=[authorised(valid_from=JUNE)]) is None
    assert verdict(rights=[authorised(valid_to=date(2026, 6, 3))]) == ACCUSED
    assert verdict(rights=[authorised(valid_from=date(2026, 6, 5))]) == ACCUSED


def test_one_for_a_hospital_excuses_there_only():
    assert verdict(rights=[authorised(city="", hospital="H9")]) is None
    assert verdict(rights=[authorised(city="3301", hospital="H8")]) == ACCUSED


def test_what_was_bought_before_the_end_may_be_sold_off():
    ended = authorised(valid_to=date(2026, 5, 10), sell_off_days=25)
    assert verdict(rights=[ended]) is None
    assert verdict(rights=[authorised(valid_to=date(2026, 5, 10), sell_off_days=24)]) == ACCUSED
    later = Holder("D1", date(2026, 5, 11), JUNE, JUNE, frozenset({"H1"}))
    assert verdict(holders=[later], rights=[ended]) == ACCUSED


def test_a_sale_nobody_told_of_may_have_been_on_any_day_since_the_receipt():
    unknown = Holder("D1", MAY, MAY, JULY)
    assert verdict(holders=[unknown], rights=[authorised(valid_to=date(2026, 5, 10))]) is None
    assert verdict(holders=[unknown], rights=[authorised(valid_to=date(2026, 5, 3))]) == ACCUSED


def test_another_campus_of_the_hospital_it_was_sold_to_excuses():
    assert verdict(campuses=[Campus("H1", "4401")]) is None
    assert verdict(campuses=[Campus("H2", "4401")]) == ACCUSED


def test_a_sale_nobody_told_of_that_may_have_been_to_another_campus_names_nobody():
    unknown = Holder("D1", MAY, MAY, JULY)
    lawful = [authorised(city="4401")]
    assert verdict(holders=[unknown], rights=lawful, campuses=[Campus("H2", "4401")]) == WATCHED
    assert verdict(holders=[unknown], rights=lawful) == ACCUSED


def test_a_repair_depot_is_no_sale():
    assert verdict(sighting(is_depot=True)) is None


def permission(**said) -> Permission:
    usual = {
        "source": "D1",
        "target": "D2",
        "sku": "S",
        "lot": "L",
        "serial": "1",
        "approved_on": JUNE,
        "valid_to": JULY,
    }
    return Permission(**usual | said)


def test_a_permission_in_force_leads_to_a_dealer_who_may():
    assert verdict(rights=[authorised("D2")], permissions=[permission()]) is None
    for other in ({"valid_to": date(2026, 7, 3)}, {"approved_on": date(2026, 7, 5)}, {"source": "D3"}):
        assert verdict(rights=[authorised("D2")], permissions=[permission(**other)]) == ACCUSED


def test_where_a_permission_leaves_two_dealers_nobody_is_named():
    assert verdict(permissions=[permission()]) == WATCHED


@pytest.mark.parametrize("said", [{"is_scanned": False}, {"accuracy_km": Decimal("10.1")}])
def test_a_typed_code_or_a_vague_position_names_nobody(said):
    assert verdict(sighting(**said)) == WATCHED


def test_ten_kilometres_are_exact_enough():
    assert verdict(sighting(accuracy_km=Decimal(10))) == ACCUSED


def test_a_unit_that_does_not_exist_names_nobody():
    assert verdict(exists=False, holders=[]) == WATCHED


def test_a_lot_that_two_dealers_had_names_nobody():
    two = [HOLDER, Holder("D2", MAY, MAY, JULY)]
    assert verdict(holders=two) == WATCHED
    assert verdict(holders=two, rights=[authorised("D2")]) is None


@pytest.mark.parametrize(
    ("books", "reported", "asked"),
    [
        (50, 44, True),
        (50, 45, False),
        (60, 54, False),
        (61, 54, True),
        (6, 0, True),
        (5, 0, False),
        (50, 60, False),
    ],
)
def test_a_stock_report_is_a_question_where_it_is_short_by_a_tenth_and_five_units(books, reported, asked):
    assert is_question(books, reported) is asked
