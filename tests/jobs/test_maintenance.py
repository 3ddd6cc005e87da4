"""The schedule's look at maintenance: made due, missed, dropped; nothing of what it is not about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from jobs import maintenance
from portal.devices.change_state import change_state
from portal.devices.rules import DeviceAct
from portal.devices.warranty_rules import months_after
from tests import cast
from tests.devices.acts import SERVICE, as_, in_register
from tests.maintenance.acts import LONG_AGO, planned

LATELY = cast.TODAY - timedelta(days=300)
MISSED_ON, NEXT_ON = months_after(LONG_AGO, 12), months_after(LATELY, 12)


@pytest.fixture
def devices(given, database) -> dict[str, str]:
    """Five stents by serial number, one of them a rival's, and a device of which nothing is planned."""
    other = given.a_product(serial_controlled=True)
    planned(database)
    kept = {
        serial: in_register(database, dealer, cast.stent, serial, since=since)
        for serial, dealer, since in (
            ("MISSED", cast.huadong, LONG_AGO),
            ("LATER", cast.huadong, LATELY),
            ("LATER-2", cast.huadong, LATELY),
            ("RIVAL", cast.yuegang, LONG_AGO),
            ("BUSY", cast.huadong, LONG_AGO),
        )
    }
    return kept | {"OTHER": in_register(database, cast.huadong, other, "OTHER", since=LONG_AGO)}


def by_device(owner) -> dict[str, tuple[str, date, bool]]:
    """Of each device its maintenance: state, day, and whether it was told that it is missed."""
    asked = text(
        "SELECT d.serial, m.state, m.due_on, m.missed_at IS NOT NULL FROM maintenance m"
        " JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)"
    )
    return {serial: (state, due, missed) for serial, state, due, missed in owner.execute(asked)}


def missed_in_lives(owner) -> list[str]:
    asked = text(
        "SELECT d.serial FROM device_event e"
        " JOIN device d ON (d.dealer_id, d.id) = (e.dealer_id, e.device_id)"
        " WHERE e.kind = 'maintenance_missed' ORDER BY d.serial"
    )
    return list(owner.execute(asked).scalars())


def test_what_is_due_is_made_and_what_was_missed_told_once_for_every_dealer(devices, owner, at_work):
    maintenance.make_due()
    overdue = ("due", MISSED_ON, False)
    assert by_device(owner) == {
        "MISSED": overdue,
        "BUSY": overdue,
        "RIVAL": overdue,
        "LATER": ("due", NEXT_ON, False),
        "LATER-2": ("due", NEXT_ON, False),
    }
    for _ in range(2):
        maintenance.make_due()
        assert missed_in_lives(owner) == ["BUSY", "MISSED", "RIVAL"]
    assert by_device(owner)["LATER"] == ("due", NEXT_ON, False)


def test_a_device_out_of_use_is_dropped_and_no_other(devices, database, owner, at_work):
    maintenance.make_due()
    about = {"act": DeviceAct.RETIRE, "reason": "old", "at": cast.NOW}
    as_(database, SERVICE, change_state, number=devices["MISSED"], **about)
    maintenance.make_due()
    states = {serial: state for serial, (state, _, _) in by_device(owner).items()}
    assert states.pop("MISSED") == "dropped"
    assert states == dict.fromkeys(("BUSY", "RIVAL", "LATER", "LATER-2"), "due")


def test_enough_uses_bring_the_days_of_their_devices_forward(devices, database, owner, at_work):
    planned(database, revision=1, every_uses=100)
    maintenance.make_due()
    used = text("UPDATE device SET uses = CASE serial WHEN 'LATER' THEN 100 ELSE 99 END")
    owner.execute(used)
    maintenance.make_due()
    assert by_device(owner)["LATER"][:2] == ("due", cast.TODAY)
    assert by_device(owner)["LATER-2"][:2] == ("due", NEXT_ON)
    assert by_device(owner)["MISSED"][:2] == ("due", MISSED_ON)


def test_a_row_that_somebody_works_on_holds_up_no_other(given, devices, database, owner, at_work):
    """Neither what is missed, nor what is dropped, nor what is brought forward by uses."""
    in_register(database, cast.huadong, cast.stent, "GONE", since=LONG_AGO)
    planned(database, revision=1, every_uses=100)
    maintenance.make_due()
    owner.execute(text("UPDATE device SET state = 'retired' WHERE serial IN ('GONE', 'RIVAL')"))
    owner.execute(text("UPDATE device SET uses = 100 WHERE serial IN ('LATER', 'LATER-2')"))
    lock = (
        "SELECT FROM maintenance m JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)"
        " WHERE d.serial IN ('BUSY', 'RIVAL', 'LATER-2') FOR UPDATE OF m"
    )

    def now() -> tuple[list[str], list[str], list[str]]:
        found = by_device(owner)
        dropped = [serial for serial, (state, _, _) in found.items() if state == "dropped"]
        forward = [serial for serial, (_, due, _) in found.items() if due == cast.TODAY]
        return missed_in_lives(owner), sorted(dropped), sorted(forward)

    with owner.engine.connect() as technician, technician.begin():
        technician.execute(text(lock))
        maintenance.make_due()
        assert now() == (["MISSED"], ["GONE"], ["LATER"])
    maintenance.make_due()
    assert now() == (["BUSY", "MISSED"], ["GONE", "RIVAL"], ["LATER", "LATER-2"])
