"""Webhooks as JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.kernel.out_addresses import URL_MAX
from portal.web.api.fields import Code, Moment, MomentText, PageQuery, Shape, Text
from portal.webhooks.rules import NAME_MAX

State = Literal["active", "paused", "stopped"]
DeliveryState = Literal["waiting", "delivered", "dead"]


class WebhookBody(Shape, about=N_("A receiver and what it is told of.")):
    name: Text = Field("", max_length=NAME_MAX, examples=["ERP"])
    url: Text = Field("", max_length=URL_MAX, examples=["https://erp.example.com/webhooks"])
    events: list[Code] = Field(default=[], max_length=100, examples=[["order.shipped", "invoice.issued"]])
    ordered: bool = Field(
        False, description=N_("Whether events of one document are sent one after the other.")
    )


class WebhookPatch(Shape, about=N_("What changes; what is left out stays.")):
    name: Text | None = Field(None, max_length=NAME_MAX)
    url: Text | None = Field(None, max_length=URL_MAX)
    events: list[Code] | None = Field(None, max_length=100)
    ordered: bool | None = None
    state: Literal["active", "paused"] | None = Field(
        None, description=N_("`paused` sends nothing; what happens meanwhile waits.")
    )
    revision: int | None = Field(None, description=N_("As it was read: refused if somebody changed it."))


class WebhookShape(Shape, about=N_("A webhook. `stopped`: it paused itself.")):
    number: str
    name: str
    url: str
    events: list[str]
    ordered: bool
    state: State
    stop_reason: Literal["failing", "gone"] | None
    failing_since: MomentText | None
    former_secret_until: MomentText | None
    revision: int
    waiting: int
    dead: int
    created_by: str
    created_at: MomentText


class SecretShape(WebhookShape, about=N_("A webhook with its secret, which is told once.")):
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EventShape(Shape, about=N_("An event that can be chosen.")):
    event: str
    label: str


class WebhookList(Shape, about=N_("Webhooks by name, and the events there are.")):
    items: list[WebhookShape]
    next_cursor: str | None
    events: list[EventShape]


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state: DeliveryState | None = None
    event: Text = Field("", max_length=60, description=N_("Name of an event."))
    q: Text = Field("", max_length=100, description=N_("Part of a document's number or of a message's id."))


class AttemptShape(Shape, about=N_("An attempt. `error` where no answer came.")):
    attempt: int
    sent_at: MomentText
    milliseconds: int
    status: int | None
    error: str | None
    answer: str


class DeliveryShape(Shape, about=N_("An event for a webhook.")):
    id: str = Field(examples=["msg_2f7c0e0a3d5b4f4f9d0f5b1d2a6c8e90"])
    event: str
    subject: str
    state: DeliveryState
    happened_at: MomentText
    attempts: int
    next_at: MomentText | None
    last_status: int | None
    last_error: str | None
    data: dict[str, Any]


class DeliveryDetail(DeliveryShape, about=N_("An event for a webhook, with each attempt.")):
    body: str
    tried: list[AttemptShape]


class DeliveryPage(Shape, about=N_("Deliveries, the latest first.")):
    items: list[DeliveryShape]
    next_cursor: str | None


class ReplayBody(Shape, about=N_("From when on.")):
    since: Moment | None = Field(None, description=N_("From which moment on; left out, all that is kept."))


class ReplayShape(Shape, about=N_("How many messages are sent again.")):
    messages: int


class RemovedWebhook(Shape, about=N_("What was removed.")):
    number: str
