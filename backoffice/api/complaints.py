"""Complaints triaged, handled and closed; the reports of their adverse events."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.complaints import (
    AdverseEventShape,
    ComplaintHandlingBody,
    ComplaintPage,
    ComplaintReportBody,
    ComplaintShape,
    ComplaintsQuery,
    ComplaintSubmissionBody,
    ComplaintTriageBody,
)
from portal.complaints import event_queries, queries
from portal.complaints.event_queries import Version
from portal.complaints.handle_complaint import close_complaint, handle_complaint
from portal.complaints.queries import ComplaintDetail, ComplaintRow
from portal.complaints.report_event import submit_report, write_report
from portal.complaints.rules import HandlingEntry, TriageEntry
from portal.complaints.triage import triage
from portal.complaints.vocabulary import PROPOSERS, READERS
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.nonconforming.vocabulary import QualityRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal

QUALITY = (QualityRight.DECIDE,)


@operation(
    "GET",
    "/hq/complaints",
    tag=HEADQUARTERS,
    rights=READERS,
    query=ComplaintsQuery,
    answers=ComplaintPage,
    summary=N_("Complaints"),
    about=N_("The latest first. None is ever deleted."),
)
def index(query: ComplaintsQuery) -> dict[str, Any]:
    page = queries.complaints(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/complaints/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=ComplaintShape,
    summary=N_("One complaint"),
    about=N_("By the number of its service request, with what headquarters found out."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/complaints/<number>/triage",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=ComplaintTriageBody,
    answers=ComplaintShape,
    creates=True,
    conflicts=True,
    summary=N_("Triage a complaint"),
    about=N_("The service desk proposes, quality decides; a possible adverse event opens its clock."),
)
def triage_it(number: str, body: ComplaintTriageBody) -> dict[str, Any]:
    said = body.model_dump(exclude={"group_event", "harm"})
    triage(
        current_session(),
        actor=current_actor(),
        number=number,
        entry=TriageEntry(**said, harm=body.harm or "", is_group=body.group_event),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/complaints/<number>/handling",
    tag=HEADQUARTERS,
    rights=QUALITY,
    body=ComplaintHandlingBody,
    answers=ComplaintShape,
    creates=True,
    conflicts=True,
    summary=N_("Write down cause, measure and answer of a complaint"),
    about=N_("The dealer sees measure and answer at once; nothing else."),
)
def handle(number: str, body: ComplaintHandlingBody) -> dict[str, Any]:
    handle_complaint(
        current_session(),
        actor=current_actor(),
        number=number,
        entry=HandlingEntry(**body.model_dump()),
        at=clock.now(),
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/complaints/<number>/closing",
    tag=HEADQUARTERS,
    rights=QUALITY,
    answers=ComplaintShape,
    creates=True,
    conflicts=True,
    checks=True,
    summary=N_("Close a complaint"),
    about=N_("It needs cause, measure and answer; its service request is resolved with the answer."),
)
def close(number: str) -> dict[str, Any]:
    close_complaint(current_session(), actor=current_actor(), number=number, at=clock.now())
    return _shown(number)


@operation(
    "GET",
    "/hq/complaints/<number>/event",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=AdverseEventShape,
    summary=N_("The adverse event of a complaint"),
    about=N_("With its clock and every version of its report."),
)
def event(number: str) -> dict[str, Any]:
    return _event(number)


@operation(
    "POST",
    "/hq/complaints/<number>/reports",
    tag=HEADQUARTERS,
    rights=QUALITY,
    body=ComplaintReportBody,
    answers=AdverseEventShape,
    creates=True,
    conflicts=True,
    summary=N_("Write a version of the report of an adverse event"),
    about=N_("After the first submission it is a follow-up report. Each version is kept."),
)
def report(number: str, body: ComplaintReportBody) -> dict[str, Any]:
    at, today = now_and_today()
    write_report(
        current_session(), actor=current_actor(), number=number, said=body.fields, today=today, at=at
    )
    return _event(number)


@operation(
    "POST",
    "/hq/complaints/<number>/submission",
    tag=HEADQUARTERS,
    rights=QUALITY,
    body=ComplaintSubmissionBody,
    answers=AdverseEventShape,
    creates=True,
    conflicts=True,
    summary=N_("Say that the report of an adverse event was submitted"),
    about=N_("The version written last, by another person than who wrote it: who signs is no program."),
)
def submit(number: str, body: ComplaintSubmissionBody) -> dict[str, Any]:
    at, today = now_and_today()
    submit_report(
        current_session(),
        actor=current_actor(),
        number=number,
        submitted_on=body.submitted_on,
        reference=body.reference,
        zone=portal().settings.timezone,
        today=today,
        at=at,
    )
    return _event(number)


def _shown(number: str) -> dict[str, Any]:
    one = queries.complaint(current_session(), actor=current_actor(), number=number)
    return _head(one) | {
        "possible_event": one.possible_event,
        "event_reason": one.event_reason,
        "serials": one.serials,
        "stop_use": one.stop_use,
        "cause": one.cause,
        "measure": one.measure,
        "answer": one.answer,
        "follow_up": one.follow_up,
        "told_how": one.told_how,
        "told_at": one.told_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "closed_by": one.closed_by_label,
        "closed_at": one.closed_at,
    }


def _head(one: ComplaintRow | ComplaintDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "dealer": one.dealer_code,
        "subject": one.subject,
        "product": one.sku or None,
        "lot": one.lot_no,
        "category": one.category or None,
        "grade": one.grade or None,
        "event_state": one.event_state,
        "event_due_at": one.event_due_at,
        "asked_at": one.asked_at,
    }


def _event(number: str) -> dict[str, Any]:
    one = event_queries.event(current_session(), actor=current_actor(), number=number)
    return {
        "number": one.number,
        "state": one.state,
        "harm": one.harm,
        "group_event": one.is_group,
        "aware_at": one.aware_at,
        "due_at": one.due_at,
        "notice_due_at": one.notice_due_at,
        "notice_at": one.notice_at,
        "submitted_at": one.submitted_at,
        "ended_at": one.ended_at,
        "versions": [_version(of) for of in one.versions],
    }


def _version(of: Version) -> dict[str, Any]:
    return {
        "version": of.version_no,
        "kind": of.kind,
        "fields": of.content,
        "written_by": of.written_by_label,
        "written_at": of.written_at,
        "submitted_by": of.submitted_by_label,
        "submitted_on": of.submitted_on,
        "reference": of.reference,
    }
