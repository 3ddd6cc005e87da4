"""A claim and a run over the same period and budget, at the same moment."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from sqlalchemy import text

from tests.checks.acts import found
from tests.claims.acts import LAST_MONTH, a_programme, claimed, decided, drafted, of_period, submitted
from tests.races import together
from tests.settlements import acts as runs


@pytest.mark.parametrize("budget", [None, D("20")])
def test_a_decision_and_a_run_at_once_pay_a_period_once(given, database, owner, budget):
    programme = a_programme(given, database, budget=budget)
    number = claimed(database, of_period(programme))
    run = runs.proposed(database, programme, LAST_MONTH)
    runs.decided(database, run)
    together(
        2, lambda place: (lambda: decided(database, number), lambda: runs.carried_out(database, run))[place]()
    )
    assert sum(row.paid for row in runs.rows(owner)) == D("16.00")
    assert not found(database)


def test_a_submission_and_a_run_at_once_never_draw_more_than_the_budget(given, database, owner):
    programme = a_programme(given, database, budget=D("20"))
    number = drafted(database, of_period(programme)).number
    run = runs.proposed(database, programme, LAST_MONTH)
    runs.decided(database, run)
    together(
        2,
        lambda place: (lambda: submitted(database, number), lambda: runs.carried_out(database, run))[place](),
    )
    query = text(
        "SELECT spent, reserved, amount FROM rebate_budget WHERE programme_id IS NOT NULL ORDER BY id DESC"
    )
    spent, held, amount = owner.execute(query).first()
    assert spent + held <= amount == 20
    assert sum(row.cut for row in runs.rows(owner)) == 0 and not found(database)
