"""Rebate programmes as headquarters' systems write and read them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from portal.kernel import typed
from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Shape,
    Text,
    Whole,
)

PeriodKind = Literal["month", "quarter", "half", "year", "whole"]
Measure = Literal["shipped", "invoiced", "paid"]
Basis = Literal["amount", "amount_net", "quantity"]
Method = Literal["all_units", "incremental"]
ProgrammePhase = Literal["draft", "submitted", "approved", "coming", "running", "over", "withdrawn"]
Percent = Money


def _figure(value: Any) -> Decimal:
    try:
        return typed.money(str(value) if type(value) is int else value, strict=True)
    except typed.Misread as misread:
        raise PydanticCustomError(misread.code, misread.code) from None


Figure = Annotated[
    Decimal,
    BeforeValidator(_figure),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}], "examples": ["100000.00", 300]}),
]
"""An amount as text, or pieces."""


class TierBody(Shape, about=N_("What is paid from a threshold on, inclusive: exactly one of the three.")):
    start: Figure = Field(alias="from", description=N_("¥, pieces, or per cent of growth."))
    percent: Percent | None = None
    amount_per_unit: Money | None = None
    fixed: Money | None = None


class AmendmentBody(Shape, about=N_("Other tiers from a day on.")):
    start: Day = Field(alias="from")
    tiers_of: list[TierBody] = Field(max_length=20)


class PayoutBody(Shape, about=N_("What the money is reckoned on, where that is not the qualifier.")):
    basis: Basis | None = None
    skus: list[Code] = Field(default_factory=list, max_length=1000)
    category: Code | None = None


class GrowthBody(Shape, about=N_("Tiers by growth on the same days of last year.")):
    by: Literal["percent", "amount"] = "percent"
    pays: Literal["whole", "increase"] = "whole"
    base_at_least: Money | None = Field(None, description=N_("The agreed base where last year's is less."))
    zero_base: Literal["skip", "counts"] = "skip"


class MixBody(Shape, about=N_("A share of some goods in the qualifier.")):
    at_least: Percent
    category: Code | None = None
    skus: list[Code] = Field(default_factory=list, max_length=1000)
    factor: Money = Field(Decimal(0), description=N_("Of the rebate, where the share is missed."))


class GradeBody(Shape, about=N_("What an invoice earns that is paid within some days.")):
    days: Whole
    pays: Percent


class OnTimeBody(Shape, about=N_("What becomes of invoices that are paid late.")):
    mode: Literal["all", "late_excluded", "graded"]
    grace_days: Whole = 0
    grades: list[GradeBody] = Field(default_factory=list, max_length=10)


_EXAMPLE: JsonDict = {
    "title_zh": "2026 年四季度销售返利",
    "title_en": "Sales rebate, fourth quarter of 2026",
    "valid_from": "2026-10-01",
    "valid_to": "2026-12-31",
    "period": "quarter",
    "tiers": ["S", "A"],
    "measure": "invoiced",
    "basis": "amount",
    "method": "all_units",
    "tiers_of": [{"from": "100000.00", "percent": "2"}, {"from": "200000.00", "percent": "3"}],
}


class ProgrammeBody(Shape, about=N_("A rebate programme.")):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title_zh: Text
    title_en: Text
    text_zh: Text = ""
    text_en: Text = ""
    valid_from: Day
    valid_to: Day = Field(description=N_("The last day that counts."))
    period: PeriodKind
    regions: list[Code] = Field(default_factory=list, max_length=1000)
    tiers: list[Code] = Field(default_factory=list, max_length=20)
    dealers: list[Code] = Field(
        default_factory=list,
        max_length=1000,
        description=N_("For dealers that are named, and of the named tiers, and in the named regions."),
    )
    skus: list[Code] = Field(default_factory=list, max_length=1000)
    category: Code | None = Field(None, description=N_("A product line, with everything below it."))
    measure: Measure
    basis: Basis
    method: Method
    tiers_of: list[TierBody] = Field(max_length=20)
    payout: PayoutBody | None = None
    growth: GrowthBody | None = None
    mix: MixBody | None = None
    on_time: OnTimeBody | None = None
    returns_at_most: Percent | None = Field(None, description=N_("Per cent of what was sold."))
    inventory_reports: Whole | None = Field(
        None, description=N_("Days after each month's end by which its stock has to be reported; 1 to 28.")
    )
    no_diversion_case: bool = Field(False, description=N_("Whether no diversion case may be open."))
    multiplier: Money = Decimal(1)
    cap: Money | None = Field(None, description=N_("At most this a dealer and period."))
    guaranteed: Money | None = Field(None, description=N_("At least this, to who bought something."))
    minimum_payout: Money | None = Field(None, description=N_("Less waits for the next period."))
    usable_share: Percent | None = Field(
        None, description=N_("Kept as a balance that pays at most so many per cent of each later invoice.")
    )
    budget: Money | None = Field(None, description=N_("For all dealers together."))
    late_returns: Literal["own_date", "origin_period"] = "own_date"
    priority: Whole = Field(1, description=N_("1 to 999; 1 goes first."))
    combinable: bool = Field(True, description=N_("Whether lines may earn under another programme too."))
    amendments: list[AmendmentBody] = Field(default_factory=list, max_length=12)


class ProgrammeEditBody(ProgrammeBody, about=N_("A programme, as a draft that was read shall become.")):
    model_config = ConfigDict(json_schema_extra={"examples": [{**_EXAMPLE, "revision": 1}]})

    revision: Whole


class ProgrammeRevisionBody(Shape, about=N_("Which state of a programme was read.")):
    revision: Whole


class ProgrammeRejectionBody(Shape, about=N_("Which state was read, and why it goes back.")):
    revision: Whole
    reason: Text = Field(min_length=1, max_length=500)


class ProgrammeWithdrawalBody(Shape, about=N_("Why it ends.")):
    reason: Text = Field(min_length=1, max_length=500)


class TierShape(Shape, about=N_("What is paid from a threshold on.")):
    start: MoneyText = Field(alias="from")
    percent: MoneyText | None
    amount_per_unit: MoneyText | None
    fixed: MoneyText | None


class AmendmentShape(Shape, about=N_("Other tiers from a day on.")):
    start: DayText = Field(alias="from")
    tiers_of: list[TierShape]


class PayoutShape(Shape, about=N_("What the money is reckoned on.")):
    basis: Basis
    skus: list[str]
    category: str | None


class GrowthShape(Shape, about=N_("Tiers by growth on last year.")):
    by: Literal["percent", "amount"]
    pays: Literal["whole", "increase"]
    base_at_least: MoneyText | None
    zero_base: Literal["skip", "counts"]


class MixShape(Shape, about=N_("A share of some goods in the qualifier.")):
    at_least: MoneyText
    category: str | None
    skus: list[str]
    factor: MoneyText


class GradeShape(Shape, about=N_("What an invoice earns that is paid within some days.")):
    days: int
    pays: MoneyText


class OnTimeShape(Shape, about=N_("What becomes of invoices that are paid late.")):
    mode: Literal["all", "late_excluded", "graded"]
    grace_days: int
    grades: list[GradeShape]


class TermsShape(Shape, about=N_("What a programme says.")):
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    valid_from: DayText
    valid_to: DayText
    period: PeriodKind
    regions: list[str]
    tiers: list[str]
    dealers: list[str]
    skus: list[str]
    category: str | None
    measure: Measure
    basis: Basis
    method: Method
    tiers_of: list[TierShape]
    payout: PayoutShape | None
    growth: GrowthShape | None
    mix: MixShape | None
    on_time: OnTimeShape | None
    returns_at_most: MoneyText | None
    inventory_reports: int | None
    no_diversion_case: bool
    multiplier: MoneyText
    cap: MoneyText | None
    guaranteed: MoneyText | None
    minimum_payout: MoneyText | None
    usable_share: MoneyText | None
    late_returns: Literal["own_date", "origin_period"]
    priority: int
    combinable: bool
    amendments: list[AmendmentShape]


class ProgrammeShape(TermsShape, about=N_("A programme with everything that is said of it.")):
    id: str = Field(description=N_("Its number: every call takes it, a dealer's too."))
    number: str = Field(examples=["FL2611-7K3F9Q2MA"])
    revision: int = Field(description=N_("Counts what was done to it; every act names the one it read."))
    state: Literal["draft", "submitted", "approved", "published", "withdrawn"]
    phase: ProgrammePhase = Field(description=N_("Of one that is published, whether it runs."))
    budget: MoneyText | None
    ended_on: DayText | None = Field(description=N_("Its last day, where it was withdrawn."))
    published_at: MomentText | None
    reason: str = Field(description=N_("Why it was rejected, taken back or withdrawn."))


class ProgrammesQuery(PageQuery):
    """Which programmes."""

    state: ProgrammePhase | None = None


class ProgrammeItem(Shape, about=N_("A programme in the list.")):
    id: str = Field(description=N_("Its number: every call takes it, a dealer's too."))
    number: str
    title_zh: str
    title_en: str
    phase: ProgrammePhase
    valid_from: DayText
    valid_to: DayText
    period: PeriodKind
    priority: int
    budget: MoneyText | None
    accrued: MoneyText = Field(description=N_("What its dealers have earned so far."))


class ProgrammePage(Shape, about=N_("Programmes, the latest written first.")):
    items: list[ProgrammeItem]
    next_cursor: str | None


class ProgrammeStateShape(Shape, about=N_("Where a programme stands after what was done.")):
    id: str = Field(description=N_("Its number: every call takes it, a dealer's too."))
    number: str
    revision: int
    state: Literal["draft", "submitted", "approved", "published", "withdrawn"]
