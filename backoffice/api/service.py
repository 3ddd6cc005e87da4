"""Service requests assigned, asked about, sorted, merged, resolved."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.service import (
    ServiceAssignmentBody,
    ServiceMergingBody,
    ServiceSortingBody,
)
from portal.blueprints.api.schemas.service import ServiceMessageBody, ServiceRequestShape
from portal.blueprints.api.service import shown
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.service import converse, finish, handle
from portal.service.duties import assign_by_rule_now
from portal.service.vocabulary import STAFF, ServiceRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/hq/service-requests/<number>/assignment",
    tag=HEADQUARTERS,
    rights=(ServiceRight.DESK,),
    body=ServiceAssignmentBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Assign a service request"),
    about=N_("To somebody who serves the dealer, or to whom the rules choose."),
)
def assign(number: str, body: ServiceAssignmentBody) -> dict[str, Any]:
    about: dict[str, Any] = {"actor": current_actor(), "number": number, "at": clock.now()}
    if body.assignee is not None:
        person = handle.named(current_session(), body.assignee)
        handle.assign(current_session(), user_id=person, **about)
    else:
        assign_by_rule_now(current_session(), **about)
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/question",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=ServiceMessageBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Ask the dealer about its service request"),
    about=N_("The clocks stand until the dealer answers."),
)
def question(number: str, body: ServiceMessageBody) -> dict[str, Any]:
    converse.ask_dealer(
        current_session(),
        actor=current_actor(),
        number=number,
        text=body.text,
        files=body.files,
        at=clock.now(),
    )
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/notes",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=ServiceMessageBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Note something about a service request"),
    about=N_("Seen by headquarters only."),
)
def note(number: str, body: ServiceMessageBody) -> dict[str, Any]:
    converse.note(
        current_session(),
        actor=current_actor(),
        number=number,
        text=body.text,
        files=body.files,
        at=clock.now(),
    )
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/sorting",
    tag=HEADQUARTERS,
    rights=(ServiceRight.DESK,),
    body=ServiceSortingBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Give a service request another kind or severity"),
    about=N_("Its targets count from the beginning, but for the time that it waited for the dealer."),
)
def sort(number: str, body: ServiceSortingBody) -> dict[str, Any]:
    at, today = now_and_today()
    handle.sort_anew(
        current_session(),
        actor=current_actor(),
        number=number,
        kind=body.kind,
        severity=body.severity,
        today=today,
        at=at,
    )
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/merging",
    tag=HEADQUARTERS,
    rights=(ServiceRight.DESK,),
    body=ServiceMergingBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Merge a service request into another"),
    about=N_("Both are open and of the same dealer; the other one shows both conversations."),
)
def merge(number: str, body: ServiceMergingBody) -> dict[str, Any]:
    handle.merge(current_session(), actor=current_actor(), number=number, into=body.into, at=clock.now())
    return shown(number)


@operation(
    "POST",
    "/hq/service-requests/<number>/resolution",
    tag=HEADQUARTERS,
    rights=STAFF,
    body=ServiceMessageBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Resolve a service request"),
    about=N_("Says what solves it; the dealer reopens or rates it."),
)
def resolve(number: str, body: ServiceMessageBody) -> dict[str, Any]:
    finish.resolve(
        current_session(),
        actor=current_actor(),
        number=number,
        text=body.text,
        files=body.files,
        at=clock.now(),
    )
    return shown(number)
