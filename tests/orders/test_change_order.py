"""An order that nobody has begun to pick is changed: cancelled and ordered anew, or left as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.checks.stock_levels import check_levels
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError, Invalid, NotFound
from portal.orders.change_order import change_order
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from tests import cast
from tests.builders import TERMS
from tests.orders.test_place_order import level
from tests.races import failures, together

BUYER = cast.huadong.buyer


def change(database, number: str, lines, *, by=BUYER, **more):
    wanted = [Wanted(sku.sku, units, f"/lines/{place}") for place, (sku, units) in enumerate(lines.items())]
    with transaction(database.dealer_session(by.actor())) as session:
        return change_order(
            session,
            actor=by.actor(),
            number=number,
            request=OrderRequest(wanted, **more),
            reason="",
            terms=TERMS,
            at=clock.now(),
        )


def status(owner, number: str) -> str:
    return owner.execute(text("SELECT status FROM sales_order WHERE number = :n"), {"n": number}).scalar_one()


def open_orders(owner) -> Decimal:
    return owner.execute(
        text("SELECT open_orders FROM dealer_account WHERE dealer_id = :d"), {"d": cast.huadong.id}
    ).scalar_one()


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    with transaction(database.system_session()) as session:
        assert check_levels(session, actor=SYSTEM) == []


def test_the_new_order_takes_the_place_of_the_old_one_with_its_stock_and_credit(database, given, owner):
    before = open_orders(owner)
    number = given.an_order({cast.gauze: 90}).number
    changed = change(database, number, {cast.gauze: 100, cast.gloves: 1})  # more than was left beside it
    assert status(owner, number) == "cancelled" and status(owner, changed.number) == "confirmed"
    assert level(owner, cast.shanghai_warehouse, cast.gauze) == (100, 100)
    assert open_orders(owner) - before == Decimal(changed.answer["total"])
    assert (
        owner.execute(
            text("SELECT replaces FROM sales_order WHERE number = :n"), {"n": changed.number}
        ).scalar_one()
        == number
    )


def test_a_change_that_is_refused_leaves_the_order_as_it_was(database, given, owner):
    number = given.an_order({cast.gauze: 90}).number
    before = open_orders(owner)
    with pytest.raises(Invalid) as refusal:
        change(database, number, {cast.gauze: 101})
    assert [fault.code for fault in refusal.value.faults] == ["stock_short"]
    assert status(owner, number) == "confirmed" and open_orders(owner) == before
    assert level(owner, cast.shanghai_warehouse, cast.gauze) == (100, 90)


def test_what_is_picked_or_shipped_is_changed_by_nobody(database, given, owner):
    number = given.an_order({cast.gauze: 9}).number
    given.a_parcel_of(number)
    with pytest.raises(Conflict):
        change(database, number, {cast.gauze: 5})
    assert status(owner, number) == "picking"


def test_a_changed_order_is_held_by_what_it_costs_now(database, given, owner):
    number = given.an_order({cast.gauze: 9}).number
    given.credit_limit_of(cast.huadong, "1.00")
    assert change(database, number, {cast.gauze: 8}).answer["status"] == "on_hold"


def test_a_rival_finds_no_order_to_change(database, given, owner):
    number = given.an_order({cast.gauze: 9}).number
    with pytest.raises(NotFound):
        change(database, number, {cast.gauze: 1}, by=cast.yuegang.buyer)
    assert status(owner, number) == "confirmed"


def test_of_two_changes_at_once_one_counts(database, given, owner):
    number = given.an_order({cast.gauze: 90}).number
    outcomes = together(2, lambda place: change(database, number, {cast.gauze: 50 + place}))
    [lost] = failures(outcomes)
    assert isinstance(lost, DomainError)
    alive = owner.execute(
        text("SELECT count(*) FROM sales_order WHERE replaces = :n AND status = 'confirmed'"), {"n": number}
    ).scalar_one()
    assert alive == 1
