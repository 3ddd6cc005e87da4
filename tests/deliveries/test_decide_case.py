"""Headquarters works on a case; the dealer is told, and nothing else moves."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.deliveries.rules import Outcome
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.deliveries.acts import decided, signed, taken_up
from tests.shipping.acts import account, audited, level, picked, shipped


@pytest.fixture
def case(given, database) -> str:
    """The number of a case: 2 of 15 units are short."""
    number = picked(database, given.an_order({cast.gauze: 15}).number).shipment_number
    shipped(database, number)
    return signed(database, number, (cast.gauze, "GZ-SHORT", 13, 0)).cases[0]


def row(owner):
    return owner.execute(text("SELECT * FROM delivery_case")).one()


@pytest.mark.parametrize("outcome", [*Outcome, None])
def test_a_case_is_decided_with_its_reason_and_the_dealer_is_told(case, database, owner, outcome):
    taken_up(database, case)
    assert decided(database, case, outcome, reason=" 少发两件 ") == ("settled" if outcome else "rejected")
    kept = row(owner)
    assert (kept.outcome, kept.reason, kept.decided_by) == (outcome, "少发两件", cast.order_desk.actor().key)
    assert kept.reviewed_by_label == kept.decided_by_label == cast.order_desk.display_name
    assert audited(owner, case) == [
        "delivery_case:opened",
        "delivery_case:taken_up",
        "delivery_case:settled" if outcome else "delivery_case:rejected",
    ]
    told = owner.execute(text("SELECT dealer_id, payload FROM outbox WHERE topic = 'delivery_case.decided'"))
    assert [tuple(one) for one in told] == [(cast.huadong.id, {"number": case})]


def test_a_decision_moves_neither_goods_nor_money(case, database, owner):
    before = level(owner, cast.gauze), account(owner)
    decided(database, case, Outcome.CREDIT)
    assert (level(owner, cast.gauze), account(owner)) == before


@pytest.mark.parametrize("act", [taken_up, decided, lambda *who: decided(*who, None)])
def test_a_decided_case_is_over(case, database, act):
    decided(database, case)
    with pytest.raises(Conflict):
        act(database, case)


def test_a_case_is_taken_up_once(case, database):
    taken_up(database, case)
    with pytest.raises(Conflict):
        taken_up(database, case)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_decision_has_a_reason(case, database, owner, reason):
    with pytest.raises(Invalid) as refusal:
        decided(database, case, reason=reason)
    assert [one.pointer for one in refusal.value.faults] == ["/reason"]
    assert row(owner).state == "open"


@pytest.mark.parametrize("person", [cast.huadong.boss, cast.hq_finance, cast.national_manager])
def test_nobody_decides_who_may_not(case, database, person):
    for act in (taken_up, decided):
        with pytest.raises(Forbidden):
            act(database, case, by=person)


def test_the_desk_of_another_region_does_not_know_the_case(case, database):
    for act in (taken_up, decided):
        with pytest.raises(NotFound):
            act(database, case, by=cast.south_desk)


def test_quality_may_decide_too(case, database):
    assert decided(database, case, by=cast.quality) == "settled"
