"""Lists of devices and of maintenance are read by an index, a page by a fixed number of statements."""

from __future__ import annotations

from functools import partial

import pytest

from portal.devices.life import device_of
from portal.devices.queries import DeviceFilter, devices
from portal.devices.queries import number_of as found_by
from portal.kernel.db import transaction
from portal.maintenance.queries import maintenances
from tests import cast
from tests.devices.acts import SERVICE, installed, number_of, sent
from tests.query_plans import plan_of_page

VALUES = {
    "dealer_id": "1",
    "state": "'installed'",
    "sku": "'STENT'",
    "ends_from": "'2026-01-01'",
    "ends_to": "'2027-01-01'",
    "beginning": "'ab'",
    "first": "'2026-01-01'",
    "last": "'2027-01-01'",
    "sees": "true",
    "limit": "51",
}
OURS = {"dealer_id": cast.huadong.id}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("by", "sought", "sort", "index"),
    [
        (SERVICE, OURS, "", "ix_device_dealer_id_held_from"),
        (SERVICE, OURS, "ends_on", "ix_device_dealer_id_ends_on"),
        (cast.quality, {}, "", "ix_device_held_from"),
        (cast.quality, {}, "ends_on", "ix_device_ends_on"),
        (cast.quality, {"state": "in_repair"}, "", "ix_device_state_held_from"),
        (cast.quality, {"sku": "STENT"}, "", "ix_device_product_id_held_from"),
    ],
)
def test_a_list_of_devices_is_read_by_an_index(database, count_statements, by, sought, sort, index):
    with transaction(database.session_for(by.actor())) as session, count_statements() as counted:
        ask = partial(devices, sought=DeviceFilter(**sought), sees=True, sort=sort)
        plan = plan_of_page(session, counted, ask, **VALUES)
    assert f"using {index}" in plan, plan


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("by", "dealer_id", "indexes"),
    [  # without rows both cost a dealer the same
        (SERVICE, cast.huadong.id, ("ix_maintenance_dealer_id_due_on", "ix_maintenance_due_on")),
        (cast.quality, None, ("ix_maintenance_due_on",)),
    ],
)
def test_what_is_due_is_read_by_an_index(database, count_statements, by, dealer_id, indexes):
    values = VALUES | {"state": "'due'"}
    with transaction(database.session_for(by.actor())) as session, count_statements() as counted:
        ask = partial(maintenances, dealer_id=dealer_id, when="all", today=cast.TODAY, sees=True)
        plan = plan_of_page(session, counted, ask, **values)
    assert any(f"using {index}" in plan for index in indexes), plan


def test_a_device_is_read_by_six_statements_and_looked_up_by_one(given, database, owner, count_statements):
    sent(given, database, "S1", "S2")
    number = number_of(owner, "S1")
    for _ in range(3):
        installed(database, number)
    with transaction(database.session_for(SERVICE.actor())) as session, count_statements() as counted:
        device_of(session, number, sees=True)
        assert len(counted) == 6, str(counted)
        found_by(session, "S1")
        devices(session, DeviceFilter(), sees=True)
    assert len(counted) == 8, str(counted)


def test_shipping_many_serials_asks_no_more_than_shipping_one(given, database, count_statements):
    counts = []
    for serials in (("S1",), tuple(f"T{place}" for place in range(9))):
        with count_statements() as counted:
            sent(given, database, *serials)
        counts.append(len([one for one in counted.work if "device" in one and "device_class" not in one]))
    assert counts[0] == counts[1] <= 3, counts
