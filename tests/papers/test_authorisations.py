"""Headquarters authorises a dealer by two people; orders ask what was approved."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.papers import acts
from tests.papers.acts import TODAY, day
from tests.races import failures, together


def counts(owner) -> list[tuple[object, ...]]:
    """Authorisations that an order asks and that were approved here."""
    rows = owner.execute(
        text(
            "SELECT region_id, valid_from, valid_to, category_codes, hospitals FROM dealer_authorisation"
            " WHERE authorisation_id IS NOT NULL ORDER BY id"
        )
    )
    return [tuple(row) for row in rows]


def test_an_authorisation_counts_once_another_person_approved(given, database, owner):
    number = acts.proposed(database, category_codes=("P07",), hospitals=("H1", "H2"))
    assert counts(owner) == []
    with pytest.raises(Forbidden):
        acts.approved(database, number, acts.PROPOSER)
    acts.approved(database, number)
    assert counts(owner) == [(cast.shanghai.id, TODAY, day(366), ["P07"], ["H1", "H2"])]
    assert acts.authorisation(database, number).state == "in_force"


def test_a_rejected_one_counts_nowhere(given, database, owner):
    number = acts.proposed(database)
    with pytest.raises(Invalid):
        acts.rejected(database, number, "")
    acts.rejected(database, number)
    with pytest.raises(Conflict):
        acts.approved(database, number)
    assert counts(owner) == []


def test_it_is_ended_early_with_a_reason(given, database, owner):
    number = acts.proposed(database)
    acts.approved(database, number)
    with pytest.raises(Invalid) as refusal:
        acts.ended(database, number, day(-2), " ")
    assert {one.pointer for one in refusal.value.faults} == {"/ended_on", "/reason"}
    acts.ended(database, number, day(5))
    assert [row[2] for row in counts(owner)] == [day(6)]
    later = acts.proposed(database, valid_from=day(10))
    acts.approved(database, later)
    acts.ended(database, later, day(3))
    assert len(counts(owner)) == 1, "what ends before it began never counted"


def test_two_who_decide_decide_once(given, database, owner):
    number = acts.proposed(database)
    people = (acts.APPROVER, acts.REVIEWER, cast.national_colleague)
    outcomes = together(
        3,
        lambda place: (
            acts.rejected(database, number, person=people[place])
            if place == 2
            else acts.approved(database, number, people[place])
        ),
    )
    assert [type(one).__name__ for one in failures(outcomes)] == ["Conflict", "Conflict"]
    assert len(counts(owner)) <= 1


def test_a_manager_proposes_for_own_dealers_and_regions_only(given, database):
    for said, pointer in (({"region": "44"}, "/region"), ({"dealer": "yuegang"}, "/dealer")):
        with pytest.raises(Invalid) as refusal:
            acts.proposed(database, **said)
        assert [one.pointer for one in refusal.value.faults] == [pointer]


def test_a_rival_and_a_manager_of_other_regions_see_nothing(given, database):
    number = acts.proposed(database)
    for person in (cast.yuegang.boss, cast.suzhou.boss, cast.south_manager):
        with pytest.raises(NotFound):
            acts.authorisation(database, number, person)
    assert acts.authorisation(database, number, cast.huadong.boss).number == number


@pytest.mark.parametrize(
    ("said", "overlapping"),
    [
        ({}, ["suzhou"]),
        ({"region": "east"}, ["suzhou"]),
        ({"region": "31"}, []),
        ({"category_codes": ("P07",)}, ["suzhou"]),
        ({"category_codes": ("A02",)}, []),
        ({"hospitals": ("H2",)}, []),
        ({"hospitals": ("H1", "H3")}, ["suzhou"]),
        ({"valid_from": day(400), "valid_to": day(500)}, []),
    ],
)
def test_an_overlap_with_an_exclusive_one_is_told(given, database, said, overlapping):
    acts.proposed(
        database,
        dealer="suzhou",
        region="32",
        category_codes=("P",),
        hospitals=("H1",),
        is_exclusive=True,
    )
    number = acts.proposed(database, **{"region": "32"} | said)
    assert acts.overlaps(database, number) == overlapping


def test_an_overlap_is_told_to_nobody_beyond_their_reach(given, database):
    acts.approved(database, acts.proposed(database, is_exclusive=True))
    other = acts.proposed(database, acts.APPROVER, dealer="yuegang", region="31")
    assert acts.overlaps(database, other) == ["huadong"]
    assert acts.overlaps(database, other, cast.south_manager) == []
    assert acts.overlaps(database, other, cast.yuegang.boss) == []
