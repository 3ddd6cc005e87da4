"""Online payments and events of Stripe as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.payments import OnlineStateName
from portal.kernel.errors import N_
from portal.ledger.paper_faults import REASON_MAX
from portal.web.api.fields import MomentText, MoneyText, PageQuery, Shape, Text

EventStateName = Literal["kept", "done", "ignored", "waiting", "aside", "closed"]
AskedEvents = Literal["kept", "done", "ignored", "waiting", "aside", "closed", "unbooked"]


class OnlineQuery(PageQuery):
    """In one state, or whose number or dealer holds a text."""

    state: OnlineStateName | None = None
    q: Text = Field("", max_length=100)


class EventsQuery(PageQuery):
    """In one state, or whose id, intent or payment holds a text."""

    state: AskedEvents | None = Field(
        None,
        description=N_("`unbooked`: those that wait or are set aside and of which the books lack money."),
    )
    q: Text = Field("", max_length=100)


class OnlinePaymentShape(Shape, about=N_("A payment by Stripe.")):
    number: str
    state: OnlineStateName
    dealer: str
    amount: MoneyText
    currency: str
    captured: MoneyText
    refunded: MoneyText
    fee: MoneyText | None = Field(description=N_("What Stripe keeps; no debt of the dealer's."))
    invoices: list[str]
    payment: str | None = Field(description=N_("Of an online payment: the payment in the books."))
    begun_at: MomentText


class OnlinePaymentsPage(Shape, about=N_("A page of online payments.")):
    items: list[OnlinePaymentShape]
    next_cursor: str | None


class StripeEventShape(Shape, about=N_("What Stripe told, and what became of it.")):
    id: str
    type: str
    state: EventStateName
    trouble: str = Field(description=N_("Why it could not be booked; empty when it could."))
    payment: str | None
    currency: str
    unbooked: MoneyText = Field(description=N_("What the books lack of it; what went back is negative."))
    reason: str = Field(description=N_("Why it was set aside."))
    told_at: MomentText


class StripeEventsPage(Shape, about=N_("A page of events.")):
    items: list[StripeEventShape]
    next_cursor: str | None


class EventClosingBody(Shape, about=N_("Why an event that was set aside stays unbooked.")):
    reason: Text = Field("", max_length=REASON_MAX)


class AsideBody(Shape, about=N_("Why nothing is to be booked of an event.")):
    reason: Text = Field("", max_length=REASON_MAX)
