"""Webhooks of the caller: who is told of what, and what was sent."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal.blueprints.api.schemas.webhooks import (
    DeliveriesQuery,
    DeliveryDetail,
    DeliveryPage,
    DeliveryShape,
    RemovedWebhook,
    ReplayBody,
    ReplayShape,
    SecretShape,
    WebhookBody,
    WebhookList,
    WebhookPatch,
    WebhookShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session
from portal.web.webhook_address import may_be_plain
from portal.webhooks import queries
from portal.webhooks.manifest import CHAPTER
from portal.webhooks.queries import DeliveryRow, SubscriptionRow
from portal.webhooks.replay import replay_dead, replay_delivery, send_test
from portal.webhooks.rules import KEPT
from portal.webhooks.subscribe import (
    Secret,
    Wanted,
    change_subscription,
    events_for,
    pause_subscription,
    remove_subscription,
    rotate_secret,
    subscribe,
)
from portal.webhooks.vocabulary import WebhookRight

MINE = (WebhookRight.WRITE,)


@operation(
    "GET",
    "/webhooks",
    tag=CHAPTER,
    rights=MINE,
    answers=WebhookList,
    summary=N_("Webhooks by name"),
    about=N_("With the events that can be chosen. Secrets are told once, when they are made."),
)
def index() -> dict[str, Any]:
    found = queries.subscriptions(current_session(), actor=current_actor())
    events = [
        {"event": name, "label": gettext(event.label)} for name, event in events_for(current_actor()).items()
    ]
    return {"items": [_subscription(one) for one in found], "next_cursor": None, "events": events}


@operation(
    "POST",
    "/webhooks",
    tag=CHAPTER,
    rights=MINE,
    body=WebhookBody,
    answers=SecretShape,
    status=201,
    located="/webhooks/{number}",
    conflicts=True,
    summary=N_("Be told of events"),
    about=N_(
        "From now on each event that is chosen is sent by POST, signed as Standard Webhooks says. The secret "
        "is told in this answer alone, so no key repeats it: what is made twice is removed."
    ),
)
def create(body: WebhookBody) -> Answer:
    at, today = now_and_today()
    made = subscribe(
        current_session(),
        actor=current_actor(),
        wanted=Wanted(body.name, body.url, body.events, body.ordered),
        plain=may_be_plain(),
        today=today,
        at=at,
    )
    return Answer(_with_secret(made), 201)


@operation(
    "GET",
    "/webhooks/<number>",
    tag=CHAPTER,
    rights=MINE,
    answers=WebhookShape,
    summary=N_("One webhook"),
    about=N_("With how many messages wait, and how many were given up."),
)
def show(number: str) -> dict[str, Any]:
    return _subscription(_found(number))


@operation(
    "PATCH",
    "/webhooks/<number>",
    tag=CHAPTER,
    rights=MINE,
    body=WebhookPatch,
    answers=WebhookShape,
    conflicts=True,
    summary=N_("Change, pause or resume a webhook"),
    about=N_("What is left out stays. One that paused itself goes on by `state: active`."),
)
def change(number: str, body: WebhookPatch) -> dict[str, Any]:
    session, actor, found = current_session(), current_actor(), _found(number)
    change_subscription(
        session,
        actor=actor,
        number=number,
        revision=body.revision,
        wanted=Wanted(
            found.name if body.name is None else body.name,
            found.url if body.url is None else body.url,
            found.events if body.events is None else body.events,
            found.ordered if body.ordered is None else body.ordered,
        ),
        plain=may_be_plain(),
    )
    if body.state is not None:
        pause_subscription(session, actor=actor, number=number, paused=body.state == "paused")
    return _subscription(_found(number))


@operation(
    "DELETE",
    "/webhooks/<number>",
    tag=CHAPTER,
    rights=MINE,
    answers=RemovedWebhook,
    summary=N_("Remove a webhook"),
    about=N_("Nothing more is sent, and what was sent is forgotten."),
)
def remove(number: str) -> dict[str, Any]:
    remove_subscription(current_session(), actor=current_actor(), number=number)
    return {"number": number}


@operation(
    "POST",
    "/webhooks/<number>/rotation",
    tag=CHAPTER,
    rights=MINE,
    answers=SecretShape,
    summary=N_("Change the secret of a webhook"),
    about=N_("For 24 hours messages carry two signatures: by the new secret and by the one before it."),
)
def rotate(number: str) -> dict[str, Any]:
    made = rotate_secret(current_session(), actor=current_actor(), number=number, at=clock.now())
    return _with_secret(made)


@operation(
    "POST",
    "/webhooks/<number>/test",
    tag=CHAPTER,
    rights=MINE,
    answers=DeliveryShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Send a test"),
    about=N_(
        "An event webhook.test, once, also while it is paused. What is answered stands at its delivery."
    ),
)
def test(number: str) -> Answer:
    message = send_test(current_session(), actor=current_actor(), number=number, at=clock.now())
    found, _ = queries.delivery(current_session(), actor=current_actor(), number=number, message_id=message)
    return Answer(_delivery(found), 201)


@operation(
    "GET",
    "/webhooks/<number>/deliveries",
    tag=CHAPTER,
    rights=MINE,
    query=DeliveriesQuery,
    answers=DeliveryPage,
    summary=N_("Deliveries of a webhook, the latest first"),
    about=N_("Of the last 30 days."),
)
def deliveries(number: str, query: DeliveriesQuery) -> dict[str, Any]:
    page = queries.deliveries(
        current_session(),
        actor=current_actor(),
        number=number,
        state=query.state or "",
        event=query.event,
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_delivery(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/webhooks/<number>/deliveries/<message_id>",
    tag=CHAPTER,
    rights=MINE,
    answers=DeliveryDetail,
    summary=N_("One delivery"),
    about=N_("With what is sent, and each attempt and the first 2 kB of what was answered."),
)
def delivery(number: str, message_id: str) -> dict[str, Any]:
    return _detail(number, message_id)


@operation(
    "POST",
    "/webhooks/<number>/deliveries/<message_id>/replay",
    tag=CHAPTER,
    rights=MINE,
    answers=DeliveryDetail,
    creates=True,
    summary=N_("Send a message again"),
    about=N_("Under its own id, whether it was taken or not."),
)
def replay(number: str, message_id: str) -> dict[str, Any]:
    about = {"number": number, "message_id": message_id}
    replay_delivery(current_session(), actor=current_actor(), at=clock.now(), **about)
    return _detail(number, message_id)


@operation(
    "POST",
    "/webhooks/<number>/replay",
    tag=CHAPTER,
    rights=MINE,
    body=ReplayBody,
    answers=ReplayShape,
    creates=True,
    summary=N_("Send again what was given up"),
    about=N_("All of it that happened since a moment, each under its own id."),
)
def replay_all(number: str, body: ReplayBody) -> dict[str, Any]:
    at = clock.now()
    count = replay_dead(
        current_session(), actor=current_actor(), number=number, since=body.since or at - KEPT, at=at
    )
    return {"messages": count}


def _found(number: str) -> SubscriptionRow:
    return queries.subscription(current_session(), actor=current_actor(), number=number)


def _with_secret(made: Secret) -> dict[str, Any]:
    return {**_subscription(_found(made.number)), "secret": made.secret}


def _subscription(found: SubscriptionRow) -> dict[str, Any]:
    return {
        "number": found.number,
        "name": found.name,
        "url": found.url,
        "events": found.events,
        "ordered": found.ordered,
        "state": found.state,
        "stop_reason": found.stop_reason,
        "failing_since": found.failing_since,
        "former_secret_until": found.former_until,
        "revision": found.revision,
        "waiting": found.waiting,
        "dead": found.dead,
        "created_by": found.created_by_label,
        "created_at": found.created_at,
    }


def _delivery(found: DeliveryRow) -> dict[str, Any]:
    return {
        "id": found.message_id,
        "event": found.event,
        "subject": found.subject,
        "state": found.state,
        "happened_at": found.happened_at,
        "attempts": found.attempts,
        "next_at": found.next_at,
        "last_status": found.last_status,
        "last_error": found.last_error,
        "data": found.data,
    }


def _detail(number: str, message_id: str) -> dict[str, Any]:
    found, attempts = queries.delivery(
        current_session(), actor=current_actor(), number=number, message_id=message_id
    )
    tried = [
        {
            "attempt": one.attempt_no,
            "sent_at": one.sent_at,
            "milliseconds": one.milliseconds,
            "status": one.status,
            "error": one.error,
            "answer": one.answer,
        }
        for one in attempts
    ]
    return {**_delivery(found), "body": found.body, "tried": tried}
