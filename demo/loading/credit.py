"""Limits and terms with their history, letters of every level, and a dealer on the stop list."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.loading.books import company
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import FULLY_STAFFED
from portal.credit.decide_change import approve_change, reject_change
from portal.credit.propose_change import propose_change
from portal.credit.rules import ChangeKind, Proposed
from portal.credit.stop_dealer import end_stop, stop_dealer
from portal.dunning.decide_run import release_run
from portal.dunning.policy import policy_in_force, set_policy
from portal.dunning.propose_run import propose_run
from portal.dunning.rules import LetterState, Policy
from portal.dunning.send_letter import send_letter
from portal.kernel.actor import SYSTEM
from portal.kernel.money import to_fen

RUNS = (30, 16, 2)  # days ago; the next is left to be reviewed
LETTERS = 12  # sent of each run
DAYS = (3, 10, 16)  # overdue, of each level
STOPPED = FULLY_STAFFED

_LIMIT = text("SELECT credit_limit FROM dealer_account WHERE dealer_id = :dealer_id")
_OF_RUN = text(
    """
    SELECT l.number FROM dunning_letter l JOIN dunning_run r ON r.id = l.run_id
     WHERE r.number = :run ORDER BY l.dealer_id LIMIT :most
    """
)
_BEFORE = text("UPDATE dealer_account SET credit_limit = :amount WHERE dealer_id = :dealer_id")


def agree_and_demand(connection: psycopg.Connection, scenario: Scenario) -> None:
    """As headquarters' finance: one proposes, the other approves."""
    with acting(connection) as people:
        _agree(people, scenario)
        _demand(people, scenario)
        _stop(people, scenario)


def _agree(people: Acting, scenario: Scenario) -> None:
    """The first dealers have a raised limit, the next one a raise for a month; others wait for a decision."""
    for dealer_id in (1, 2, 3):
        limit: Decimal = people.session.execute(_LIMIT, {"dealer_id": dealer_id}).scalar_one()
        before = to_fen(limit * Decimal("0.80"))
        people.session.execute(_BEFORE, {"dealer_id": dealer_id, "amount": before})
        _propose(
            people, scenario, dealer_id, limit, days_ago=150 - 20 * dealer_id, why="年度授信复核：回款良好"
        )
    limit = people.session.execute(_LIMIT, {"dealer_id": 2}).scalar_one()
    until = local_date(scenario.now) + timedelta(days=25)
    raised = to_fen(limit * Decimal("1.25"))
    _propose(people, scenario, 2, raised, days_ago=5, why="旺季备货，临时提高额度", until=until)
    limit = people.session.execute(_LIMIT, {"dealer_id": 4}).scalar_one()
    refused = to_fen(limit * 3)
    _propose(people, scenario, 4, refused, days_ago=20, why="经销商申请", decided="rejected")
    _propose(people, scenario, 4, to_fen(limit * 2), days_ago=1, why="补充了审计报告", decided="")
    _propose(people, scenario, 5, None, days_ago=1, why="集中采购项目，医院回款周期长", decided="", terms=90)


def _propose(
    people: Acting,
    scenario: Scenario,
    dealer_id: int,
    amount: Decimal | None,
    *,
    days_ago: int,
    why: str,
    until: date | None = None,
    decided: str = "approved",
    terms: int | None = None,
) -> None:
    at = people.at(scenario.now - timedelta(days=days_ago, hours=2))
    day, kind = local_date(at), ChangeKind.LIMIT if terms is None else ChangeKind.TERMS
    session, approver = people.session, people.staff("finance.review")
    number = propose_change(
        session,
        actor=people.staff("finance"),
        dealer_id=dealer_id,
        proposed=Proposed(kind, amount, terms, day, until, why),
        today=day,
        at=at,
    )
    at = people.at(at + timedelta(minutes=70))
    if decided == "approved":
        approve_change(session, actor=approver, number=number, today=day, at=at)
    elif decided == "rejected":
        reject_change(session, actor=approver, number=number, reason="超过保证金与担保所能覆盖的范围")


def _demand(people: Acting, scenario: Scenario) -> None:
    """Three runs, of which some letters were sent; then debts are demanded as they are now."""
    session, finance, reviewer = people.session, people.staff("finance"), people.staff("finance.review")
    issuer = company()
    at = people.at(scenario.now - timedelta(days=RUNS[0] + 1))
    shorter = Policy(DAYS, Decimal("100.00"), None, 365, None, 7)
    seen = policy_in_force(session).version
    set_policy(session, actor=reviewer, policy=shorter, seen=seen, reason="试行催款函", at=at)
    for days_ago in RUNS:
        at = people.at(scenario.now - timedelta(days=days_ago, hours=1))
        run = propose_run(session, actor=SYSTEM, today=local_date(at), at=at)
        if run is None:
            continue
        chosen = list(session.execute(_OF_RUN, {"run": run, "most": LETTERS}).scalars())
        at = people.at(at + timedelta(minutes=40))
        release_run(session, actor=finance, number=run, letters=chosen, at=at)
        for number in chosen:
            state = send_letter(
                session,
                actor=SYSTEM,
                number=number,
                issuer=issuer,
                phone="",
                today=local_date(at),
                at=at,
            )
            assert state is LetterState.SENT, "nobody paid meanwhile"
    at = people.at(scenario.now - timedelta(hours=3))
    usual = Policy((7, 21, 45), Decimal("100.00"), None, 365, 3, 7)
    seen = policy_in_force(session).version
    set_policy(session, actor=reviewer, policy=usual, seen=seen, reason="按合同约定的级别", at=at)
    at = people.at(scenario.now - timedelta(hours=2))
    propose_run(session, actor=SYSTEM, today=local_date(at), at=at)


def _stop(people: Acting, scenario: Scenario) -> None:
    """One dealer is on the list, another one was."""
    session, finance = people.session, people.staff("finance")
    for dealer_id, days_ago, reason in (
        (STOPPED - 1, 40, "票据退票，待核实"),
        (STOPPED, 2, "货款逾期，承诺未兑现"),
    ):
        at = people.at(scenario.now - timedelta(days=days_ago))
        number = stop_dealer(
            session,
            actor=finance,
            dealer_id=dealer_id,
            reason=reason,
            until=None,
            today=local_date(at),
            at=at,
        )
        if dealer_id != STOPPED:
            at = people.at(at + timedelta(days=3))
            end_stop(session, actor=finance, number=number, reason="票据已重新承兑", at=at)


PART = Part("credit", act=agree_and_demand)
