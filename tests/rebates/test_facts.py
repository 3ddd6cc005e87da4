"""Facts about dealers: stated with evidence by one, confirmed by another, and what they do to a rebate."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.files.store import FolderStore
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.rebates.fact_faults import Stated, fact_faults
from portal.rebates.facts import fact_of, facts, require_fact_reader
from portal.rebates.rules import FactKind
from portal.rebates.state_fact import confirm_fact, refuse_fact, state_fact
from tests import cast
from tests.dealerstock.acts import counted, reported
from tests.files.acts import upload
from tests.ledger.acts import delivered
from tests.races import failures, together
from tests.rebates.acts import (
    AUTHOR,
    COLLEAGUE,
    a_fact,
    as_staff,
    earned_by,
    published,
    reckoned,
)

DAY = timedelta(days=1)


def stated(**said) -> Stated:
    usual = {
        "dealer": cast.huadong.code,
        "kind": FactKind.NO_DIVERSION_CASE,
        "holds": False,
        "from_day": cast.TODAY,
        "to_day": None,
        "reason": "Lot GZ-FRESH was found in Guangdong",
        "files": ("FI2611-00000000A",),
    }
    return Stated(**usual | said)


@pytest.fixture
def state(database, tmp_path):
    """State a fact with a file of its own, as somebody, committed; its number."""
    return partial(a_fact, database, tmp_path)


def confirm(database, number: str, person=COLLEAGUE) -> None:
    as_staff(
        database,
        person,
        lambda session, actor: confirm_fact(session, actor=actor, number=number, at=cast.NOW),
    )


def test_a_confirmed_case_takes_the_rebate_and_its_end_gives_it_back(given, database, state):
    delivered(given, database, {cast.gauze: 50})
    _, asks = published(database, no_diversion_case=True)
    _, does_not = published(database)
    reckoned(database)
    before = earned_by(database, asks).accrued
    assert before > 0
    case = state()
    assert reckoned(database) == 0, "what one person says counts for nothing"
    confirm(database, case)
    assert reckoned(database) == 1, "the dealer alone is reckoned"
    found = earned_by(database, asks)
    assert (found.accrued, found.unmet) == (0, ("no_diversion_case",))
    assert found.why == {"no_diversion_case": ["Lot GZ-FRESH was found in Guangdong"]}
    assert earned_by(database, does_not).accrued == before
    confirm(database, state(holds=True, reason="it was our own mistake"))
    reckoned(database)
    assert (earned_by(database, asks).accrued, earned_by(database, asks).why) == (before, {})


def test_a_rivals_case_changes_nothing(given, database, state):
    delivered(given, database, {cast.gauze: 50})
    _, number = published(database, no_diversion_case=True)
    confirm(database, state(person=cast.national_manager, dealer=cast.yuegang.code), cast.hq_finance)
    reckoned(database)
    assert earned_by(database, number).accrued > 0


def test_stock_that_was_not_reported_in_time_takes_the_rebate(given, database):
    delivered(given, database, {cast.gloves: 50})
    _, number = published(database, valid_to=cast.TODAY, inventory_reports=5)
    reckoned(database, today=cast.TODAY + 5 * DAY)
    assert earned_by(database, number).accrued > 0, "it is not due yet"
    reckoned(database, today=cast.TODAY + 6 * DAY)
    found = earned_by(database, number)
    assert (found.accrued, found.why) == (0, {"inventory_reports": [str(cast.TODAY)]})
    reported(database, [counted(cast.gloves.sku, "NOBODY", 1)])
    reckoned(database, today=cast.TODAY + 6 * DAY)
    assert earned_by(database, number).accrued == 0, "a lot that it never had says nothing of its stock"
    reported(database, [counted(cast.gloves.sku, cast.gloves_lot.lot_no, 1)])
    assert reckoned(database, today=cast.TODAY + 6 * DAY) == 1, "the dealer alone is reckoned"
    assert earned_by(database, number).accrued > 0


def test_who_stated_it_does_not_confirm_it(database, state):
    number = state()
    with pytest.raises(Forbidden):
        confirm(database, number, AUTHOR)
    confirm(database, number, cast.hq_finance)
    with pytest.raises(Conflict):
        confirm(database, number, COLLEAGUE)


def test_a_refused_fact_never_counts(given, database, owner, state):
    delivered(given, database, {cast.gauze: 50})
    _, programme = published(database, no_diversion_case=True)
    number = state()
    with pytest.raises(Invalid):
        as_staff(
            database,
            COLLEAGUE,
            lambda session, actor: refuse_fact(session, actor=actor, number=number, reason=" ", at=cast.NOW),
        )
    as_staff(
        database,
        COLLEAGUE,
        lambda session, actor: refuse_fact(
            session, actor=actor, number=number, reason="no evidence of it", at=cast.NOW
        ),
    )
    reckoned(database)
    assert earned_by(database, programme).accrued > 0
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("UPDATE rebate_fact SET state = 'confirmed'"))


def test_of_two_who_decide_at_once_one_does(database, owner, state):
    number = state()
    people = (COLLEAGUE, cast.hq_finance)
    [refusal] = failures(together(2, lambda place: confirm(database, number, people[place])))
    assert isinstance(refusal, Conflict)
    assert owner.execute(text("SELECT state FROM rebate_fact")).scalar_one() == "confirmed"


def test_the_database_holds_that_another_person_confirms_it(database, owner, state):
    state()
    with pytest.raises(DBAPIError, match="other_person"):
        owner.execute(
            text("UPDATE rebate_fact SET state = 'confirmed', decided_by = stated_by, decided_at = now()")
        )


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({}, set()),
        (
            {"from_day": None, "kind": None, "reason": " ", "files": ()},
            {"/from", "/kind", "/reason", "/files"},
        ),
        ({"from_day": cast.TODAY + DAY}, {"/from"}),
        ({"to_day": cast.TODAY - DAY}, {"/to"}),
        ({"to_day": cast.TODAY}, set()),
        ({"reason": "x" * 501}, {"/reason"}),
        ({"files": ("F",) * 21}, {"/files"}),
    ],
)
def test_every_fault_is_told_beside_its_field(said, faults):
    assert {one.pointer for one in fact_faults(stated(**said), cast.TODAY)} == faults


def test_of_whom_it_may_be_stated(state):
    for dealer in ("nobody", cast.yuegang.code, ""):
        with pytest.raises(Invalid) as refusal:
            state(dealer=dealer)
        assert [one.code for one in refusal.value.faults] == ["unknown_dealer"]
    with pytest.raises(Forbidden):
        state(person=cast.hq_finance)


def test_evidence_is_for_who_answers_for_the_dealer(database, state):
    number = state()
    for person in (AUTHOR, COLLEAGUE):
        actor = person.actor()
        with database.staff_session(actor) as session:
            require_fact_reader(session, actor, number)
            assert [one.number for one in facts(session, actor=actor).items] == [number]
    south = cast.south_manager.actor()
    with database.staff_session(south) as session:
        assert not facts(session, actor=south).items
        with pytest.raises(NotFound):
            fact_of(session, actor=south, number=number)
    for own in (cast.huadong.buyer, cast.yuegang.buyer):
        actor = own.actor()
        with database.dealer_session(actor) as session, pytest.raises(NotFound):
            require_fact_reader(session, actor, number)


def test_a_file_is_evidence_of_one_fact_only(database, tmp_path):
    file = upload(database, FolderStore(tmp_path), AUTHOR.actor()).id

    def act():
        return as_staff(
            database,
            AUTHOR,
            lambda session, actor: state_fact(
                session, actor=actor, stated=stated(files=(file,)), zone=cast.ZONE, at=cast.NOW
            ),
        )

    act()
    with pytest.raises(Invalid) as refusal:
        act()
    assert refusal.value.faults[0].pointer == "/files/0"
