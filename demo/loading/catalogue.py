"""Categories, products with certificates, tax rates and list prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import time
from typing import Any

import psycopg

from demo.loading.keys import key
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.source.catalogue import Device
from demo.source.prices import TAX_RATES
from demo.world.business_days import local_date, moment, month_start
from portal.catalogue.product_fields import Package
from portal.catalogue.search_keys import SearchKeys, keys_of_product, reading
from portal.catalogue.vocabulary import PackageLevel, Relation

EQUIPMENT = "台"
RELATED = 2  # accessories of a device, and spare parts
TAX_CATEGORY = "standard"
PRICED_SINCE_MONTHS = -24
SUBSTITUTES, SUBSTITUTED_OF_A_KIND = 2, 4
_CLASSES = {"I": 1, "II": 2, "III": 3}

_PRODUCT = (
    "id",
    "sku",
    "name_zh",
    "name_en",
    "specification",
    "udi_di",
    "maker",
    "maker_country",
    "origin",
    "device_class",
    "category_code",
    "unit",
    "pack_multiple",
    "registration_no",
    "registration_from",
    "registration_to",
    "lot_controlled",
    "serial_controlled",
    "expiry_controlled",
    "implantable",
    "sterile",
    "storage_zh",
    "storage_en",
    "tax_category",
    "state",
    "pinyin",
    "search_text",
    "search_grams",
    "search_slips",
    "syllables",
    "updated_at",
    "generic_name",
    "keywords",
    "storage_min",
    "storage_max",
)


def load_catalogue(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Everything a dealer may search and everybody pays the same list price for."""
    categories = scenario.catalogue.categories.values()
    put(
        connection,
        "category",
        ("code", "name_zh", "name_en", "parent_code"),
        ((c.code, c.name_zh, c.name_en, c.parent or None) for c in categories),
    )
    rows = (_product(index, device, scenario) for index, device in enumerate(scenario.devices))
    put(connection, "product", _PRODUCT, rows)
    put(connection, "product_substitute", ("product_id", "substitute_id", "rank"), _substitutes(scenario))
    put(connection, "product_relation", ("product_id", "related_id", "kind", "rank"), _related(scenario))
    put(connection, "product_package", ("product_id", "level", "gtin", "units"), _packages(scenario))
    columns = ("product_id", "notified_body", "standard", "number", "valid_from", "valid_to")
    put(connection, "product_certificate", columns, _certificates(scenario))
    put(
        connection,
        "tax_rate",
        ("category", "valid_from", "rate"),
        ((TAX_CATEGORY, since, rate) for since, rate in TAX_RATES),
    )
    since = moment(month_start(local_date(scenario.now), PRICED_SINCE_MONTHS), time.min)
    prices = ((key(index), since, device.list_price) for index, device in enumerate(scenario.devices))
    put(connection, "list_price", ("product_id", "valid_from", "unit_price"), prices)


def _product(index: int, device: Device, scenario: Scenario) -> tuple[Any, ...]:
    return (
        key(index),
        device.sku,
        device.name_zh,
        device.name_en,
        device.specification,
        device.udi_di,
        device.maker.name,
        device.maker.country,
        "domestic" if device.maker.domestic else "imported",
        _CLASSES[device.device_class],
        device.category,
        device.unit_zh,
        device.pack_multiple,
        device.registration.number,
        device.registration.valid_from,
        device.registration.valid_to,
        device.lot_controlled,
        device.serial_controlled,
        device.expiry_controlled,
        device.implantable,
        device.sterile,
        device.storage.zh,
        device.storage.en,
        TAX_CATEGORY,
        "active" if device.on_market else "withdrawn",
        reading(device.name_zh),
        *_found_by(device),
        scenario.now,
        device.generic_zh,
        _keywords(device),
        device.storage.lower,
        device.storage.upper,
    )


def _found_by(device: Device) -> SearchKeys:
    """Names and numbers, and the reading of the generic name."""
    return keys_of_product(
        sku=device.sku,
        name_zh=device.name_zh,
        name_en=device.name_en,
        generic_name=device.generic_zh,
        specification=device.specification,
        udi_di=device.udi_di,
        registration_no=device.registration.number,
        keywords=_keywords(device),
    )


def _keywords(device: Device) -> str:
    return "\n".join(dict.fromkeys([device.generic_en, device.model, device.maker.short_name]))


def _substitutes(scenario: Scenario) -> Iterator[tuple[int, int, int]]:
    """Devices of the same kind and unit instead of a few of each kind: of the same size and of another maker
    first, then of the nearest price.
    """
    today = local_date(scenario.now)
    kinds: dict[tuple[str, str, str], list[int]] = {}
    for index, device in enumerate(scenario.devices):
        if device.orderable(today):
            kinds.setdefault((device.category, device.generic_zh, device.unit_zh), []).append(index)
    for group in kinds.values():
        for index in group[:SUBSTITUTED_OF_A_KIND]:
            device = scenario.devices[index]
            others = sorted(
                (one for one in group if one != index),
                key=lambda one: (
                    scenario.devices[one].specification != device.specification,
                    scenario.devices[one].maker == device.maker,
                    abs(scenario.devices[one].list_price - device.list_price),
                    one,
                ),
            )
            for rank, other in enumerate(others[:SUBSTITUTES], start=1):
                yield key(index), key(other), rank


def _related(scenario: Scenario) -> Iterator[tuple[int, int, str, int]]:
    """What a maker sells beside its equipment: the dearer ones as accessories, the cheaper as spare parts."""
    others: dict[str, list[int]] = {}
    for index, device in enumerate(scenario.devices):
        if device.unit_zh != EQUIPMENT:
            others.setdefault(device.maker.name, []).append(index)
    for index, device in enumerate(scenario.devices):
        if device.unit_zh == EQUIPMENT:
            fitting = sorted(
                others.get(device.maker.name, ()), key=lambda one: (-scenario.devices[one].list_price, one)
            )
            for place, other in enumerate(fitting[: 2 * RELATED]):
                kind = Relation.ACCESSORY if place < RELATED else Relation.SPARE_PART
                yield key(index), key(other), kind, place % RELATED + 1


def _packages(scenario: Scenario) -> Iterator[tuple[int, str, str, int]]:
    """A case that the register names for several devices is none of one product."""
    held = Counter(one.gtin for device in scenario.devices for one in packages_of(device))
    for index, device in enumerate(scenario.devices):
        for package in packages_of(device):
            if held[package.gtin] == 1:
                yield key(index), package.level, package.gtin, package.units


def packages_of(device: Device) -> Iterator[Package]:
    """Its packages with the units of sale in each; a package of one has no level of its own."""
    units, levels = 1, iter(PackageLevel)
    for package in device.packages:
        units *= package.quantity
        if package.quantity > 1:
            level = next(one for one in levels if one == package.level)
            yield Package(level, package.gtin, units)


def _certificates(scenario: Scenario) -> Iterator[tuple[Any, ...]]:
    for index, device in enumerate(scenario.devices):
        for paper in device.certificates:
            yield (
                key(index),
                paper.notified_body,
                paper.standard,
                paper.number,
                paper.valid_from,
                paper.valid_to,
            )


PART = Part("catalogue", load=load_catalogue, in_bulk=("product",))
