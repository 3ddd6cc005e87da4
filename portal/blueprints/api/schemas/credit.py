"""Limits, terms, exposure and stops as JSON."""

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

KindName = Literal["limit", "terms"]
StateName = Literal["draft", "submitted", "approved", "published", "withdrawn"]


class CreditLimitBody(Shape, about=N_("Another limit or other terms of a dealer.")):
    dealer: Code
    kind: KindName = "limit"
    amount: Money | None = Field(None, description=N_("Of a limit."))
    days: Whole | None = Field(None, description=N_("Of terms: days to pay, for later invoices."))
    valid_from: Day
    valid_until: Day | None = Field(None, description=N_("The last day of a temporary change."))
    reason: Text = Field("", max_length=500)


class CreditDecisionBody(Shape, about=N_("A decision on what was read.")):
    revision: Whole | None = Field(None, description=N_("As it was read; left out where it does not matter."))
    reason: Text = Field("", max_length=500)


class CreditWarningShape(Shape, about=N_("What is said, and not refused.")):
    pointer: str
    code: str
    message: str
    fix: str


class CreditLimitShape(Shape, about=N_("A change of a limit or of terms.")):
    number: str
    dealer: str
    kind: KindName
    state: StateName = Field(description=N_("`published` is or was in force; `draft` was sent back."))
    revision: int
    amount: MoneyText | None
    days: int | None
    valid_from: DayText
    valid_until: DayText | None
    reason: str
    sent_back: str = Field(description=N_("Why it was sent back or withdrawn."))
    proposed_by: str
    proposed_at: MomentText
    approved_by: str | None = Field(description=N_("None of what was agreed before the portal."))
    approved_at: MomentText | None
    in_force_at: MomentText | None
    ended_at: MomentText | None
    warnings: list[CreditWarningShape]


class CreditLimitPage(Shape, about=N_("Changes, the latest first.")):
    items: list[CreditLimitShape]
    next_cursor: str | None


class CreditLimitsQuery(PageQuery):
    dealer: Code | None = None
    state: StateName | None = None
    kind: KindName | None = None


class OwnChangeShape(Shape, about=N_("A limit or terms that were in force.")):
    number: str
    kind: KindName
    amount: MoneyText | None
    days: int | None
    valid_from: DayText
    valid_until: DayText | None
    in_force: bool


class CreditShape(Shape, about=N_("Where a dealer's credit stands.")):
    credit_limit: MoneyText
    balance: MoneyText
    open_orders: MoneyText
    available_credit: MoneyText
    payment_terms_days: int
    stopped: bool = Field(description=N_("New orders are accepted and held."))
    stopped_until: DayText | None
    history: list[OwnChangeShape]


class ExposureShape(Shape, about=N_("What a dealer owes and has ordered against its limit.")):
    dealer: str
    balance: MoneyText
    open_orders: MoneyText
    overdue: MoneyText
    credit_limit: MoneyText
    available_credit: MoneyText
    used: str = Field(description=N_("Share of the limit, four places; 9999.9999 without a limit."))
    stopped: bool


class ExposurePage(Shape, about=N_("Dealers by use of the limit, the highest first.")):
    items: list[ExposureShape]
    next_cursor: str | None


class ExposedRegionShape(Shape, about=N_("The dealers of an area together.")):
    region: str
    dealers: int
    above_limit: int
    balance: MoneyText
    open_orders: MoneyText
    overdue: MoneyText
    credit_limit: MoneyText


class ExposedRegionsShape(Shape, about=N_("Areas in scope, by code.")):
    items: list[ExposedRegionShape]


class ExposureQuery(PageQuery):
    pass


class StopBody(Shape, about=N_("Whose new orders are held, and why.")):
    dealer: Code
    reason: Text = Field("", max_length=500)
    until: Day | None = Field(None, description=N_("Its last day, where it ends by itself."))


class StopEndBody(Shape, about=N_("Why a stop ends.")):
    reason: Text = Field("", max_length=500)


class StopShape(Shape, about=N_("A stop: new orders are accepted and held.")):
    number: str
    dealer: str
    state: Literal["stands", "ended"]
    reason: str
    letter: str = Field(description=N_("The dunning letter that put it; empty where a person did."))
    until: DayText | None
    put_by: str
    put_at: MomentText
    ended_by: str | None
    ended_at: MomentText | None
    end_reason: str


class StopPage(Shape, about=N_("Stops, the latest first.")):
    items: list[StopShape]
    next_cursor: str | None


class StopsQuery(PageQuery):
    dealer: Code | None = None
    state: Literal["stands", "ended"] | None = None
