"""Facts about dealers that rebates ask for: stated with evidence, confirmed by another person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backoffice.api.schemas.rebate_facts import (
    FactBody,
    FactPage,
    FactRefusalBody,
    FactShape,
    FactsQuery,
)
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.rebates import facts
from portal.rebates.fact_faults import Stated
from portal.rebates.facts import OWNER_KIND, FactRow
from portal.rebates.rules import FactKind
from portal.rebates.state_fact import confirm_fact, refuse_fact, state_fact
from portal.rebates.vocabulary import RebateRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

PROPOSERS = (RebateRight.PROPOSE,)
APPROVERS = (RebateRight.APPROVE,)
BOTH = (*PROPOSERS, *APPROVERS)


@operation(
    "GET",
    "/hq/rebates/facts",
    tag=HEADQUARTERS,
    rights=BOTH,
    query=FactsQuery,
    answers=FactPage,
    summary=N_("Facts about dealers, the latest first"),
    about=N_("What conditions of rebate programmes ask for and no document shows."),
)
def index(query: FactsQuery) -> dict[str, Any]:
    page = facts.facts(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/facts",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=FactBody,
    answers=FactShape,
    status=201,
    creates=True,
    summary=N_("State a fact about a dealer"),
    about=N_("With its evidence, as uploaded files. It counts when another person has confirmed it."),
)
def create(body: FactBody) -> Answer:
    number = state_fact(
        current_session(),
        actor=current_actor(),
        stated=Stated(
            body.dealer,
            FactKind(body.kind),
            body.holds,
            body.first,
            body.last,
            body.reason,
            tuple(body.files),
        ),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/rebates/facts/<fact>",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=FactShape,
    summary=N_("One fact about a dealer"),
    about=N_("With its evidence."),
)
def show(fact: str) -> dict[str, Any]:
    return _shown(fact)


@operation(
    "POST",
    "/hq/rebates/facts/<fact>/confirmation",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    answers=FactShape,
    creates=True,
    conflicts=True,
    summary=N_("Confirm a fact"),
    about=N_("Not by who stated it. The dealer is reckoned anew at once."),
)
def confirm(fact: str) -> dict[str, Any]:
    confirm_fact(current_session(), actor=current_actor(), number=fact, at=clock.now())
    return _shown(fact)


@operation(
    "POST",
    "/hq/rebates/facts/<fact>/refusal",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=FactRefusalBody,
    answers=FactShape,
    creates=True,
    conflicts=True,
    summary=N_("Refuse a fact"),
    about=N_("Not by who stated it. It never counts."),
)
def refuse(fact: str, body: FactRefusalBody) -> dict[str, Any]:
    refuse_fact(current_session(), actor=current_actor(), number=fact, reason=body.reason, at=clock.now())
    return _shown(fact)


def _head(one: FactRow) -> dict[str, Any]:
    names = ("number", "kind", "holds", "state", "reason", "stated_at", "decided_at", "decision_note")
    return {
        **{name: getattr(one, name) for name in names},
        "dealer": one.dealer_code,
        "from": one.from_day,
        "to": one.to_day,
        "stated_by": one.stated_by_label,
    }


def _shown(number: str) -> dict[str, Any]:
    found = facts.fact_of(current_session(), actor=current_actor(), number=number)
    evidence = files_of(current_session(), Owner(OWNER_KIND, number))
    kept = ("id", "name", "size", "sha256")
    return {**_head(found), "files": [{name: asdict(one)[name] for name in kept} for one in evidence]}
