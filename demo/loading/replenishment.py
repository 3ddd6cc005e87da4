"""Orders that wait for goods, and what the ERP was asked for: as if they had been placed in the last days.

They are for products that a warehouse has none of. The first dealers come first, so that who tries the
demonstration out sees some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from demo.loading.keys import key
from demo.loading.prices import PriceBook
from demo.loading.rows import fill
from demo.loading.splits import write_partly_waiting
from demo.past.history import DEAREST_DEVICE
from demo.past.stock import Arrival
from demo.scenario import Part, Scenario
from demo.source.prices import TAX_RATES
from demo.world.network import Dealer
from demo.world.promotions import PROMOTIONS, Promotion
from portal.dealers.fragments import on_day, tier_of
from portal.kernel import money
from portal.replenishment.rules import RequestState
from portal.stock import promise_rules

LEVELS = 8  # warehouse and product
DEALERS_AT_A_LEVEL = 2
ORDERS_OF_A_DEALER = 4
REPLENISHMENT_DAYS = 21
FILLED = 6  # orders that waited and have got their goods
# What became of the units that are not on their way, level by level.
_BEYOND = (RequestState.REQUESTED, RequestState.CONFIRMED, RequestState.REJECTED)

_TABLES = """
CREATE TEMPORARY TABLE waiting_order (
  place integer, dealer_id bigint, warehouse_id bigint, product_id bigint, placed_at timestamptz,
  quantity integer, list_price numeric(14,2), unit_price numeric(14,2), tax_rate numeric(5,4),
  amount numeric(16,2), tax numeric(16,2), receipt jsonb, promised_on date);
CREATE TEMPORARY TABLE asked_for (
  place integer, warehouse_id bigint, product_id bigint, requested integer, quantity integer, state text,
  expected_on date, requested_at timestamptz, changed_at timestamptz);
"""
_ORDER = (
    "place",
    "dealer_id",
    "warehouse_id",
    "product_id",
    "placed_at",
    "quantity",
    "list_price",
    "unit_price",
    "tax_rate",
    "amount",
    "tax",
    "receipt",
    "promised_on",
)
_REQUEST = (
    "place",
    "warehouse_id",
    "product_id",
    "requested",
    "quantity",
    "state",
    "expected_on",
    "requested_at",
    "changed_at",
)

_WRITE = f"""
CREATE TEMPORARY TABLE new_order AS
SELECT w.*, (SELECT max(id) FROM sales_order) + w.place AS id FROM waiting_order w;
INSERT INTO sales_order (dealer_id, id, number, status, backorder, purchase_order_no, channel, tier,
                         region_id, warehouse_id, ship_to, names, currency, total, tax, placed_at, placed_by,
                         placed_by_label)
SELECT o.dealer_id, o.id, pg_temp.document_number('SO', o.placed_at::date, o.id), 'backordered', true,
       'BO-' || to_char(o.placed_at, 'MMDD') || '-' || o.place, 'portal', dt.tier,
       dr.region_id, o.warehouse_id,
       jsonb_build_object('code', a.code, 'province', r.name_zh, 'city', a.city, 'line', a.line,
                          'contact', a.contact_name, 'phone', a.contact_phone),
       jsonb_build_object('dealer', jsonb_build_object('code', d.code, 'zh', d.name_zh, 'en', d.name_en),
                          'warehouse', jsonb_build_object('code', w.code, 'zh', w.name_zh, 'en', w.name_en)),
       'CNY', o.amount, o.tax, o.placed_at, p.buyer, p.buyer_label
  FROM new_order o
  JOIN dealer d ON d.id = o.dealer_id
  {tier_of("d.id", "app_day(o.placed_at)")}
  JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr", "app_day(o.placed_at)")}
  JOIN dealer_address a ON a.dealer_id = o.dealer_id AND a.code = 'A1'
  JOIN region r ON r.id = a.region_id
  JOIN warehouse w ON w.id = o.warehouse_id
  JOIN party p ON p.dealer_id = o.dealer_id;
INSERT INTO order_line (dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification, unit,
                        quantity, reserved, list_price, unit_price, tax_rate, amount, tax, receipt,
                        promised_on)
SELECT o.dealer_id, o.id, 1, o.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit,
       o.quantity, 0, o.list_price, o.unit_price, o.tax_rate, o.amount, o.tax, o.receipt, o.promised_on
  FROM new_order o JOIN product p ON p.id = o.product_id;
