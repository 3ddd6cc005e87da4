"""Recalls at headquarters: proposed out of a notice, drafted, confirmed, decided, closed; their holders."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.recalls import (
    ClosureBody,
    HolderPage,
    HolderQuery,
    NoticeTextBody,
    RecallDetailShape,
    RecallDraftBody,
    RecallPage,
    RecallProposalShape,
    RecallQuery,
    RecallReasonBody,
    RecallRevisionBody,
    ScopeBody,
)
from portal.blueprints.api.recalls import scope_of
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls import queries
from portal.recalls.close_recall import close_recall
from portal.recalls.confirm_scope import confirm_scope
from portal.recalls.decide_recall import decide_recall
from portal.recalls.draft_recall import draft_recall, widen_recall, withdraw_recall
from portal.recalls.draft_rules import Draft, ScopeLine
from portal.recalls.proposal import propose_scope
from portal.recalls.queries import DESK, RecallDetail, RecallRow, ResponseRow
from portal.recalls.rules import ScopeKind, effectiveness
from portal.recalls.vocabulary import RecallRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session
from portal.workdays.queries import calendar


@operation(
    "GET",
    "/hq/recalls",
    tag=HEADQUARTERS,
    rights=DESK,
    query=RecallQuery,
    answers=RecallPage,
    summary=N_("Recalls"),
    about=N_("The latest first, drills too."),
)
def index(query: RecallQuery) -> dict[str, Any]:
    page = queries.recalls(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/recalls",
    tag=HEADQUARTERS,
    rights=(RecallRight.DESK,),
    body=RecallDraftBody,
    answers=RecallDetailShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/recalls/{number}",
    summary=N_("Draft a recall"),
    about=N_("Quality confirms its scope, and a second person decides; before that nothing is blocked."),
)
def create(body: RecallDraftBody) -> Answer:
    at, today = now_and_today()
    scope = tuple(_line(line) for line in body.scope)
    told = body.title, body.reason, body.demands, body.drill
    draft = Draft(body.level, *told, scope, body.notice_text)
    number = draft_recall(current_session(), actor=current_actor(), draft=draft, today=today, at=at)
    return Answer(_whole(number), 201)


@operation(
    "POST",
    "/hq/recalls/proposals",
    tag=HEADQUARTERS,
    rights=DESK,
    body=NoticeTextBody,
    answers=RecallProposalShape,
    summary=N_("Read the scope of a recall out of a notice"),
    about=N_("Nothing is written. What the text leaves open is among the questions."),
)
def propose(body: NoticeTextBody) -> dict[str, Any]:
    read = propose_scope(current_session(), actor=current_actor(), notice=body.text)
    return {
        "level": read.level,
        "scope": [{**_told(one.line), "article": one.article} for one in read.lines],
        "questions": [str(one) for one in read.questions],
    }


@operation(
    "GET",
    "/hq/recalls/<document:number>",
    tag=HEADQUARTERS,
    rights=DESK,
    answers=RecallDetailShape,
    summary=N_("One recall"),
    about=N_("With its scope, its clocks and how far it has got."),
)
def show(number: str) -> dict[str, Any]:
    return _whole(number)


@operation(
    "POST",
    "/hq/recalls/<number>/confirmation",
    tag=HEADQUARTERS,
    rights=(QualityRight.DECIDE,),
    body=RecallRevisionBody,
    answers=RecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Confirm the scope of a recall"),
    about=N_("Quality says what is recalled; another person decides."),
)
def confirm(number: str, body: RecallRevisionBody) -> dict[str, Any]:
    confirm_scope(
        current_session(), actor=current_actor(), number=number, revision=body.revision, at=clock.now()
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/recalls/<number>/decision",
    tag=HEADQUARTERS,
    rights=(QualityRight.DECIDE,),
    body=RecallRevisionBody,
    answers=RecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide a recall"),
    about=N_(
        "Its lots are blocked in every warehouse and every holder is told. Whoever drafted or confirmed it"
        " does not decide."
    ),
)
def decide(number: str, body: RecallRevisionBody) -> dict[str, Any]:
    session = current_session()
    decide_recall(
        session,
        actor=current_actor(),
        number=number,
        revision=body.revision,
        calendar=calendar(session),
        at=clock.now(),
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/recalls/<number>/widening",
    tag=HEADQUARTERS,
    rights=(RecallRight.DESK,),
    body=RecallRevisionBody,
    answers=RecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Begin a wider scope of a recall"),
    about=N_("Another version, which is confirmed and decided like the first. Answers stay."),
)
def widen(number: str, body: RecallRevisionBody) -> dict[str, Any]:
    widen_recall(
        current_session(), actor=current_actor(), number=number, revision=body.revision, at=clock.now()
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/recalls/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=(RecallRight.DESK,),
    body=RecallReasonBody,
    answers=RecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw the draft of a recall"),
    about=N_("One that was decided runs until it is closed."),
)
def withdraw(number: str, body: RecallReasonBody) -> dict[str, Any]:
    withdraw_recall(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=body.revision,
        reason=body.reason,
        at=clock.now(),
    )
    return _whole(number)


@operation(
    "POST",
    "/hq/recalls/<number>/closure",
    tag=HEADQUARTERS,
    rights=(QualityRight.DECIDE,),
    body=ClosureBody,
    answers=RecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Close a recall"),
    about=N_("With a reason for every holder that has not answered or has not accounted for all."),
)
def close(number: str, body: ClosureBody) -> dict[str, Any]:
    session, (at, today) = current_session(), now_and_today()
    close_recall(
        session,
        actor=current_actor(),
        number=number,
        revision=body.revision,
        reason=body.reason,
        reasons=body.reasons,
        otherwise=body.otherwise,
        calendar=calendar(session),
        today=today,
        at=at,
    )
    return _whole(number)


@operation(
    "GET",
    "/hq/recalls/<number>/holders",
    tag=HEADQUARTERS,
    rights=DESK,
    query=HolderQuery,
    answers=HolderPage,
    summary=N_("Holders of what is recalled"),
    about=N_("Each dealer with what it held by the books when it was decided, and its answer."),
)
def holders(number: str, query: HolderQuery) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    found = queries.recall(session, actor=actor, number=number)
    page = queries.responses(
        session,
        actor=actor,
        recall_id=found.id,
        which=query.which or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_holder(one) for one in page.items], "next_cursor": page.next_cursor}


def _line(body: ScopeBody) -> ScopeLine:
    """What names nothing and does not say that all is meant is refused as a line without lots."""
    kind = ScopeKind.ALL if body.all else ScopeKind.LOTS
    if body.serial_from or body.serial_to:
        kind = ScopeKind.SERIALS
    if body.made_from or body.made_to:
        kind = ScopeKind.MADE
    if body.lots:
        kind = ScopeKind.LOTS
    ends = body.serial_from, body.serial_to
    days = body.made_from, body.made_to
    return ScopeLine(body.sku, kind, tuple(body.lots), *ends, tuple(body.without), *days)


def _told(line: ScopeLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "kind": str(line.kind),
        "lots": list(line.lots),
        "serial_from": line.serial_from,
        "serial_to": line.serial_to,
        "without": list(line.without),
        "made_from": line.made_from,
        "made_to": line.made_to,
    }


def _row(one: RecallRow | RecallDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "level": one.level,
        "drill": one.is_drill,
        "title": one.title,
        "version": one.version_no,
        "drafted_at": one.drafted_at,
        "decided_at": one.decided_at,
        "notices_by": one.notices_by,
        "report_by": one.report_by,
        "closed_at": one.ended_at,
    }


def _whole(number: str) -> dict[str, Any]:
    session = current_session()
    one = queries.recall(session, actor=current_actor(), number=number)
    got = effectiveness(queries.held_by_all(session, one.id))
    return {
        **_row(one),
        "revision": one.revision,
        "reason": one.reason,
        "demands": one.demands,
        "scope": [scope_of(line) for line in one.scope],
        "accounted": got.accounted,
        "of": got.of,
        "percent": f"{got.percent}",
        "answers": got.answers,
        "holders": got.holders,
        "summary_by": one.summary_by,
        "kept_until": one.kept_until,
    }


def _holder(one: ResponseRow) -> dict[str, Any]:
    return {
        "dealer": one.code,
        "state": one.state,
        "held": one.held,
        "found": one.found,
        "used": one.used,
        "passed_on": one.passed_on,
        "returned": one.returned,
        "destroyed": one.destroyed,
        "passed_to": one.passed_to,
        "note": one.note,
        "notified_at": one.notified_at,
        "read_at": one.read_at,
        "answered_at": one.answered_at,
        "telephoned_at": one.telephoned_at,
        "open_reason": one.open_reason,
    }
