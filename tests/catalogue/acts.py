"""Changes of products, made as quality makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from portal.catalogue.decide_change import approve_change, reject_change
from portal.catalogue.product_changes import in_force
from portal.catalogue.product_fields import ProductFields
from portal.catalogue.propose_change import propose_change, submit_change
from portal.catalogue.put_in_force import put_in_force
from portal.catalogue.vocabulary import ChangeSource
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import cast
from tests.roles import Product

PUMP = ProductFields(
    name_zh="明康 输液泵 MK-20",
    name_en="Infusion pump MK-20",
    generic_name="输液泵",
    specification="MK-20",
    keywords="明康",
    udi_di="06901234520002",
    category_code="A02",
    device_class=2,
    origin="domestic",
    maker="明康医疗器械（杭州）有限公司",
    maker_country="CN",
    registration_no="浙械注准20232140123",
    registration_from=date(2023, 5, 1),
    registration_to=date(2099, 4, 30),
    unit="台",
    lot_controlled=True,
    storage_zh="常温干燥",
    storage_en="Room temperature, dry",
)
"""A new product without a fault."""


def moment() -> dict[str, Any]:
    """When it is done, as verbs are told."""
    at = clock.now()
    return {"at": at, "today": clock.business_date(at, cast.ZONE)}


def proposed(database, sku="PUMP", fields=PUMP, by=cast.quality, source=ChangeSource.PAGE) -> str:
    """A draft; its number."""
    with transaction(database.session_for(by.actor())) as session:
        return propose_change(session, actor=by.actor(), sku=sku, fields=fields, source=source, **moment())


def submitted(database, sku="PUMP", fields=PUMP, by=cast.quality) -> str:
    """A change that waits for approval; its number."""
    number = proposed(database, sku, fields, by)
    with transaction(database.session_for(by.actor())) as session:
        submit_change(session, actor=by.actor(), number=number, **moment())
    return number


def approved(database, number, by=cast.quality_colleague) -> str:
    """The same, approved."""
    with transaction(database.session_for(by.actor())) as session:
        approve_change(session, actor=by.actor(), number=number, **moment())
    return number


def rejected(database, number, reason="wrong", by=cast.quality_colleague) -> None:
    """The same, rejected."""
    with transaction(database.session_for(by.actor())) as session:
        reject_change(session, actor=by.actor(), number=number, reason=reason, at=clock.now())


def entered(database, number) -> bool:
    """What the worker does after an approval."""
    with transaction(database.system_session()) as session:
        return put_in_force(session, number=number, **moment())


def changed(database, sku="PUMP", fields=PUMP) -> str:
    """A change that is in force."""
    number = approved(database, submitted(database, sku, fields))
    assert entered(database, number)
    return number


def kept(database, sku) -> ProductFields | None:
    """A product as it is in force."""
    with database.session_for(cast.quality.actor()) as session:
        return in_force(session, [sku]).get(sku)


def gauze(database, **other) -> ProductFields:
    """A product of the cast as it may be submitted, but for what is `other`."""
    sound = {"registration_no": "沪械注准20202140306", "storage_zh": "常温", "storage_en": "Room temperature"}
    return replace(kept(database, "GAUZE"), **sound | other)


def put_package(owner: Connection, product: Product, level: str, gtin: str, units: int) -> None:
    """A package of a product that has a number of its own."""
    of = {"sku": product.sku, "level": level, "gtin": gtin, "units": units}
    owner.execute(
        text(
            "INSERT INTO product_package (product_id, level, gtin, units)"
            " SELECT id, :level, :gtin, :units FROM product WHERE sku = :sku"
        ),
        of,
    )
