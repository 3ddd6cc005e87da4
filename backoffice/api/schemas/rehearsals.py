"""Rehearsals as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import MoneyText, Quantity, Shape

State = Literal["waiting", "running", "done", "failed"]


class RehearsalBody(Shape, about=N_("Over how many months to rehearse.")):
    months: Quantity = Field(12, description=N_("1 to 24."))


class RehearsalAsked(Shape, about=N_("A rehearsal that was asked for.")):
    policy: int
    number: int = Field(description=N_("Counts the rehearsals of this version from 1."))
    state: State


class RehearsedSums(Shape, about=N_("Revenue of some order lines, VAT included.")):
    then: MoneyText
    under_draft: MoneyText
    lines: int


class RehearsedDealer(RehearsedSums, about=N_("A dealer's order lines.")):
    dealer: str


class RehearsedRegion(RehearsedSums, about=N_("The order lines of a region.")):
    region: str


class RehearsedTier(RehearsedSums, about=N_("The order lines of a tier.")):
    tier: str


class RehearsedProduct(RehearsedSums, about=N_("The order lines of a product.")):
    sku: str


class RehearsalShape(Shape, about=N_("A version of a policy over past order lines.")):
    number: int
    policy: int
    revision: int
    months: int
    state: State
    done: int
    total: int
    failed: str | None = Field(None, description=N_("Why it came to nothing."))
    order_lines: int | None = None
    revenue_then: MoneyText | None = None
    revenue_under_draft: MoneyText | None = None
    floor_hits: int | None = Field(None, description=N_("Order lines priced at the floor or below it."))
    dealers: list[RehearsedDealer]
    regions: list[RehearsedRegion]
    tiers: list[RehearsedTier]
    products: list[RehearsedProduct] = Field(description=N_("Those whose revenue changes most."))
