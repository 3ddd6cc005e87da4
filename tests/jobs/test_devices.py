"""A new rule reckons the warranties it concerns, and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from jobs import outbox
from portal.devices import warrant
from portal.devices.warranty_rules import months_after
from tests import cast
from tests.devices.acts import a_rule, in_register

SINCE = cast.TODAY - timedelta(days=100)


@pytest.fixture(autouse=True)
def _(at_work):
    """Jobs run here, two devices a transaction."""
    at_work.setattr(warrant, "AT_ONCE", 2)


@pytest.fixture
def devices(given, database):
    """Three devices of a product at two dealers, one that went back, and one of another product."""
    product = given.a_product(serial_controlled=True, category_code="A02")
    other = given.a_product(serial_controlled=True, category_code="T01")
    a_rule(database)
    for serial, dealer, of in (
        ("A", cast.huadong, product),
        ("B", cast.huadong, product),
        ("C", cast.yuegang, product),
        ("GONE", cast.huadong, product),
        ("OTHER", cast.huadong, other),
    ):
        in_register(database, dealer, of, serial, since=SINCE)
    return product


def ends(owner) -> dict[str, date]:
    return dict(map(tuple, owner.execute(text("SELECT serial, warranty_to FROM device"))))


def versions(owner) -> list[str]:
    return list(owner.execute(text("SELECT xmin::text FROM device ORDER BY id")).scalars())


@pytest.mark.parametrize("of", ["product", "line"])
def test_a_rule_reckons_all_the_devices_in_hand_that_it_is_about_and_no_other(devices, database, owner, of):
    outbox.sweep()
    owner.execute(text("UPDATE device SET held_until = now(), state = 'returned' WHERE serial = 'GONE'"))
    odd = {"day": months_after(SINCE, 7)}  # what reckoning would put right
    owner.execute(text("UPDATE device SET warranty_to = :day WHERE serial IN ('OTHER', 'GONE')"), odd)
    before = ends(owner)
    about = {"sku": devices.sku} if of == "product" else {"category": "A"}
    a_rule(database, months=24, **about)
    outbox.sweep()
    longer = months_after(SINCE, 24)
    assert ends(owner) == before | {"A": longer, "B": longer, "C": longer}


def test_a_rule_that_changes_nothing_writes_no_row_however_often_it_is_reckoned(devices, database, owner):
    outbox.sweep()
    before = versions(owner)
    a_rule(database, valid_from=date(2020, 1, 2))
    outbox.sweep()
    owner.execute(text("UPDATE outbox SET dispatched_at = NULL WHERE topic = 'device.warranties'"))
    outbox.sweep()
    assert versions(owner) == before


def test_a_device_that_cannot_be_written_keeps_those_before_it_and_is_tried_again(devices, database, owner):
    outbox.sweep()
    fault = f"CHECK (serial <> 'C' OR warranty_to < '{months_after(SINCE, 13)}') NOT VALID"
    owner.execute(text(f"ALTER TABLE device ADD CONSTRAINT broken {fault}"))
    a_rule(database, months=24, sku=devices.sku)
    outbox.sweep()
    longer = months_after(SINCE, 24)
    assert (ends(owner)["A"], ends(owner)["B"]) == (longer, longer)
    assert ends(owner)["C"] == months_after(SINCE, 12)
    owner.execute(text("ALTER TABLE device DROP CONSTRAINT broken"))
    owner.execute(text("UPDATE outbox SET not_before = now() WHERE dispatched_at IS NULL"))
    outbox.sweep()
    assert ends(owner)["C"] == longer
