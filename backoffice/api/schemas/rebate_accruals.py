"""What dealers have earned, as headquarters' systems read it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, MoneyText, PageQuery, Shape, Text

Sorts = Literal[
    "code", "-code", "qualified", "-qualified", "reached_tier", "-reached_tier", "accrued", "-accrued"
]


class DealerAccrualsQuery(PageQuery):
    """Whose figures."""

    programme: Code = Field(description=N_("Number of the programme."))
    period: Text = Field(
        "", max_length=32, description=N_("2026-10, 2026-Q4, 2026-H2 or 2026; without it the current one.")
    )
    dealer: Code | None = Field(None, description=N_("Code of one dealer."))
    sort: Sorts | None = Field(None, description=N_("Who earned most first, unless said otherwise."))


class DealerAccrualShape(Shape, about=N_("What a dealer earned in the period.")):
    dealer: str
    period: str
    first_day: DayText
    last_day: DayText
    qualified: MoneyText = Field(description=N_("¥ or pieces, as the programme counts."))
    reached_tier: int = Field(description=N_("From 1; 0 is none."))
    accrued: MoneyText
    unmet: list[Literal["mix", "on_time", "returns"]] = Field(description=N_("Conditions that do not hold."))


class PeriodTotalShape(Shape, about=N_("What a period came to.")):
    period: str
    first_day: DayText
    last_day: DayText
    dealers: int = Field(description=N_("Who earned anything."))
    accrued: MoneyText


class DealerAccrualPage(Shape, about=N_("The dealers of a period.")):
    programme: str
    totals: list[PeriodTotalShape] = Field(description=N_("Every period, the latest first."))
    items: list[DealerAccrualShape]
    next_cursor: str | None
