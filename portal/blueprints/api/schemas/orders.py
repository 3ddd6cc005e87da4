"""Orders: what is sent, what is answered."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field

from portal.blueprints.api.schemas.catalogue import COUNTED, OF_DEALER, WantedLine
from portal.blueprints.api.schemas.promoted import Discounts, Hints, NotApplied
from portal.blueprints.api.schemas.rebates import OrderRebateShape
from portal.kernel.errors import N_
from portal.orders.queries import STATUSES
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    PageQuery,
    PriceText,
    RateText,
    Receipt,
    Shape,
    Text,
)

OrderStatus = Literal[
    "confirmed", "backordered", "on_hold", "picking", "partially_shipped", "shipped", "received", "cancelled"
]
assert set(get_args(OrderStatus)) == set(STATUSES)


class OrderedLine(WantedLine, about=N_("A product to order, and what a unit of it is expected to cost.")):
    expected_unit_price: Money | None = Field(
        None,
        description=N_(
            "Refused with 409 `changed_since_seen` when the price is another, in either direction."
        ),
        examples=["2.56"],
    )


class OrderBody(Shape, about=N_("An order. Nothing is reserved for one that is refused.")):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "purchase_order_no": "PO-2026-1031",
                    "lines": [
                        {"sku": "SYRINGE", "quantity": 20, "expected_unit_price": "2.56"},
                        {"sku": "GLOVES", "quantity": 5},
                    ],
                    "expected_total": "151.20",
                    "requested_date": "2026-11-05",
                }
            ]
        }
    )

    purchase_order_no: Text = Field(
        "", max_length=64, description=N_("Your own PO number, printed on every document.")
    )
    lines: Annotated[list[OrderedLine], COUNTED] = Field(
        description=N_("A SKU that appears twice becomes one line with the sum.")
    )
    ship_to: Code | None = Field(
        None, description=N_("Code of a delivery address; the usual one by default.")
    )
    requested_date: Day | None = None
    backorder: bool = Field(
        False,
        description=N_("What is not in stock waits for goods; without it such an order is refused."),
    )
    warehouse: Code | None = Field(
        None,
        description=N_("Code of a warehouse that serves you; the nearest that has everything by default."),
    )
    split: bool = Field(
        False, description=N_("What this warehouse lacks may come from others that serve you.")
    )
    dealer: Code | None = Field(None, description=N_("Headquarters only: code of the dealer that orders."))
    hospital: Text = Field(
        "",
        max_length=40,
        description=N_("Code of the hospital the goods are for, where the contract is for some hospitals."),
    )
    expected_total: Money | None = Field(
        None,
        description=N_(
            "What the order is expected to cost, VAT included. "
            "Refused with 409 `changed_since_seen` when it is another."
        ),
    )


class SourceShape(Shape, about=N_("Units of a line that come from another warehouse than the order's.")):
    warehouse: str
    quantity: int


class PlacedLine(
    Shape, about=N_("A line as it was accepted; a gift is a line of its own, behind the others.")
):
    sku: str
    quantity: int
    reserved: int
    elsewhere: list[SourceShape] = Field(
        description=N_("Those of the reserved units that come from other warehouses than the order's.")
    )
    backordered: int = Field(description=N_("Units that wait for goods."))
    promised_on: DayText | None = Field(
        description=N_("The day by which the units that wait can leave, as far as it is known.")
    )
    unit_price: PriceText
    discounts: Discounts
    gift: bool
    amount: PriceText


class MissingGiftShape(Shape, about=N_("Gifts that the order has earned and does not get.")):
    promotion: str
    sku: str
    earned: int
    given: int
    because: Literal["not_allowed", "stock_short"]


class ToldFault(Shape, about=N_("A fault that does not refuse the order, and how to mend it.")):
    pointer: str
    code: str
    message: str
    fix: str


class AcceptedOrder(Shape, about=N_("What is answered about an order without faults.")):
    status: Literal["confirmed", "backordered", "on_hold"]
    holds: list[str] = Field(
        description=N_(
            "Why headquarters has to release the order first: `credit`, `overdue`, `compliance`, `terms`."
        )
    )
    held_by: list[ToldFault] = Field(description=N_("The faults behind the holds."))
    warnings: list[ToldFault] = Field(description=N_("What is told, and stops nothing."))
    warehouse: str = Field(description=N_("Code of the warehouse that serves it."))
    lines: list[PlacedLine]
    missing_gifts: list[MissingGiftShape]
    discount_total: PriceText
    total: PriceText
    tax: PriceText
    currency: str


class OrderCheckBody(OrderBody, about=N_("An order that is checked and not placed.")):
    rebates: bool = Field(
        False, description=N_("Answer also what it would earn of rebates, to who may read them.")
    )


class OrderVerdict(AcceptedOrder, about=N_("What placing the order would answer now.")):
    hints: Hints
    not_applied: NotApplied
    rebates: OrderRebateShape | None = Field(None, description=N_("Where `rebates` asks for them."))


class PlacedOrder(AcceptedOrder, about=N_("An order that is placed and reserved.")):
    number: str = Field(examples=["SO2611-7K3F9Q2MA"])


class OrdersQuery(PageQuery):
    """Which orders."""

    status: OrderStatus | None = None
    q: Text = Field(
        "", max_length=100, description=N_("Part of the order number or of the purchase order number.")
    )
    dealer: Code | None = OF_DEALER


class DeskQuery(PageQuery):
    """Which orders."""

    status: OrderStatus | None = None
    q: Text = Field(
        "",
        max_length=100,
        description=N_("Part of an order number, a purchase order number, a dealer's code or name."),
    )


class OrderSummaryShape(Shape, about=N_("An order in a list.")):
    number: str
    status: OrderStatus
    holds: list[str]
    purchase_order_no: str
    dealer: str = Field(description=N_("Code of a dealer."))
    placed_at: MomentText
    line_count: int
    total: PriceText


class OrderPage(Shape, about=N_("A page of orders, the newest first.")):
    items: list[OrderSummaryShape]
    next_cursor: str | None


class DeskOrderShape(OrderSummaryShape, about=N_("An order as the order desk sees it.")):
    channel: Literal["portal", "api", "staff"]
    warehouse: str
    requested_date: DayText | None
    units_open: int = Field(description=N_("Neither shipped nor cancelled."))
    shipment: str | None = Field(description=N_("The shipment being picked."))


class DeskPage(Shape, about=N_("A page of orders, the longest waiting first.")):
    items: list[DeskOrderShape]
    next_cursor: str | None


class OrderLineShape(
    PlacedLine, about=N_("A line with the price that was in force, and where its units are.")
):
    line: int
    name: str
    specification: str
    unit: str
    shipped: int
    cancelled: int
    returned: int
    list_price: PriceText
    discount: PriceText = Field(
        description=N_(
            "What promotions take off: `amount` is the price of its units less it. "
            "Absent without the scope prices:read."
        )
    )
    gift: bool = Field(description=N_("Whether a promotion gives it away: it costs nothing."))
    tax_rate: RateText
    tax: PriceText
    receipt: Receipt


class ShipToShape(Shape, about=N_("Where an order goes, as it was when it was placed.")):
    code: str
    province: str
    city: str
    line: str
    contact: str
    phone: str


class OrderShape(Shape, about=N_("An order with its lines.")):
    number: str
    status: OrderStatus
    holds: list[str]
    held_by: list[ToldFault] = Field(description=N_("The faults behind the holds, when last judged."))
    warnings: list[ToldFault] = Field(description=N_("What was told then, and stopped nothing."))
    purchase_order_no: str
    hospital: str = Field(description=N_("Code of the hospital the goods are for, or empty."))
    dealer: str
    channel: Literal["portal", "api", "staff"]
    warehouse: str
    ship_to: ShipToShape
    requested_date: DayText | None
    replaces: str | None = Field(description=N_("The order that this one was changed from."))
    replaced_by: str | None = Field(description=N_("The order that this one was changed into."))
    backorder: bool = Field(description=N_("Whether what was not in stock waits for goods."))
    placed_at: MomentText
    placed_by: str
    released_at: MomentText | None
    cancelled_at: MomentText | None
    cancel_reason: str | None
    received_at: MomentText | None
    lines: list[OrderLineShape]
    total: PriceText
    tax: PriceText
    currency: str


class ChangeBody(OrderBody, about=N_("What an order is to be instead. Headquarters must say why.")):
    lines: Annotated[list[OrderedLine], COUNTED] = Field(
        default_factory=list, description=N_("A SKU that appears twice becomes one line with the sum.")
    )
    reason: Text = Field("", max_length=500)


class CancellationBody(Shape, about=N_("Why an order is cancelled. Headquarters must say.")):
    reason: Text = Field("", max_length=500)


class CancellationShape(Shape, about=N_("What was cancelled, and the status of the order.")):
    number: str
    status: OrderStatus
    units_cancelled: int
    amount_cancelled: PriceText


class ReleaseBody(Shape, about=N_("Why an order is released.")):
    reason: Text = Field(min_length=1, max_length=500)
    cancel_missing: bool = Field(False, description=N_("Cancel what is no longer in stock."))


class ReleaseShape(Shape, about=N_("Status of a released order.")):
    number: str
    status: OrderStatus
    units_cancelled: int
    proposed: bool = Field(description=N_("Still held: a second person has to agree."))
