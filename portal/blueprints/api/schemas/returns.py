"""Returns as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.tracking import FindingShape
from portal.kernel.errors import N_
from portal.returns.rules import LINES_MAX, NOTE_MAX
from portal.web.api.fields import (
    Code,
    DayText,
    MomentText,
    MoneyText,
    PageQuery,
    Quantity,
    Shape,
    Text,
    Whole,
)

State = Literal["requested", "approved", "rejected", "withdrawn", "received", "settled"]
Reason = Literal["damaged", "defective", "wrong_item", "short_dated", "surplus", "recall", "other"]
Remedy = Literal["credit", "exchange"]
Result = Literal["saleable", "quarantine", "scrap", "refused"]


class ReturnsQuery(PageQuery):
    """Which returns."""

    state: State | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number of the return, order or shipment."))


class ReturnLineBody(Shape, about=N_("Units of a product and lot that are to come back.")):
    sku: Code
    quantity: Quantity
    lot: Text = Field(
        "", max_length=64, description=N_("Needed where the shipment holds several lots of it.")
    )
    reason: Reason
    remedy: Remedy = Field(
        "credit", description=N_("`exchange`: the same product again, at the price that was paid.")
    )
    serials: list[Code] = Field(default=[], max_length=1000, description=N_("Of units that have them."))


class KeptGiftBody(Shape, about=N_("Units of a gift that stay although they are not earned any more.")):
    line: int = Field(ge=1, le=32767, description=N_("The gift's line of the order."))
    keep: Whole = Field(description=N_("Units that are billed instead of coming back."))


class ReturnBody(Shape, about=N_("What of a shipment is to come back.")):
    shipment: Text = Field("", max_length=64, examples=["SH2611-4C8P0XNQ7"])
    lines: list[ReturnLineBody] = Field(default=[], max_length=LINES_MAX)
    gifts: list[KeptGiftBody] = Field(
        default=[],
        max_length=LINES_MAX,
        description=N_("Which gifts stay; all others that the goods had earned come back with them."),
    )
    note: Text = Field("", max_length=NOTE_MAX)
    files: list[Code] = Field(
        default=[],
        max_length=20,
        description=N_("Ids of uploaded files: photos, and the temperatures of goods that are kept cold."),
    )
    temperature_file: Text = Field(
        "",
        max_length=64,
        description=N_(
            "Which of `files` tells the temperatures of cold goods since the sale: a logger's file. Any "
            "other waits for quality."
        ),
    )


class QuotedGiftShape(Shape, about=N_("Units of a gift that what stays does not earn any more.")):
    line: int
    sku: str
    name: str
    quantity: int = Field(description=N_("Units to come back or to be billed."))
    keep: int
    unit_value: MoneyText = Field(description=N_("What a unit costs that stays: the dealer's own price."))
    charge: MoneyText


class ReturnQuoteShape(Shape, about=N_("What a return would come to as things stand.")):
    shipment: str
    credit: MoneyText = Field(description=N_("Paid back for the goods, if all of them are accepted."))
    charge: MoneyText = Field(description=N_("Billed for gifts that stay."))
    total: MoneyText
    gifts: list[QuotedGiftShape]


class ReturnGiftShape(Shape, about=N_("A gift that a return asks for.")):
    line: int
    sku: str
    name: str
    quantity: int
    keep: int
    charge: MoneyText = Field(description=N_("What is to be billed for the units that stay."))
    due: int = Field(description=N_("Units that are still due as things stand."))


class GiftNoteShape(Shape, about=N_("What was billed for gifts; negative was given back.")):
    number: str
    invoice: str
    amount: MoneyText


class ReturnResultShape(Shape, about=N_("What the inspection found of units of a line.")):
    result: Result
    quantity: int
    note: str


class ReturnLineShape(Shape, about=N_("Units of one order line and lot.")):
    line: int
    sku: str
    name: str
    lot: str
    expires_on: DayText | None
    quantity: int
    received: int
    reason: Reason
    remedy: Remedy
    gift: bool
    serials: list[str]
    results: list[ReturnResultShape]


class ReturnHeadShape(Shape, about=N_("A return without its lines.")):
    number: str = Field(examples=["RT2611-7M2K9QXA4"])
    state: State
    dealer: str
    order: str
    shipment: str
    requested_at: MomentText
    credit_note: str | None = Field(description=N_("What pays for it, once it is settled."))
    replacement: str | None = Field(description=N_("The order that replaces what is exchanged."))


class ReturnFileShape(Shape, about=N_("A file of a return.")):
    id: str
    name: str
    size: int
    sha256: str


class TemperaturesShape(Shape, about=N_("What the temperature record of cold goods says.")):
    verdict: Literal["not_needed", "sound", "doubtful", "accepted"]
    file: str | None
    accepted_at: MomentText | None
    reason: str
    findings: list[FindingShape] = Field(
        description=N_("What speaks against the record; doubtful without any is what is no logger's file.")
    )


class ReturnShape(ReturnHeadShape, about=N_("A return with its lines.")):
    note: str
    decision_note: str
    decided_at: MomentText | None
    received_at: MomentText | None
    inspected_at: MomentText | None
    temperatures: TemperaturesShape
    lines: list[ReturnLineShape]
    gifts: list[ReturnGiftShape] = Field(description=N_("What the units that stay do not earn any more."))
    gifts_by: list[str] = Field(description=N_("Returns that bring gifts which left with other shipments."))
    gifts_of: str | None = Field(description=N_("The return whose gifts these are."))
    gift_notes: list[GiftNoteShape]
    files: list[ReturnFileShape]


class ReturnPage(Shape, about=N_("A page of returns, the latest first.")):
    items: list[ReturnHeadShape]
    next_cursor: str | None
