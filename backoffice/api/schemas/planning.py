"""What each warehouse should have, and on which terms, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, MomentText, PageQuery, Shape, Text, Whole

ServiceLevel = Annotated[str, Field(pattern=r"^0\.[0-9]{1,3}$", examples=["0.95"])]


class AdviceQuery(PageQuery):
    """Which advice."""

    warehouse: Code | None = Field(None, description=N_("Code of a warehouse."))
    q: Text = Field("", max_length=100, description=N_("Part of a name or of a SKU."))
    show: Literal["proposed", "surplus", "asked", "all"] = Field(
        "proposed",
        description=N_("What is to be brought, what there is too much of, what is asked for, or everything."),
    )
    sort: Literal["cover_days", "-cover_days", "quantity", "-quantity"] = "cover_days"


class AdviceShape(Shape, about=N_("What a warehouse should have of a product, in units.")):
    warehouse: str
    sku: str
    method: Literal["none", "new", "level"] = Field(
        description=N_("How the forecast was made: no demand, little known yet, or recent level with trend.")
    )
    weeks: list[int] = Field(description=N_("Units ordered in the latest whole weeks, the oldest first."))
    weekly: str = Field(description=N_("Units that a week is expected to ask for, a decimal number."))
    lead_days: int
    review_days: int
    service_level: str
    on_hand: int
    reserved: int
    available: int
    coming: int = Field(description=N_("On the way, ordered or in inspection."))
    waiting: int = Field(description=N_("Units that orders wait for."))
    safety_stock: int
    reorder_point: int
    order_up_to: int
    quantity: int = Field(description=N_("Units to bring, in whole packs; 0 for none."))
    surplus: int = Field(description=N_("Units that another warehouse may have."))
    cover_days: int | None = Field(description=N_("How long what is available lasts; null without demand."))
    advised_at: MomentText


class AdvicePage(Shape, about=N_("A page of advice, what runs out first at its beginning.")):
    items: list[AdviceShape]
    next_cursor: str | None


class TermsBody(Shape, about=N_("Terms of a warehouse or of a product in it; null counts as elsewhere.")):
    warehouse: Code = Field(description=N_("Code of a warehouse."))
    sku: Code | None = Field(None, description=N_("Left out for the whole warehouse."))
    lead_days: Whole | None = None
    review_days: Whole | None = None
    service_level: ServiceLevel | None = Field(
        None, description=N_("The share of cases in which stock has to suffice, 0.5 to 0.999.")
    )


class TermsShape(Shape, about=N_("What is set; null counts as elsewhere.")):
    warehouse: str
    sku: str | None
    lead_days: int | None
    review_days: int | None
    service_level: str | None


class TermsList(Shape, about=N_("What is set for warehouses and products, and what counts otherwise.")):
    lead_days: int
    review_days: int
    service_level: str
    items: list[TermsShape]
