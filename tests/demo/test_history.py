"""Past orders keep the rhythm of their source and the rules of the trade."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.past.history import Calendar, assign_customers, build_history
from demo.past.quantities import ordered_quantity
from demo.past.rhythm import Purchase, baskets, read_counts, read_purchases
from demo.past.second_warehouse import from_second
from demo.scenario import Scenario
from demo.world.business_days import CLOSES, OPENS, ZONE, is_working_day, local_date, month_start
from tests.demo.conftest import NOW

COUNTS = read_counts()
PURCHASES = read_purchases(1)


def digest(orders: object) -> str:
    """Fingerprint of a value of plain records."""
    return hashlib.sha256(repr(orders).encode()).hexdigest()


def test_the_same_seed_and_moment_give_the_same_history(scenario: Scenario):
    again = build_history(
        scenario.devices, scenario.ranking, scenario.dealers, now=scenario.now, seed=scenario.seed
    )
    assert digest(tuple(from_second(again, scenario.dealers))) == digest(scenario.orders)


def test_another_seed_gives_another_history(scenario: Scenario):
    other = build_history(scenario.devices, scenario.ranking, scenario.dealers, now=scenario.now, seed=2)
    assert digest(tuple(from_second(other, scenario.dealers))) != digest(scenario.orders)


def test_there_are_about_twelve_thousand_orders_of_about_twenty_lines(scenario: Scenario):
    assert 11_000 <= len(scenario.orders) <= 13_000
    lines = sum(len(order.lines) for order in scenario.orders)
    source = COUNTS["order_lines_of_named_customers"] / COUNTS["orders_of_named_customers"]
    assert lines / len(scenario.orders) == pytest.approx(source, rel=0.10)


def test_full_months_have_the_orders_of_their_source_months(scenario: Scenario):
    expected = Counter(purchase.at.strftime("%m") for purchase in PURCHASES)
    found = Counter(local_date(order.placed_at).strftime("%m") for order in scenario.orders)
    for months_back, source_month in enumerate(("05", "04", "03", "02", "01", "12"), start=1):
        month = month_start(local_date(NOW), -months_back).strftime("%m")
        assert found[month] == pytest.approx(expected[source_month], rel=0.02)


def test_returns_and_cancellations_keep_the_proportion_of_the_source(scenario: Scenario):
    lines = sum(len(order.lines) for order in scenario.orders)
    taken_back = sum(len(order.returns) for order in scenario.orders)
    called_off = sum(order.status == "cancelled" for order in scenario.orders)
    assert taken_back / lines == pytest.approx(COUNTS["credit_lines"] / COUNTS["order_lines"], rel=0.25)
    assert 0.002 <= called_off / len(scenario.orders) <= 0.02


def test_popular_devices_are_ordered_as_unevenly_as_popular_items(scenario: Scenario):
    def share_of_top(counts: Counter[int]) -> float:
        return sum(count for _, count in counts.most_common(len(counts) // 10)) / counts.total()

    items = Counter(item for purchase in PURCHASES for item in purchase.lines)
    devices = Counter(line.device for order in scenario.orders for line in order.lines)
    assert share_of_top(devices) == pytest.approx(share_of_top(items), abs=0.06)


def test_nothing_happens_after_now(scenario: Scenario):
    for order in scenario.orders:
        moments = [order.placed_at, order.picked_at, order.shipped_at, order.received_at, order.cancelled_at]
        moments += [returned.at for returned in order.returns]
        assert all(moment is None or moment <= scenario.now for moment in moments)
        assert all(paid.on < local_date(scenario.now) for paid in order.payments)


def test_the_steps_of_an_order_follow_each_other(scenario: Scenario):
    for order in scenario.orders:
        steps = [
            step for step in (order.placed_at, order.picked_at, order.shipped_at, order.received_at) if step
        ]
        assert steps == sorted(steps)
        assert all(order.received_at and returned.at > order.received_at for returned in order.returns)
        assert all(order.shipped_at and paid.on > local_date(order.shipped_at) for paid in order.payments)


def test_a_status_agrees_with_what_has_happened(scenario: Scenario):
    for order in scenario.orders:
        happened = (
            bool(order.picked_at),
            bool(order.shipped_at),
            bool(order.received_at),
            bool(order.cancelled_at),
        )
        assert (
            happened
            == {
                "confirmed": (False, False, False, False),
                "on_hold": (False, False, False, False),
                "picking": (True, False, False, False),
                "shipped": (True, True, False, False),
                "received": (True, True, True, False),
                "cancelled": (False, False, False, True),
            }[order.status]
        )
        assert bool(order.tracking_no) == bool(order.carrier) == bool(order.shipped_at)


def test_orders_of_the_last_days_are_open_and_old_ones_are_not(scenario: Scenario):
    waiting = [order for order in scenario.orders if order.status in ("confirmed", "on_hold", "picking")]
    assert len(waiting) >= 30
    assert all(order.placed_at > scenario.now - timedelta(days=9) for order in waiting)
    assert {"confirmed", "on_hold", "picking", "shipped"} <= {order.status for order in scenario.orders}


def test_orders_come_in_office_hours_on_working_days(scenario: Scenario):
    for order in scenario.orders:
        local = order.placed_at.astimezone(ZONE)
        assert is_working_day(local.date())
        assert OPENS <= local.time() <= CLOSES


def test_every_quantity_is_a_multiple_of_the_pack(scenario: Scenario):
    for order in scenario.orders:
        assert all(
            line.quantity > 0 and line.quantity % scenario.devices[line.device].pack_multiple == 0
            for line in order.lines
        )


def test_an_order_names_a_device_once_and_only_saleable_ones(scenario: Scenario, today: date):
    for order in scenario.orders:
        devices = [line.device for line in order.lines]
        assert len(set(devices)) == len(devices)
        assert all(scenario.devices[index].orderable(today) for index in devices)


def test_every_dealer_orders_and_large_ones_more(scenario: Scenario):
    orders = Counter(order.dealer for order in scenario.orders)
    assert set(orders) == {dealer.index for dealer in scenario.dealers}
    by_tier = {
        tier: sum(orders[dealer.index] for dealer in scenario.dealers if dealer.tier == tier)
        for tier in "SABC"
    }
    assert by_tier["S"] / 10 > 2 * by_tier["A"] / 40 > 2 * by_tier["C"] / 70


def test_nobody_ordered_what_its_papers_did_not_allow(scenario: Scenario):
    for order in scenario.orders:
        dealer, day = scenario.dealers[order.dealer], local_date(order.placed_at)
        for line in order.lines:
            device = scenario.devices[line.device]
            assert dealer.may_deal(device.device_class, device.category, day)


def test_no_more_is_returned_than_was_ordered(scenario: Scenario):
    for order in scenario.orders:
        returned: Counter[int] = Counter()
        for back in order.returns:
            returned[back.line] += back.quantity
        assert all(quantity <= order.lines[number - 1].quantity for number, quantity in returned.items())


def test_an_invoice_is_never_paid_twice(scenario: Scenario):
    assert {sum(paid.percent for paid in order.payments) for order in scenario.orders} == {0, 50, 100}


def test_most_invoices_are_paid_in_time_and_few_are_long_overdue(scenario: Scenario, today: date):
    due = [
        (
            order,
            local_date(order.shipped_at) + timedelta(days=scenario.dealers[order.dealer].payment_terms_days),
        )
        for order in scenario.orders
        if order.shipped_at
    ]
    long_overdue = [order for order, day in due if day < today - timedelta(days=60) and not order.payments]
    open_past_due = [order for order, day in due if day < today and not order.payments]
    assert 0 < len(long_overdue) < 0.02 * len(due)
    assert len(open_past_due) < 0.10 * len(due)


def test_buyers_take_the_next_price_step_when_it_is_near(scenario: Scenario):
    device = next(
        device for device in scenario.devices if device.pack_multiple == 1 and 20 < device.list_price < 100
    )
    assert ordered_quantity(16, device, "S", scaled=True) == 20
    assert ordered_quantity(14, device, "S", scaled=True) == 14
    assert ordered_quantity(16, device, "S", scaled=False) == 16


def test_purchase_order_numbers_are_unique_within_a_dealer(scenario: Scenario):
    numbers = [(order.dealer, order.purchase_order_no) for order in scenario.orders]
    assert len(set(numbers)) == len(numbers)


@settings(max_examples=25)
@given(now=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2031, 12, 31)))
def test_whatever_the_day_the_last_source_month_falls_into_the_current_one(now: datetime):
    at = now.replace(tzinfo=UTC)
    calendar = Calendar(PURCHASES, at)
    first, last = calendar.moved(PURCHASES[0].at), calendar.moved(PURCHASES[-1].at)
    assert month_start(local_date(last)) == month_start(local_date(at))
    assert month_start(local_date(first)) == month_start(local_date(at), -6)


@given(
    sizes=st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=5), seed=st.integers(0, 99)
)
def test_cutting_a_long_purchase_loses_no_line(sizes: list[int], seed: int):
    for size in sizes:
        lines = [(item, 1) for item in range(size)]
        pieces = list(baskets(list(lines), Random(seed)))
        assert sorted(line for piece in pieces for line in piece) == lines
        assert all(len(piece) <= 30 for piece in pieces)


def test_customers_fall_to_dealers_by_volume(scenario: Scenario):
    purchases = [Purchase(customer, datetime(2010, 12, 1), {0: 1}) for customer in range(4_000)]
    dealer_of = assign_customers(purchases, scenario.dealers)
    counts = Counter(dealer_of.values())
    total = sum(dealer.volume for dealer in scenario.dealers)
    assert all(abs(counts[dealer.index] - 4_000 * dealer.volume / total) < 3 for dealer in scenario.dealers)
