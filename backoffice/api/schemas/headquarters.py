"""What headquarters' systems do: ship, publish, book, close."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from portal.blueprints.api.schemas.orders import OrderStatus
from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    MoneyText,
    Period,
    PeriodText,
    PriceText,
    Quantity,
    Shape,
    Text,
    Whole,
)


class LotChoiceBody(Shape, about=N_("Lot to ship instead of the one that expires first, and why.")):
    line: Whole = Field(description=N_("Number of the order line."))
    lot: Code
    quantity: Quantity
    reason: Text = Field(min_length=1, max_length=500)


class LineUnitsBody(Shape, about=N_("How many units of an order line go into the shipment.")):
    line: Whole = Field(description=N_("Number of the order line."))
    quantity: Quantity


class SerialsBody(Shape, about=N_("Serial numbers of the units of one lot.")):
    line: Whole = Field(description=N_("Number of the order line."))
    lot: Code
    serials: list[Text] = Field(min_length=1, max_length=10_000)


class ShippingBody(
    Shape,
    about=N_(
        "A shipment to send. Name the `order` to pick and ship in one step, "
        "or a `shipment` that is already picked."
    ),
):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"order": "SO2611-7K3F9Q2MA", "carrier": "顺丰速运", "tracking_no": "SF1234567890"}]
        }
    )

    order: Code | None = None
    shipment: Code | None = None
    carrier: Text
    tracking_no: Text
    quantities: list[LineUnitsBody] = Field(
        default_factory=list,
        max_length=1000,
        description=N_(
            "With `order`: what to ship. A line that appears twice counts with the sum. "
            "By default what `lots` names, else everything reserved."
        ),
    )
    lots: list[LotChoiceBody] = Field(
        default_factory=list,
        max_length=1000,
        description=N_(
            "With `order`: chosen lots; what `quantities` asks beyond them ships first expired, first out."
        ),
    )
    serials: list[SerialsBody] = Field(
        default_factory=list,
        max_length=1000,
        description=N_(
            "For serial-controlled products: none, or one for every unit. "
            "A lot that appears twice has the serials of both."
        ),
    )


class ShippedShape(Shape, about=N_("A shipment in transit and what was billed for it.")):
    shipment: str
    order: str
    order_status: OrderStatus
    invoice: str
    gross: PriceText


class PaymentBody(Shape, about=N_("Money received from a dealer; negative for a refund.")):
    dealer: Code
    amount: Money
    received_on: Day
    method: Text = Field(min_length=1, max_length=64, examples=["bank transfer"])
    reference: Text = Field("", max_length=140)
    advance_for: Text = Field(
        "", max_length=32, description=N_("Number of the order that is paid ahead of its invoice.")
    )
    confirm_duplicate: bool = Field(
        False, description=N_("This is a different payment, although its bank reference was booked before.")
    )
    confirm_amount: bool = Field(False, description=N_("The amount is right although it is unusual."))


class PaymentShape(Shape, about=N_("A posted payment.")):
    number: str = Field(examples=["PY2611-5D2N7WQ4B"])
    dealer: str
    amount: MoneyText
    received_on: DayText
    period: PeriodText
    late: bool = Field(
        description=N_("Whether it counts in a later month than its date's, which was closed.")
    )


class ClosingBody(Shape, about=N_("Which month to close.")):
    period: Period = Field(examples=["2026-10"])


class ClosingBegun(Shape, about=N_("A month close in progress.")):
    period: PeriodText
    dealers: int


class ClosingShape(Shape, about=N_("Progress of a month close.")):
    period: PeriodText
    state: Literal["open", "closing", "closed"]
    closing_at: MomentText | None
    closed_at: MomentText | None
    dealers: int = Field(description=N_("How many are due a statement."))
    done: int
    failed: int
    paused_at: MomentText | None = Field(description=N_("Since when no statement is begun."))
    paused_by: str | None
    seconds_left: int | None = Field(description=N_("At the pace of late; null while nothing moves."))
