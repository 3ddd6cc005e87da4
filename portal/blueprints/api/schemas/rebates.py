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
    kind: Literal["sale", "return", "price_correction"]
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


class WhatIfQuery(Shape):
    """What is supposed to be bought: an amount or pieces."""

    programme: Code = Field(description=N_("Number of the programme."))
    amount: Text = Field(
        "", max_length=64, description=N_("¥ more, with tax; without it where the programme counts so.")
    )
    quantity: Text = Field("", max_length=64, description=N_("Or pieces more."))
    sku: Text = Field(
        "",
        max_length=64,
        description=N_("Of one product; without it in the proportions of what was bought so far."),
    )
    dealer: Code | None = Field(None, description=N_("For headquarters: code of the dealer."))


class WhatIfShape(
    Shape, about=N_("A period with more bought until its end, paid in time; nothing is ordered.")
):
    programme: str
    period: str
    last_day: DayText
    quantity: int = Field(description=N_("Pieces that are supposed to be bought."))
    gross: MoneyText = Field(description=N_("¥ with tax that they are supposed to cost."))
    accrued: MoneyText = Field(description=N_("What is earned now."))
    accrued_then: MoneyText
    gain: MoneyText
    qualified_then: FigureText
    reached_tier: int = Field(description=N_("Now; from 1, 0 is none."))
    reached_tier_then: int
    unmet_then: list[Literal["mix", "on_time", "returns"]]
    next_tier: NextTierShape | None = Field(description=N_("What is left to the next one then."))


class OrderRebateLine(Shape, about=N_("What a line of an order earns itself.")):
    sku: str
    rebate: MoneyText
    net_amount: MoneyText = Field(description=N_("The amount less the rebate."))
    net_unit_price: MoneyText


class OrderRebateGain(Shape, about=N_("What an order adds to a programme.")):
    programme: str
    title_zh: str
    title_en: str
    amount: MoneyText
    when_paid: bool = Field(description=N_("Not earned before the invoice is paid."))
    reached_before: int
    reached_tier: int


class OrderRebateShape(
    Shape,
    about=N_("What an order would earn, shipped and invoiced today and paid: by how much accruals grow."),
):
    total: MoneyText
    on_others: MoneyText = Field(
        description=N_("Of the total, what other purchases earn more or less because of it.")
    )
    lines: list[OrderRebateLine]
    programmes: list[OrderRebateGain]
