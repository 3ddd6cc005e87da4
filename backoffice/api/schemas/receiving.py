"""Goods receipts, purchase orders and suppliers as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.kernel.lots import LOT_MAX
from portal.receiving.rules import LINES_MAX, SERIALS_MAX, TEXT_MAX
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Quantity, Shape, Text, Whole

State = Literal["inspecting", "accepted", "partly_refused", "refused"]
PurchaseState = Literal["open", "partly_received", "received"]


class GoodsReceiptLineBody(Shape, about=N_("Units of a lot that arrived.")):
    sku: Code
    lot: Text = Field("", max_length=LOT_MAX, description=N_("Left empty where a product has no lots."))
    expires_on: Day | None = Field(None, description=N_("Needed for a lot that is not known yet."))
    produced_on: Day | None = Field(None, description=N_("Needed where the certificate is not in force now."))
    quantity: Quantity
    serials: list[Text] = Field(
        default_factory=list,
        max_length=SERIALS_MAX,
        description=N_("One for every unit of a product that has serial numbers."),
    )
    inspection: bool = Field(False, description=N_("Accepted later, by an inspection; else accepted now."))
    contract_maker: Text = Field("", max_length=TEXT_MAX, description=N_("Who made it for the registrant."))
    contract_maker_licence: Text = Field("", max_length=TEXT_MAX)


class GoodsReceiptBody(Shape, about=N_("Goods that arrived in a warehouse.")):
    warehouse: Code
    reference: Text = Field(
        "",
        max_length=TEXT_MAX,
        description=N_("Your own number of it; that of a purchase order is understood as one."),
    )
    supplier: Text = Field("", max_length=64, description=N_("Code of who brought it."))
    purchase_order: Text = Field("", max_length=64, description=N_("Number of the purchase order."))
    supply_request: Text = Field("", max_length=64, description=N_("Number of the request it answers."))
    lines: list[GoodsReceiptLineBody] = Field(min_length=1, max_length=LINES_MAX)


class InspectedLineBody(Shape, about=N_("A decision about units of a lot.")):
    sku: Code
    lot: Code
    accepted: Whole = Field(description=N_("Units that may be sold."))
    refused: Whole = Field(0, description=N_("Units that are set apart."))
    reason: Text = Field("", max_length=TEXT_MAX, description=N_("What is wrong with the refused units."))
    refused_serials: list[Text] = Field(default_factory=list, max_length=SERIALS_MAX)


class InspectionBody(Shape, about=N_("What an inspection says of lots of a receipt.")):
    lines: list[InspectedLineBody] = Field(min_length=1, max_length=LINES_MAX)


class GoodsReceiptLineShape(Shape, about=N_("Units of a lot on a receipt.")):
    sku: str
    lot: str
    produced_on: DayText | None
    expires_on: DayText | None
    quantity: int
    inspecting: int = Field(description=N_("Units about which nothing is decided yet."))
    accepted: int
    refused: int
    serials: list[str]
    ordered: int | None = Field(description=N_("Units on the purchase order."))


class GoodsReceiptShape(Shape, about=N_("A goods receipt.")):
    number: str
    state: State
    warehouse: str
    reference: str
    supplier: str
    purchase_order: str
    supply_request: str
    received_at: MomentText
    received_by: str
    lines: list[GoodsReceiptLineShape]


class GoodsReceiptSummaryShape(Shape, about=N_("A goods receipt in a list.")):
    number: str
    state: State
    warehouse: str
    reference: str
    supplier: str
    purchase_order: str
    units: int
    inspecting: int
    refused: int
    received_at: MomentText
    received_by: str


class GoodsReceiptPage(Shape, about=N_("A page of goods receipts, the latest first.")):
    items: list[GoodsReceiptSummaryShape]
    next_cursor: str | None


class GoodsReceiptQuery(PageQuery):
    """Which receipts."""

    state: State | None = None
    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    q: Text = Field("", max_length=100, description=N_("Part of a number, of a reference or of a supplier."))


class SupplierBody(Shape, about=N_("A supplier as records of acceptance name it.")):
    name: Code
    address: Text = Field("", max_length=TEXT_MAX)
    contact: Text = Field("", max_length=TEXT_MAX, description=N_("A person and how to reach them."))
    licence_no: Text = Field("", max_length=TEXT_MAX)


class SupplierShape(Shape, about=N_("A supplier.")):
    code: str
    name: str
    address: str
    contact: str
    licence_no: str


class SupplierList(Shape, about=N_("All suppliers.")):
    items: list[SupplierShape]


class PurchaseLineBody(Shape, about=N_("A product that was ordered.")):
    sku: Code
    quantity: Quantity


class PurchaseBody(Shape, about=N_("A purchase order as it is now.")):
    number: Code
    supplier: Code = Field(description=N_("Code of a supplier."))
    warehouse: Code
    expected_on: Day
    lines: list[PurchaseLineBody] = Field(min_length=1, max_length=LINES_MAX)


class PurchaseLineShape(Shape, about=N_("A product of a purchase order.")):
    sku: str
    quantity: int
    received: int


class PurchaseShape(Shape, about=N_("A purchase order.")):
    number: str
    state: PurchaseState
    supplier: str
    warehouse: str
    expected_on: DayText
    receipts: list[str] = Field(description=N_("Numbers of its goods receipts."))
    lines: list[PurchaseLineShape]


class PurchaseSummaryShape(Shape, about=N_("A purchase order in a list.")):
    number: str
    state: PurchaseState
    supplier: str
    warehouse: str
    expected_on: DayText
    ordered: int
    received: int


class PurchasePage(Shape, about=N_("A page of purchase orders, by the day they are expected on.")):
    items: list[PurchaseSummaryShape]
    next_cursor: str | None


class PurchaseQuery(PageQuery):
    """Which purchase orders."""

    state: PurchaseState | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number or of a supplier's name."))
