"""The tree of regions and moves of provinces as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, MoneyText, Shape, Text

StageName = Literal["waiting", "coming", "approved", "rejected", "withdrawn"]
ScopedKind = Literal["price policy", "promotion", "rebate programme", "notice"]


class RegionsQuery(Shape):
    day: Day | None = Field(None, description=N_("Whose boundaries; of today where it is left out."))


class ProvinceShape(Shape, about=N_("A province.")):
    code: str
    name_zh: str
    name_en: str


class AreaShape(Shape, about=N_("A sales area with its provinces of a day.")):
    code: str
    name_zh: str
    name_en: str
    provinces: list[ProvinceShape]


class RegionTreeShape(Shape, about=N_("The tree of a day.")):
    day: DayText
    areas: list[AreaShape]


class RegionMoveBody(Shape, about=N_("A province belongs to another area from a day on.")):
    region: Code = Field(description=N_("Code of the province."))
    area: Code = Field(description=N_("Code of the area that it goes to."))
    valid_from: Day = Field(description=N_("A day after today."))
    reason: Text = Field(max_length=500)


class RegionMoveDecisionBody(Shape, about=N_("A decision on a move.")):
    reason: Text = Field("", max_length=500, description=N_("Why it is refused."))


class ScopedShape(Shape, about=N_("A document for one of the two areas.")):
    kind: ScopedKind
    number: str
    title_zh: str
    title_en: str
    begins_to_apply: bool = Field(description=N_("Else it ends to apply to the province."))


class RegionMovePreviewShape(Shape, about=N_("What moves with a province.")):
    dealers: int
    open_orders: int
    open_amount: MoneyText
    warehouses_here: int
    unauthorised: int = Field(description=N_("Dealers who may sell there by the area alone."))
    gaining: list[str] = Field(description=N_("Who answers for the province afterwards and not before."))
    losing: list[str]
    scoped: list[ScopedShape]


class RegionMoveShape(Shape, about=N_("A move of a province.")):
    number: str
    region: str
    from_area: str
    area: str
    valid_from: DayText
    reason: str
    stage: StageName
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    decision_note: str
    preview: RegionMovePreviewShape | None = Field(description=N_("Of one that has not begun."))


class RegionMovesShape(Shape, about=N_("Moves of provinces, the latest day first.")):
    items: list[RegionMoveShape]
