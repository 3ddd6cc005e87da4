"""The audit by program: the same acts as the page, page by page; the newest seal."""

from __future__ import annotations

import pytest

from portal.audit.record import record
from portal.audit.vocabulary import AuditRight
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.orders.vocabulary import OrderAction
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.audit.acts import sealed
from tests.identity.standing_in_acts import acts_for, consented
from tests.ledger.acts import paid
from tests.played import played


@played
def two_payments(_given, database, _owner):
    """Of two dealers."""
    paid(database, "15.00")
    paid(database, "40.00", dealer=cast.yuegang)


@pytest.fixture
def reader(two_payments, system):
    return system(AuditRight.READ)


def test_acts_are_listed_the_latest_first(reader):
    read, address = [], "/hq/audit?kind=payment&limit=1"
    while address:
        page = kept(reader.get(address))
        read += page["items"]
        address = page["next_cursor"] and f"/hq/audit?kind=payment&limit=1&cursor={page['next_cursor']}"
    assert [(one["action"], one["dealer"]) for one in read] == [
        ("payment:posted", "yuegang"),
        ("payment:posted", "huadong"),
    ]
    assert read[0]["after"]["amount"] == "40.00"
    assert all(one["at"] and one["actor"].startswith("user:") and not one["sealed"] for one in read)
    subject = read[0]["subject"]
    assert [one["subject"] for one in kept(reader.get(f"/hq/audit?subject={subject}"))["items"]] == [subject]
    day = clock.business_date(clock.now(), cast.ZONE)
    assert kept(reader.get(f"/hq/audit?from={day}&to={day}&dealer=yuegang&kind=payment"))["items"] == read[:1]


def test_what_was_done_in_somebodys_name_tells_both_and_is_found_by_either(reader, database, app):
    acting = acts_for(database, cast.east_manager, consented(app.issuer_database)).actor
    with transaction(database.session_for(acting)) as session:
        record(session, OrderAction.ORDER_PLACED, "SO2611-AAAAAAAA1", actor=acting, dealer_id=cast.huadong.id)
    (one,) = kept(reader.get("/hq/audit?actor=dealer:huadong"))["items"]
    assert (one["actor"], one["on_behalf_of"]) == (cast.east_manager.actor().key, "dealer:huadong")
    assert one in kept(reader.get(f"/hq/audit?actor={cast.east_manager.actor().key}&kind=order"))["items"]
    assert kept(reader.get("/hq/audit?kind=payment"))["items"][0]["on_behalf_of"] is None


def test_the_seal_is_told(reader, database):
    assert kept(reader.get("/hq/audit/seal"))["batch"] == 0
    (head,) = sealed(database)
    found = kept(reader.get("/hq/audit/seal"))
    assert (found["root"], found["batch"], found["key"]) == (head.digest(), head.number, head.key)
    assert all(one["sealed"] for one in kept(reader.get("/hq/audit?kind=payment"))["items"])


def test_what_cannot_be_searched_is_told(reader, huadong):
    assert faults(reader.get("/hq/audit?from=2020-01-01&to=2026-11-01")) == {"/from": "too_long"}
    assert faults(reader.get("/hq/audit?from=2026-11-02&to=2026-11-01")) == {"/to": "order"}
    refused(reader.get("/hq/audit?dealer=nobody"), 404)
    for address in ("/hq/audit", "/hq/audit/seal"):
        refused(huadong.get(address), 403)


def test_a_page_asks_few_statements(reader, count_statements):
    with count_statements() as counted:
        kept(reader.get("/hq/audit?kind=payment"))
    assert len(counted) <= 3, str(counted)
