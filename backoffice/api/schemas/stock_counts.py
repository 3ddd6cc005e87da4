"""Stock counts as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.counting.rules import NOTE_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    MoneyText,
    PageQuery,
    Shape,
    Text,
    Whole,
)

State = Literal["counting", "recounting", "submitted", "approved", "rejected", "cancelled"]
Standing = Literal["saleable", "inspecting", "quarantined"]


class CountQuery(PageQuery):
    """Which counts."""

    state: State | None = None
    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    q: Text = Field("", max_length=100, description=N_("Part of a number."))


class CountBody(Shape, about=N_("What is to be counted: products, a category, a bin or everything.")):
    warehouse: Code
    skus: list[Code] = Field(default_factory=list, max_length=5_000)
    category: Text = Field("", max_length=64, description=N_("Code of a category, with all below it."))
    location: Text = Field("", max_length=64, description=N_("A bin, or how bins begin."))
    all: bool = False


class CountEntryBody(Shape, about=N_("What somebody counted of a lot.")):
    sku: Code
    lot: Code
    standing: Standing = Field("saleable", description=N_("In which area the units lie."))
    units: Whole = Field(description=N_("Added to earlier entries; fewer than 0 takes one back."))
    serials: list[Code] = Field(default_factory=list, max_length=5_000)
    found: bool = Field(False, description=N_("The lot is not expected there, and its label says so."))
    produced_on: Day | None = None
    expires_on: Day | None = None


class NoteBody(Shape, about=N_("A remark.")):
    note: Text = Field("", max_length=NOTE_MAX)


class CountLineShape(Shape, about=N_("A lot as it is counted.")):
    sku: str
    lot: str
    expires_on: DayText | None
    location: str
    standing: Standing
    is_due: bool = Field(description=N_("Whether it has to be counted yet, in this round."))
    counted: int | None
    expected: int | None = Field(description=N_("Told when the counting is over."))
    difference: int | None
    value: MoneyText | None = Field(description=N_("Of the difference, at list prices."))
    missing: list[str] = Field(description=N_("Serial numbers that were not found."))
    surplus: list[str] = Field(description=N_("Serial numbers that should not be there."))


class CountLinePage(Shape, about=N_("Lots of a count, by SKU.")):
    items: list[CountLineShape]
    next_cursor: str | None


class CountRowShape(Shape, about=N_("A stock count.")):
    number: str
    state: State
    warehouse: str
    lines: int
    counted: int = Field(description=N_("Lines that need not be counted any more, in this round."))
    opened_by: str
    opened_at: MomentText
    submitted_by: str | None
    submitted_at: MomentText | None
    decided_by: str | None
    decided_at: MomentText | None
    note: str


class CountShape(
    CountRowShape, about=N_("A stock count with lines: those to be counted, or differing, first.")
):
    items: list[CountLineShape]


class CountPage(Shape, about=N_("A page of counts, the latest first.")):
    items: list[CountRowShape]
    next_cursor: str | None
