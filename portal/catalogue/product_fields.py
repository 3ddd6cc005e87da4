"""Everything that headquarters keeps of a product, as one value. Pure.

Drafts may leave what is not known empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from portal.catalogue.vocabulary import DocumentKind, PackageLevel, ProductState
from portal.kernel.errors import N_

FIELDS = {
    "name_zh": N_("Name in Chinese"),
    "name_en": N_("Name in English"),
    "generic_name": N_("Generic name in Chinese"),
    "specification": N_("Specification"),
    "keywords": N_("Also found by"),
    "udi_di": N_("UDI-DI (GTIN)"),
    "category_code": N_("Product line code"),
    "device_class": N_("Class"),
    "origin": N_("Origin"),
    "maker": N_("Maker"),
    "maker_country": N_("Country of the maker"),
    "registrant": N_("Registrant"),
    "registration_no": N_("Registration certificate"),
    "registration_from": N_("Certificate valid from"),
    "registration_to": N_("Certificate valid until"),
    "registration_renewal_asked_on": N_("Renewal asked for on"),
    "unit": N_("Unit of sale"),
    "pack_multiple": N_("Order multiple"),
    "inner_gtin": N_("GTIN of the inner pack"),
    "inner_units": N_("Units in an inner pack"),
    "case_gtin": N_("GTIN of the case"),
    "case_units": N_("Units in a case"),
    "pallet_gtin": N_("GTIN of the pallet"),
    "pallet_units": N_("Units on a pallet"),
    "lot_controlled": N_("Managed by lot"),
    "serial_controlled": N_("Managed by serial number"),
    "expiry_controlled": N_("Managed by expiry"),
    "implantable": N_("Implantable"),
    "sterile": N_("Sterile"),
    "storage_zh": N_("Storage in Chinese"),
    "storage_en": N_("Storage in English"),
    "storage_min": N_("Stored at °C at least"),
    "storage_max": N_("Stored at °C at most"),
    "state": N_("Status"),
}
"""Every field with its label, in the order of forms, sheets and comparisons."""

DAYS = frozenset({"registration_from", "registration_to", "registration_renewal_asked_on"})
FLAGS = frozenset({"lot_controlled", "serial_controlled", "expiry_controlled", "implantable", "sterile"})
DEGREES = frozenset({"storage_min", "storage_max"})
COUNTS = frozenset({"device_class", "pack_multiple", "inner_units", "case_units", "pallet_units"})

FIXED = ("unit", "lot_controlled", "serial_controlled", "expiry_controlled")
"""What stays as it is while the product lives: stock, prices and records count and trace by it."""


LABELS = FIELDS | {"documents": N_("Pictures and documents")}
"""The labels of everything that may change."""


class Document(NamedTuple):
    """An uploaded file that shows something of a product. file: its id."""

    kind: DocumentKind
    file: str


class Package(NamedTuple):
    """A package with its own number. units: of sale that are in it."""

    level: PackageLevel
    gtin: str
    units: int


@dataclass(frozen=True, slots=True)
class ProductFields:
    """A product as it is to be. Texts are empty, and the others None, where nothing is known."""

    name_zh: str = ""
    name_en: str = ""
    generic_name: str = ""
    specification: str = ""
    keywords: str = ""
    udi_di: str = ""
    category_code: str = ""
    device_class: int | None = None
    origin: str = ""
    maker: str = ""
    maker_country: str = ""
    registrant: str = ""
    registration_no: str = ""
    registration_from: date | None = None
    registration_to: date | None = None
    registration_renewal_asked_on: date | None = None
    unit: str = ""
    pack_multiple: int | None = 1
    inner_gtin: str = ""
    inner_units: int | None = None
    case_gtin: str = ""
    case_units: int | None = None
    pallet_gtin: str = ""
    pallet_units: int | None = None
    lot_controlled: bool = False
    serial_controlled: bool = False
    expiry_controlled: bool = False
    implantable: bool = False
    sterile: bool = False
    storage_zh: str = ""
    storage_en: str = ""
    storage_min: Decimal | None = None
    storage_max: Decimal | None = None
    state: str = ProductState.ACTIVE
    documents: tuple[Document, ...] = ()

    def packages(self) -> tuple[Package, ...]:
        """The packages that are told completely, the smallest level first."""
        told = (
            (level, getattr(self, f"{level}_gtin"), getattr(self, f"{level}_units")) for level in PackageLevel
        )
        return tuple(Package(level, gtin, units) for level, gtin, units in told if gtin and units)


class Difference(NamedTuple):
    """A field that is to change."""

    field: str
    before: Any
    after: Any


def as_json(of: ProductFields) -> dict[str, Any]:
    """Every field, days and decimals as text."""
    return {name: _json(getattr(of, name)) for name in _NAMES}


def from_json(kept: Mapping[str, Any]) -> ProductFields:
    """What `as_json` made; a field that was not known then is empty."""
    return ProductFields(**{name: _value(name, kept[name]) for name in _NAMES if name in kept})


def differences(before: ProductFields | None, after: ProductFields) -> tuple[Difference, ...]:
    """What changes, in the order of `LABELS`; of a new product everything that is told."""
    old = before or ProductFields()
    return tuple(
        Difference(name, getattr(old, name) if before else None, getattr(after, name))
        for name in LABELS
        if getattr(old, name) != getattr(after, name)
    )


def temperature_range(least: Decimal | None, most: Decimal | None) -> str:
    """``2–8 °C``, ``≤ 30 °C``, ``≥ -20 °C``; nothing where neither limit is told."""
    low, high = (None if one is None else f"{one.normalize():f}" for one in (least, most))
    if low is None:
        return f"≤ {high} °C" if high is not None else ""
    return f"≥ {low} °C" if high is None else f"{low} – {high} °C"


_NAMES = tuple(field.name for field in fields(ProductFields))


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [{"kind": str(one.kind), "file": one.file} for one in value]
    return str(value) if isinstance(value, Decimal) else value


def _value(name: str, kept: Any) -> Any:
    if kept is None:
        return None
    if name == "documents":
        return tuple(Document(DocumentKind(one["kind"]), one["file"]) for one in kept)
    if name in DAYS:
        return date.fromisoformat(kept)
    return Decimal(kept) if name in DEGREES else kept
