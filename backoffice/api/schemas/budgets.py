"""Budgets, and decisions on activities, as headquarters' systems send and read them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, Money, MoneyText, PageQuery, Shape, Text

BudgetKind = Literal["promotion", "marketing", "samples", "tender", "price_protection", "programme"]
BudgetStanding = Literal["waits", "over", "under", "even", "rejected"]


class BudgetsQuery(PageQuery):
    """Which budgets."""

    kind: BudgetKind | None = Field(None, description=N_("Only those for this use."))
    region: Code | None = Field(None, description=N_("Only those of this region, by its code."))
    standing: BudgetStanding | None = Field(None, description=N_("Only those that stand so."))


class BudgetBody(Shape, about=N_("A pot that another person is to agree to.")):
    title_zh: Text
    title_en: Text
    kind: BudgetKind
    programme: Code | None = Field(None, description=N_("Number of the rebate programme it is for."))
    region: Code | None = Field(None, description=N_("Without it the whole country."))
    first_day: Day
    last_day: Day
    amount: Money
    reason: Text = ""


class BudgetShape(Shape, about=N_("A pot with its figures.")):
    number: str
    title_zh: str
    title_en: str
    kind: BudgetKind
    state: Literal["proposed", "open", "rejected"]
    standing: BudgetStanding
    programme: str | None
    first_day: DayText
    last_day: DayText
    amount: MoneyText
    reserved: MoneyText
    spent: MoneyText
    free: MoneyText
    proposed: MoneyText | None = Field(description=N_("An amount that waits for a decision."))


class BudgetPage(Shape, about=N_("Budgets: what waits first, then over- and under-used ones.")):
    items: list[BudgetShape]
    next_cursor: str | None


class AmountBody(Shape, about=N_("Another amount for a budget.")):
    amount: Money
    reason: Text


class ApprovalBody(Shape, about=N_("What another person says of an amount.")):
    decision: Literal["approve", "reject"] = "approve"
    reason: Text = ""


class ActivityDecisionBody(Shape, about=N_("What headquarters decides on an activity.")):
    decision: Literal["approve", "reject", "return"]
    amount: Money | None = Field(None, description=N_("Of an approval; at most what is planned."))
    budget: Code | None = Field(None, description=N_("Of an approval: number of the budget it is paid from."))
    reason: Text = ""
