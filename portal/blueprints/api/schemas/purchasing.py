"""Order templates and drafts: what is sent, what is answered."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from portal.blueprints.api.schemas.catalogue import COUNTED, WantedLine
from portal.kernel.errors import N_
from portal.purchasing.rules import DraftState
from portal.web.api.fields import (
    PRICED,
    DayText,
    MomentText,
    MoneyText,
    PriceText,
    Shape,
    Text,
)

PriceThen = Annotated[
    MoneyText | None,
    Field(
        default_factory=lambda: None,
        description=N_("When approval was asked. Absent without the scope prices:read."),
    ),
    PRICED,
]
State = Literal["open", "waiting", "placed", "rejected", "taken", "discarded"]
assert set(get_args(State)) == set(DraftState)


class TemplateBody(Shape, about=N_("What a template holds from now on.")):
    lines: Annotated[list[WantedLine], COUNTED] = Field(
        description=N_("A SKU that appears twice becomes one line with the sum.")
    )


class ListedLineShape(Shape, about=N_("A product that is kept to be ordered, as it is called today.")):
    sku: str
    name_zh: str
    name_en: str
    quantity: int


class TemplateSummaryShape(Shape, about=N_("A template in a list.")):
    name: str
    line_count: int
    updated_at: MomentText
    updated_by: str


class TemplateList(Shape, about=N_("Templates by name; at most 200.")):
    items: list[TemplateSummaryShape]
    next_cursor: None


class TemplateShape(Shape, about=N_("A template with its lines.")):
    name: str
    revision: int
    updated_at: MomentText
    updated_by: str
    lines: list[ListedLineShape]


class RemovedShape(Shape, about=N_("What was removed.")):
    name: str


class DraftsQuery(Shape):
    """Which drafts."""

    state: State | None = None


class DraftSummaryShape(Shape, about=N_("A draft in a list.")):
    number: str
    state: State
    name: str
    line_count: int
    made_at: MomentText
    made_by: str
    asked_at: MomentText | None
    asked_by: str | None
    order: str | None = Field(description=N_("Number of the order that it became."))


class DraftList(Shape, about=N_("Drafts, the latest first; at most 200.")):
    items: list[DraftSummaryShape]
    next_cursor: None


class DraftLineShape(ListedLineShape, about=N_("A line of a draft.")):
    unit_price: PriceThen


class DraftShape(Shape, about=N_("A draft with its lines.")):
    number: str
    state: State
    name: str
    purchase_order_no: str
    ship_to: str | None
    requested_date: DayText | None
    hospital: str = Field(description=N_("Code of the hospital the goods are for, or empty."))
    made_at: MomentText
    made_by: str
    asked_at: MomentText | None
    asked_by: str | None
    total: PriceThen
    decided_at: MomentText | None
    decided_by: str | None
    reason: str
    order: str | None = Field(description=N_("Number of the order that it became."))
    lines: list[DraftLineShape]
    seen: str | None = Field(
        None, description=N_("Stands for its present cost; an approval that names it approves that.")
    )


class DraftApprovalBody(Shape, about=N_("What is approved.")):
    seen: Text | None = Field(
        None,
        max_length=64,
        description=N_(
            "Of the draft as it was read. Without it only what was asked for is approved: "
            "refused with 409 `changed_since_seen` when prices have changed since."
        ),
    )


class DraftRejectionBody(Shape, about=N_("Why an order is not approved.")):
    reason: Text = Field("", max_length=500, description=N_("Has to be said."))


class DraftDecidedShape(Shape, about=N_("Where the draft stands now.")):
    number: str
    state: State
    order: str | None = Field(description=N_("Number of the order that it became."))


class AskedShape(Shape, about=N_("The order is above the buyer's amount and waits for approval.")):
    draft: str = Field(examples=["DR2611-7K3F9Q2MA"])
    status: Literal["waiting"]
    total: PriceText
    without_approval_up_to: PriceText
