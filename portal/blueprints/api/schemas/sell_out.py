"""What a dealer sold to hospitals, what they used and gave back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.sellout.decide_rules import HOSPITAL_MAX, LINES_MAX
from portal.sellout.reverse_line import REASON_MAX
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    Moment,
    MomentText,
    PageQuery,
    Quantity,
    Shape,
    Text,
    Whole,
)

KindWord = Literal["return", "sell_out", "use"]
StateWord = Literal["accepted", "waiting", "refused", "reversed"]
DefectWord = Literal["", "unknown_product", "no_serial", "repeated", "never_held", "more_than_received"]


class SellOutQuery(PageQuery):
    """Which lines."""

    q: Text = Field(
        "", max_length=100, description=N_("Part of a document, a SKU, a lot, a serial number or a hospital.")
    )
    state: Literal["", "accepted", "waiting", "refused", "reversed"] = Field(
        "", description=N_("Lines of this state only.")
    )


class SellOutLineBody(Shape, about=N_("Goods that went to a hospital, were used or came back.")):
    document: Text = Field(
        "", max_length=64, description=N_("Of your own books; a line of a document counts once.")
    )
    line: Code | Whole | None = Field(None, description=N_("Its line; the place in the report by default."))
    at: Day | Moment = Field(description=N_("Day on which it happened."))
    kind: KindWord = Field("sell_out", description=N_("`sell_out` by default."))
    sku: Code
    lot: Code = Field(description=N_("As it stands on the label, `-` for an article without lots."))
    serial: Text = Field("", max_length=64, description=N_("Where the article has serial numbers."))
    quantity: Quantity
    to: Text = Field(
        "",
        max_length=HOSPITAL_MAX,
        description=N_("Name or code of the hospital: it got, used or gave back the goods."),
    )


class SellOutBody(Shape, about=N_("What a dealer sold, what was used and what came back.")):
    lines: Annotated[list[SellOutLineBody], Field(min_length=1, max_length=LINES_MAX)]


class SellOutLineShape(Shape, about=N_("A line as it was sent, and what became of it.")):
    report: str = Field(examples=["SL2611-4C8P0XNQ7"])
    line_no: int = Field(description=N_("Place in the report, from 1."))
    document: str
    line: str
    kind: KindWord
    day: DayText
    sku: str
    lot: str
    serial: str
    quantity: int
    to: str
    state: StateWord
    code: DefectWord = Field(description=N_("Why it waits or was refused."))
    message: str
    fix: str
    waits_until: DayText | None = Field(description=N_("Last day on which it waits for goods."))
    reported_at: MomentText


class RefusedShape(Shape, about=N_("A line that moved nothing.")):
    line_no: int = Field(description=N_("Place in the report, from 1."))
    document: str
    line: str
    code: DefectWord
    message: str
    fix: str


class SellOutShape(Shape, about=N_("A report with what became of its lines.")):
    number: str = Field(examples=["SL2611-4C8P0XNQ7"])
    source: Literal["page", "file", "scan", "api"]
    reported_at: MomentText
    accepted: int = Field(description=N_("Lines that moved goods."))
    waiting: int = Field(description=N_("Lines that wait for goods, ten days at most."))
    refused: list[RefusedShape]
    lines: list[SellOutLineShape]


class SellOutPage(Shape, about=N_("A page of lines, the latest first.")):
    items: list[SellOutLineShape]
    next_cursor: str | None


class ReversalBody(Shape, about=N_("Why a line is taken back.")):
    line_no: int = Field(ge=1, le=LINES_MAX, description=N_("Place in the report, from 1."))
    reason: Text = Field(min_length=1, max_length=REASON_MAX)
