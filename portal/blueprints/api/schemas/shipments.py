"""Parcels: what is in them, how they travel, that they arrived."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.orders import OrderStatus
from portal.deliveries.rules import PHOTOS_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, MomentText, Shape, Text, Whole


class ShipmentLineShape(Shape, about=N_("Units of one lot for one line of the order.")):
    line: int
    sku: str
    name: str
    registration_no: str = Field(description=N_("Of the product when it was picked."))
    lot: str = Field(description=N_("`-` where a product has no lots."), examples=["SY-2601"])
    expires_on: DayText | None
    quantity: int
    returned: int
    serials: list[str]


class ShipmentShape(Shape, about=N_("A shipment with its lots and serials.")):
    number: str = Field(examples=["SH2611-4C8P0XNQ7"])
    order: str
    status: Literal["picking", "shipped", "received"]
    warehouse: str
    carrier: str
    tracking_no: str
    picked_at: MomentText
    shipped_at: MomentText | None
    received_at: MomentText | None
    invoice: str | None = Field(description=N_("Number of the invoice that was posted with it."))
    lines: list[ShipmentLineShape]


class ShipmentList(Shape, about=N_("The shipments of an order; one answer holds them all.")):
    items: list[ShipmentShape]
    next_cursor: None


class ReceivedLine(Shape, about=N_("Units of a lot as they arrived.")):
    sku: Code
    lot: Code = Field(description=N_("`-` where a product has no lots; one that was not shipped is wrong."))
    received: Whole = Field(description=N_("Damaged ones too; more than were shipped is an excess."))
    damaged: Whole = Field(default=0, description=N_("Of the received."))


class ReceiptBody(
    Shape,
    about=N_("What arrived. Lots that are not named arrived as they were shipped: `{}` for all of them."),
):
    lines: list[ReceivedLine] = Field(default=[], max_length=5000)
    signed_by: Text = Field(
        default="", max_length=60, description=N_("Who took the goods over; the name of the client if empty.")
    )
    note: Text = Field(default="", max_length=500)
    files: list[Code] = Field(
        default=[], max_length=PHOTOS_MAX, description=N_("Ids of uploaded files: photos of the goods.")
    )


class ReceiptShape(Shape, about=N_("When receipt was first confirmed, and the status of the order.")):
    number: str
    received_at: MomentText
    order: str
    order_status: OrderStatus
    cases: list[str] = Field(description=N_("Numbers of the cases that its differences opened."))
    files: list[str] = Field(description=N_("Ids of the photos of this receipt."))
