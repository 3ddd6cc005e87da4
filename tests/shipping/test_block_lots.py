"""Lots that a recall blocks leave the sale everywhere and at once, with nothing left for later."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.races import failures, together
from tests.shipping.acts import (
    audited,
    blocked,
    differences,
    level,
    lots,
    parcel,
    picked,
    shipped,
    status,
)


@pytest.fixture
def product(given):
    """Nobody has it in stock yet."""
    return given.a_product()


def received(database, owner, product, lot_no: str, units: int, warehouse) -> int:
    """Units of a lot come to a warehouse for sale; how many lots were set apart instead."""
    named = text("SELECT id FROM lot WHERE product_id = :p AND lot_no = :l")
    lot_id = owner.execute(named, {"p": product.id, "l": lot_no}).scalar_one()
    with transaction(database.system_session()) as session:
        barred = move_lots(
            session,
            warehouse_id=warehouse.id,
            moves=[LotMove(lot_id, on_hand=units)],
            kind=MovementKind.RECEIPT,
            document="GR-1",
            actor=SYSTEM,
            at=cast.NOW,
        )
    return len(barred)


@pytest.fixture(autouse=True)
def _everything_adds_up(database, owner):
    yield
    assert differences(database) == []
    assert broken_promises(owner) == {}


def test_a_blocked_lot_is_set_apart_in_every_warehouse(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 5), a_lot("GOOD", 7))
    received(database, owner, product, "BAD", 3, cast.guangzhou_warehouse)
    done = blocked(database, product, "BAD")
    assert (done.units, done.orders_held) == (8, ())
    assert lots(owner, product) == {"BAD": (0, 0, "blocked"), "GOOD": (7, 0, "saleable")}
    assert lots(owner, product, cast.guangzhou_warehouse) == {"BAD": (0, 0, "blocked")}
    assert (level(owner, product), level(owner, product, cast.guangzhou_warehouse)) == ((7, 0), (0, 0))
    assert audited(owner, f"{product.sku}/BAD") == ["lot:blocked", "lot:blocked"]


def test_to_block_again_changes_nothing(given, database, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 5))
    assert blocked(database, product, "BAD").units == 5
    assert blocked(database, product, "BAD").units == 0


def test_the_latest_orders_give_way_and_are_held(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 5), a_lot("GOOD", 4))
    first, second = given.an_order({product: 4}), given.an_order({product: 4})
    assert blocked(database, product, "BAD").orders_held == (second.number,)
    assert [status(owner, order.number) for order in (first, second)] == ["confirmed", "on_hold"]
    assert level(owner, product) == (4, 4)


def test_a_parcel_with_a_blocked_lot_is_put_back_and_picked_anew_without_it(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 5), a_lot("GOOD", 9))
    order = given.an_order({product: 5})
    number = picked(database, order.number).shipment_number
    assert blocked(database, product, "BAD").parcels_put_back == (number,)
    assert status(owner, order.number) == "confirmed"
    again = picked(database, order.number).shipment_number
    assert parcel(owner, again) == [(1, "GOOD", 5)]


def test_a_parcel_without_it_stays_and_leaves(given, database, owner, product):
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("GOOD", 5, expires_on=cast.TODAY.replace(year=2090)),
        a_lot("BAD", 5),
    )
    order = given.an_order({product: 5})
    number = picked(database, order.number).shipment_number
    assert parcel(owner, number) == [(1, "GOOD", 5)]
    assert blocked(database, product, "BAD").parcels_put_back == ()
    shipped(database, number)
    assert status(owner, order.number) == "shipped"


def test_goods_that_come_to_a_blocked_lot_are_set_apart(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 5))
    blocked(database, product, "BAD")
    assert received(database, owner, product, "BAD", 2, cast.shanghai_warehouse) == 1
    assert level(owner, product) == (0, 0)


def test_a_decision_races_orders_and_no_unit_of_the_lot_is_promised_after_it(given, database, owner, product):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 20))

    def act(place: int) -> object:
        return blocked(database, product, "BAD") if place == 0 else given.an_order({product: 3})

    outcomes = together(6, act)
    assert all(isinstance(one, DomainError) for one in failures(outcomes)), outcomes
    assert lots(owner, product) == {"BAD": (0, 0, "blocked")}
    assert level(owner, product) == (0, 0)


@pytest.mark.parametrize("after", ["order", "pick"])
def test_a_decision_races_picks_and_ships_and_a_parcel_leaves_before_it_or_not_at_all(
    given, database, owner, product, after
):
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 20))
    orders = [given.an_order({product: 2}) for _ in range(4)]
    parcels = [picked(database, order.number).shipment_number for order in orders] if after == "pick" else []

    def act(place: int) -> object:
        if place == 0:
            return blocked(database, product, "BAD")
        if after == "pick":
            return shipped(database, parcels[place - 1])
        return picked(database, orders[place - 1].number)

    [decided, *others] = together(5, act)
    assert not isinstance(decided, Exception), decided
    assert all(isinstance(one, DomainError) for one in failures(others)), others
    assert lots(owner, product) == {"BAD": (0, 0, "blocked")}
    left = owner.execute(text("SELECT count(*) FROM shipment WHERE status <> 'picking'")).scalar_one()
    waiting = owner.execute(text("SELECT count(*) FROM shipment WHERE status = 'picking'")).scalar_one()
    assert waiting == 0
    assert left == (4 - len(failures(others)) if after == "pick" else 0)
