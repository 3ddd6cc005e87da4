"""Rebates as a dealer's system reads them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, MomentText, MoneyText, PageQuery, Shape, Text

FigureText = MoneyText


class ProgrammesQuery(Shape):
    """Whose programmes."""

    dealer: Code | None = Field(None, description=N_("For headquarters: code of the dealer."))


class AccrualQuery(PageQuery):
    """Which figure."""

    programme: Code = Field(description=N_("Number of the programme."))
    period: Text = Field(
        "", max_length=32, description=N_("2026-10, 2026-Q4, 2026-H2 or 2026; without it the current one.")
    )
    dealer: Code | None = Field(None, description=N_("For headquarters: code of the dealer."))


class NextTierShape(Shape, about=N_("The next tier.")):
    start: FigureText = Field(alias="from", description=N_("As the programme has it."))
    missing: FigureText = Field(description=N_("What the qualifier lacks: ¥ or pieces."))
    gain: MoneyText = Field(description=N_("How much more is earned at exactly that tier."))


class EarningShape(Shape, about=N_("What was earned in a period.")):
    programme: str
    title_zh: str
    title_en: str
    period: str
    first_day: DayText
    last_day: DayText
    qualified: FigureText = Field(description=N_("¥ or pieces, as the programme counts."))
    reached_tier: int = Field(description=N_("From 1; 0 is none."))
    accrued: MoneyText
    base: FigureText | None = Field(description=N_("Last year's figure, where growth counts."))
    growth_percent: MoneyText | None
    mix_percent: MoneyText | None
    amended_from: DayText | None = Field(description=N_("From when on the programme's latest tiers hold."))
    unmet: list[Literal["mix", "on_time", "returns", "inventory_reports", "no_diversion_case"]] = Field(
        description=N_("Conditions that do not hold.")
    )
    why: dict[str, list[str]] = Field(
        description=N_("By condition: days whose stock was not reported in time, or reasons of cases.")
    )
    next_tier: NextTierShape | None
    reckoned_at: MomentText


class ProgrammeEarningList(Shape, about=N_("The dealer's programmes, each with its current period.")):
    items: list[EarningShape]
    next_cursor: None


class AccrualLineShape(Shape, about=N_("What one line of a document counted and earned.")):
    document: str
    line: int
    date: DayText
    kind: Literal["sale", "return"]
    sku: str
    quantity: int
    qualifier: FigureText
    cumulative: FigureText
    payout: FigureText = Field(description=N_("What the money is reckoned on."))
    rate: str | None = Field(
        description=N_(
            "Per cent or ¥ a piece, after payment days and factor; none where it has no single one."
        )
    )
    amount: MoneyText


class AccrualShape(EarningShape, about=N_("What was earned in a period, with every line behind it.")):
    lines: list[AccrualLineShape]
    next_cursor: str | None = Field(description=N_("Of the lines."))