INSERT INTO stock_level (warehouse_id, product_id, on_hand, backordered)
SELECT warehouse_id, product_id, 0, sum(quantity) FROM new_order GROUP BY warehouse_id, product_id
    ON CONFLICT (warehouse_id, product_id) DO UPDATE SET backordered = excluded.backordered;
UPDATE dealer_account a SET open_orders = a.open_orders + o.amount
  FROM (SELECT dealer_id, sum(amount) AS amount FROM new_order GROUP BY dealer_id) o
 WHERE a.dealer_id = o.dealer_id;
INSERT INTO supply_request (number, warehouse_id, product_id, requested, quantity, state, expected_on,
                            reference, requested_at, changed_at)
SELECT pg_temp.document_number('SR', requested_at::date, place), warehouse_id, product_id, requested,
       quantity, state, expected_on, CASE WHEN state <> 'requested' THEN 'PO-' || 47110 + place ELSE '' END,
       requested_at, changed_at
  FROM asked_for ORDER BY place;
INSERT INTO audit_event (at, actor, actor_label, action, subject_kind, subject, after)
SELECT q.requested_at, 'system', 'system', 'supply:requested', 'supply', q.number,
       jsonb_build_object('warehouse', w.code, 'sku', p.sku, 'quantity', q.requested)
  FROM supply_request q JOIN warehouse w ON w.id = q.warehouse_id JOIN product p ON p.id = q.product_id
 ORDER BY q.requested_at;
"""

# The oldest orders that are to be picked have waited, and have got what they waited for this morning.
_FILLED = """
WITH filled AS (
  UPDATE sales_order o SET backorder = true
    FROM (SELECT dealer_id, id FROM sales_order WHERE status = 'confirmed'
           ORDER BY placed_at, id LIMIT %(count)s) f
   WHERE (o.dealer_id, o.id) = (f.dealer_id, f.id)
  RETURNING o.dealer_id, o.id, o.number, o.placed_at
)
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, before, after)
SELECT greatest(f.placed_at, %(at)s), 'system', 'system', f.dealer_id, 'order:filled', 'order', f.number,
       jsonb_build_object('status', 'backordered', 'units_waiting', l.units),
       jsonb_build_object('status', 'confirmed', 'units_waiting', 0)
  FROM filled f
  JOIN LATERAL (SELECT sum(quantity) AS units FROM order_line
                 WHERE dealer_id = f.dealer_id AND order_id = f.id) l ON true
"""
_ROOM = "SELECT dealer_id, credit_limit - balance - open_orders FROM dealer_account"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a dealer waits for. arrival: what is on its way to that warehouse."""

    arrival: Arrival
    dealer: Dealer
    quantity: int
    placed_at: datetime


