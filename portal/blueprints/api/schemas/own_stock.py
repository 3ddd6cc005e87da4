"""The dealer's own stock, and what it reports of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.dealerstock.rules import CUSTOMER_MAX, LINES_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Quantity, Shape, Text

FindingWord = Literal[
    "", "unknown_product", "not_bought", "more_than_bought", "more_than_held", "counted_since"
]


class OwnStockQuery(PageQuery):
    """Which lots."""

    q: Text = Field("", max_length=100, description=N_("Part of a name, a SKU or a lot number."))
    short_dated_within: Annotated[str, Field(pattern=r"^[0-9]{1,5}$")] | None = Field(
        None, description=N_("Only lots held that expire within so many days, or have expired.")
    )


class OwnLotShape(Shape, about=N_("A lot that the dealer bought.")):
    sku: str
    lot: str
    expires_on: DayText | None
    shelf: Literal["good", "short_dated", "expired"]
    bought: int = Field(description=N_("Units shipped, less what came back."))
    held: int = Field(description=N_("Units held; below 0 where more is reported sold than there can be."))
    on_the_way: int
    sold: int = Field(description=N_("Units reported as sold or used."))
    counted_on: DayText | None = Field(description=N_("Day of the latest count."))


class OwnStockPage(Shape, about=N_("A page of lots, the first to expire first.")):
    items: list[OwnLotShape]
    next_cursor: str | None


class SuggestionShape(Shape, about=N_("A product to order again, in units.")):
    sku: str
    weeks: list[int] = Field(description=N_("Sold in each of the latest weeks, the last ends today."))
    weekly: str = Field(description=N_("Units that a week is expected to ask for, a decimal number."))
    held: int
    coming: int = Field(description=N_("Ordered or on the way."))
    safety_stock: int
    order_up_to: int
    quantity: int = Field(description=N_("Units to order, in whole packs."))


class SuggestionList(Shape, about=N_("What to order again.")):
    items: list[SuggestionShape]


class InventoryLineBody(Shape, about=N_("A lot that was counted or sold.")):
    sku: Code
    lot: Code = Field(description=N_("As it stands on the label, `-` for an article without lots."))
    quantity: Quantity = Field(description=N_("Of a count what lies there, which may be 0."))
    kind: Literal["stock", "sold"]
    day: Day | None = Field(None, description=N_("Day of the count or the sale; `as_of` by default."))
    customer: Text = Field("", max_length=CUSTOMER_MAX, description=N_("To whom it was sold, if you say."))


class InventoryReportBody(Shape, about=N_("What the dealer counted and what it sold.")):
    as_of: Day = Field(description=N_("Day for lines that name none."))
    lines: Annotated[list[InventoryLineBody], Field(min_length=1, max_length=LINES_MAX)]


class InventoryLineShape(Shape, about=N_("A line as it was kept, with what is to be said of it.")):
    line: int
    sku: str
    lot: str
    quantity: int
    kind: Literal["stock", "sold"]
    day: DayText
    customer: str
    finding: FindingWord = Field(description=N_("Empty for a line in order."))
    message: str
    fix: str


class InventoryReportShape(Shape, about=N_("A report with its lines.")):
    number: str = Field(examples=["IR2611-4C8P0XNQ7"])
    as_of: DayText
    source: Literal["page", "file", "scan", "api"]
    reported_at: MomentText
    lines: list[InventoryLineShape]


class InventoryReportHead(Shape, about=N_("A report without its lines.")):
    number: str
    as_of: DayText
    source: Literal["page", "file", "scan", "api"]
    reported_at: MomentText
    reported_by: str
    lines: int
    doubtful: int = Field(description=N_("Lines of which something is to be put right."))


class InventoryReportPage(Shape, about=N_("A page of reports, the latest first.")):
    items: list[InventoryReportHead]
    next_cursor: str | None
