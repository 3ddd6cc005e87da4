"""Parcels: what is in them, how they travel, that they arrived."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.orders import OrderStatus
from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MomentText, Shape


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


class ReceiptBody(Shape, about=N_("Nothing needs to be said.")):
    pass


class ReceiptShape(Shape, about=N_("When receipt was first confirmed, and the status of the order.")):
    number: str
    received_at: MomentText
    order: str
    order_status: OrderStatus
