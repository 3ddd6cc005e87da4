"""Bodies and answers about floor prices."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Moment, MomentText, Money, MoneyText, PageQuery, Shape


class FloorBody(Shape, about=N_("Below which price a product is not sold.")):
    floor: Money = Field(description=N_("VAT included; 0.00 takes the floor away."))
    valid_from: Moment | None = Field(None, description=N_("A moment to come; from now on without."))


class FloorShape(Shape, about=N_("The floor of a product.")):
    sku: str
    floor: MoneyText
    valid_from: MomentText


class FloorsQuery(PageQuery):
    """Which products."""

    standing: Literal["set", "coming", "none", "all"] = Field(
        "set", description=N_("With a floor, with one to come, without one, or all.")
    )


class FloorRowShape(Shape, about=N_("A product with its floor, and the one to come.")):
    sku: str
    list_price: MoneyText | None
    floor: MoneyText | None
    since: MomentText | None
    next_floor: MoneyText | None = Field(description=N_("0.00 takes the floor away."))
    next_from: MomentText | None


class FloorPage(Shape, about=N_("Floors by SKU.")):
    items: list[FloorRowShape]
    next_cursor: str | None
