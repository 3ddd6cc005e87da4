"""Recalls of what the dealer holds: read and answered."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.recalls import OwnRecallDetailShape, OwnRecallPage, ResponseBody
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.recalls import own_queries as queries
from portal.recalls.answer_recall import answer_recall
from portal.recalls.manifest import CHAPTER
from portal.recalls.own_queries import OwnRecall
from portal.recalls.queries import ScopeRow
from portal.recalls.rules import Answer
from portal.recalls.vocabulary import RecallRight
from portal.web.api.fields import PageQuery
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/recalls",
    tag=CHAPTER,
    rights=(RecallRight.READ,),
    query=PageQuery,
    answers=OwnRecallPage,
    summary=N_("Recalls of what the dealer holds"),
    about=N_("The latest first, those that are closed too."),
)
def index(query: PageQuery) -> dict[str, Any]:
    page = queries.own_recalls(
        current_session(), actor=current_actor(), limit=query.limit, cursor=query.cursor
    )
    items = [
        {
            "number": one.number,
            "title": one.title,
            "level": one.level,
            "drill": one.is_drill,
            "closed": one.is_over,
            "state": one.state,
            "held": one.held,
            "notified_at": one.notified_at,
            "answer_by": one.notices_by,
            "answered_at": one.answered_at,
        }
        for one in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/recalls/<number>",
    tag=CHAPTER,
    rights=(RecallRight.READ,),
    answers=OwnRecallDetailShape,
    summary=N_("One recall"),
    about=N_("With what it is about, what is to be done, and the dealer's own answer."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/recalls/<number>/response",
    tag=CHAPTER,
    rights=(RecallRight.ANSWER,),
    body=ResponseBody,
    answers=OwnRecallDetailShape,
    creates=True,
    conflicts=True,
    summary=N_("Answer a recall"),
    about=N_("What became of the units. It may be answered anew until the recall is closed."),
)
def respond(number: str, body: ResponseBody) -> dict[str, Any]:
    answer_recall(
        current_session(),
        actor=current_actor(),
        number=number,
        answer=Answer(body.found, body.used, body.passed_on, body.returned, body.destroyed),
        passed_to=body.passed_to,
        witness=body.witness,
        note=body.note,
        photos=body.photos,
        at=clock.now(),
    )
    return _shown(number)


def scope_of(line: ScopeRow) -> dict[str, Any]:
    """A line of a scope as JSON."""
    return {
        "sku": line.sku,
        "kind": line.kind,
        "lots": list(line.lots),
        "serial_from": line.serial_from,
        "serial_to": line.serial_to,
        "without": list(line.without),
        "made_from": line.made_from,
        "made_to": line.made_to,
    }


def _shown(number: str) -> dict[str, Any]:
    one: OwnRecall = queries.own_recall(current_session(), actor=current_actor(), number=number)
    return {
        "number": one.number,
        "title": one.title,
        "level": one.level,
        "drill": one.is_drill,
        "closed": one.is_over,
        "state": one.state,
        "held": one.held,
        "notified_at": one.notified_at,
        "answer_by": one.notices_by,
        "answered_at": one.answered_at,
        "reason": one.reason,
        "demands": one.demands,
        "scope": [scope_of(line) for line in one.scope],
        "found": one.found,
        "used": one.used,
        "passed_on": one.passed_on,
        "returned": one.returned,
        "destroyed": one.destroyed,
        "passed_to": one.passed_to,
        "witness": one.witness,
        "note": one.note,
    }
