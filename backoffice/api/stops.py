"""The stop list: whose new orders are held."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.credit import StopBody, StopEndBody, StopPage, StopShape, StopsQuery
from portal.credit import stop_queries
from portal.credit.stop_dealer import end_stop, stop_dealer
from portal.credit.stop_queries import StopRow
from portal.dealers.queries import dealer_id_of
from portal.kernel.errors import N_
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

READERS = (LedgerRight.READ, LedgerRight.POST)


@operation(
    "POST",
    "/hq/stops",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=StopBody,
    answers=StopShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/stops/{number}",
    summary=N_("Put a dealer on the stop list"),
    about=N_("New orders are accepted and held with `stopped`; what is confirmed already goes on."),
)
def create(body: StopBody) -> Answer:
    at, today = now_and_today()
    number = stop_dealer(
        current_session(),
        actor=current_actor(),
        dealer_id=dealer_id_of(current_session(), body.dealer),
        reason=body.reason,
        until=body.until,
        today=today,
        at=at,
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/stops",
    tag=HEADQUARTERS,
    rights=READERS,
    query=StopsQuery,
    answers=StopPage,
    summary=N_("The stop list, the latest first"),
    about=N_("With the stops that have ended."),
)
def index(query: StopsQuery) -> dict[str, Any]:
    page = stop_queries.stops(
        current_session(),
        dealer_id=named_dealer(query.dealer),
        state=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_stop(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/stops/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=StopShape,
    summary=N_("One stop"),
    about=N_("With who put it, who ended it, and why."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/stops/<number>/end",
    tag=HEADQUARTERS,
    rights=(LedgerRight.POST,),
    body=StopEndBody,
    answers=StopShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a dealer off the stop list"),
    about=N_("Orders that only the stop holds go on by themselves."),
)
def end(number: str, body: StopEndBody) -> dict[str, Any]:
    at, _today = now_and_today()
    end_stop(current_session(), actor=current_actor(), number=number, reason=body.reason, at=at)
    return _shown(number)


def _shown(number: str) -> dict[str, Any]:
    return _stop(stop_queries.stop_of(current_session(), number))


def _stop(one: StopRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "dealer": one.dealer_code,
        "state": one.state,
        "reason": one.reason,
        "letter": one.letter_no,
        "until": one.until,
        "put_by": one.put_by_label,
        "put_at": one.put_at,
        "ended_by": one.ended_by_label,
        "ended_at": one.ended_at,
        "end_reason": one.end_reason,
    }
