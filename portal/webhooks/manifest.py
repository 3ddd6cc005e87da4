"""What webhooks add to the portal: systems are told of what happens in it."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Event,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.webhooks.deliver import STOPPED, STOPPED_HERE
from portal.webhooks.locked import WAKE
from portal.webhooks.rules import DeliveryState, SubscriptionState
from portal.webhooks.vocabulary import SECRETS, WebhookAction, WebhookRight
from portal.webhooks.waiting import work

CHAPTER = Chapter("webhooks", N_("Webhooks"))

CAPABILITY = Capability(
    name="webhooks",
    models="portal.webhooks.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.webhooks",),
        Audience.STAFF: ("backoffice.blueprints.webhooks",),
    },
    resources=("portal.blueprints.api.webhooks", "backoffice.api.webhooks"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.OPERATION,
            "webhooks.index",
            N_("Webhooks"),
            "send",
            (WebhookRight.WRITE,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "webhooks_desk.index",
            N_("Webhooks"),
            "send",
            (WebhookRight.HEADQUARTERS,),
        ),
    ),
    rights={
        WebhookRight.WRITE: frozenset({Role.DEALER_OWNER}),
        WebhookRight.HEADQUARTERS: frozenset({Role.ADMINISTRATOR}),
    },
    statuses={
        "webhook": {
            SubscriptionState.ACTIVE: Look(N_("Active"), "green", "circle-check"),
            SubscriptionState.PAUSED: Look(N_("Paused"), "grey", "clock"),
            SubscriptionState.STOPPED: Look(N_("Paused itself"), "red", "alert-triangle"),
        },
        "webhook delivery": {
            DeliveryState.WAITING: Look(N_("Waiting"), "amber", "clock"),
            DeliveryState.DELIVERED: Look(N_("Delivered"), "green", "check"),
            DeliveryState.DEAD: Look(N_("Given up"), "red", "ban"),
        },
    },
    actions=WebhookAction,
    tells={
        STOPPED: Event(
            N_("Webhooks that paused themselves"), Audience.DEALERS, frozenset({Role.DEALER_OWNER})
        ),
        STOPPED_HERE: Event(
            N_("Webhooks that paused themselves"), Audience.STAFF, frozenset({Role.ADMINISTRATOR})
        ),
    },
    topics={
        WAKE: Topic("jobs.webhooks.wake"),
        STOPPED: Topic("jobs.webhooks.stopped"),
    },
    schedule=(
        Recurring("jobs.webhooks.send_due", every=timedelta(seconds=15), goes_out=True),
        Recurring("jobs.webhooks.forget", every=timedelta(days=1)),
    ),
    at_rest=SECRETS,
    refusals={"TL062": Conflict("attempt_stands", N_("An attempt at a delivery never changes."))},
    owned={"webhooks": "webhook"},
    lists=("webhook-deliveries",),
    work=work,
    help={Audience.STAFF: ("webhooks",), Audience.DEALERS: ("webhooks",)},
)
