"""Changes of tiers as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, Shape, Text

StateName = Literal["waiting", "approved", "rejected", "withdrawn"]


class TierChangeBody(Shape, about=N_("Another tier of a dealer from a day on.")):
    dealer: Code
    tier: Code
    valid_from: Day = Field(description=N_("A day after today."))
    reason: Text = Field("", max_length=500)


class TierDecisionBody(Shape, about=N_("A decision on another tier.")):
    reason: Text = Field("", max_length=500, description=N_("Why it is refused."))


class TierChangeShape(Shape, about=N_("Another tier of a dealer that was asked for.")):
    number: str
    dealer: str
    tier: str
    valid_from: DayText
    reason: str
    state: StateName
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    decision_note: str


class TierChangesShape(Shape, about=N_("Changes of tiers, what waits first.")):
    items: list[TierChangeShape]
