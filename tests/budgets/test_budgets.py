"""A pot is proposed by one person and agreed by another; its amount follows the same way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.budgets.cockpit import budget
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.budgets import acts
from tests.budgets.acts import figures
from tests.races import failures, together
from tests.rebates.acts import percents, published, published_for_all


def test_a_pot_holds_nothing_until_another_person_agrees(given, database):
    number = acts.proposed(database)
    assert figures(database, number) == ("0.00", "0.00", "0.00")
    with pytest.raises(Forbidden):
        acts.agreed(database, number, person=acts.PROPOSER)
    acts.agreed(database, number)
    assert figures(database, number) == ("1000.00", "0.00", "0.00")
    with pytest.raises(Conflict) as refusal:
        acts.agreed(database, number)
    assert refusal.value.code == "nothing_waits"


def test_the_database_holds_that_who_proposes_does_not_agree(given, database, owner):
    acts.proposed(database)
    with pytest.raises(IntegrityError, match="ck_budget_proposal_other_person"):
        owner.execute(
            text(
                "UPDATE budget_proposal SET state = 'approved', decided_by = proposed_by, decided_at = now()"
            )
        )


def test_what_was_decided_never_changes(given, database, owner):
    acts.open_pot(database)
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text("UPDATE budget_proposal SET amount = 1"))
    assert refusal.value.orig.sqlstate == "TL051"


def test_a_refused_pot_is_never_drawn_on(given, database):
    number = acts.proposed(database)
    with pytest.raises(Invalid):
        acts.refused_pot(database, number, reason=" ")
    acts.refused_pot(database, number)
    with pytest.raises(Conflict):
        acts.other_amount(database, number, "5.00")
    with pytest.raises(Invalid) as refusal:
        acts.approved(database, acts.planned(database), number)
    assert refusal.value.faults[0].code == "unknown_budget"


def test_an_amount_is_raised_and_lowered_but_never_below_what_is_held(given, database):
    number = acts.open_pot(database)
    acts.open_activity(database, number, "400.00")
    with pytest.raises(Invalid) as refusal:
        acts.other_amount(database, number, "399.99")
    assert refusal.value.faults[0].pointer == "/amount"
    acts.other_amount(database, number, "400.00")
    with pytest.raises(Conflict) as refusal:
        acts.other_amount(database, number, "2000.00")
    assert refusal.value.code == "proposal_waits"
    acts.agreed(database, number)
    assert figures(database, number) == ("400.00", "400.00", "0.00")
    acts.other_amount(database, number, "401.00")
    acts.refused_pot(database, number)
    assert figures(database, number) == ("400.00", "400.00", "0.00")


def test_a_lower_amount_is_not_agreed_once_more_is_held(given, database):
    number = acts.open_pot(database)
    acts.other_amount(database, number, "300.00")
    acts.open_activity(database, number, "400.00")
    with pytest.raises(Conflict) as refusal:
        acts.agreed(database, number)
    assert refusal.value.code == "budget_below"


def test_a_regions_manager_proposes_for_that_region_only(given, database):
    with pytest.raises(Invalid) as refusal:
        acts.proposed(database, person=cast.east_manager)
    assert refusal.value.faults[0].code == "outside_region"
    with pytest.raises(Invalid) as refusal:
        acts.proposed(database, person=cast.east_manager, region="nowhere")
    assert refusal.value.faults[0].code == "unknown_region"
    number = acts.proposed(database, person=cast.east_manager, region="east")
    with pytest.raises(NotFound):
        acts.agreed(database, number, person=cast.south_manager)
    acts.agreed(database, number)


def test_a_programmes_own_budget_becomes_its_pot_once(given, database):
    _, number = published(database, tiers_of=percents(("0", "2")), budget=acts.D("500.00"))
    _, unlimited = published(database, tiers_of=percents(("0", "2")))

    def ask(_place=0, programme=number):
        with transaction(database.staff_session(acts.COLLEAGUE.actor())) as session:
            return ensure_programme_pot(session, programme=programme)

    outcomes = together(3, ask)
    assert not failures(outcomes) and len(set(outcomes)) == 1
    assert ask(programme=unlimited) is None and ask(programme="FL-NONE") is None
    with pytest.raises(Invalid) as refusal:
        acts.proposed(database, kind="programme", programme=number)
    assert refusal.value.faults[0].code == "has_budget"


def test_a_programme_without_a_budget_is_given_a_pot(given, database):
    _, number = published(database, tiers_of=percents(("0", "2")))
    with pytest.raises(Invalid) as refusal:
        acts.proposed(database, kind="programme", programme="FL-NONE")
    assert refusal.value.faults[0].code == "unknown_programme"
    made = acts.open_pot(database, kind="programme", programme=number, amount=acts.D("70.00"))
    acts.reserve(database, "CL-1", "70.00", programme=number)
    assert figures(database, made) == ("70.00", "70.00", "0.00")


def test_every_fault_of_a_pot_is_told_at_once(given, database):
    wrong = replace(acts.pot(), title_zh="", amount=None, region="nowhere", programme="FL-NONE")
    with pytest.raises(Invalid) as refusal:
        acts.by(
            database,
            acts.PROPOSER,
            lambda session, actor: acts.propose_budget(
                session, actor=actor, pot=wrong, today=cast.TODAY, at=cast.NOW
            ),
        )
    assert {one.pointer for one in refusal.value.faults} == {"/title_zh", "/amount", "/region", "/programme"}


def test_a_budget_of_a_programme_is_of_its_region_and_proposed_by_who_answers_for_it(database):
    _, national = published_for_all(database)
    _, eastern = published(database)

    def refused(number, person, region=""):
        with pytest.raises(Invalid) as refusal:
            acts.proposed(database, person=person, kind="programme", programme=number, region=region)
        return [(fault.pointer, fault.code) for fault in refusal.value.faults]

    unknown = ("/programme", "unknown_programme")
    assert refused(eastern, cast.south_manager, "south") == [unknown]
    assert refused(national, cast.east_manager, "east") == [unknown]
    assert refused("FL-NONE", cast.east_manager, "east") == [unknown]
    assert refused(eastern, cast.hq_finance, "south") == [("/region", "other_region")]
    made = acts.proposed(database, person=cast.east_manager, kind="programme", programme=eastern)

    def seen(session, actor):
        return budget(session, actor=actor, number=made, today=cast.TODAY)

    assert acts.by(database, cast.east_manager, seen).row.region_en
