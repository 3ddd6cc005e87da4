"""What quality proposed of the catalogue: in force, waiting for the other one, rejected, and drafts.

The drafts are devices of the register that the portal does not sell yet, as an import would take them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import psycopg

from demo.loading.catalogue import packages_of
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.source.catalogue import Device
from demo.world.business_days import local_date
from portal.catalogue.change_life import ChangeState
from portal.catalogue.product_faults import Surroundings, product_faults
from portal.catalogue.product_fields import ProductFields, as_json
from portal.catalogue.vocabulary import ChangeSource, Origin, ProductState

IN_FORCE, WAITING, DRAFTS = 6, 5, 8
REJECTED = "与注册证原件不符：证书载明的贮存温度为 2～8℃。"
_CLASSES = {"I": 1, "II": 2, "III": 3}
_CHANGE = (
    "number",
    "sku",
    "state",
    "source",
    "proposed",
    "before",
    "authors",
    "proposed_by_label",
    "proposed_at",
    "submitted_by_label",
    "submitted_at",
    "decided_by",
    "decided_by_label",
    "decided_at",
    "in_force_at",
    "reason",
)


def write_product_changes(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Changes of the last weeks, by the two of quality."""
    people = connection.execute(
        "SELECT 'user:' || id, display_name FROM user_account WHERE 'quality' = ANY (roles) ORDER BY id"
    ).fetchall()
    drawn = connection.execute(
        "SELECT pg_temp.document_number('PC', %s, n) FROM generate_series(1, %s) n",
        (local_date(scenario.now), IN_FORCE + WAITING + DRAFTS + 1),
    )
    numbers = iter([number for (number,) in drawn.fetchall()])
    put(connection, "product_change", _CHANGE, _changes(scenario, people, numbers))


def fields_of(device: Device) -> ProductFields:
    """A device of the demonstration as headquarters keeps it."""
    packages = {
        f"{one.level}_{name}": value
        for one in packages_of(device)
        for name, value in (("gtin", one.gtin), ("units", one.units))
    }
    return ProductFields(
        name_zh=device.name_zh,
        name_en=device.name_en,
        generic_name=device.generic_zh,
        specification=device.specification,
        keywords="\n".join(dict.fromkeys([device.generic_en, device.model, device.maker.short_name])),
        udi_di=device.udi_di,
        category_code=device.category,
        device_class=_CLASSES[device.device_class],
        origin=Origin.DOMESTIC if device.maker.domestic else Origin.IMPORTED,
        maker=device.maker.name,
        maker_country=device.maker.country,
        registration_no=device.registration.number,
        registration_from=device.registration.valid_from,
        registration_to=device.registration.valid_to,
        unit=device.unit_zh,
        pack_multiple=device.pack_multiple,
        lot_controlled=device.lot_controlled,
        serial_controlled=device.serial_controlled,
        expiry_controlled=device.expiry_controlled,
        implantable=device.implantable,
        sterile=device.sterile,
        storage_zh=device.storage.zh,
        storage_en=device.storage.en,
        storage_min=device.storage.lower,
        storage_max=device.storage.upper,
        state=ProductState.ACTIVE if device.on_market else ProductState.WITHDRAWN,
        **packages,
    )


def _changes(
    scenario: Scenario, people: Sequence[tuple[str, str]], numbers: Iterator[str]
) -> Iterator[tuple[Any, ...]]:
    today, now = local_date(scenario.now), scenario.now
    sold = {device.sku for device in scenario.devices}
    sound = [(device, fields_of(device)) for device in scenario.devices if _is_sound(device, scenario)]
    for place, (device, fields) in enumerate(sound[:IN_FORCE]):
        before = replace(fields, storage_zh="", storage_en="", storage_min=None, storage_max=None)
        at = now - timedelta(days=40 - 5 * place)
        yield _row(next(numbers), device.sku, ChangeState.IN_FORCE, (before, fields), people, at)
    ending = [
        one
        for one in sound[IN_FORCE:]
        if one[1].registration_to and today < one[1].registration_to <= today + timedelta(days=180)
    ]
    for place, (device, fields) in enumerate(ending[:WAITING]):
        renewed = replace(fields, registration_renewal_asked_on=today - timedelta(days=3 + place))
        at = now - timedelta(days=1, hours=place)
        yield _row(next(numbers), device.sku, ChangeState.SUBMITTED, (fields, renewed), people, at)
    device, fields = next(one for one in sound[IN_FORCE:] if one not in ending[:WAITING])
    warmer = replace(fields, storage_zh="常温贮存", storage_en="Store at room temperature")
    at = now - timedelta(days=6)
    yield _row(next(numbers), device.sku, ChangeState.REJECTED, (fields, warmer), people, at)
    unsold = (device for device in scenario.catalogue.devices if device.sku not in sold)
    for device in islice(unsold, DRAFTS):
        read = replace(
            fields_of(device),
            device_class=None,
            registration_no="",
            registration_from=None,
            registration_to=None,
        )
        at = now - timedelta(hours=5)
        yield _row(next(numbers), device.udi_di, ChangeState.DRAFT, (None, read), people, at)


def _is_sound(device: Device, scenario: Scenario) -> bool:
    """Whether it could be submitted as it is, with its conditions of storage."""
    fields = fields_of(device)
    today = local_date(scenario.now)
    around = Surroundings(fields, scenario.catalogue.categories, frozenset(), today)
    return bool(fields.storage_zh) and not product_faults(fields, around)


def _row(
    number: str,
    sku: str,
    state: ChangeState,
    fields: tuple[ProductFields | None, ProductFields],
    people: Sequence[tuple[str, str]],
    at: datetime,
) -> tuple[Any, ...]:
    (author, author_name), (other, other_name) = people[0], people[-1]
    before, proposed = fields
    is_decided = state in (ChangeState.IN_FORCE, ChangeState.REJECTED)
    is_submitted = state != ChangeState.DRAFT
    return (
        number,
        sku,
        state,
        ChangeSource.PAGE if is_submitted else ChangeSource.EUDAMED,
        json.dumps(as_json(proposed)),
        json.dumps(as_json(before) if before else {}),
        [author],
        author_name,
        at,
        author_name if is_submitted else None,
        at + timedelta(minutes=4) if is_submitted else None,
        other if is_decided else None,
        other_name if is_decided else None,
        at + timedelta(hours=3) if is_decided else None,
        at + timedelta(hours=3, seconds=2) if state == ChangeState.IN_FORCE else None,
        REJECTED if state == ChangeState.REJECTED else "",
    )


PART = Part("product changes", write=write_product_changes)
