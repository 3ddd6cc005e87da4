"""Activities as a dealer's system plans and reads them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Shape,
    Text,
    Whole,
)

ActivityKind = Literal["promotion", "marketing", "samples", "tender"]
ActivityState = Literal["draft", "submitted", "returned", "approved", "rejected", "withdrawn", "closed"]


class ActivitiesQuery(PageQuery):
    """Which activities."""

    state: ActivityState | None = Field(None, description=N_("Only those in this state."))
    kind: ActivityKind | None = Field(None, description=N_("Only those of this kind."))


class ActivityBody(Shape, about=N_("What is planned.")):
    kind: ActivityKind
    title: Text
    text: Text = ""
    place: Text = Field(description=N_("The hospital, or where it is."))
    first_day: Day
    last_day: Day
    amount: Money = Field(description=N_("What headquarters is to pay, VAT included."))
    submit: bool = Field(True, description=N_("Whether approval is asked for at once; else it is a draft."))


class ActivityEditBody(ActivityBody, about=N_("An activity, as a draft that was read shall become.")):
    revision: Whole = Field(description=N_("As it was read; 409 if it has changed since."))


class ActivityShape(Shape, about=N_("An activity.")):
    number: Code
    state: ActivityState
    kind: ActivityKind
    title: str
    dealer: str = Field(description=N_("Its code."))
    first_day: DayText
    last_day: DayText
    planned: MoneyText
    approved: MoneyText | None
    left: MoneyText | None = Field(description=N_("Of the approved amount, not claimed yet."))
    asked_at: MomentText


class ActivityClaimShape(Shape, about=N_("What a document holds of an activity, or was paid.")):
    document: str
    amount: MoneyText
    state: Literal["reserved", "spent", "released"]


class ActivityDetailShape(ActivityShape, about=N_("An activity with what was decided and claimed.")):
    revision: int
    text: str
    place: str
    reason: str = Field(description=N_("Why it was refused, sent back, or approved in part."))
    decided_at: MomentText | None
    claims: list[ActivityClaimShape]


class ActivityPage(Shape, about=N_("Activities, the latest first.")):
    items: list[ActivityShape]
    next_cursor: str | None
