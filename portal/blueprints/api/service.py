"""Service requests: asked for, followed, talked about, rated."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.service import (
    ServiceMessageBody,
    ServiceRatingBody,
    ServiceRequestBody,
    ServiceRequestPage,
    ServiceRequestShape,
    ServiceRequestsQuery,
)
from portal.complaints.queries import answer_of
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.service import converse, finish, queries
from portal.service.manifest import CHAPTER
from portal.service.open_request import RequestEntry, open_request
from portal.service.queries import RequestDetail, RequestRow, TimelineEntry
from portal.service.rules import RequestState, ServiceKind
from portal.service.vocabulary import READERS, STAFF, ServiceRight
from portal.web.api.buyer import buyer_id, named_dealer, now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/service-requests",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE, ServiceRight.DESK),
    body=ServiceRequestBody,
    answers=ServiceRequestShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/service-requests/{number}",
    summary=N_("Ask for service"),
    about=N_(
        "A device is named by its serial number or by what a scanner reads of its label; product, lot and "
        "warranty follow from it where it was shipped to the dealer. Headquarters names the dealer. What "
        "the form of the kind does not ask for is refused."
    ),
)
def create(body: ServiceRequestBody) -> Answer:
    at, today = now_and_today()
    device = (body.device.udi or body.device.serial) if body.device else ""
    number = open_request(
        current_session(),
        actor=current_actor(),
        entry=RequestEntry(
            kind=body.kind,
            subject=body.subject,
            text=body.text,
            severity=body.severity or "",
            stops_treatment=body.stops_treatment,
            somebody_harmed=body.somebody_harmed,
            device=device,
            product=body.product,
            lot=body.lot,
            order=body.order,
            contact=body.contact,
            preferred_on=body.preferred_on,
            files=body.files,
        ),
        dealer_id=buyer_id(body.dealer),
        is_exact=True,
        today=today,
        at=at,
    )
    return Answer(shown(number), 201)


@operation(
    "GET",
    "/service-requests",
    tag=CHAPTER,
    rights=READERS,
    query=ServiceRequestsQuery,
    answers=ServiceRequestPage,
    summary=N_("Service requests, the latest first"),
    about=N_("A dealer sees its own, headquarters those of its dealers."),
)
def index(query: ServiceRequestsQuery) -> dict[str, Any]:
    page = queries.requests(
        current_session(),
        actor=current_actor(),
        dealer_id=named_dealer(query.dealer),
        state=query.state or "",
        kind=query.kind or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/service-requests/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=ServiceRequestShape,
    summary=N_("One service request"),
    about=N_("With everything that was said; internal notes are for headquarters only."),
)
def show(number: str) -> dict[str, Any]:
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/messages",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE, *STAFF),
    body=ServiceMessageBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Say something about a service request"),
    about=N_("What waited for the dealer goes on. Headquarters' first message is its first answer."),
)
def message(number: str, body: ServiceMessageBody) -> dict[str, Any]:
    converse.say(
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
    "/service-requests/<number>/reopening",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE, ServiceRight.DESK),
    body=ServiceMessageBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Reopen a service request"),
    about=N_("It is not solved after all; for some days after its resolution."),
)
def reopen(number: str, body: ServiceMessageBody) -> dict[str, Any]:
    finish.reopen(
        current_session(),
        actor=current_actor(),
        number=number,
        text=body.text,
        files=body.files,
        days=portal().settings.service_reopen_days,
        at=clock.now(),
    )
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/rating",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE,),
    body=ServiceRatingBody,
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Rate a service request"),
    about=N_("Once, when it is resolved."),
)
def rate(number: str, body: ServiceRatingBody) -> dict[str, Any]:
    finish.rate(
        current_session(),
        actor=current_actor(),
        number=number,
        stars=body.stars,
        text=body.text,
        at=clock.now(),
    )
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/closing",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE,),
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Close a service request"),
    about=N_("What was resolved is solved."),
)
def close(number: str) -> dict[str, Any]:
    finish.close(current_session(), actor=current_actor(), number=number, at=clock.now())
    return shown(number)


@operation(
    "POST",
    "/service-requests/<number>/cancellation",
    tag=CHAPTER,
    rights=(ServiceRight.WRITE,),
    answers=ServiceRequestShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a service request back"),
    about=N_("As long as it is open."),
)
def cancel(number: str) -> dict[str, Any]:
    finish.cancel(current_session(), actor=current_actor(), number=number, at=clock.now())
    return shown(number)


def shown(number: str) -> dict[str, Any]:
    """A request as JSON."""
    found = queries.request_of(current_session(), number)
    return _head(found) | {
        "text": found.text,
        "stops_treatment": found.stops_treatment,
        "somebody_harmed": found.somebody_harmed,
        "contact": found.contact,
        "preferred_on": found.preferred_on,
        "warranty_until": found.warranty_until,
        "resolution": found.resolution,
        "merged_into": found.merged_into,
        "merged": list(found.merged),
        "entries": [_entry(one) for one in found.entries],
        "complaint": _complaint(number) if found.kind == ServiceKind.COMPLAINT else None,
    }


def _complaint(number: str) -> dict[str, Any] | None:
    told = answer_of(current_session(), number)
    if told is None:
        return None
    return {
        "state": told.state,
        "stop_use": told.stop_use,
        "measure": told.measure,
        "answer": told.answer,
        "closed_at": told.closed_at,
    }


def _entry(one: TimelineEntry) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "internal": one.is_internal,
        "by": one.author_label,
        "of_headquarters": one.is_staff,
        "text": one.text,
        "files": [
            {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256} for file in one.files
        ],
        "at": one.said_at,
    }


def _head(one: RequestRow | RequestDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "severity": one.severity,
        "state": one.state,
        "subject": one.subject,
        "dealer": one.dealer_code,
        "product": one.sku,
        "lot": one.lot_no,
        "serial": one.serial,
        "order": one.order_no,
        "assignee": one.assignee_label,
        "asked_at": one.asked_at,
        "touched_at": one.touched_at,
        "due_at": one.due_at if one.is_open and one.state != RequestState.WAITING else None,
        "resolved_at": one.resolved_at,
        "rating": one.rating,
    }
