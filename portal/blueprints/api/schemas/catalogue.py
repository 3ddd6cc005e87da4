"""Products, prices and stock as one dealer sees them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from portal.blueprints.api.schemas.promoted import Discounts, Hints, NotApplied
from portal.kernel.errors import N_
from portal.web.api.fields import (
    LINES_MAX,
    Code,
    DayText,
    Limit,
    Moment,
    MomentText,
    MoneyText,
    PageQuery,
    Quantity,
    RateText,
    Shape,
    Text,
)

DEALER = Field(
    None, description=N_("Headquarters only: code of the dealer whose prices and stock these are.")
)
OF_DEALER = Field(
    None, description=N_("Headquarters only: code of a dealer; all within its scope by default.")
)


class ProductsQuery(PageQuery):
    """Which products."""

    q: Text = Field(
        "",
        max_length=200,
        description=N_(
            "Words of name, SKU, GTIN or specification, pinyin or its initials, or what a scanner reads; "
            "every word must occur."
        ),
    )
    category: Text = Field("", max_length=64, description=N_("A product line, with everything below it."))
    limit: Limit = Field(24, description=N_("How many items at most."))
    dealer: Code | None = DEALER


class DealerQuery(Shape):
    """For which dealer."""

    dealer: Code | None = DEALER


class StockQuery(DealerQuery):
    """Which products."""

    sku: list[Code] = Field(min_length=1, max_length=200, description=N_("Once for every product."))


class BreakShape(Shape, about=N_("From `min_quantity` units on, every unit costs `unit_price`.")):
    min_quantity: int
    unit_price: MoneyText


class PriceShape(
    Shape, about=N_("Price of a unit in the smallest quantity that can be ordered, VAT included.")
):
    unit_price: MoneyText
    list_price: MoneyText
    currency: str = Field(examples=["CNY"])
    tax_rate: RateText
    breaks: list[BreakShape]
    policy: str | None = Field(
        description=N_("Number of the price policy that decides, null for the list price."),
        examples=["PP-2026-EAST"],
    )
    valid_until: MomentText | None


class StockShape(Shape, about=N_("Units in one warehouse that may serve the dealer, nearest first.")):
    region: str = Field(description=N_("Code of the warehouse's province."), examples=["31"])
    warehouse: str = Field(examples=["WH-SH"])
    available: int
    in_transit: int
    next_arrival: DayText | None


class ProductShape(
    Shape,
    about=N_(
        "A product. `price` needs the scope prices:read, `stock` needs stock:read: "
        "without it the member is absent."
    ),
):
    sku: str
    name: str = Field(description=N_("In the language of Accept-Language."))
    specification: str
    udi_di: str = Field(pattern="^[0-9]{14}$")
    registration_no: str
    device_class: Literal[1, 2, 3]
    unit: str
    pack_multiple: int
    price: PriceShape | None = Field(None, description=N_("Null while the product has no price."))
    stock: list[StockShape] = Field(default_factory=list)
    match: Literal["exact", "words", "near"] | None = Field(
        None,
        description=N_("Only with `q`: its SKU or GTIN is `q`; it has every word; it is merely similar."),
    )


class HintShape(Shape, about=N_("Why nothing has the number that was sought.")):
    code: Literal["wrong_check_digit"]
    message: str
    fix: str


class ProductPage(Shape, about=N_("A page of products.")):
    items: list[ProductShape]
    next_cursor: str | None
    hint: HintShape | None


class CertificateShape(Shape, about=N_("A conformity certificate of the maker.")):
    body: str
    standard: str
    number: str
    valid_from: DayText | None
    valid_to: DayText | None


class ProductFileShape(Shape, about=N_("A file that shows something of a product.")):
    kind: Literal["picture", "certificate", "manual", "brochure"]
    id: str
    name: str
    media_type: str
    size: int = Field(description=N_("Bytes."))
    sha256: str


class ProductDetailShape(ProductShape, about=N_("A product in full.")):
    name_zh: str
    name_en: str
    state: Literal["active", "withdrawn"]
    category: str
    maker: str
    maker_country: str
    origin: Literal["domestic", "imported"]
    registration_from: DayText
    registration_to: DayText | None
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    implantable: bool
    sterile: bool
    storage: str
    certificates: list[CertificateShape]
    documents: list[ProductFileShape] = Field(description=N_("Handed out at `GET /files/{id}`."))


class WarehouseStock(StockShape, about=N_("Units in one warehouse at a moment.")):
    as_of: MomentText


class SkuStock(Shape, about=N_("Stock of one product.")):
    sku: str
    warehouses: list[WarehouseStock]


class StockAnswer(
    Shape, about=N_("Stock of the products asked for, in that order. An unknown SKU has no warehouses.")
):
    items: list[SkuStock]


class WantedLine(Shape, about=N_("A product and how many units of it.")):
    sku: Code = Field(examples=["SYRINGE"])
    quantity: Quantity = Field(examples=[20])


def _counted(lines: Any, info: ValidationInfo) -> Any:
    """Lines are counted before the first of them is looked at.

    What is validated outside a request has no limit.
    """
    most = (info.context or {}).get(LINES_MAX)
    if most is not None and isinstance(lines, list) and len(lines) > most:
        raise PydanticCustomError("too_many_lines", "too_many_lines", {"max": most})
    return lines


COUNTED = BeforeValidator(_counted)


class QuoteBody(Shape, about=N_("What to price, and for when.")):
    lines: Annotated[list[WantedLine], COUNTED]
    at: Moment | None = Field(
        None,
        description=N_("Any moment, past or future, under the policies published by now; now by default."),
    )
    dealer: Code | None = DEALER


class QuotedLineShape(Shape, about=N_("A priced line; `tax` is within `amount`.")):
    sku: str
    quantity: int
    unit_price: MoneyText = Field(description=N_("Before promotions."))
    discounts: Discounts
    gift: bool
    amount: MoneyText
    tax: MoneyText
    receipt: list[dict[str, Any]] = Field(
        description=N_("The rules applied, in order: rule, policy, version, effect, unit_price after it.")
    )


class QuoteShape(Shape, about=N_("Prices of all lines at one moment, VAT included.")):
    at: MomentText
    lines: list[QuotedLineShape]
    discount_total: MoneyText
    hints: Hints
    not_applied: NotApplied
    total: MoneyText
    tax: MoneyText
    currency: str
