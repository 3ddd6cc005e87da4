"""Held orders and the rules behind them: what is sent, what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.blueprints.api.schemas.orders import OrderStatus, ToldFault
from portal.kernel.errors import N_
from portal.web.api.fields import Code, MomentText, Money, PageQuery, PriceText, Shape, Text

HoldKind = Literal["credit", "overdue", "stopped", "compliance", "terms", "price", "stock", "manual"]
SeverityWord = Literal["error", "hold", "warning"]


class HoldsQuery(PageQuery):
    """Which held orders."""

    kind: HoldKind | None = None


class ProposalShape(Shape, about=N_("A first person's word that the order may go.")):
    by: str
    reason: str


class HeldOrderShape(Shape, about=N_("A held order beside the figures of its dealer.")):
    number: str
    dealer: str = Field(description=N_("Code of a dealer."))
    holds: list[str]
    held_by: list[ToldFault]
    placed_at: MomentText
    open_amount: PriceText
    exposure: PriceText
    credit_limit: PriceText
    overdue: PriceText
    missing: int = Field(description=N_("Units without stock."))
    proposal: ProposalShape | None


class HoldsPage(Shape, about=N_("A page of held orders, the longest waiting first.")):
    items: list[HeldOrderShape]
    next_cursor: str | None


class HoldBody(Shape, about=N_("Which hold is put on an order, and why.")):
    kind: Literal["manual", "price", "compliance", "credit"] = "manual"
    reason: Text = Field(min_length=1, max_length=500)


class HoldShape(Shape, about=N_("Status and holds of an order.")):
    number: str
    status: OrderStatus
    holds: list[str]


class ReleasesBody(Shape, about=N_("Which orders are released, and why.")):
    numbers: Annotated[list[Code], Field(min_length=1, max_length=200)]
    reason: Text = Field(min_length=1, max_length=500)


class LeftOut(Shape, about=N_("An order that was not released.")):
    number: str
    errors: list[ToldFault]


class ReleasesShape(Shape, about=N_("What was released, what waits for a second person, what was left out.")):
    released: list[str]
    proposed: list[str]
    left_out: list[LeftOut]


class SeverityShape(Shape, about=N_("What a fault does to an order, and what it may be.")):
    code: str
    severity: SeverityWord
    may_be: list[SeverityWord]
    version: int = Field(description=N_("Named again when it is changed; 0 while nobody decided."))


class LimitShape(Shape, about=N_("Up to which amount one person with a role releases from a hold.")):
    role: str
    hold: str
    up_to: PriceText | None = Field(description=N_("Null for any amount."))
    version: int = Field(description=N_("Named again when it is changed; 0 while nobody decided."))


class OrderRulesShape(Shape, about=N_("The rules of orders as they are in force.")):
    severities: list[SeverityShape]
    limits: list[LimitShape]


class SeverityBody(Shape, about=N_("What a fault is to do from now on.")):
    severity: SeverityWord
    version: int = Field(ge=0, description=N_("The version that was read."))
    reason: Text = Field(min_length=1, max_length=500)


class LimitBody(Shape, about=N_("Up to which amount one person releases from now on.")):
    up_to: Money | None
    version: int = Field(ge=0, description=N_("The version that was read."))
    reason: Text = Field(min_length=1, max_length=500)
