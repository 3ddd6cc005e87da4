"""Rebate programmes: written, submitted, approved by another person, published, withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from backoffice.api.rebate_terms import shown, terms_of
from backoffice.api.schemas.rebates import (
    ProgrammeBody,
    ProgrammeEditBody,
    ProgrammePage,
    ProgrammeRejectionBody,
    ProgrammeRevisionBody,
    ProgrammeShape,
    ProgrammesQuery,
    ProgrammeStateShape,
    ProgrammeWithdrawalBody,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.rebates import queries
from portal.rebates.decide_programme import (
    approve_programme,
    recall_programme,
    reject_programme,
    submit_programme,
)
from portal.rebates.documents import programme_id_of
from portal.rebates.draft_programme import draft_programme, edit_programme
from portal.rebates.publish_programme import publish_programme, withdraw_programme
from portal.rebates.vocabulary import RebateRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

PROPOSERS = (RebateRight.PROPOSE,)
APPROVERS = (RebateRight.APPROVE,)
BOTH = (*PROPOSERS, *APPROVERS)


@operation(
    "GET",
    "/hq/rebates/programmes",
    tag=HEADQUARTERS,
    rights=BOTH,
    query=ProgrammesQuery,
    answers=ProgrammePage,
    summary=N_("Rebate programmes, the latest written first"),
    about=N_("The nation's and those of the actor's regions."),
)
def index(query: ProgrammesQuery) -> dict[str, Any]:
    page = queries.programmes(
        current_session(),
        actor=current_actor(),
        today=_today(),
        phase=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    names = (
        *("number", "title_zh", "title_en", "phase", "valid_from", "valid_to", "period", "priority"),
        *("budget", "accrued"),
    )
    items = [{"id": one.number, **{name: getattr(one, name) for name in names}} for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/rebates/programmes",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeBody,
    answers=ProgrammeShape,
    status=201,
    creates=True,
    located="/hq/rebates/programmes/{number}",
    summary=N_("Write a rebate programme"),
    about=N_("As a draft; nothing is earned before another person has approved it and it is published."),
)
def create(body: ProgrammeBody) -> Answer:
    made = draft_programme(
        current_session(),
        actor=current_actor(),
        terms=terms_of(body),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return Answer(_shown(made.id), 201)


@operation(
    "GET",
    "/hq/rebates/programmes/<programme>",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=ProgrammeShape,
    summary=N_("One rebate programme"),
    about=N_("By its number or id, with the revision that every act on it has to name."),
)
def show(programme: str) -> dict[str, Any]:
    return _shown(programme_id_of(current_session(), programme))


@operation(
    "PUT",
    "/hq/rebates/programmes/<programme>",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeEditBody,
    answers=ProgrammeShape,
    conflicts=True,
    summary=N_("Change a draft of a programme"),
    about=N_("As a whole: what is left out is gone. 409 if somebody changed it since."),
)
def edit(programme: str, body: ProgrammeEditBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    edit_programme(
        current_session(),
        actor=current_actor(),
        programme_id=key,
        revision=body.revision,
        terms=terms_of(body),
    )
    return _shown(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/submission",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeRevisionBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Submit a programme for approval"),
    about=N_("Its terms stand from now on."),
)
def submit(programme: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    submit_programme(
        current_session(), actor=current_actor(), programme_id=key, revision=body.revision, at=clock.now()
    )
    return _state(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/recall",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ProgrammeRevisionBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a programme back"),
    about=N_("It is a draft again; an approval is void then."),
)
def recall(programme: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    recall_programme(current_session(), actor=current_actor(), programme_id=key, revision=body.revision)
    return _state(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ProgrammeRevisionBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a programme"),
    about=N_("Not by anybody who had a hand in it. It counts when it is published."),
)
def approve(programme: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    approve_programme(
        current_session(), actor=current_actor(), programme_id=key, revision=body.revision, at=clock.now()
    )
    return _state(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/rejection",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ProgrammeRejectionBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a programme"),
    about=N_("It is a draft again, with the reason."),
)
def reject(programme: str, body: ProgrammeRejectionBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    reject_programme(
        current_session(),
        actor=current_actor(),
        programme_id=key,
        revision=body.revision,
        reason=body.reason,
    )
    return _state(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/publication",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=ProgrammeRevisionBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish an approved programme"),
    about=N_("It counts from its first day, and what was earned since is reckoned at once."),
)
def publish(programme: str, body: ProgrammeRevisionBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    publish_programme(
        current_session(), actor=current_actor(), programme_id=key, revision=body.revision, at=clock.now()
    )
    return _state(key)


@operation(
    "POST",
    "/hq/rebates/programmes/<programme>/withdrawal",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=ProgrammeWithdrawalBody,
    answers=ProgrammeStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a programme"),
    about=N_("Yesterday was its last day. What was earned until then stays."),
)
def withdraw(programme: str, body: ProgrammeWithdrawalBody) -> dict[str, Any]:
    key = programme_id_of(current_session(), programme)
    withdraw_programme(
        current_session(),
        actor=current_actor(),
        programme_id=key,
        reason=body.reason,
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return _state(key)


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)


def _shown(programme_id: int) -> dict[str, Any]:
    found = queries.programme(
        current_session(), actor=current_actor(), programme_id=programme_id, today=_today()
    )
    return shown(found)


def _state(programme_id: int) -> dict[str, Any]:
    found = _shown(programme_id)
    return {name: found[name] for name in ("id", "number", "revision", "state")}
