"""Promotions as a dealer's system reads them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import MomentText, MoneyText, Shape


class ProgressShape(Shape, about=N_("How far a cumulative promotion is.")):
    reached: MoneyText
    needed: MoneyText


class OfferedPromotionShape(Shape, about=N_("A promotion that runs for the dealer, or will.")):
    number: str = Field(examples=["CX2611-7K3F9Q2MA"])
    title_zh: str
    title_en: str
    kind: Literal["percent_off", "amount_off", "gift", "bundle", "order_amount_off", "cumulative"]
    terms: list[str] = Field(description=N_("In the language of Accept-Language."))
    valid_from: MomentText
    valid_to: MomentText
    state: Literal["coming", "running"]
    skus: list[str] = Field(description=N_("Products that count; none for a product line, or for all."))
    category: str | None
    progress: ProgressShape | None = Field(description=N_("Of a cumulative promotion."))
    registration_required: bool
    participating: bool = Field(description=N_("Whether the dealer's orders count."))
    exhausted: bool = Field(description=N_("Whether nothing is left of the budget or of the dealer's limit."))
    used: MoneyText = Field(description=N_("What the dealer has had of it."))


class OfferedPromotionList(Shape, about=N_("Promotions, what ends first first.")):
    items: list[OfferedPromotionShape]
    next_cursor: None


class ParticipationShape(Shape, about=N_("That the dealer takes part.")):
    number: str
    participating: bool
    joined_at: MomentText
