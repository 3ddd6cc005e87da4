"""Payments of a dealer as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.catalogue import DEALER
from portal.kernel.errors import N_
from portal.payments.rules import INVOICES_MAX
from portal.web.api.fields import Code, DayText, MomentText, Money, MoneyText, PageQuery, Shape

OnlineStateName = Literal[
    "starting", "open", "failed", "processing", "cancelled", "succeeded", "partly_refunded", "refunded",
    "disputed", "lost",
]  # fmt: skip


class PaymentsQuery(PageQuery):
    """Of one dealer."""

    dealer: Code | None = DEALER


class PayBody(Shape, about=N_("What is to be paid online: invoices, or an amount on account.")):
    invoices: list[Code] = Field(
        default=[],
        max_length=INVOICES_MAX,
        description=N_("Numbers; what is open of them is paid whole."),
        examples=[["IN2610-4C8P0XNQ7"]],
    )
    amount: Money | None = Field(
        None, description=N_("Above zero; pays what is due first, the rest is to the dealer's credit.")
    )


class BegunShape(Shape, about=N_("A payment that Stripe waits for. It is paid at one of the two.")):
    id: str = Field(description=N_("Its number, `OP…`."))
    number: str
    state: OnlineStateName
    amount: MoneyText
    currency: str
    invoices: list[str]
    client_secret: str = Field(description=N_("What a page of your own confirms it with, by Stripe.js."))
    publishable_key: str
    redirect_url: str = Field(description=N_("The portal's page on which somebody signed in pays."))


class SettledShape(Shape, about=N_("What a payment settled.")):
    document: str
    kind: str
    amount: MoneyText


class PaymentRowShape(Shape, about=N_("A payment in the books. Negative: paid back.")):
    number: str
    received_on: DayText
    method: str
    reference: str
    amount: MoneyText
    unallocated: MoneyText = Field(description=N_("What settles nothing yet."))
    online: str | None = Field(description=N_("The online payment that it came by."))
    reversed: bool
    posted_at: MomentText


class PaymentsPage(Shape, about=N_("A page of payments.")):
    items: list[PaymentRowShape]
    next_cursor: str | None


class PaymentDetailShape(Shape, about=N_("A payment: in the books (`PY…`), or online (`OP…`).")):
    number: str
    state: str = Field(description=N_("`booked`, `reversed`, or where an online payment stands."))
    amount: MoneyText
    currency: str
    method: str
    reference: str
    received_on: DayText | None
    payment: str | None = Field(description=N_("Of an online payment: the payment in the books."))
    online: str | None
    refunded: MoneyText
    invoices: list[str]
    settles: list[SettledShape]


class CancelledShape(Shape, about=N_("An online payment that was given up.")):
    number: str
    state: Literal["cancelled"]
