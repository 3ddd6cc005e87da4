"""A traced lot and a traced unit as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Day, DayText, MomentText, PageQuery, Shape

PlaceKinds = Literal["warehouse", "carrier", "dealer", "used", "destroyed", "outside"]


class TraceQuery(PageQuery):
    """Of when."""

    at: Day | None = Field(None, description=N_("At the end of this day; now without it."))


class TotalsShape(Shape, about=N_("Units of a lot by what became of them.")):
    shipped: int = Field(description=N_("To dealers, ever."))
    held: int = Field(description=N_("By dealers, now."))
    used: int
    returned: int = Field(description=N_("From dealers to us, ever."))
    destroyed: int


class HolderShape(Shape, about=N_("A place and the units of a lot there.")):
    place: str = Field(description=N_("Code of the warehouse or dealer; empty for other places."))
    kind: PlaceKinds
    name_zh: str
    name_en: str
    quantity: int
    since: MomentText


class TracedLotShape(Shape, about=N_("A lot, its totals and a page of who holds it, most first.")):
    sku: str
    lot: str
    produced_on: DayText | None
    expires_on: DayText | None
    state: list[Literal["saleable", "expired", "blocked"]] = Field(
        description=N_("States of the lot in our warehouses.")
    )
    totals: TotalsShape
    holders: list[HolderShape]
    next_cursor: str | None


class StepShape(Shape, about=N_("A unit went from one place to another.")):
    at: MomentText
    document: str
    from_kind: PlaceKinds
    from_name: str
    to_kind: PlaceKinds
    to_name: str


class TracedUnitShape(Shape, about=N_("A unit with a serial number and its life.")):
    sku: str
    lot: str
    serial: str
    place: str = Field(description=N_("Kind of the place where it is; empty where it is not yours to know."))
    name_zh: str
    name_en: str
    since: MomentText | None
    steps: list[StepShape]
