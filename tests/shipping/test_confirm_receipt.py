"""The dealer confirms what arrived: once, and only its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, NotFound
from tests import cast
from tests.shipping.acts import audited, cancelled, picked, received, shipped, status

LATER = cast.NOW + timedelta(days=3)


def a_shipped_parcel(given, database, units: int = 5) -> tuple[str, str]:
    order = given.an_order({cast.gauze: units})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    return order.number, number


def test_the_order_is_received_with_its_only_parcel(given, database, owner):
    order, parcel = a_shipped_parcel(given, database)
    done = received(database, parcel, at=LATER)
    assert (done.order_status, done.received_at, done.repeated) == ("received", LATER, False)
    kept = owner.execute(
        text("SELECT status, received_at FROM sales_order WHERE number = :n"), {"n": order}
    ).one()
    assert tuple(kept) == ("received", LATER)


def test_a_second_confirmation_is_harmless_and_answers_the_first_time(given, database, owner):
    _, parcel = a_shipped_parcel(given, database)
    first = received(database, parcel, at=cast.NOW)
    again = received(database, parcel, at=LATER)
    assert (again.received_at, again.order_status, again.repeated) == (first.received_at, "received", True)
    assert audited(owner, parcel).count("shipment:received") == 1


def test_an_order_is_received_with_the_last_of_its_parcels(given, database):
    order = given.an_order({cast.gauze: 50})
    parcels = []
    for quantities in ({1: 10}, None):
        parcels.append(picked(database, order.number, quantities=quantities).shipment_number)
        shipped(database, parcels[-1])
    assert received(database, parcels[1]).order_status == "shipped"
    assert received(database, parcels[0]).order_status == "received"


def test_a_partly_shipped_order_stays_so_when_its_parcel_is_received(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    parcel = picked(database, order.number, quantities={1: 10}).shipment_number
    shipped(database, parcel)
    assert received(database, parcel).order_status == "partially_shipped"
    assert owner.execute(text("SELECT received_at FROM sales_order")).scalar_one() is None


def test_an_order_whose_rest_is_cancelled_after_receipt_is_received(given, database):
    order = given.an_order({cast.gauze: 50})
    parcel = picked(database, order.number, quantities={1: 10}).shipment_number
    shipped(database, parcel)
    received(database, parcel)
    assert cancelled(database, order.number, by=cast.order_desk).status == "received"


def test_a_parcel_that_is_still_picked_cannot_be_received(given, database):
    order = given.an_order({cast.gauze: 5})
    parcel = picked(database, order.number).shipment_number
    with pytest.raises(Conflict) as refusal:
        received(database, parcel)
    assert refusal.value.code == "not_shipped"


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.huadong.boss, cast.huadong.system])
def test_buyer_owner_and_the_dealers_own_system_confirm(given, database, person):
    _, parcel = a_shipped_parcel(given, database)
    assert received(database, parcel, by=person).order_status == "received"


@pytest.mark.parametrize("person", [cast.huadong.finance, cast.huadong.service, cast.order_desk])
def test_nobody_else_confirms(given, database, person):
    _, parcel = a_shipped_parcel(given, database)
    with pytest.raises(Forbidden):
        received(database, parcel, by=person)


def test_a_rivals_parcel_does_not_exist(given, database, owner):
    order, parcel = a_shipped_parcel(given, database)
    with pytest.raises(NotFound):
        received(database, parcel, by=cast.yuegang.buyer)
    assert status(owner, order) == "shipped"
