"""The job that carries out a settlement, for one dealer after another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from jobs import settlements
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.settlements.rules import is_beyond
from tests import cast
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_ENDS, published, reckoned
from tests.settlements.acts import a_note, decided, proposed, rows

LAST = clock.previous_period(clock.period_of(cast.TODAY))
SPENT = text(
    "INSERT INTO budget_use (dealer_id, document, budget_id, amount, state, changed_at)"
    " SELECT :dealer, :run, id, 0, 'spent', now() FROM rebate_budget WHERE programme_id IS NOT NULL"
    " ORDER BY id DESC LIMIT 1"
)


def test_a_dealer_that_is_refused_holds_nobody_else_up(given, database, owner, at_work):
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer, on=clock.last_day(LAST))
    days = {"valid_from": clock.first_day(LAST), "valid_to": MONTH_ENDS}
    _, number = published(database, budget=Decimal(9999), **days)
    reckoned(database)
    run = proposed(database, number, LAST)
    decided(database, run)
    state = text("SELECT state FROM rebate_run WHERE number = :run")
    with transaction(database.system_session()) as session:
        ensure_programme_pot(session, programme=number)
    owner.execute(SPENT, {"dealer": cast.huadong.id, "run": run})
    settlements.carry_out(run)
    assert not rows(owner) and rows(owner, cast.suzhou)
    assert owner.execute(state, {"run": run}).scalar_one() == "approved"
    owner.execute(text("DELETE FROM budget_use WHERE document = :run AND amount = 0"), {"run": run})
    settlements.carry_out(run)
    assert rows(owner) and len(rows(owner, cast.suzhou)) == 1
    assert owner.execute(state, {"run": run}).scalar_one() == "settled"


def test_a_settlement_that_comes_to_more_than_was_approved_stops_and_asks_again(
    given, database, owner, at_work
):
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer, on=clock.last_day(LAST))
    days = {"valid_from": clock.first_day(LAST), "valid_to": clock.last_day(LAST)}
    _, number = published(database, **days)
    reckoned(database)
    run = proposed(database, number, LAST)
    query = text("SELECT state, amount, decided_by, stopped_at FROM rebate_run WHERE number = :run")
    approved = owner.execute(query, {"run": run}).one()
    decided(database, run)
    delivered(given, database, {cast.gloves: 3}, to=cast.suzhou, on=clock.last_day(LAST))
    settlements.carry_out(run)
    assert rows(owner) and not rows(owner, cast.suzhou)
    stopped = owner.execute(query, {"run": run}).one()
    assert (stopped.state, stopped.decided_by) == ("proposed", None) and stopped.stopped_at
    settlements.carry_out(run)
    assert not rows(owner, cast.suzhou)
    reckoned(database)
    decided(database, run)
    settlements.carry_out(run)
    assert owner.execute(query, {"run": run}).one().state == "settled"
    paid = rows(owner)[0].paid + rows(owner, cast.suzhou)[0].paid
    assert paid == owner.execute(query, {"run": run}).one().amount > approved.amount


@pytest.mark.parametrize(
    ("given", "ceiling", "beyond"), [("101", "100", False), ("101.01", "100", True), ("9", None, False)]
)
def test_a_hundredth_more_than_was_approved_is_let_pass(given, ceiling, beyond):
    assert is_beyond(Decimal(given), ceiling and Decimal(ceiling)) == beyond


def test_the_job_prints_new_notes_once(database, owner, at_work):
    number = a_note(database)
    papers = text("SELECT count(*) FROM rebate_note_pdf WHERE number = :number")
    settlements.print_notes()
    settlements.print_notes()
    assert owner.execute(papers, {"number": number}).scalar_one() == 1
