"""Requests for goods as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.replenishment.rules import REFERENCE_MAX
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Quantity, Shape, Text

State = Literal["requested", "confirmed", "in_transit", "received", "rejected"]


class SupplyQuery(PageQuery):
    """Which requests."""

    state: State | None = None
    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    q: Text = Field("", max_length=100, description=N_("Part of a number, of a reference or of a SKU."))


class SupplyProgressBody(Shape, about=N_("What becomes of a request for goods.")):
    state: Literal["confirmed", "in_transit", "received", "rejected"]
    expected_on: Day | None = Field(None, description=N_("The day on which the goods arrive."))
    quantity: Quantity | None = Field(None, description=N_("Units that come, where they are others."))
    reference: Text = Field("", max_length=REFERENCE_MAX, description=N_("Your own number of it."))


class SupplyRecorded(Shape, about=N_("A request after a report.")):
    number: str
    state: State
    quantity: int
    expected_on: DayText | None
    reference: str
    order_lines: int = Field(description=N_("Order lines whose day was written again."))


class SupplyRequestShape(Shape, about=N_("Units of a product that orders wait for in a warehouse.")):
    number: str
    state: State
    warehouse: str
    sku: str
    requested: int = Field(description=N_("Units asked for."))
    quantity: int = Field(description=N_("Units that come, as far as is known."))
    units_waiting: int = Field(description=N_("Units that orders wait for there now."))
    expected_on: DayText | None
    reference: str
    requested_at: MomentText
    changed_at: MomentText


class SupplyPage(Shape, about=N_("A page of requests, the latest first.")):
    items: list[SupplyRequestShape]
    next_cursor: str | None
