"""What promotions do to an order, as JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import PRICED, MoneyText, Shape


class DiscountShape(Shape, about=N_("What one promotion takes off a line.")):
    promotion: str = Field(examples=["CX-2026-01"])
    amount: MoneyText


class AddShape(Shape, about=N_("Units of a product.")):
    sku: str
    quantity: int


class OrderHintShape(Shape, about=N_("What buying a little more would bring.")):
    promotion: str | None = None
    rule: str | None = Field(None, description=N_("The policy or contract whose next step it is."))
    add: AddShape | None = None
    add_amount: MoneyText | None = Field(None, description=N_("For how much more."))
    less_each: MoneyText | None = Field(None, description=N_("By how much each unit gets cheaper."))
    gain: MoneyText | AddShape = Field(
        description=N_(
            "What the enlarged order would cost at the present prices, less what it will cost; or more gifts."
        )
    )


class NotAppliedShape(Shape, about=N_("A promotion that runs for the dealer and does nothing here.")):
    promotion: str
    because: str = Field(examples=["min_quantity"])


Discounts = Annotated[
    list[DiscountShape],
    Field(default_factory=list, description=N_("What promotions take off, in the order of application.")),
    PRICED,
]
Hints = Annotated[list[OrderHintShape], Field(default_factory=list), PRICED]
NotApplied = Annotated[list[NotAppliedShape], Field(default_factory=list), PRICED]
