"""Activities of the dealer: planned, read, withdrawn."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.activities import (
    ActivitiesQuery,
    ActivityBody,
    ActivityDetailShape,
    ActivityEditBody,
    ActivityPage,
)
from portal.budgets import queries
from portal.budgets.plan_activity import edit_activity, plan_activity, submit_activity, withdraw_activity
from portal.budgets.queries import ActivityDetail, ActivityRow
from portal.budgets.rules import Plan
from portal.budgets.vocabulary import BudgetRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.rebates.manifest import CHAPTER
from portal.rebates.vocabulary import RebateRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session

READERS = (RebateRight.READ,)
PLANNERS = (BudgetRight.PLAN,)


@operation(
    "GET",
    "/rebates/activities",
    tag=CHAPTER,
    rights=READERS,
    query=ActivitiesQuery,
    answers=ActivityPage,
    summary=N_("Activities of the dealer, the latest first"),
    about=N_("What it plans and headquarters pays for, in part or whole."),
)
def index(query: ActivitiesQuery) -> dict[str, Any]:
    page = queries.activities(
        current_session(),
        dealer_id=current_actor().own_dealer_id,
        state=query.state or "",
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [summary_of(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/rebates/activities",
    tag=CHAPTER,
    rights=PLANNERS,
    body=ActivityBody,
    answers=ActivityDetailShape,
    status=201,
    creates=True,
    located="/rebates/activities/{number}",
    summary=N_("Plan an activity"),
    about=N_("It may be claimed once headquarters has approved it, up to the approved amount."),
)
def create(body: ActivityBody) -> Answer:
    at, today = now_and_today()
    number = plan_activity(
        current_session(), actor=current_actor(), plan=_plan(body), submit=body.submit, today=today, at=at
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/rebates/activities/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=ActivityDetailShape,
    summary=N_("One activity"),
    about=N_("With what was decided, and what has been claimed of it."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "PUT",
    "/rebates/activities/<number>",
    tag=CHAPTER,
    rights=PLANNERS,
    body=ActivityEditBody,
    answers=ActivityDetailShape,
    conflicts=True,
    summary=N_("Change an activity"),
    about=N_("A draft, or one that came back for completion; with `submit` approval is asked for again."),
)
def edit(number: str, body: ActivityEditBody) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    edit_activity(session, actor=actor, number=number, revision=body.revision, plan=_plan(body))
    if body.submit:
        submit_activity(session, actor=actor, number=number, revision=body.revision + 1, at=clock.now())
    return _shown(number)


@operation(
    "POST",
    "/rebates/activities/<number>/withdrawal",
    tag=CHAPTER,
    rights=PLANNERS,
    answers=ActivityDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw an activity"),
    about=N_("Not once something of it was claimed."),
)
def withdraw(number: str) -> dict[str, Any]:
    withdraw_activity(current_session(), actor=current_actor(), number=number, at=clock.now())
    return _shown(number)


def summary_of(one: ActivityRow | ActivityDetail) -> dict[str, Any]:
    """An activity as lists have it."""
    names = (
        *("number", "state", "kind", "title", "first_day", "last_day", "planned", "approved", "left"),
        "asked_at",
    )
    return {**{name: getattr(one, name) for name in names}, "dealer": one.dealer_code}


def detail_of(found: ActivityDetail) -> dict[str, Any]:
    """An activity as it is alone."""
    names = ("revision", "text", "place", "reason", "decided_at")
    claims = [{name: getattr(one, name) for name in ("document", "amount", "state")} for one in found.claims]
    return {**summary_of(found), **{name: getattr(found, name) for name in names}, "claims": claims}


def _plan(body: ActivityBody) -> Plan:
    return Plan(body.kind, body.title, body.text, body.place, body.first_day, body.last_day, body.amount)


def _shown(number: str) -> dict[str, Any]:
    return detail_of(queries.activity(current_session(), number, with_drafts=not current_actor().is_staff))
