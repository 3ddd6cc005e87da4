"""How long what dealers owe is overdue, as of any day."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MoneyText, PageQuery, Shape


class AgeingQuery(PageQuery):
    """A day, and whose debts."""

    at: Day | None = Field(None, description=N_("At the end of which day; today unless given."))
    region: Code | None = Field(None, description=N_("Only dealers of this region, by its code."))
    seen: Literal["now", "then"] = Field(
        "now",
        description=N_(
            "`now`: what counts by that day, whenever it was posted; `then`: only what was posted by that "
            "evening, as it was to be seen."
        ),
    )
    boundaries: Literal["now", "then"] = Field(
        "now", description=N_("Areas by the boundaries of today, or of that day.")
    )


class AgeingFigures(Shape, about=N_("Open documents by days overdue. All six together are `balance`.")):
    current: MoneyText
    days_1_30: MoneyText
    days_31_60: MoneyText
    days_61_90: MoneyText
    days_over_90: MoneyText
    unallocated: MoneyText = Field(description=N_("Credit that settles nothing yet, 0 or less."))
    overdue: MoneyText
    balance: MoneyText


class RegionAgeingShape(AgeingFigures, about=N_("The dealers of a region together.")):
    name_zh: str
    name_en: str
    dealers: int = Field(description=N_("How many of them have something open."))


class DealerAgeingShape(AgeingFigures, about=N_("A dealer with something open.")):
    dealer: str
    name_zh: str
    name_en: str


class AgeingPage(Shape, about=N_("Ageing of a day: all dealers by region, and a page of them one by one.")):
    at: DayText
    total: AgeingFigures
    regions: list[RegionAgeingShape] = Field(
        description=N_("Sales areas, or the provinces of the region asked for.")
    )
    items: list[DealerAgeingShape] = Field(description=N_("Those with most overdue first."))
    next_cursor: str | None
