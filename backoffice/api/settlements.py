"""Settlements of rebates: proposed, decided on by another person, carried out by a job; and what is owed."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.settlements import (
    OwedList,
    SettlementBody,
    SettlementDealerPage,
    SettlementDecisionBody,
    SettlementPage,
    SettlementShape,
    SettlementsQuery,
)
from portal.kernel.errors import N_
from portal.rebates.vocabulary import RebateRight
from portal.settlements import queries
from portal.settlements.owed import owed
from portal.settlements.queries import RunDealer, RunRow
from portal.settlements.rules import SettlementKind
from portal.settlements.run import decide_run, propose_run
from portal.settlements.vocabulary import SettlementRight
from portal.web.api.buyer import now_and_today
from portal.web.api.fields import PageQuery
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

PROPOSERS = (SettlementRight.SETTLE, RebateRight.PROPOSE)
SETTLERS = (SettlementRight.SETTLE,)


@operation(
    "GET",
    "/hq/rebates/settlements",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    query=SettlementsQuery,
    answers=SettlementPage,
    summary=N_("Settlements of rebates, the latest first"),
    about=N_("Each settles a period of a programme for all of its dealers."),
)
def index(query: SettlementsQuery) -> dict[str, Any]:
    page = queries.runs(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        programme=query.programme or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/settlements",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=SettlementBody,
    answers=SettlementShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/rebates/settlements/{number}",
    summary=N_("Propose the settlement of a period"),
    about=N_("Nothing is paid before another person has approved it."),
)
def propose(body: SettlementBody) -> Answer:
    at, today = now_and_today()
    run = propose_run(
        current_session(),
        actor=current_actor(),
        programme=body.programme,
        period=body.period,
        kind=SettlementKind(body.kind),
        percent=body.percent,
        note=body.note,
        today=today,
        at=at,
    )
    return Answer(_shown(_found(run.number)), 201)


@operation(
    "GET",
    "/hq/rebates/settlements/<number>",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    answers=SettlementShape,
    summary=N_("One settlement of rebates"),
    about=N_("With who proposed it, who decided, and what it has paid so far."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(_found(number))


@operation(
    "GET",
    "/hq/rebates/settlements/<number>/dealers",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    query=PageQuery,
    answers=SettlementDealerPage,
    summary=N_("What a settlement pays dealer by dealer"),
    about=N_("By the figures of now while it waits, as it was paid once it is done."),
)
def dealers(number: str, query: PageQuery) -> dict[str, Any]:
    page = queries.run_dealers(
        current_session(),
        _found(number),
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_dealer(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/settlements/<number>/decision",
    tag=HEADQUARTERS,
    rights=SETTLERS,
    body=SettlementDecisionBody,
    answers=SettlementShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve or reject a settlement"),
    about=N_("Not by who proposed it. A job pays what is approved, dealer by dealer, each once."),
)
def decide(number: str, body: SettlementDecisionBody) -> dict[str, Any]:
    at, _ = now_and_today()
    decide_run(
        current_session(),
        actor=current_actor(),
        number=number,
        approve=body.decision == "approve",
        reason=body.reason,
        at=at,
    )
    return _shown(_found(number))


@operation(
    "GET",
    "/hq/rebates/liability",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    answers=OwedList,
    summary=N_("What is owed in rebates at the end of each month"),
    about=N_("Accrued by then and not settled, by programme; of the last 13 months that are posted."),
)
def liability() -> dict[str, Any]:
    names = ("month", "programme", "dealers", "accrued", "settled", "amount", "net")
    found = owed(current_session())
    return {
        "items": [{name: getattr(one, name) for name in names} for one in found],
        "next_cursor": None,
    }


def _found(number: str) -> RunRow:
    return queries.run(current_session(), number, actor=current_actor())


def _shown(one: RunRow) -> dict[str, Any]:
    names = (
        *("number", "programme", "period", "first_day", "last_day", "kind", "percent", "state", "dealers"),
        *("amount", "paid", "note", "proposed_at", "decided_at", "reason", "settled_at", "stopped_at"),
    )
    return {
        **{name: getattr(one, name) for name in names},
        "proposed_by": one.proposed_by_label,
        "decided_by": one.decided_by_label,
    }


def _dealer(one: RunDealer) -> dict[str, Any]:
    own = one.main
    return {
        "dealer": one.dealer_code,
        **{name: getattr(own, name) for name in ("accrued", "guaranteed", "carried_in", "advanced")},
        "adjusted": one.adjusted,
        "carried_out": own.carried_out,
        "cut": own.cut,
        "paid": one.paid,
        "note": one.note,
    }
