"""EPCIS 2.0 by GS1's own names: documents of events are captured, and events are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import request

from portal.blueprints.api.schemas.epcis import (
    CaptureJob,
    CaptureJobs,
    CapturesQuery,
    EpcisQueryDocument,
    EventPageQuery,
    EventsQuery,
)
from portal.epcis import queries
from portal.epcis.answer_rules import known_event, query_document
from portal.epcis.event_rules import canonical, word_in_full
from portal.epcis.manifest import CHAPTER
from portal.epcis.queries import CaptureRow, Wanted
from portal.epcis.rules import SIZE_MAX, Behaviour, CaptureState, fault_of_json
from portal.epcis.take_capture import take_capture
from portal.epcis.term_rules import KNOWN
from portal.epcis.vocabulary import EpcisRight
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.paging import Page
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import JSON, LD_JSON, XML, Answer, operation
from portal.web.api.reading import raw_pieces
from portal.web.presentation import fix_in_words, in_words
from portal.web.request import current_actor, current_session

READERS = (EpcisRight.READ, EpcisRight.HEADQUARTERS)
_BEHAVIOUR = "GS1-Capture-Error-Behaviour"
_VERSIONS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
_LIMITS = {"GS1-EPCIS-Capture-File-Size-Limit": str(SIZE_MAX)}


@operation(
    "POST",
    "/epcis/capture",
    tag=CHAPTER,
    rights=(EpcisRight.CAPTURE,),
    raw=(JSON, LD_JSON, XML),
    raw_max=SIZE_MAX,
    answers=CaptureJob,
    status=202,
    conflicts=True,
    located="/epcis/capture/{captureID}",
    summary=N_("Capture a document of events"),
    about=N_(
        "An EPCISDocument, an EPCISQueryDocument or one event, as JSON-LD or XML, of at most 128 MB. A worker"
        " captures it: ask for the job until it no longer runs. What was sent before changes nothing."
        " With the header `GS1-Capture-Error-Behaviour: proceed` events without faults are captured where"
        " others have some; without it all or none."
    ),
)
def create() -> Answer:
    at, today = now_and_today()
    session, actor = current_session(), current_actor()
    number = take_capture(
        session,
        actor=actor,
        pieces=raw_pieces(),
        is_xml=request.mimetype == XML,
        behaviour=_behaviour(),
        today=today,
        at=at,
    )
    job = queries.one_capture(session, number)
    return Answer(_job(job), 202, _VERSIONS | _LIMITS)


@operation(
    "GET",
    "/epcis/capture",
    tag=CHAPTER,
    rights=READERS,
    query=CapturesQuery,
    answers=CaptureJobs,
    summary=N_("Captures, the latest first"),
    about=N_(
        "Headquarters sees those of the dealers in its regions. The header Link leads to the next page."
    ),
)
def index(query: CapturesQuery) -> Answer:
    page = queries.captures(
        current_session(), actor=current_actor(), limit=query.perPage, cursor=query.nextPageToken
    )
    return Answer([_job(one) for one in page.items], 200, _VERSIONS | _LIMITS | _link(page))


@operation(
    "GET",
    "/epcis/capture/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=CaptureJob,
    summary=N_("How far a capture is"),
    about=N_("`errors` are the first hundred, each with its place in the document."),
)
def show(number: str) -> Answer:
    found = queries.capture(current_session(), actor=current_actor(), number=number)
    return Answer(_job(found), 200, _VERSIONS)


@operation(
    "GET",
    "/epcis/events",
    tag=CHAPTER,
    rights=READERS,
    query=EventsQuery,
    answers=EpcisQueryDocument,
    also=(LD_JSON,),
    summary=N_("Ask for events"),
    about=N_(
        "In the order in which they were recorded here. EPCs, classes and places are found whether they were"
        " written as URN or as Digital Link. The header Link leads to the next page."
    ),
)
def events(query: EventsQuery) -> Answer:
    return _events(_wanted(query), query)


@operation(
    "GET",
    "/epcis/epcs/<path:epc>/events",
    tag=CHAPTER,
    rights=READERS,
    query=EventPageQuery,
    answers=EpcisQueryDocument,
    also=(LD_JSON,),
    summary=N_("Events of one EPC"),
    about=N_("Wherever an event names it, as URN or Digital Link."),
)
def of_epc(epc: str, query: EventPageQuery) -> Answer:
    return _events(Wanted(any_epcs=(canonical(epc),)), query)


def _events(wanted: Wanted, query: CapturesQuery) -> Answer:
    at, _ = now_and_today()
    page = queries.events(
        current_session(),
        actor=current_actor(),
        wanted=wanted,
        limit=query.perPage,
        cursor=query.nextPageToken,
    )
    shown = [(known_event(one.content, one.event_id, one.record_time), one.prefixes) for one in page.items]
    headers = _VERSIONS | _link(page)
    if LD_JSON in request.headers.get("Accept", ""):
        headers["Content-Type"] = LD_JSON
    same = repr([(one.id, query.perPage) for one in page.items]).encode()
    return Answer(query_document(shown, name="SimpleEventQuery", at=at), 200, headers, same=same)


def _wanted(query: EventsQuery) -> Wanted:
    return Wanted(
        event_types=_several(query.eventType),
        event_from=query.GE_eventTime,
        event_before=query.LT_eventTime,
        record_from=query.GE_recordTime,
        record_before=query.LT_recordTime,
        actions=_several(query.EQ_action),
        biz_steps=_several(query.EQ_bizStep, lambda said: word_in_full("bizStep", said, KNOWN) or said),
        dispositions=_several(
            query.EQ_disposition, lambda said: word_in_full("disposition", said, KNOWN) or said
        ),
        read_points=_several(query.EQ_readPoint, canonical),
        biz_locations=_several(query.EQ_bizLocation, canonical),
        epcs=_several(query.MATCH_epc, canonical),
        any_epcs=_several(query.MATCH_anyEPC, canonical),
        epc_classes=_several(query.MATCH_anyEPCClass, canonical),
        event_ids=_several(query.EQ_eventID),
        is_declaration=query.EXISTS_errorDeclaration,
    )


def _several(said: str | None, read: Callable[[str], str] = str) -> tuple[str, ...]:
    return tuple(read(one) for one in (said or "").split("|") if one)


def _behaviour() -> Behaviour:
    said = request.headers.get(_BEHAVIOUR, Behaviour.ROLLBACK)
    if said not in list(Behaviour):
        message, fix = N_("There is no such behaviour."), N_("Send rollback or proceed.")
        raise Invalid(faults=[Fault(_BEHAVIOUR, "unknown_behaviour", message, fix)])
    return Behaviour(said)


def _link(page: Page[Any]) -> dict[str, str]:
    """The header that leads to the next page, with everything that was asked."""
    if page.next_cursor is None:
        return {}
    asked = [(name, value) for name, value in request.args.items() if name != "nextPageToken"]
    return {
        "Link": f'<{request.base_url}?{urlencode([*asked, ("nextPageToken", page.next_cursor)])}>; rel="next"'
    }


def _job(one: CaptureRow) -> dict[str, Any]:
    return {
        "captureID": one.number,
        "createdAt": one.created_at,
        "finishedAt": one.finished_at,
        "running": one.state == CaptureState.RUNNING,
        "success": not one.faults,
        "captureErrorBehaviour": one.behaviour,
        "events": one.events,
        "captured": one.captured,
        "repeated": one.repeated,
        "refused": one.refused,
        "errors": [
            {
                "type": f"urn:tonglu:problem:{fault.code}",
                "title": in_words(fault),
                "detail": fix_in_words(fault),
                "pointer": fault.pointer,
            }
            for fault in map(fault_of_json, one.faults)
        ],
    }
