"""A programme over the past costs what it would have cost: what the engine makes of the same lines."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs import rebates as job
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.outbox import Effect
from portal.rebates import queries, simulate
from portal.rebates.ask_simulation import SIMULATE, ask_simulation
from portal.rebates.draft_programme import edit_programme
from portal.rebates.rules import OnTimeMode, PeriodKind
from portal.rebates.simulated_past import day_faults, days_before, terms_over
from portal.rebates.simulations import (
    Outcome,
    Simulation,
    outcome,
    simulated_dealers,
    simulation,
    simulations,
)
from portal.rebates.terms import AmendmentTerms, GrowthTerms, OnTimeTerms
from tests import cast
from tests.jobs.conftest import at_work  # noqa: F401 - a fixture
from tests.ledger.acts import paid
from tests.races import failures, together
from tests.rebates import acts
from tests.rebates.acts import percents
from tests.shipping.acts import picked, shipped

LAST = cast.TODAY - timedelta(days=1)
FIRST = LAST - timedelta(days=200)
DAYS = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
TIERS = percents(("0", "2"), ("150", "3.33"), ("300", "5"))


def asked(database, programme: int, *, person=acts.COLLEAGUE, **days: str) -> int:
    def act(session, actor):
        return ask_simulation(
            session, actor=actor, programme_id=programme, zone=cast.ZONE, at=cast.NOW, **(days or DAYS)
        )

    return acts.as_staff(database, person, act)


def carried_out(key: int) -> None:
    job.simulate(Effect(1, SIMULATE, None, {"simulation": key}, 1))


def shown(database, programme: int, *, person=acts.COLLEAGUE, place: int = 1) -> tuple[Simulation, Outcome]:
    def act(session, actor):
        of = queries.programme(session, actor=actor, programme_id=programme, today=cast.TODAY)
        found = simulation(session, actor=actor, programme=of, place=place)
        return found, outcome(session, simulation_id=found.id)

    return acts.as_staff(database, person, act)


@pytest.fixture
def bought(given, database):
    """Three dealers, in two areas, some months ago."""
    days = (FIRST + timedelta(days=5), LAST - timedelta(days=40))
    ordered = [
        (given.an_order({cast.gloves: 4 * place}, by=dealer.buyer).number, day)
        for place, dealer in enumerate((cast.huadong, cast.suzhou, cast.yuegang), start=1)
        for day in days
    ]
    ordered.append((given.an_order({cast.gauze: 3}).number, days[0]))
    for number, day in ordered:  # placed before anything is overdue
        shipped(database, picked(database, number, today=day).shipment_number, today=day)


KINDS = (
    {"tiers_of": TIERS, "period": PeriodKind.MONTH},
    {"tiers_of": TIERS, "period": PeriodKind.WHOLE, "growth": GrowthTerms(base_at_least=D(50))},
    {
        "tiers_of": TIERS,
        "on_time": OnTimeTerms(OnTimeMode.LATE_EXCLUDED, 300),
        "period": PeriodKind.QUARTER,
    },
)


@pytest.mark.usefixtures("bought", "at_work")
def test_it_costs_what_the_same_programme_pays(database, owner):
    """The programme of the past, published and reckoned, against the one that was simulated."""
    paid(database, "100.00")
    pairs = []
    for said in KINDS:
        programme, _ = acts.draft(database, acts.COLLEAGUE, regions=(), **said)
        carried_out(asked(database, programme))
        past = {"valid_from": FIRST, "valid_to": LAST, "title_en": "Past", **said}
        published, _ = acts.draft(database, acts.COLLEAGUE, regions=(), **past)
        acts.submit(database, published, person=acts.COLLEAGUE)
        acts.approve(database, published, person=cast.hq_finance)
        acts.publish(database, published, person=acts.COLLEAGUE)
        pairs.append((programme, published))
    acts.reckoned(database)
    sold = owner.execute(text("SELECT sum(gross) FROM invoice")).scalar_one()
    accrued = text("SELECT coalesce(sum(accrued), 0) FROM rebate_accrual WHERE programme_id = :id")
    for programme, published in pairs:
        found, told = shown(database, programme)
        assert (found.state, found.done, found.error) == ("done", found.total, "")
        assert told.accrued == owner.execute(accrued, {"id": published}).scalar_one() > 0
        for parts in (told.tiers, told.regions, told.products, told.months):
            assert sum(one.accrued for one in parts) == told.accrued
            assert sum(one.sold for one in parts) == told.sold == sold
        assert sum(one.dealers for one in told.tiers) == told.dealers


@pytest.mark.usefixtures("bought", "at_work")
def test_a_manager_sees_the_dealers_of_its_regions_and_no_dealer_sees_anything(database):
    programme, _ = acts.draft(database, acts.COLLEAGUE, regions=(), tiers_of=TIERS)
    carried_out(asked(database, programme))
    _, everything = shown(database, programme)
    _, theirs = shown(database, programme, person=acts.AUTHOR)
    assert 0 < theirs.accrued < everything.accrued and theirs.dealers < everything.dealers
    with transaction(database.session_for(acts.AUTHOR.actor())) as session:
        [key] = session.execute(
            text("SELECT id FROM rebate_simulation WHERE programme_id = :id"), {"id": programme}
        ).scalars()
        page = simulated_dealers(session, simulation_id=key)
    assert cast.yuegang.code not in {one.code for one in page.items}
    with database.dealer_session(cast.huadong.boss.actor()) as session:
        for table in ("rebate_simulation", "rebate_simulation_dealer"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    with transaction(database.session_for(cast.order_desk.actor())) as session, pytest.raises(Forbidden):
        actor = cast.order_desk.actor()
        of = queries.programme(session, actor=actor, programme_id=programme, today=cast.TODAY)
        simulations(session, actor=actor, programme=of)


@pytest.mark.usefixtures("bought", "at_work")
def test_a_killed_worker_is_followed_by_one_that_goes_on(database, owner, monkeypatch):
    monkeypatch.setattr(simulate, "DEALERS_AT_ONCE", 1)
    programme, _ = acts.draft(database, acts.COLLEAGUE, regions=(), tiers_of=TIERS)
    key = asked(database, programme)
    with transaction(database.system_session()) as session:
        assert simulate.take_up(session, simulation_id=key)
    with transaction(database.system_session()) as session:
        assert simulate.simulate_some(session, simulation_id=key, zone=cast.ZONE, at=cast.NOW)
    before = owner.execute(text("SELECT xmin::text FROM rebate_simulation_dealer")).scalars().all()
    carried_out(key)
    found, told = shown(database, programme)
    assert found.state == "done" and found.done == found.total > 1
    rows = owner.execute(text("SELECT xmin::text FROM rebate_simulation_dealer")).scalars().all()
    assert set(before) <= set(rows)
    carried_out(key)  # an effect may come twice
    assert shown(database, programme)[1] == told


@pytest.mark.usefixtures("bought", "at_work")
def test_two_workers_take_each_dealer_once(database, owner):
    programme, _ = acts.draft(database, acts.COLLEAGUE, regions=(), tiers_of=TIERS)
    key = asked(database, programme)
    assert together(3, lambda place: carried_out(key)) == [None] * 3
    found, told = shown(database, programme)
    assert (found.state, found.done) == ("done", found.total)
    assert told.dealers == owner.execute(text("SELECT count(*) FROM rebate_simulation_dealer")).scalar_one()


@pytest.mark.usefixtures("at_work")
def test_one_of_older_terms_says_so_and_a_submission_changes_nothing(database):
    programme, _ = acts.draft(database, acts.AUTHOR)
    carried_out(asked(database, programme))
    acts.submit(database, programme)
    assert shown(database, programme)[0].is_current
    again, _ = acts.draft(database, acts.AUTHOR)
    carried_out(asked(database, again))
    acts.as_staff(
        database,
        acts.AUTHOR,
        lambda session, actor: edit_programme(
            session, actor=actor, programme_id=again, revision=1, terms=acts.terms(tiers_of=TIERS)
        ),
    )
    assert not shown(database, again)[0].is_current


@pytest.mark.usefixtures("at_work")
def test_a_failure_is_told_and_another_may_be_asked_for(database, owner):
    programme, _ = acts.draft(database, acts.AUTHOR)
    key = asked(database, programme)
    owner.execute(
        text("UPDATE rebate_simulation SET terms = '{\"dealers\": []}' WHERE id = :id"), {"id": key}
    )
    carried_out(key)
    state = owner.execute(
        text("SELECT state, error FROM rebate_simulation WHERE id = :id"), {"id": key}
    ).one()
    assert state.state == "failed" and state.error
    assert asked(database, programme) > key


def test_only_what_is_not_released_is_simulated_one_at_a_time_by_who_answers_for_it(database):
    programme, _ = acts.draft(database, acts.AUTHOR)
    nation, _ = acts.draft(database, acts.COLLEAGUE, regions=())
    published, _ = acts.published(database)
    with pytest.raises(Conflict, match="programme_published"):
        asked(database, published)
    with pytest.raises(NotFound):
        asked(database, nation, person=acts.AUTHOR)
    with pytest.raises(NotFound):
        asked(database, 10**9)
    with pytest.raises(Forbidden):
        asked(database, programme, person=cast.order_desk)
    tries = together(3, lambda place: asked(database, programme))
    assert [type(one) for one in failures(tries)] == [Conflict] * 2
    with pytest.raises(Conflict, match="simulation_under_way"):
        asked(database, programme)


def test_the_database_knows_one_under_way_and_dealers_write_none(database, owner):
    programme, _ = acts.draft(database, acts.AUTHOR)
    asked(database, programme)
    copied = (
        "INSERT INTO rebate_simulation (programme_id, revision, terms, first_day, last_day, asked_by,"
        " asked_by_label, asked_at) SELECT programme_id, revision, terms, first_day, last_day, asked_by,"
        " asked_by_label, asked_at FROM rebate_simulation WHERE state = 'waiting'"
    )
    with pytest.raises(DBAPIError, match="uq_rebate_simulation_under_way"):
        owner.execute(text(copied))


@pytest.mark.parametrize(
    ("first", "last", "faults"),
    [
        ("2025-01-01", "", {"/to": "not_a_date"}),
        ("soon", "later", {"/from": "not_a_date", "/to": "not_a_date"}),
        ("2025-06-01", "2025-05-01", {"/to": "ends_before"}),
        ("2020-01-01", "2023-01-01", {"/from": "too_long"}),
        ("2025-01-01", "2099-01-01", {"/to": "not_past"}),
        ("\x00", "2025-05-01", {"/from": "not_a_date"}),
    ],
)
def test_days_that_are_none_are_refused_at_their_field(database, first, last, faults):
    programme, _ = acts.draft(database, acts.AUTHOR)
    with pytest.raises(Invalid) as refused:
        asked(database, programme, first=first, last=last)
    assert {one.pointer: one.code for one in refused.value.faults} == faults


TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("valid", "days"),
    [
        (("2026-10-01", "2026-12-31"), ("2025-10-01", "2025-12-31")),
        (("2028-02-01", "2028-02-29"), ("2026-02-01", "2026-02-28")),
        (("2027-01-01", "2028-12-31"), ("2024-01-01", "2025-12-31")),
        (("2020-01-01", "2030-12-31"), ("2024-01-01", "2025-12-31")),
    ],
)
def test_without_days_its_own_a_year_ago_or_as_many_as_it_takes(valid, days):
    first, last = days_before(*(date.fromisoformat(one) for one in valid), TODAY)
    assert (str(first), str(last)) == days
    assert day_faults(first, last, TODAY) == []


def test_what_changes_on_a_day_moves_along():
    said = acts.terms(
        valid_from=date(2026, 10, 1),
        valid_to=date(2026, 12, 31),
        amendments=(AmendmentTerms(date(2026, 11, 15), TIERS),),
    )
    a_year_ago = terms_over(said, date(2025, 10, 1), date(2025, 12, 31))
    assert a_year_ago.amendments[0].start == date(2025, 11, 15)
    elsewhere = terms_over(said, date(2025, 3, 1), date(2025, 4, 30))
    assert elsewhere.amendments[0].start == date(2025, 3, 1) + timedelta(days=45)