def write_waiting(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Orders that wait, wholly or partly, requests for goods in every state, and orders that were served."""
    room: dict[int, Decimal] = dict(connection.execute(_ROOM).fetchall())
    wishes = list(_wishes(scenario, room))
    if not wishes:
        return
    connection.execute(_TABLES)
    fill(connection, "waiting_order", _ORDER, _orders(scenario, wishes))
    fill(connection, "asked_for", _REQUEST, _requests(scenario, wishes))
    connection.execute(_WRITE)
    connection.execute(_FILLED, {"count": FILLED, "at": scenario.now - timedelta(hours=4)})
    write_partly_waiting(connection)


def _wishes(scenario: Scenario, room: dict[int, Decimal]) -> Iterator[_Wish]:
    there = {(one.warehouse, one.lot.device) for one in scenario.stock.lots if one.state == "saleable"}
    sold_out = [one for one in scenario.stock.arrivals if (one.warehouse, one.device) not in there]
    taken: Counter[int] = Counter()
    levels = 0
    for arrival in sold_out:
        if _is_promoted(scenario, arrival):
            continue
        dealers = [one for one in scenario.dealers if _may_wish(one, arrival, scenario, taken, room)]
        if len(dealers) < DEALERS_AT_A_LEVEL:
            continue
        for place, dealer in enumerate(dealers[:DEALERS_AT_A_LEVEL]):
            taken[dealer.index] += 1
            packs = arrival.quantity if place == 0 else scenario.devices[arrival.device].pack_multiple
            yield _Wish(arrival, dealer, packs, scenario.now - timedelta(hours=50 - 3 * levels - place))
        levels += 1
        if levels == LEVELS:
            return


def _is_promoted(scenario: Scenario, arrival: Arrival) -> bool:
    """Whether something runs that would take a part off these orders, or count them."""
    device = scenario.devices[arrival.device]
    amount = arrival.quantity * device.list_price

    def concerns(one: Promotion) -> bool:
        if one.category is not None:
            return device.category.startswith(one.category)
        return device.sku in one.skus if one.skus else amount >= (one.min_amount or 0)

    begun = scenario.now - timedelta(hours=50)
    running = (
        one
        for one in scenario[PROMOTIONS]
        if one.published_at and one.valid_to > begun and not (one.first_order or one.clears_lots)
    )
    return any(map(concerns, running))


def _may_wish(
    dealer: Dealer, arrival: Arrival, scenario: Scenario, taken: Counter[int], room: dict[int, Decimal]
) -> bool:
    device = scenario.devices[arrival.device]
    return (
        dealer.warehouses[0] == arrival.warehouse
        and taken[dealer.index] < ORDERS_OF_A_DEALER
        and device.list_price <= DEAREST_DEVICE[dealer.tier]
        and dealer.may_deal(device.device_class, device.category, scenario.today)
        and room[key(dealer.index)] > ORDERS_OF_A_DEALER * arrival.quantity * device.list_price
    )


def _beyond(scenario: Scenario, level: int) -> tuple[RequestState, date | None]:
    """What becomes of the units of a level that are not on their way yet, and when they come."""
    state = _BEYOND[level % len(_BEYOND)]
    return state, scenario.today + timedelta(days=14 + level) if state is RequestState.CONFIRMED else None


def _requests(scenario: Scenario, wishes: list[_Wish]) -> Iterator[tuple[Any, ...]]:
    """For each level the units on their way, and those beyond."""
    waiting: Counter[Arrival] = Counter()
    for wish in wishes:
        waiting[wish.arrival] += wish.quantity
    place = 0
    for level, (arrival, units) in enumerate(waiting.items()):
        state, day = _beyond(scenario, level)
        asked_at = scenario.now - timedelta(hours=30 - level)
        for count, now, on in (
            (arrival.quantity, RequestState.IN_TRANSIT, arrival.on),
            (units - arrival.quantity, state, day),
        ):
            place += 1
            answered_at = asked_at + timedelta(hours=0 if now is RequestState.REQUESTED else 2)
            yield (
                place,
                key(arrival.warehouse),
                key(arrival.device),
                count,
                count,
                str(now),
                on,
                asked_at,
                answered_at,
            )


def _orders(scenario: Scenario, wishes: list[_Wish]) -> Iterator[tuple[Any, ...]]:
    book, rate = PriceBook(scenario), TAX_RATES[-1][1]
    levels = {arrival: level for level, arrival in enumerate(dict.fromkeys(one.arrival for one in wishes))}
    before: Counter[Arrival] = Counter()
    for place, wish in enumerate(wishes, start=1):
        arrival = wish.arrival
        day = _day_of(scenario, wish, before[arrival], levels[arrival])
        before[arrival] += wish.quantity
        quoted = book.quote(wish.dealer.index, arrival.device, wish.quantity, wish.placed_at)
        amount = money.line_amount(quoted.unit_price, wish.quantity)
        yield (
            place,
            key(wish.dealer.index),
            key(arrival.warehouse),
            key(arrival.device),
            wish.placed_at,
            wish.quantity,
            scenario.devices[arrival.device].list_price,
            quoted.unit_price,
            rate,
            amount,
            money.tax_within(amount, rate),
            quoted.receipt,
            day,
        )


def _day_of(scenario: Scenario, wish: _Wish, before: int, level: int) -> date | None:
    """By when a dealer has what it waits for, behind those who wait for `before` units."""
    coming = promise_rules.Arrival(wish.arrival.quantity, before, wish.arrival.on)
    state, day = _beyond(scenario, level)
    if coming.free < wish.quantity and state is not RequestState.REQUESTED:
        return day
    return promise_rules.deliverable_on(wish.quantity, coming, scenario.today, REPLENISHMENT_DAYS)


PART = Part("replenishment", write=write_waiting)
