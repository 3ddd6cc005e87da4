"""What the dealer and the desk see of orders, parcels and lots; and what a rival does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, NotFound
from portal.orders import queries as orders
from portal.shipping.desk import desk_counts, desk_orders
from portal.shipping.pick_list import pick_list
from portal.shipping.queries import shipment, shipments_of
from tests import cast
from tests.builders import a_lot
from tests.roles import Licence
from tests.shipping.acts import cancelled, picked, received, shipped


@pytest.fixture
def see(database):
    """Run a query as somebody: ``see(cast.order_desk, desk_orders)``."""

    def run(person, query, *args, **how):
        with transaction(database.session_for(person.actor())) as session:
            return query(session, *args, **how)

    return run


def parcels_of(session, number: str):
    order = orders.order(session, number)
    return shipments_of(session, order.dealer_id, order.id)


def test_a_dealer_sees_its_parcels_with_lots_serials_and_invoice(given, database, see):
    order = given.an_order({cast.gauze: 50, cast.stent: 1})
    number = picked(database, order.number).shipment_number
    invoice = shipped(database, number, serials={(2, "ST-1"): ["S-1"]}).invoice_number
    [found] = see(cast.huadong.finance, parcels_of, order.number)
    assert (found.number, found.status, found.carrier, found.invoice_number) == (
        number,
        "shipped",
        "顺丰速运",
        invoice,
    )
    assert [(line.line_no, line.lot_no, line.quantity, line.serials) for line in found.lines] == [
        (1, "GZ-SHORT", 30, []),
        (1, "GZ-FRESH", 20, []),
        (2, "ST-1", 1, ["S-1"]),
    ]
    assert see(cast.huadong.finance, shipment, number) == found


def test_parcels_come_in_the_order_they_were_picked(given, database, see):
    order = given.an_order({cast.gauze: 50})
    numbers = []
    for place, quantities in enumerate(({1: 10}, {1: 20}, None)):
        numbers.append(
            picked(
                database, order.number, quantities=quantities, at=cast.NOW + timedelta(minutes=place)
            ).shipment_number
        )
        shipped(database, numbers[-1])
    assert [parcel.number for parcel in see(cast.huadong.buyer, parcels_of, order.number)] == numbers


@pytest.mark.parametrize("person", [cast.yuegang.boss, cast.suzhou.buyer, cast.south_desk])
def test_a_rival_and_a_foreign_region_see_no_parcel(given, database, see, person):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    with pytest.raises(NotFound):
        see(person, shipment, number)
    with pytest.raises(NotFound):
        see(person, pick_list, number=order.number, today=cast.TODAY)
    assert see(person, desk_orders).items == ()


def test_parcels_cost_two_statements_whatever_their_number(given, database, see, count_statements):
    order = given.an_order({cast.gauze: 30, cast.gloves: 3})
    for _ in range(3):
        shipped(database, picked(database, order.number, quantities={1: 10}).shipment_number)
    found = see(cast.huadong.buyer, orders.order, order.number)
    with count_statements() as counted:
        see(cast.huadong.buyer, shipments_of, found.dealer_id, found.id)
    assert len(counted) == 2, counted


# The desk's list


@pytest.fixture
def one_in_every_state(given, database):
    """Numbers by state."""
    names = ("confirmed", "picking", "partially_shipped", "shipped", "received", "cancelled")
    numbers = {
        name: given.an_order({cast.gauze: 10}, purchase_order_no=f"PO-{name}").number for name in names
    }
    picked(database, numbers["picking"])
    shipped(database, picked(database, numbers["partially_shipped"], quantities={1: 4}).shipment_number)
    shipped(database, picked(database, numbers["shipped"]).shipment_number)
    parcel = picked(database, numbers["received"]).shipment_number
    shipped(database, parcel)
    received(database, parcel)
    cancelled(database, numbers["cancelled"])
    given.credit_limit_of(cast.yuegang, "0.00")
    return numbers | {"on_hold": given.an_order({cast.gloves: 1}, by=cast.yuegang.buyer).number}


def numbers(page) -> list[str]:
    return [order.number for order in page.items]


def test_the_desk_sees_what_there_is_to_do_the_longest_waiting_first(one_in_every_state, see):
    expected = [one_in_every_state[name] for name in ("confirmed", "picking", "partially_shipped", "on_hold")]
    page = see(cast.order_desk, desk_orders)
    assert numbers(page) == expected
    assert [order.units_open for order in page.items] == [10, 10, 6, 1]
    assert [bool(order.picking) for order in page.items] == [False, True, False, False]
    assert page.items[3].holds == ["credit"]


def test_the_desk_counts_every_state_it_works_on(one_in_every_state, see):
    assert see(cast.order_desk, desk_counts) == {
        "on_hold": 1,
        "confirmed": 1,
        "picking": 1,
        "partially_shipped": 1,
    }
    assert see(cast.south_desk, desk_counts) == {
        "on_hold": 1,
        "confirmed": 0,
        "picking": 0,
        "partially_shipped": 0,
    }


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ({"statuses": ["shipped", "received"]}, ["shipped", "received"]),
        ({"statuses": []}, []),
        ({"region_id": cast.south.id}, ["on_hold"]),
        ({"region_id": cast.shanghai.id}, ["confirmed", "picking", "partially_shipped"]),
        ({"q": "po-picking"}, ["picking"]),
        ({"q": " PO-Pi"}, ["picking"]),
        ({"q": "picking"}, []),
        ({"q": "po-", "region_id": cast.south.id}, []),
        ({"q": "po-", "statuses": ["received", "picking"]}, ["picking", "received"]),
        ({"q": cast.yuegang.code}, ["on_hold"]),
        ({"q": "粤康"}, ["on_hold"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
    ],
)
def test_the_desk_filters_by_state_region_and_words(one_in_every_state, see, how, names):
    assert numbers(see(cast.order_desk, desk_orders, **how)) == [one_in_every_state[name] for name in names]


def test_the_desk_pages_without_gap_or_repetition(given, see, count_statements):
    placed = [given.an_order({cast.gloves: 1}).number for _ in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        page = see(cast.order_desk, desk_orders, limit=2, cursor=cursor)
        seen += numbers(page)
        cursor = page.next_cursor
    assert (seen, cursor) == (placed, None)
    with count_statements() as counted:
        see(cast.order_desk, desk_orders)
    assert len(counted) == 1, counted


def test_an_order_is_found_by_what_can_be_read_of_its_number(given, see):
    number = given.an_order({cast.gloves: 1}).number
    body = number.partition("-")[2]
    for typed in (
        number,
        number.lower(),
        number[:9],
        body,
        body.lower()[:5],
        body.replace("0", "o").replace("1", "I"),
    ):
        assert numbers(see(cast.order_desk, desk_orders, q=typed)) == [number], typed
        assert numbers(see(cast.south_desk, desk_orders, q=typed)) == []
    assert numbers(see(cast.order_desk, desk_orders, q=body[2:])) == []


def test_a_cursor_somebody_made_up_is_refused(see):
    with pytest.raises(Invalid):
        see(cast.order_desk, desk_orders, cursor="bm9uc2Vuc2U")


# The pick list


def test_the_pick_list_plans_what_the_pick_will_do(given, database, see):
    order = given.an_order({cast.gauze: 50, cast.gloves: 3})
    planned = see(cast.order_desk, pick_list, number=order.number, today=cast.TODAY)
    assert [(line.sku, line.to_pick, line.missing) for line in planned.lines] == [
        ("GAUZE", 50, 0),
        ("GLOVES", 3, 0),
    ]
    assert [(lot.lot_no, lot.free, lot.taken, lot.usable) for lot in planned.lines[0].lots] == [
        ("GZ-EXPIRED", 0, 0, False),
        ("GZ-SHORT", 30, 30, True),
        ("GZ-FRESH", 70, 20, True),
    ]
    number = picked(database, order.number).shipment_number
    done = see(cast.order_desk, pick_list, number=order.number, today=cast.TODAY)
    assert (done.shipment_number, done.status) == (number, "picking")
    assert [[lot.taken for lot in line.lots] for line in done.lines] == [
        [lot.taken for lot in line.lots] for line in planned.lines
    ]
    assert [lot.free for lot in done.lines[0].lots] == [0, 0, 50]


def test_the_pick_list_tells_in_advance_what_stands_against_it(given, see):
    product = given.a_product()
    given.stock_of(
        product, cast.shanghai_warehouse, a_lot("NEAR", 5, expires_on=cast.TODAY + timedelta(days=20))
    )
    order = given.an_order({product: 5})
    given.licences_of(cast.huadong, Licence("lapsed", 2, date(2020, 1, 1), date(2024, 1, 1)))
    found = see(cast.order_desk, pick_list, number=order.number, today=cast.TODAY, margin_days=30)
    assert (found.lines[0].missing, found.lines[0].taken) == (5, 0)
    assert [(fault.pointer, fault.code) for fault in found.faults] == [("/lines/1/sku", "licence")]


def test_the_lots_of_one_line_show_which_may_be_chosen(given, see):
    order = given.an_order({cast.gauze: 5, cast.gloves: 3})
    line = see(cast.order_desk, pick_list, number=order.number, today=cast.TODAY).lines[0]
    assert [(lot.lot_no, lot.usable) for lot in line.lots] == [
        ("GZ-EXPIRED", False),
        ("GZ-SHORT", True),
        ("GZ-FRESH", True),
    ]


def test_a_pick_list_costs_the_same_statements_whatever_its_lines(given, see, count_statements):
    costs = []
    for products in ([cast.gauze], [cast.gauze, cast.gloves, cast.syringe, cast.stent]):
        order = given.an_order(dict.fromkeys(products, 10))
        with count_statements() as counted:
            see(cast.order_desk, pick_list, number=order.number, today=cast.TODAY)
        costs.append(len(counted))
    assert costs == [4, 4], counted
