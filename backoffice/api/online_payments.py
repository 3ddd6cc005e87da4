"""Headquarters reads online payments, and works off the events that could not be booked."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.online_payments import (
    AsideBody,
    EventClosingBody,
    EventsQuery,
    OnlinePaymentShape,
    OnlinePaymentsPage,
    OnlineQuery,
    StripeEventShape,
    StripeEventsPage,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.ledger.record_payment import caution_of
from portal.ledger.vocabulary import LedgerRight
from portal.payments import desk, event_queries, queries
from portal.payments.event_queries import EventRow
from portal.payments.queries import OnlineDetail, OnlineRow
from portal.payments.rules import UNBOOKED
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal

READERS = (LedgerRight.READ, LedgerRight.POST)
DESK = (LedgerRight.POST,)


@operation(
    "GET",
    "/hq/online-payments",
    tag=HEADQUARTERS,
    rights=READERS,
    query=OnlineQuery,
    answers=OnlinePaymentsPage,
    summary=N_("Online payments, the latest first"),
    about=N_("Of all dealers in reach."),
)
def index(query: OnlineQuery) -> dict[str, Any]:
    page = queries.online_payments(
        current_session(), state=query.state or "", q=query.q, limit=query.limit, cursor=query.cursor
    )
    return {"items": [_payment(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/online-payments/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=OnlinePaymentShape,
    summary=N_("One online payment"),
    about=N_("With what Stripe took and gave back, and its fee once Stripe tells it."),
)
def show(number: str) -> dict[str, Any]:
    return _payment(queries.online_payment(current_session(), number))


@operation(
    "GET",
    "/hq/stripe-events",
    tag=HEADQUARTERS,
    rights=DESK,
    query=EventsQuery,
    answers=StripeEventsPage,
    summary=N_("Events of Stripe, the latest first"),
    about=N_("Those in the state `waiting` could not be booked. For who works for all regions."),
)
def events(query: EventsQuery) -> dict[str, Any]:
    desk.require_desk(current_actor())
    page = event_queries.events(
        current_session(),
        state="" if query.state is None or query.state == UNBOOKED else query.state,
        q=query.q,
        unbooked=query.state == UNBOOKED,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_event(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/stripe-events/<event>/handling",
    tag=HEADQUARTERS,
    rights=DESK,
    answers=StripeEventShape,
    conflicts=True,
    summary=N_("Try to book an event once more"),
    about=N_("When what was in the way is put right. It is booked once, however often it is tried."),
)
def again(event: str) -> dict[str, Any]:
    settings = portal().settings
    desk.try_again(
        current_session(),
        actor=current_actor(),
        event=event,
        zone=settings.timezone,
        at=clock.now(),
        caution=caution_of(settings),
    )
    return _event(event_queries.event(current_session(), event))


@operation(
    "POST",
    "/hq/stripe-events/<event>/setting-aside",
    tag=HEADQUARTERS,
    rights=DESK,
    body=AsideBody,
    answers=StripeEventShape,
    conflicts=True,
    summary=N_("Set an event aside"),
    about=N_("It is nothing of ours, or was booked by hand; the reason says how."),
)
def aside(event: str, body: AsideBody) -> dict[str, Any]:
    desk.set_aside(current_session(), actor=current_actor(), event=event, reason=body.reason, at=clock.now())
    return _event(event_queries.event(current_session(), event))


@operation(
    "POST",
    "/hq/stripe-events/<event>/closing",
    tag=HEADQUARTERS,
    rights=(LedgerRight.APPROVE,),
    body=EventClosingBody,
    answers=StripeEventShape,
    conflicts=True,
    summary=N_("Agree that an event set aside stays unbooked"),
    about=N_("By another person than who set it aside; until then its amount is among what is not booked."),
)
def close(event: str, body: EventClosingBody) -> dict[str, Any]:
    desk.close_aside(
        current_session(), actor=current_actor(), event=event, reason=body.reason, at=clock.now()
    )
    return _event(event_queries.event(current_session(), event))


def _payment(one: OnlineRow | OnlineDetail) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "dealer": one.dealer_code,
        "amount": one.amount,
        "currency": one.currency,
        "captured": one.captured,
        "refunded": one.refunded,
        "fee": one.fee,
        "invoices": list(one.invoices),
        "payment": one.payment_no,
        "begun_at": one.begun_at,
    }


def _event(one: EventRow) -> dict[str, Any]:
    return {
        "id": one.event,
        "type": one.kind,
        "state": one.state,
        "trouble": one.trouble or "",
        "payment": one.payment or None,
        "currency": one.currency,
        "unbooked": one.unbooked,
        "reason": one.note,
        "told_at": one.told_at,
    }
