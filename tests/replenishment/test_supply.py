"""What orders wait for is asked of the ERP once, and its progress comes back to the orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.checks.stock_levels import check_levels
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden
from portal.orders.fill_backorders import fill_backorders
from portal.orders.terms import SupplyTerms
from portal.replenishment import request_supply as verb
from portal.replenishment.request_supply import request_supply
from tests import cast
from tests.builders import a_lot
from tests.races import failures, together
from tests.replenishment.acts import asked, reported
from tests.shipping.acts import cancelled

IN_STOCK = 100  # gauze in Shanghai
SOON, LATER = cast.TODAY + timedelta(days=3), cast.TODAY + timedelta(days=12)


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    with transaction(database.system_session()) as session:
        assert check_levels(session, actor=SYSTEM) == []


@pytest.fixture
def waits(given):
    """Places an order of gauze of which nothing is left: its number."""
    given.an_order({cast.gauze: IN_STOCK})
    return lambda units: given.an_order({cast.gauze: units}, supply=SupplyTerms(backorder=True)).number


def requests(owner) -> list[tuple]:
    rows = owner.execute(
        text("SELECT number, requested, state FROM supply_request WHERE number <> :past ORDER BY id"),
        {"past": cast.supply_request_number},
    )
    return [tuple(row) for row in rows]


def level(owner):
    return owner.execute(
        text(
            "SELECT in_transit, next_arrival, backordered FROM stock_level"
            " WHERE warehouse_id = :w AND product_id = :p"
        ),
        {"w": cast.shanghai_warehouse.id, "p": cast.gauze.id},
    ).one()


def promised(owner, number: str):
    return owner.execute(
        text(
            "SELECT l.promised_on FROM order_line l JOIN sales_order o"
            " ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id) WHERE o.number = :n"
        ),
        {"n": number},
    ).scalar_one()


def test_what_waits_is_summed_asked_for_once_and_told(database, waits, owner):
    waits(7), waits(5)
    [number] = asked(database)
    assert requests(owner) == [(number, 12, "requested")]
    assert asked(database) == ()
    [payload] = owner.execute(text("SELECT payload FROM outbox WHERE topic = 'supply.requested'")).scalars()
    assert payload == {
        "number": number,
        "warehouse": cast.shanghai_warehouse.code,
        "sku": cast.gauze.sku,
        "quantity": 12,
    }


def test_what_waits_since_is_asked_for_in_a_request_of_its_own(database, waits, owner):
    waits(7)
    asked(database)
    waits(4)
    asked(database)
    assert [units for _, units, _ in requests(owner)] == [7, 4]


def test_what_is_on_its_way_is_not_asked_for(database, waits, owner):
    owner.execute(
        text("UPDATE stock_level SET in_transit = 6 WHERE warehouse_id = :w AND product_id = :p"),
        {"w": cast.shanghai_warehouse.id, "p": cast.gauze.id},
    )
    waits(10)
    asked(database)
    assert [units for _, units, _ in requests(owner)] == [4]


def test_what_is_there_and_will_be_given_out_is_not_asked_for(database, given, waits, owner):
    waits(10)
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 6))
    asked(database)
    assert [units for _, units, _ in requests(owner)] == [4]


def test_what_nobody_waits_for_is_not_asked_for(database, waits, owner):
    number = waits(9)
    cancelled(database, number, by=cast.huadong.buyer)
    assert asked(database) == () and requests(owner) == []


def test_two_runs_at_once_ask_once(database, waits, owner):
    waits(9)
    outcomes = together(4, lambda _: asked(database))
    assert failures(outcomes) == []
    assert [units for _, units, _ in requests(owner)] == [9]


def test_a_run_that_is_killed_leaves_nothing_and_the_next_asks(database, waits, owner):
    waits(9)
    with pytest.raises(KeyboardInterrupt), transaction(database.system_session()) as session:
        request_supply(session, today=cast.TODAY, at=cast.NOW)
        raise KeyboardInterrupt
    assert requests(owner) == []
    assert owner.execute(text("SELECT count(*) FROM outbox WHERE topic = 'supply.requested'")).scalar() == 0
    asked(database)
    assert [units for _, units, _ in requests(owner)] == [9]


def test_the_day_goes_to_the_lines_that_wait_the_earliest_first(database, waits, owner):
    first, second = waits(7), waits(5)
    before = promised(owner, second)
    [number] = asked(database)
    recorded = reported(database, number, "confirmed", expected_on=SOON, quantity=7, reference="PO-1")
    assert recorded.lines == 1
    assert (promised(owner, first), promised(owner, second)) == (SOON, before)
    [other] = asked(database)
    reported(database, other, "confirmed", expected_on=LATER)
    assert (promised(owner, first), promised(owner, second)) == (SOON, LATER)


def test_what_leaves_counts_as_in_transit_until_it_is_received(database, given, waits, owner):
    first = waits(7)
    [number] = asked(database)
    reported(database, number, "in_transit", expected_on=LATER)
    assert tuple(level(owner)) == (7, LATER, 7)
    reported(database, number, "in_transit", expected_on=SOON)
    assert (tuple(level(owner)), promised(owner, first)) == ((7, SOON, 7), SOON)
    reported(database, number, "received")
    assert tuple(level(owner)) == (0, None, 7)
    assert asked(database) == ()  # the books of stock will show it soon
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("NEW", 7))
    with transaction(database.system_session()) as session:
        assert fill_backorders(session, today=cast.TODAY, at=cast.NOW).units == {first: 7}
    assert (tuple(level(owner)), promised(owner, first)) == ((0, None, 0), None)


def test_a_receipt_in_the_books_ends_what_a_received_request_covers(database, given, waits, owner):
    waits(7)
    [number] = asked(database)
    reported(database, number, "received", at=cast.NOW - timedelta(minutes=1))
    given.stock_of(cast.gauze, cast.shanghai_warehouse, a_lot("FEW", 3))
    with transaction(database.system_session()) as session:
        fill_backorders(session, today=cast.TODAY, at=cast.NOW)
    asked(database)
    assert [units for _, units, _ in requests(owner)] == [7, 4]


def test_goods_that_never_reach_the_books_are_asked_for_again(database, waits, owner):
    waits(7)
    [number] = asked(database)
    reported(database, number, "received")
    assert asked(database, cast.NOW + verb.UNBOOKED - timedelta(minutes=1)) == ()
    asked(database, cast.NOW + verb.UNBOOKED + timedelta(minutes=1))
    assert [units for _, units, _ in requests(owner)] == [7, 7]


def test_what_is_rejected_leaves_no_day_and_is_asked_for_again_later(database, waits, owner):
    order = waits(7)
    [number] = asked(database)
    reported(database, number, "confirmed", expected_on=SOON)
    reported(database, number, "rejected")
    assert promised(owner, order) is None
    assert asked(database) == ()
    assert len(asked(database, cast.NOW + verb.REFUSED + timedelta(minutes=1))) == 1


def test_units_that_do_not_come_after_all_leave_no_day(database, waits, owner):
    first, second = waits(7), waits(5)
    [number] = asked(database)
    reported(database, number, "confirmed", expected_on=SOON)
    assert (promised(owner, first), promised(owner, second)) == (SOON, SOON)
    reported(database, number, "in_transit", quantity=8)
    assert (promised(owner, first), promised(owner, second)) == (SOON, None)


def test_the_same_report_again_changes_nothing(database, waits, owner):
    waits(7)
    [number] = asked(database)
    for _ in range(2):
        reported(database, number, "in_transit", expected_on=SOON)
    assert level(owner).in_transit == 7
    told = "SELECT count(*) FROM audit_event WHERE action = 'supply:progressed' AND subject = :n"
    assert owner.execute(text(told), {"n": number}).scalar() == 1
    reported(database, number, "received")
    with pytest.raises(Conflict):
        reported(database, number, "in_transit", expected_on=SOON)


def test_the_same_report_at_once_counts_once(database, waits, owner):
    waits(7)
    [number] = asked(database)
    outcomes = together(4, lambda _: reported(database, number, "in_transit", expected_on=SOON))
    assert failures(outcomes) == []
    assert level(owner).in_transit == 7


def test_who_sees_some_regions_only_reports_nothing(database, waits, owner):
    waits(7)
    [number] = asked(database)
    regional = cast.erp.actor().__class__(
        label="east", rights=cast.erp.actor().rights, client_id=cast.erp.id, region_ids=(1,)
    )
    with pytest.raises(Forbidden):
        reported(database, number, "confirmed", actor=regional, expected_on=SOON)
    assert requests(owner) == [(number, 7, "requested")]
