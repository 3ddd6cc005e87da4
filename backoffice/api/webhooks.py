"""Webhooks of headquarters: the calls of dealers, for what happens at every dealer in its regions."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api import webhooks as calls
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
from portal.kernel.errors import N_
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.webhooks.vocabulary import WebhookRight

OURS = (WebhookRight.HEADQUARTERS,)


@operation(
    "GET",
    "/hq/webhooks",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=WebhookList,
    summary=N_("Webhooks of headquarters"),
    about=N_("They are told of what happens at the dealers of the regions of whoever made them."),
)
def index() -> dict[str, Any]:
    return calls.index()


@operation(
    "POST",
    "/hq/webhooks",
    tag=HEADQUARTERS,
    rights=OURS,
    body=WebhookBody,
    answers=SecretShape,
    status=201,
    located="/hq/webhooks/{number}",
    conflicts=True,
    summary=N_("Be told of events at headquarters"),
    about=N_("As POST /webhooks. Each message names the dealer."),
)
def create(body: WebhookBody) -> Answer:
    return calls.create(body)


@operation(
    "GET",
    "/hq/webhooks/<number>",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=WebhookShape,
    summary=N_("One webhook of headquarters"),
    about=N_("With how many messages wait, and how many were given up."),
)
def show(number: str) -> dict[str, Any]:
    return calls.show(number)


@operation(
    "PATCH",
    "/hq/webhooks/<number>",
    tag=HEADQUARTERS,
    rights=OURS,
    body=WebhookPatch,
    answers=WebhookShape,
    conflicts=True,
    summary=N_("Change, pause or resume a webhook of headquarters"),
    about=N_("What is left out stays. One that paused itself goes on by `state: active`."),
)
def change(number: str, body: WebhookPatch) -> dict[str, Any]:
    return calls.change(number, body)


@operation(
    "DELETE",
    "/hq/webhooks/<number>",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=RemovedWebhook,
    summary=N_("Remove a webhook of headquarters"),
    about=N_("Nothing more is sent, and what was sent is forgotten."),
)
def remove(number: str) -> dict[str, Any]:
    return calls.remove(number)


@operation(
    "POST",
    "/hq/webhooks/<number>/rotation",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=SecretShape,
    summary=N_("Change the secret of a webhook of headquarters"),
    about=N_("For 24 hours messages carry two signatures: by the new secret and by the one before it."),
)
def rotate(number: str) -> dict[str, Any]:
    return calls.rotate(number)


@operation(
    "POST",
    "/hq/webhooks/<number>/test",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=DeliveryShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Send a test from headquarters"),
    about=N_(
        "An event webhook.test, once, also while it is paused. What is answered stands at its delivery."
    ),
)
def test(number: str) -> Answer:
    return calls.test(number)


@operation(
    "GET",
    "/hq/webhooks/<number>/deliveries",
    tag=HEADQUARTERS,
    rights=OURS,
    query=DeliveriesQuery,
    answers=DeliveryPage,
    summary=N_("Deliveries of a webhook of headquarters"),
    about=N_("The latest first, of the last 30 days."),
)
def deliveries(number: str, query: DeliveriesQuery) -> dict[str, Any]:
    return calls.deliveries(number, query)


@operation(
    "GET",
    "/hq/webhooks/<number>/deliveries/<message_id>",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=DeliveryDetail,
    summary=N_("One delivery of headquarters"),
    about=N_("With what is sent, and each attempt and the first 2 kB of what was answered."),
)
def delivery(number: str, message_id: str) -> dict[str, Any]:
    return calls.delivery(number, message_id)


@operation(
    "POST",
    "/hq/webhooks/<number>/deliveries/<message_id>/replay",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=DeliveryDetail,
    creates=True,
    summary=N_("Send a message of headquarters again"),
    about=N_("Under its own id, whether it was taken or not."),
)
def replay(number: str, message_id: str) -> dict[str, Any]:
    return calls.replay(number, message_id)


@operation(
    "POST",
    "/hq/webhooks/<number>/replay",
    tag=HEADQUARTERS,
    rights=OURS,
    body=ReplayBody,
    answers=ReplayShape,
    creates=True,
    summary=N_("Send again what was given up at headquarters"),
    about=N_("All of it that happened since a moment, each under its own id."),
)
def replay_all(number: str, body: ReplayBody) -> dict[str, Any]:
    return calls.replay_all(number, body)
