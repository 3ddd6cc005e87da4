"""Checks of service, complaints, repairs and devices find what is damaged, and nothing before."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.checks.acts import found
from tests.complaints import acts as complaints
from tests.devices import acts as devices
from tests.played import played
from tests.repairs import acts as repairs
from tests.service import acts as service

DAMAGE = [
    (
        "service_request",
        "UPDATE service_request SET first_answered_at = asked_at - interval '1 day'",
        {"service/answered"},
    ),
    (
        "service_request",
        "UPDATE service_request SET state = 'cancelled', ended_at = asked_at, resolved_at = asked_at,"
        " paused_at = NULL WHERE state = 'resolved'",
        {"service/states"},
    ),
    (
        "service_request",
        "UPDATE service_request r SET state = 'merged', ended_at = asked_at, paused_at = NULL, merged_into ="
        " (SELECT max(id) FROM service_request o WHERE o.dealer_id = r.dealer_id AND o.id <> r.id)",
        {"service/merged"},
    ),
    ("device", "UPDATE device SET held_until = now(), state = 'returned'", {"devices/registered"}),
    (
        "serial_unit",
        "UPDATE serial_unit SET document = 'SH-X' WHERE state = 'shipped'",
        {"devices/last-movement"},
    ),
    (
        "adverse_event",
        "UPDATE adverse_event SET aware_at = now() - interval '9 days', due_at = now() - interval '1 day',"
        " warn_first_at = now() - interval '5 days', warn_last_at = now() - interval '2 days'",
        {"complaints/reported"},
    ),
    ("complaint_analysis", "UPDATE complaint_analysis SET cause = ''", {"complaints/answered"}),
    (
        "service_request",
        "UPDATE service_request SET somebody_harmed = true, asked_at = asked_at - interval '2 hours'"
        " WHERE kind = 'repair'",
        {"complaints/told"},
    ),
    (
        "service_invoice_line",
        "UPDATE service_invoice_line SET amount = amount + 1",
        {"ledger/service-lines"},
    ),
]


@played
def served(given, database, owner):
    """A device shipped; a request resolved; a complaint closed, an adverse event; a repair billed."""
    devices.a_rule(database)
    devices.sent(given, database, "S-77")
    resolved = service.opened(database)
    service.taken(database, resolved)
    service.resolved(database, resolved)
    service.opened(database)
    closed = complaints.a_complaint(database)
    complaints.triaged(database, closed)
    complaints.handled(database, closed)
    complaints.closed(database, closed)
    complaints.an_event(database)
    repair = repairs.a_request(database)
    repairs.accepted(database, repair, repairs.offered(database, repair))
    visit = repairs.visited(database, repair)
    repairs.filed(database, repair, visit, repairs.a_report(database))


def test_what_was_served_agrees_with_itself(served, database):
    assert found(database) == {}


@pytest.mark.parametrize(("table", "damage", "checks"), DAMAGE, ids=[damage for _, damage, _ in DAMAGE])
def test_damage_is_found_by_the_check_that_looks_for_it(served, database, owner, table, damage, checks):
    with owner.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        assert connection.execute(text(damage)).rowcount
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    assert found(database).keys() >= checks
