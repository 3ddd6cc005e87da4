"""Simulations of rebate programmes as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MoneyText, Shape, Text

State = Literal["waiting", "running", "done", "failed"]


class SimulationBody(Shape, about=N_("Which days of the past; without them the programme's own a year ago.")):
    first: Text = Field("", alias="from", max_length=40, description=N_("The first day, such as 2025-10-01."))
    last: Text = Field("", alias="to", max_length=40, description=N_("2025-12-31; yesterday at most."))


class SimulationAsked(Shape, about=N_("A simulation that was asked for.")):
    programme: str
    simulation: int = Field(description=N_("Counts the simulations of this programme from 1."))
    state: State


class SimulatedTier(Shape, about=N_("Dealers by the highest tier they would have reached; 0 is none.")):
    tier: int
    dealers: int
    sold: MoneyText
    accrued: MoneyText


class SimulatedPart(Shape, about=N_("A region, product or month.")):
    code: str
    dealers: int
    sold: MoneyText
    accrued: MoneyText


class SimulatedDealerShape(Shape, about=N_("What a dealer would have earned.")):
    dealer: str
    sold: MoneyText
    qualified: MoneyText = Field(description=N_("¥ or pieces, as the programme counts."))
    reached_tier: int
    accrued: MoneyText


class SimulationShape(Shape, about=N_("A programme over days of the past.")):
    programme: str
    simulation: int
    revision: int = Field(description=N_("Of the programme, when it was asked for."))
    is_current: bool = Field(description=N_("Whether the programme still says what was simulated."))
    first_day: DayText
    last_day: DayText
    state: State
    done: int
    total: int
    failed: str | None = Field(description=N_("Why it came to nothing."))
    sold: MoneyText | None = Field(description=N_("¥ with tax that counted, of the dealers within reach."))
    accrued: MoneyText | None = Field(description=N_("What it would have cost."))
    budget: MoneyText | None
    tiers: list[SimulatedTier]
    regions: list[SimulatedPart]
    products: list[SimulatedPart] = Field(description=N_("Those that cost most."))
    months: list[SimulatedPart]
    dealers: list[SimulatedDealerShape] = Field(description=N_("Who would have earned most, 200 at most."))
