"""Headquarters' stock as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, PageQuery, Shape


class HeldQuery(PageQuery):
    """Which stock."""

    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    sku: Code | None = None


class HeldLotShape(Shape, about=N_("Units of a lot in a warehouse.")):
    lot: str
    expires_on: DayText | None
    state: Literal["saleable", "expired", "blocked"]
    on_hand: int
    inspecting: int
    quarantined: int
    location: str = Field(description=N_("The bin."))


class HeldLevelShape(Shape, about=N_("Units of a product in a warehouse.")):
    sku: str
    warehouse: str
    on_hand: int = Field(description=N_("Units that may be sold; those for orders are part of them."))
    reserved: int
    available: int
    in_inspection: int
    quarantined: int
    in_transit: int
    lots: list[HeldLotShape]


class HeldPage(Shape, about=N_("A page of stock, by warehouse and product.")):
    items: list[HeldLevelShape]
    next_cursor: str | None
