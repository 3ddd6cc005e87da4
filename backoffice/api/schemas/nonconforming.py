"""Reports of non-conforming goods as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.nonconforming.rules import REASON_MAX
from portal.web.api.fields import Code, DayText, MomentText, PageQuery, Quantity, Shape, Text

State = Literal["reported", "released", "sent_back", "to_destroy", "destroyed"]
Source = Literal["inspection", "return", "cold_chain", "transfer", "count", "expiry", "by_hand"]


class ReportQuery(PageQuery):
    """Which reports."""

    state: State | None = None
    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    q: Text = Field("", max_length=100, description=N_("Part of a number, of a SKU or of a lot."))


class ReportBody(Shape, about=N_("Units of a lot that may not be sold.")):
    warehouse: Code
    sku: Code
    lot: Code
    quantity: Quantity
    serials: list[Code] = Field(default_factory=list, max_length=5_000)
    source: Source = Field("by_hand", description=N_("Where they were found not to conform."))
    reason: Text = Field(max_length=REASON_MAX)
    set_apart: bool = Field(False, description=N_("Whether saleable units go to quarantine with it."))


class NonconformingDecisionBody(Shape, about=N_("What becomes of the units, and why.")):
    decision: Literal["release", "send_back", "destroy"]
    note: Text = Field(max_length=REASON_MAX)


class ReportShape(Shape, about=N_("A report of non-conforming goods.")):
    number: str
    state: State
    warehouse: str
    sku: str
    lot: str
    expires_on: DayText | None
    quantity: int
    serials: list[str]
    source: Source
    document: str | None = Field(description=N_("The document that opened the report, such as a return."))
    reason: str
    reported_by: str
    reported_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    decision_note: str
    witnessed_by: str | None
    witnessed_at: MomentText | None


class ReportPage(Shape, about=N_("A page of reports, the latest first.")):
    items: list[ReportShape]
    next_cursor: str | None
