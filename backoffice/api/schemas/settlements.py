"""Settlements of rebates, and what is owed at a month's end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    PeriodText,
    Shape,
    Text,
)

Kind = Literal["provisional", "final", "adjustment"]
State = Literal["proposed", "approved", "rejected", "settled"]


class SettlementsQuery(PageQuery):
    """Which settlements."""

    state: State | None = Field(None, description=N_("Only those in this state."))
    programme: Code | None = Field(None, description=N_("Only those of this programme."))


class SettlementBody(Shape, about=N_("The settlement of a period for every dealer of a programme.")):
    programme: Code = Field(description=N_("Number of the programme."))
    period: Text = Field(max_length=32, description=N_("As the accruals name it: 2026-10, 2026-Q4."))
    kind: Kind = Field(
        "final",
        description=N_(
            "An advance on a period, its settlement when it is over, or what a settled one changed by."
        ),
    )
    percent: Money | None = Field(None, description=N_("Of what is accrued; of an advance only."))
    note: Text = Field("", max_length=500)


class SettlementDecisionBody(Shape, about=N_("Another person's word.")):
    decision: Literal["approve", "reject"]
    reason: Text = Field("", max_length=500, description=N_("Needed to reject."))


class SettlementShape(Shape, about=N_("The settlement of a period for every dealer of a programme.")):
    number: str
    programme: str
    period: str
    first_day: DayText
    last_day: DayText
    kind: Kind
    percent: MoneyText | None
    state: State
    dealers: int = Field(description=N_("As they stood when it was proposed."))
    amount: MoneyText = Field(description=N_("In all, as it stood when it was proposed."))
    paid: MoneyText = Field(description=N_("What it has paid so far."))
    note: str
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    reason: str
    settled_at: MomentText | None
    stopped_at: MomentText | None = Field(
        description=N_("When it would have come to more than was approved, and waited for another word.")
    )


class SettlementPage(Shape, about=N_("A page of settlements.")):
    items: list[SettlementShape]
    next_cursor: str | None


class SettlementDealerShape(Shape, about=N_("What a settlement pays one dealer, or has paid.")):
    dealer: str
    accrued: MoneyText
    guaranteed: MoneyText
    carried_in: MoneyText
    advanced: MoneyText = Field(description=N_("Paid ahead, and taken off now."))
    adjusted: MoneyText = Field(description=N_("What settled periods before changed by."))
    carried_out: MoneyText = Field(description=N_("Too little to be paid: it waits for the next period."))
    cut: MoneyText = Field(description=N_("Due, and not paid: the budget is used up."))
    paid: MoneyText
    note: str | None = Field(description=N_("Number of the note that gave it."))


class SettlementDealerPage(Shape, about=N_("What a settlement pays dealer by dealer.")):
    items: list[SettlementDealerShape]
    next_cursor: str | None


class OwedShape(Shape, about=N_("What is owed to dealers under a programme at the end of a month.")):
    month: PeriodText
    programme: str
    dealers: int
    accrued: MoneyText
    settled: MoneyText
    amount: MoneyText = Field(description=N_("Accrued by then and not settled, as the programme reckons."))
    net: MoneyText = Field(description=N_("The same without tax: what the company's books say."))


class OwedList(Shape, about=N_("What is owed by month, the latest first.")):
    items: list[OwedShape]
    next_cursor: None
