"""What lies in the six warehouses now: enough for the open orders, some short-dated, some expired, some
sold out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from demo.past.lots import DeviceLots, Lot
from demo.past.orders import Order
from demo.source.catalogue import Device
from demo.world.business_days import local_date
from demo.world.regions import WAREHOUSES

OPEN = frozenset({"confirmed", "on_hold", "picking"})
DEMAND_DAYS = 90
COVER_DAYS = (25, 80)  # how long the stock lasts at the demand of the last 90 days
STOCKED_UNASKED = 0.35  # share of devices a warehouse keeps though nobody in its area asked for them lately
SOLD_OUT = 0.06
ON_ITS_WAY = 0.12
DAYS_TO_ARRIVAL = (2, 24)
YOUNGEST_DAYS = 12  # from production to the shelf of a warehouse, at the earliest
LEFTOVER_PLACES = 0.5  # chance that a warehouse with stock of the device also has the leftover lot


@dataclass(frozen=True, slots=True)
class LotStock:
    """Units of a lot in a warehouse (an index). `state` is ``saleable`` or ``expired``."""

    warehouse: int
    lot: Lot
    on_hand: int
    state: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units in transit to a warehouse."""

    warehouse: int
    device: int
    quantity: int
    on: date


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock on hand by lot, and what is on its way."""

    lots: tuple[LotStock, ...]
    arrivals: tuple[Arrival, ...]


def build_stock(
    devices: Sequence[Device],
    lots: Sequence[DeviceLots],
    orders: Sequence[Order],
    *,
    now: datetime,
    seed: int = 1,
) -> Stock:
    """Stock at `now` such that every open order can ship from its warehouse with saleable lots."""
    demand, reserved = count_demand(orders, now)
    today = local_date(now)
    on_hand: list[LotStock] = []
    arrivals: list[Arrival] = []
    for index, device in enumerate(devices):
        chance = Random(f"{seed}/stock/{device.udi_di}")
        for warehouse in range(len(WAREHOUSES)):
            key = (warehouse, index)
            quantity = kept_quantity(device, demand[key], reserved[key], chance)
            if quantity:
                on_hand.extend(spread(warehouse, lots[index], quantity, today, chance))
            if (not quantity and demand[key]) or chance.random() < ON_ITS_WAY:
                arrivals.append(arrival(warehouse, index, device, demand[key], today, chance))
    return Stock(tuple(on_hand), tuple(arrivals))


def count_demand(
    orders: Sequence[Order], now: datetime
) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """Units by (warehouse, device): ordered within the last 90 days, and reserved by orders that have not
    shipped.
    """
    demand: Counter[tuple[int, int]] = Counter()
    reserved: Counter[tuple[int, int]] = Counter()
    for order in orders:
        recent = order.placed_at > now - timedelta(days=DEMAND_DAYS) and order.status != "cancelled"
        for line in order.lines:
            if recent:
                demand[order.warehouse, line.device] += line.quantity
            if order.status in OPEN:
                reserved[order.warehouse, line.device] += line.quantity
    return demand, reserved


def kept_quantity(device: Device, demand: int, reserved: int, chance: Random) -> int:
    """Units on hand: what is reserved and some weeks of demand; nothing where sold out or never asked for."""
    days = chance.randint(*COVER_DAYS)
    sold_out, unasked = chance.random() < SOLD_OUT, chance.random() < STOCKED_UNASKED
    if not reserved and (sold_out or not (demand or unasked)):
        return 0
    cover = demand * days // DEMAND_DAYS or (1 if device.list_price > 2_000 else chance.randint(5, 40))
    return reserved + -(-cover // device.pack_multiple) * device.pack_multiple


def spread(
    warehouse: int, lots: DeviceLots, quantity: int, today: date, chance: Random
) -> Iterator[LotStock]:
    """The quantity over the lot being shipped and a newer one, and a few units more of a leftover lot."""
    first = lots.current.index(lots.shipped_on(today))
    newer = [
        lot
        for lot in lots.current[first + 1 :]
        if lot.produced_on and (today - lot.produced_on).days >= YOUNGEST_DAYS
    ]
    older_part = max(1, quantity * chance.randint(30, 70) // 100) if newer and quantity > 1 else quantity
    yield LotStock(warehouse, lots.current[first], older_part, "saleable")
    if quantity > older_part:
        yield LotStock(warehouse, newer[0], quantity - older_part, "saleable")
    for leftover in lots.leftovers:
        if chance.random() < LEFTOVER_PLACES:
            expired = leftover.expires_on is not None and leftover.expires_on < today
            yield LotStock(warehouse, leftover, chance.randint(1, 12), "expired" if expired else "saleable")


def arrival(warehouse: int, index: int, device: Device, demand: int, today: date, chance: Random) -> Arrival:
    """A replenishment of about a month's demand."""
    packs = max(1, demand // 3 // device.pack_multiple)
    return Arrival(
        warehouse,
        index,
        packs * device.pack_multiple,
        today + timedelta(days=chance.randint(*DAYS_TO_ARRIVAL)),
    )
