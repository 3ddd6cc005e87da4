"""Sales authorisations: proposed, decided on and ended by headquarters' systems."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.papers import (
    AuthorisationBody,
    AuthorisationsQuery,
    DeskAuthorisationDetailShape,
    DeskAuthorisationPage,
)
from portal.blueprints.api.papers import authorisation_of
from portal.blueprints.api.schemas.papers import EndBody, PaperDecisionBody
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.papers import authorisation_queries as queries
from portal.papers.authorisation_queries import AuthorisationDetail, AuthorisationRow
from portal.papers.authorise import (
    approve_authorisation,
    end_authorisation,
    propose_authorisation,
    reject_authorisation,
    take_back_authorisation,
)
from portal.papers.fault_rules import AuthorisationFacts
from portal.papers.vocabulary import PaperRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

READERS = (PaperRight.DESK,)
PROPOSERS = (PaperRight.AUTHORISE,)
APPROVERS = (PaperRight.APPROVE,)


@operation(
    "GET",
    "/hq/authorisations",
    tag=HEADQUARTERS,
    rights=READERS,
    query=AuthorisationsQuery,
    answers=DeskAuthorisationPage,
    summary=N_("Sales authorisations of dealers"),
    about=N_("Of the dealers in the actor's regions, the latest proposed first."),
)
def index(query: AuthorisationsQuery) -> dict[str, Any]:
    page = queries.authorisations(
        current_session(), state=query.state or "", limit=query.limit, cursor=query.cursor
    )
    return {"items": [_summary(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/authorisations",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=AuthorisationBody,
    answers=DeskAuthorisationDetailShape,
    status=201,
    creates=True,
    located="/hq/authorisations/{number}",
    summary=N_("Propose a sales authorisation"),
    about=N_("It counts once another person has approved it."),
)
def create(body: AuthorisationBody) -> Answer:
    at, today = now_and_today()
    facts = AuthorisationFacts(
        body.dealer,
        body.region,
        tuple(body.category_codes),
        tuple(body.hospitals),
        body.is_exclusive,
        body.valid_from,
        body.valid_to,
        body.note,
    )
    number = propose_authorisation(current_session(), actor=current_actor(), facts=facts, today=today, at=at)
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/authorisations/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=DeskAuthorisationDetailShape,
    summary=N_("One sales authorisation"),
    about=N_("With the authorisations of other dealers that it overlaps, where one of both is exclusive."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/authorisations/<number>/decision",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=PaperDecisionBody,
    answers=DeskAuthorisationDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide on a sales authorisation"),
    about=N_("Another person than who proposed it approves or rejects it."),
)
def decide(number: str, body: PaperDecisionBody) -> dict[str, Any]:
    session = current_session()
    about: dict[str, Any] = {"actor": current_actor(), "number": number}
    if body.decision == "accept":
        approve_authorisation(session, revision=body.revision, at=clock.now(), **about)
    else:
        reject_authorisation(session, revision=body.revision, reason=body.reason, at=clock.now(), **about)
    return _shown(number)


@operation(
    "POST",
    "/hq/authorisations/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    answers=DeskAuthorisationDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Take back the proposal of a sales authorisation"),
    about=N_("As long as nobody has decided on it."),
)
def withdraw(number: str) -> dict[str, Any]:
    take_back_authorisation(current_session(), actor=current_actor(), number=number, at=clock.now())
    return _shown(number)


@operation(
    "POST",
    "/hq/authorisations/<number>/ending",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=EndBody,
    answers=DeskAuthorisationDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("End a sales authorisation early"),
    about=N_("It counts until the named day."),
)
def end(number: str, body: EndBody) -> dict[str, Any]:
    at, today = now_and_today()
    end_authorisation(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=body.revision,
        ended_on=body.ended_on,
        reason=body.reason,
        today=today,
        at=at,
    )
    return _shown(number)


def _summary(one: AuthorisationRow | AuthorisationDetail) -> dict[str, Any]:
    return {
        **authorisation_of(one),
        "is_exclusive": one.is_exclusive,
        "proposed_at": one.proposed_at,
    }


def _shown(number: str) -> dict[str, Any]:
    session = current_session()
    found = queries.authorisation(session, number)
    names = ("revision", "note", "reason", "end_reason", "decided_at")
    told = ("number", "is_exclusive", "state")
    return {
        **_summary(found),
        **{name: getattr(found, name) for name in names},
        "overlaps": [
            {**{name: getattr(one, name) for name in told}, "dealer": one.dealer_code}
            for one in queries.overlaps(session, number)
        ],
    }
