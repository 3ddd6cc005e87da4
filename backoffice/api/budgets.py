"""Budgets of headquarters: proposed, agreed to by another person, watched."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.budgets import (
    AmountBody,
    ApprovalBody,
    BudgetBody,
    BudgetPage,
    BudgetShape,
    BudgetsQuery,
)
from portal.budgets import cockpit
from portal.budgets.cockpit import BudgetRow
from portal.budgets.decide_budget import approve_budget, reject_budget
from portal.budgets.propose_budget import propose_amount, propose_budget
from portal.budgets.rules import Pot
from portal.budgets.vocabulary import BudgetRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

PROPOSERS = (BudgetRight.PROPOSE,)
APPROVERS = (BudgetRight.APPROVE,)
BOTH = (*PROPOSERS, *APPROVERS)


@operation(
    "GET",
    "/hq/rebates/budgets",
    tag=HEADQUARTERS,
    rights=BOTH,
    query=BudgetsQuery,
    answers=BudgetPage,
    summary=N_("Budgets of rebates and activities"),
    about=N_("The nation's and those of the actor's regions: what needs attention first."),
)
def index(query: BudgetsQuery) -> dict[str, Any]:
    page = cockpit.budgets(
        current_session(),
        actor=current_actor(),
        today=now_and_today()[1],
        kind=query.kind or "",
        region=query.region or "",
        standing=query.standing or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shape(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/budgets",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=BudgetBody,
    answers=BudgetShape,
    status=201,
    creates=True,
    located="/hq/rebates/budgets/{number}",
    summary=N_("Propose a budget"),
    about=N_("Nothing is drawn on it before another person has agreed."),
)
def create(body: BudgetBody) -> Answer:
    at, today = now_and_today()
    pot = Pot(
        body.title_zh,
        body.title_en,
        body.kind,
        body.programme or "",
        body.region or "",
        body.first_day,
        body.last_day,
        body.amount,
        body.reason,
    )
    number = propose_budget(current_session(), actor=current_actor(), pot=pot, today=today, at=at)
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/rebates/budgets/<number>",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=BudgetShape,
    summary=N_("One budget"),
    about=N_("With what is reserved and spent of it."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/rebates/budgets/<number>/amount",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=AmountBody,
    answers=BudgetShape,
    creates=True,
    conflicts=True,
    summary=N_("Propose another amount for a budget"),
    about=N_("Never less than what is reserved and spent; another person decides."),
)
def change(number: str, body: AmountBody) -> dict[str, Any]:
    propose_amount(
        current_session(),
        actor=current_actor(),
        number=number,
        amount=body.amount,
        reason=body.reason,
        at=clock.now(),
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/rebates/budgets/<number>/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ApprovalBody,
    answers=BudgetShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide on the amount that waits for a budget"),
    about=N_("Not by who proposed it. A rejection needs a reason."),
)
def approve(number: str, body: ApprovalBody) -> dict[str, Any]:
    session, actor, at = current_session(), current_actor(), clock.now()
    if body.decision == "reject":
        reject_budget(session, actor=actor, number=number, reason=body.reason, at=at)
    else:
        approve_budget(session, actor=actor, number=number, note=body.reason, at=at)
    return _shown(number)


def _shape(row: BudgetRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in BudgetShape.model_fields}


def _shown(number: str) -> dict[str, Any]:
    found = cockpit.budget(current_session(), actor=current_actor(), number=number, today=now_and_today()[1])
    return _shape(found.row)
