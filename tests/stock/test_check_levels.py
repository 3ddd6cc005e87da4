"""The check finds nothing after a busy day, and every kind of damage when there is some."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden
from portal.stock.check_levels import check_levels
from tests import cast
from tests.shipping.acts import cancelled, differences, picked, put_back, shipped


@pytest.fixture
def a_busy_day(given, database):
    """Orders in every state."""
    numbers = [given.an_order({cast.gauze: 20, cast.gloves: 2}).number for _ in range(5)]
    shipped(database, picked(database, numbers[0]).shipment_number)
    shipped(database, picked(database, numbers[1], quantities={1: 5}).shipment_number)
    picked(database, numbers[2])
    picked(database, numbers[3])
    put_back(database, numbers[3])
    cancelled(database, numbers[4])
    return numbers


def test_a_busy_day_adds_up(a_busy_day, database):
    assert differences(database) == []


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        ("UPDATE stock_level SET on_hand = on_hand + 1", {"on_hand/lots", "on_hand/movements"}),
        ("UPDATE stock_level SET reserved = reserved - 1", {"reserved/movements", "reserved/orders"}),
        ("UPDATE lot_stock SET on_hand = on_hand + 1", {"on_hand/lots", "lot/movements"}),
        ("UPDATE lot_stock SET allocated = 0", {"allocated/parcels"}),
        ("UPDATE order_line SET shipped = 0", {"shipped/parcels"}),
        ("UPDATE order_line SET reserved = 0", {"reserved/orders", "reserved/parcels"}),
    ],
)
def test_damage_is_found_where_it_is(a_busy_day, database, owner, damage, checks):
    tables = {
        "stock_level": (
            f"{damage} WHERE warehouse_id = {cast.shanghai_warehouse.id} AND product_id = {cast.gauze.id}"
        ),
        "lot_stock": (
            f"{damage} WHERE warehouse_id = {cast.shanghai_warehouse.id}"
            f" AND lot_id = {cast.gauze_lot_fresh.id}"
        ),
        "order_line": f"{damage} WHERE product_id = {cast.gauze.id}",
    }
    owner.execute(text(tables[damage.split()[1]]))
    found = differences(database)
    assert {difference.check for difference in found} == checks
    assert {difference.warehouse for difference in found} == {cast.shanghai_warehouse.code}
    assert all(difference.kept != difference.counted for difference in found)


def test_a_movement_without_a_level_is_a_difference(database, owner):
    owner.execute(
        text(
            "INSERT INTO stock_movement (warehouse_id, product_id, kind, on_hand_delta, document, actor)"
            " VALUES (:w, :p, 'receipt', 3, 'X', 'x')"
        ),
        {"w": cast.guangzhou_warehouse.id, "p": cast.last_suture.id},
    )
    [difference] = differences(database)
    assert (difference.check, difference.subject, difference.kept, difference.counted) == (
        "on_hand/movements",
        cast.last_suture.sku,
        0,
        3,
    )


def test_a_dealer_does_not_look_into_the_warehouse(database):
    actor = cast.huadong.boss.actor()
    with pytest.raises(Forbidden), transaction(database.dealer_session(actor)) as session:
        check_levels(session, actor=actor)
