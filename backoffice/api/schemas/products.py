"""Products as headquarters' systems write and read them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from portal.catalogue.documents import DOCUMENTS_MAX
from portal.catalogue.product_faults import TEXT_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Quantity, Shape, Text

Words = Annotated[Text, Field(max_length=TEXT_MAX)]
State = Literal["active", "withdrawn"]
ChangeStateName = Literal["draft", "submitted", "approved", "in_force", "rejected"]
DegreesText = Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9])?$", examples=["2.0"])]


class PackageBody(Shape, about=N_("A package with a GTIN of its own, above the unit of sale.")):
    level: Literal["inner", "case", "pallet"]
    gtin: Code = Field(description=N_("8, 12, 13 or 14 digits."))
    units: Quantity = Field(description=N_("Units of sale that are in it, at every level below."))


class DocumentBody(Shape, about=N_("An uploaded file that shows something of a product.")):
    kind: Literal["picture", "certificate", "manual", "brochure"]
    file: Code = Field(description=N_("Id of an uploaded file."))


class ProductBody(Shape, about=N_("A product as a whole: what is left out is empty.")):
    name_zh: Words
    name_en: Words
    generic_name: Words = Field("", description=N_("In Chinese, without brand and model."))
    specification: Words = ""
    keywords: list[Words] = Field(
        default_factory=list, max_length=20, description=N_("What else it is found by.")
    )
    udi_di: Code = Field(description=N_("8, 12, 13 or 14 digits."))
    category: Code = Field(description=N_("Code of a product line."))
    device_class: Literal[1, 2, 3]
    origin: Literal["domestic", "imported"]
    maker: Words
    maker_country: Code = Field(description=N_("Two capital letters."), examples=["CN"])
    registrant: Words = Field("", description=N_("Who holds the certificate; empty where it is the maker."))
    registration_no: Code = Field(examples=["国械注准20233140001"])
    registration_from: Day
    registration_to: Day | None = Field(None, description=N_("The last day; class I filings have none."))
    registration_renewal_asked_on: Day | None = Field(
        None, description=N_("While the renewal is undecided the certificate runs on.")
    )
    unit: Code = Field(examples=["盒"])
    pack_multiple: Quantity = 1
    packages: list[PackageBody] = Field(default_factory=list, max_length=3)
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    implantable: bool = False
    sterile: bool = False
    storage_zh: Words
    storage_en: Words
    storage_min: DegreesText | None = Field(None, description=N_("°C"))
    storage_max: DegreesText | None = Field(None, description=N_("°C"))
    state: State = "active"
    documents: list[DocumentBody] | None = Field(
        None, max_length=DOCUMENTS_MAX, description=N_("Null leaves them as they are in force.")
    )


class ChangedValueShape(Shape, about=N_("A member of a product that is to change.")):
    member: str = Field(examples=["registration_no"])
    before: Any = Field(description=N_("As a product has it; null of a new one."))
    after: Any


class ProductChangeRowShape(Shape, about=N_("A proposed change of a product, with its values.")):
    change: str = Field(description=N_("Its number."))
    sku: str
    name_zh: str
    name_en: str
    is_new: bool = Field(description=N_("Whether the product was not in force before."))
    state: ChangeStateName
    source: Literal["page", "api", "sheet", "eudamed", "gudid"]
    changed: list[str] = Field(description=N_("Members that are to change."))
    values: list[ChangedValueShape]
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    reason: str


class ProductChangeShape(ProductChangeRowShape, about=N_("A proposed change of a product.")):
    in_force_at: MomentText | None


class ProductChangePage(Shape, about=N_("Changes of products, the latest first.")):
    items: list[ProductChangeRowShape]
    next_cursor: str | None


class ProductChangesQuery(PageQuery):
    """Which changes."""

    state: ChangeStateName | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number, a SKU or a name."))


class KeptProductShape(Shape, about=N_("A product as it is in force, and its changes, the latest first.")):
    sku: str
    in_force: ProductInForceShape | None = Field(description=N_("Null while it is only proposed."))
    changes: list[ProductChangeShape]


class ProductInForceShape(Shape, about=N_("A product as it is in force.")):
    name_zh: str
    name_en: str
    generic_name: str
    specification: str
    keywords: list[str]
    udi_di: str
    category: str
    device_class: Literal[1, 2, 3]
    origin: Literal["domestic", "imported"]
    maker: str
    maker_country: str
    registrant: str
    registration_no: str
    registration_from: DayText
    registration_to: DayText | None
    registration_renewal_asked_on: DayText | None
    unit: str
    pack_multiple: int
    packages: list[PackageBody]
    lot_controlled: bool
    serial_controlled: bool
    expiry_controlled: bool
    implantable: bool
    sterile: bool
    storage_zh: str
    storage_en: str
    storage_min: str | None = Field(description=N_("°C"))
    storage_max: str | None = Field(description=N_("°C"))
    state: State
    documents: list[DocumentBody]


KeptProductShape.model_rebuild()


class KeptProductsQuery(PageQuery):
    """Which products."""

    standing: Literal["all", "active", "withdrawn", "changing", "expiring", "ended"] = Field(
        "all",
        description=N_(
            "All, sold, no longer sold, with an open change, whose certificate ends soon, or has ended."
        ),
    )


class KeptProductRowShape(Shape, about=N_("A product in force, and the state of its open change.")):
    sku: str
    name_zh: str
    name_en: str
    device_class: Literal[1, 2, 3]
    registration_no: str
    registration_to: DayText | None
    state: State
    change: str | None
    change_state: ChangeStateName | None


class KeptProductPage(Shape, about=N_("Products by SKU.")):
    items: list[KeptProductRowShape]
    next_cursor: str | None


class ProductDecisionBody(Shape, about=N_("The change that is decided on, as it was read.")):
    change: Code = Field(description=N_("Its number."))


class ProductRejectionBody(ProductDecisionBody, about=N_("The change that is rejected, and why.")):
    reason: Words
