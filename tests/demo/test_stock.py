"""Lots and stock: enough for what is open, and things that must not be sold."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from demo.past.lots import NO_LOT
from demo.past.stock import count_demand
from demo.scenario import Scenario
from demo.world.business_days import local_date, month_start
from demo.world.regions import WAREHOUSES


def saleable(scenario: Scenario) -> Counter[tuple[int, int]]:
    """Saleable units by warehouse and device."""
    levels: Counter[tuple[int, int]] = Counter()
    for stock in scenario.stock.lots:
        if stock.state == "saleable":
            levels[stock.warehouse, stock.lot.device] += stock.on_hand
    return levels


def test_every_open_order_can_ship_from_its_warehouse(scenario: Scenario):
    levels = saleable(scenario)
    _, reserved = count_demand(scenario.orders, scenario.now)
    assert reserved
    assert all(levels[key] >= quantity for key, quantity in reserved.items())


def test_every_warehouse_has_stock_and_something_sold_out(scenario: Scenario):
    levels = saleable(scenario)
    demand, _ = count_demand(scenario.orders, scenario.now)
    for warehouse in range(len(WAREHOUSES)):
        assert sum(1 for place, _ in levels if place == warehouse) > 1_000
        assert any(place == warehouse and not levels[place, device] for place, device in demand)


def test_what_is_sold_out_is_on_its_way(scenario: Scenario):
    levels = saleable(scenario)
    demand, _ = count_demand(scenario.orders, scenario.now)
    coming = {(arrival.warehouse, arrival.device) for arrival in scenario.stock.arrivals}
    assert {key for key in demand if not levels[key]} <= coming


def test_only_lots_past_their_expiry_are_marked_expired(scenario: Scenario, today: date):
    for stock in scenario.stock.lots:
        past = stock.lot.expires_on is not None and stock.lot.expires_on < today
        assert (stock.state == "expired") == past
        assert stock.on_hand > 0


def test_some_lots_are_short_dated_and_some_expired(scenario: Scenario, today: date):
    ends = [stock.lot.expires_on for stock in scenario.stock.lots if stock.lot.expires_on]
    assert sum(end < today for end in ends) >= 50
    assert sum(today <= end < today + timedelta(days=180) for end in ends) >= 100


def test_devices_without_lot_control_have_one_nameless_lot(scenario: Scenario):
    for device, lots in zip(scenario.devices, scenario.lots, strict=True):
        numbers = [lot.number for lot in (*lots.current, *lots.leftovers)]
        assert (numbers == [NO_LOT]) == (not device.lot_controlled)
        assert all((lot.expires_on is not None) == device.expiry_controlled for lot in lots.current)


def test_lot_numbers_fit_the_barcode_and_are_unique_within_a_device(scenario: Scenario):
    for lots in scenario.lots:
        numbers = [lot.number for lot in (*lots.current, *lots.leftovers)]
        assert len(set(numbers)) == len(numbers)
        assert all(0 < len(number) <= 20 and number.isascii() for number in numbers)


def test_every_past_shipment_left_with_a_lot_that_existed_and_had_not_expired(scenario: Scenario):
    for order in scenario.orders[::7]:
        if order.shipped_at:
            day = local_date(order.shipped_at)
            for line in order.lines:
                lot = scenario.lots[line.device].shipped_on(day)
                assert lot.produced_on is None or lot.produced_on < day
                assert lot.expires_on is None or lot.expires_on > day


def test_what_was_shipped_before_is_never_fresher_than_what_was_shipped_later(
    scenario: Scenario, today: date
):
    first = month_start(today, -6)
    for lots in scenario.lots[::11]:
        made = [
            lots.shipped_on(first + timedelta(days=days)).produced_on or date.min for days in range(0, 200, 5)
        ]
        assert made == sorted(made)


def test_packs_are_kept_whole_beside_what_is_reserved(scenario: Scenario):
    assert all(
        arrival.quantity % scenario.devices[arrival.device].pack_multiple == 0
        for arrival in scenario.stock.arrivals
    )
