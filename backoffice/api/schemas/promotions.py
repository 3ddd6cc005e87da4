"""Promotions as headquarters' systems write and read them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Moment,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Quantity,
    Shape,
    Text,
    Whole,
)

PromotionKind = Literal["percent_off", "amount_off", "gift", "bundle", "order_amount_off", "cumulative"]
PromotionPhase = Literal["draft", "submitted", "approved", "coming", "running", "over", "withdrawn"]
Percent = Money


class LotBody(Shape, about=N_("A lot that a clearance is bound to.")):
    lot: Code
    sku: Code | None = Field(None, description=N_("Needed where several products have such a lot."))
    units: Quantity | None = Field(None, description=N_("How many are offered; by default all there are."))


class ConditionBody(Shape, about=N_("What has to be bought; nothing said of the goods means all.")):
    skus: list[Code] = Field(
        default_factory=list, max_length=1000, description=N_("Of a bundle: what one set is made of.")
    )
    category: Code | None = Field(None, description=N_("A product line, with everything below it."))
    min_quantity: Quantity | None = None
    min_amount: Money | None = None
    period_amount: Money | None = Field(None, description=N_("What a cumulative promotion asks in its time."))
    first_order: bool = False
    lots: list[LotBody] = Field(default_factory=list, max_length=1000)


class GiftBody(Shape, about=N_("Units given away.")):
    sku: Code
    quantity: Quantity
    for_each: Quantity | None = Field(
        None, description=N_("For every so many units bought; without it once an order.")
    )


class RewardBody(Shape, about=N_("What is given: exactly one of the three.")):
    percent: Percent | None = Field(None, description=N_("`5` is 5 %."))
    amount: Money | None = None
    gift: GiftBody | None = None


_EXAMPLE: JsonDict = {
    "title_zh": "手套买十赠一",
    "title_en": "Ten gloves, one free",
    "kind": "gift",
    "valid_from": "2026-12-01T00:00:00+08:00",
    "valid_to": "2027-01-01T00:00:00+08:00",
    "regions": ["HD"],
    "condition": {"skus": ["TL-10240"]},
    "reward": {"gift": {"sku": "TL-10240", "quantity": 1, "for_each": 10}},
    "priority": 1,
    "combinable": True,
}


class PromotionBody(Shape, about=N_("A promotion.")):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title_zh: Text
    title_en: Text
    text_zh: Text = ""
    text_en: Text = ""
    kind: PromotionKind
    valid_from: Moment
    valid_to: Moment = Field(description=N_("The first moment at which it no longer runs."))
    regions: list[Code] = Field(default_factory=list, max_length=1000)
    tiers: list[Literal["S", "A", "B", "C"]] = Field(default_factory=list, max_length=4)
    dealers: list[Code] = Field(
        default_factory=list,
        max_length=1000,
        description=N_("For dealers that are named, and of the named tiers, and in the named regions."),
    )
    condition: ConditionBody = Field(default_factory=ConditionBody)
    reward: RewardBody
    priority: Whole = Field(description=N_("1 to 999; 1 goes first."))
    combinable: bool = Field(
        description=N_("Whether it may act upon lines that another promotion has touched.")
    )
    budget: Money | None = None
    per_dealer_cap: Money | None = None
    registration_required: bool = False
    may_pass_floor: bool = Field(False, description=N_("Whether it may go below the floor price."))


class PromotionEditBody(PromotionBody, about=N_("A promotion, as a draft that was read shall become.")):
    model_config = ConfigDict(json_schema_extra={"examples": [{**_EXAMPLE, "revision": 1}]})

    revision: Whole


class PromotionRevisionBody(Shape, about=N_("Which state of a promotion was read.")):
    revision: Whole


class PromotionRejectionBody(Shape, about=N_("Which state was read, and why it goes back.")):
    revision: Whole
    reason: Text = Field(min_length=1, max_length=500)


class PromotionPublicationBody(Shape, about=N_("Which state was read, and from when it runs.")):
    revision: Whole
    at: Moment | None = Field(
        None, description=N_("A moment to come; without it the start that the promotion names, or now.")
    )


class PromotionWithdrawalBody(Shape, about=N_("Why it ends.")):
    reason: Text = Field(min_length=1, max_length=500)


class LotShape(Shape, about=N_("A lot of a clearance.")):
    sku: str
    lot: str
    units: int
    left: int


class ConditionShape(Shape, about=N_("What has to be bought.")):
    skus: list[str]
    category: str | None
    min_quantity: int | None
    min_amount: MoneyText | None
    period_amount: MoneyText | None
    first_order: bool
    lots: list[LotShape]


class GiftShape(Shape, about=N_("Units given away.")):
    sku: str
    quantity: int
    for_each: int | None


class RewardShape(Shape, about=N_("What is given.")):
    percent: MoneyText | None
    amount: MoneyText | None
    gift: GiftShape | None


class ExpectedPriceShape(Shape, about=N_("What a unit would cost, from its list price alone.")):
    sku: str
    list_price: MoneyText
    floor: MoneyText | None
    price: MoneyText
    cut_at_floor: bool


class PromotionDoubtsShape(Shape, about=N_("What is doubtful about a promotion.")):
    expected_prices: list[ExpectedPriceShape]
    cut_at_floor: int = Field(description=N_("How many products the floor price holds."))
    free: int = Field(description=N_("How many products would cost nothing."))
    same_priority: list[str] = Field(
        description=N_("Promotions on the same goods of which only the moment of publication decides.")
    )


class PromotionShape(Shape, about=N_("A promotion with everything that is said of it.")):
    id: int
    number: str = Field(examples=["CX2611-7K3F9Q2MA"])
    revision: int = Field(description=N_("Counts what was done to it; every act names the one it read."))
    state: Literal["draft", "submitted", "approved", "published", "withdrawn"]
    phase: PromotionPhase = Field(description=N_("Of one that is published, whether it runs."))
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    kind: PromotionKind
    terms: list[str] = Field(description=N_("In the language of Accept-Language."))
    valid_from: MomentText
    valid_to: MomentText
    regions: list[str]
    tiers: list[str]
    dealers: list[str]
    condition: ConditionShape
    reward: RewardShape
    priority: int
    combinable: bool
    budget: MoneyText | None
    spent: MoneyText | None = Field(description=N_("Of the budget, when it is published."))
    per_dealer_cap: MoneyText | None
    registration_required: bool
    may_pass_floor: bool
    published_at: MomentText | None
    reason: str = Field(description=N_("Why it was rejected, taken back or withdrawn."))
    doubts: PromotionDoubtsShape | None = Field(description=N_("Null once it was published."))


class PromotionsQuery(PageQuery):
    """Which promotions."""

    state: PromotionPhase | None = None


class PromotionItem(Shape, about=N_("A promotion in the list.")):
    id: int
    number: str
    title_zh: str
    title_en: str
    kind: PromotionKind
    phase: PromotionPhase
    valid_from: MomentText
    valid_to: MomentText
    budget: MoneyText | None
    spent: MoneyText


class PromotionPage(Shape, about=N_("Promotions, the latest written first.")):
    items: list[PromotionItem]
    next_cursor: str | None


class PromotionSubmittedShape(
    PromotionDoubtsShape, about=N_("A submitted promotion, and what is doubtful about it.")
):
    id: int
    number: str
    revision: int
    state: Literal["submitted"]


class PromotionStateShape(Shape, about=N_("Where a promotion stands after what was done.")):
    id: int
    number: str
    revision: int
    state: Literal["draft", "approved", "published", "withdrawn"]
    valid_from: MomentText
    valid_to: MomentText
