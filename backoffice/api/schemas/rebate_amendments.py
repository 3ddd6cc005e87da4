"""Amendments of rebate programmes as headquarters' systems write and read them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from backoffice.api.schemas.rebates import TierBody, TierShape
from portal.kernel.errors import N_
from portal.web.api.fields import Day, DayText, MomentText, MoneyText, Shape, Text, Whole

_AMENDING: JsonDict = {
    "from": "2026-11-01",
    "tiers_of": [{"from": "100000.00", "percent": "2.5"}],
    "reason": "Agreed at the autumn meeting.",
}


class AmendingBody(Shape, about=N_("Other tiers of a published programme from a stated day on.")):
    model_config = ConfigDict(json_schema_extra={"examples": [_AMENDING]})

    start: Day = Field(alias="from", description=N_("A day of the programme, also one that has passed."))
    tiers_of: list[TierBody] = Field(max_length=20)
    reason: Text = Field(min_length=1, max_length=500, description=N_("What was agreed."))


class AmendingEditBody(AmendingBody, about=N_("An amendment, as a draft that was read shall become.")):
    model_config = ConfigDict(json_schema_extra={"examples": [{**_AMENDING, "revision": 1}]})

    revision: Whole


class AmendingShape(Shape, about=N_("An amendment of a programme.")):
    id: str = Field(description=N_("Its number, by which every call takes it."))
    number: str = Field(examples=["FB2611-7K3F9Q2MA"])
    revision: int = Field(description=N_("Counts what was done to it; every act names the one it read."))
    state: Literal["draft", "submitted", "approved", "published", "withdrawn"]
    start: DayText = Field(alias="from")
    tiers_of: list[TierShape]
    reason: str = Field(description=N_("What was agreed."))
    returned_because: str = Field(description=N_("Why it was rejected, taken back or withdrawn."))
    proposed_by: str
    published_at: MomentText | None


class AmendingList(Shape, about=N_("Amendments of a programme, by the day from which they hold.")):
    items: list[AmendingShape]
    next_cursor: None


class AmendingPeriodShape(Shape, about=N_("What a period costs without an amendment and with it.")):
    period: str
    before: MoneyText
    after: MoneyText
    dealers: int
    is_over: bool = Field(description=N_("Whether the period has ended, and may be settled."))


class AmendingChangeShape(
    Shape, about=N_("What a dealer earns in a period without an amendment and with it.")
):
    dealer: str
    programme: str
    period: str
    before: MoneyText
    after: MoneyText


class AmendingPreviewShape(Shape, about=N_("What an amendment would change.")):
    periods: list[AmendingPeriodShape]
    changes: list[AmendingChangeShape] = Field(description=N_("The largest first, 200 at most."))
    not_shown: int = Field(description=N_("How many more changes there are."))
    dealers: int = Field(description=N_("How many dealers were reckoned."))
    left_out: int = Field(description=N_("How many dealers were not, since they are too many."))
