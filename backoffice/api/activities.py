"""Activities of dealers: read and decided on by headquarters' systems."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.budgets import ActivityDecisionBody
from portal.blueprints.api.activities import detail_of, summary_of
from portal.blueprints.api.schemas.activities import ActivitiesQuery, ActivityDetailShape, ActivityPage
from portal.budgets import queries
from portal.budgets.decide_activity import approve_activity, reject_activity, return_activity
from portal.budgets.vocabulary import BudgetRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session

READERS = (BudgetRight.DECIDE, BudgetRight.PROPOSE)
DECIDERS = (BudgetRight.DECIDE,)


@operation(
    "GET",
    "/hq/rebates/activities",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ActivitiesQuery,
    answers=ActivityPage,
    summary=N_("Activities of dealers, the latest first"),
    about=N_("Of the dealers in the actor's regions, without drafts."),
)
def index(query: ActivitiesQuery) -> dict[str, Any]:
    page = queries.activities(
        current_session(),
        state=query.state or "",
        kind=query.kind or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [summary_of(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/rebates/activities/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=ActivityDetailShape,
    summary=N_("One activity of a dealer"),
    about=N_("With what was decided, and what has been claimed of it."),
)
def show(number: str) -> dict[str, Any]:
    return detail_of(queries.activity(current_session(), number))


@operation(
    "POST",
    "/hq/rebates/activities/<number>/decision",
    tag=HEADQUARTERS,
    rights=DECIDERS,
    body=ActivityDecisionBody,
    answers=ActivityDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide on an activity"),
    about=N_("An approval reserves its amount in the budget at once, or is refused."),
)
def decide(number: str, body: ActivityDecisionBody) -> dict[str, Any]:
    session, actor, at = current_session(), current_actor(), clock.now()
    if body.decision == "approve":
        approve_activity(
            session,
            actor=actor,
            number=number,
            amount=body.amount,
            budget=body.budget or "",
            reason=body.reason,
            at=at,
        )
    elif body.decision == "reject":
        reject_activity(session, actor=actor, number=number, reason=body.reason, at=at)
    else:
        return_activity(session, actor=actor, number=number, reason=body.reason, at=at)
    return detail_of(queries.activity(session, number))
