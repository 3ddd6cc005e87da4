"""The whole demonstration as values: one call, one moment, one seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from demo.past.history import build_history
from demo.past.lots import DeviceLots, make_lots
from demo.past.orders import Order
from demo.past.popularity import by_popularity
from demo.past.rhythm import MONTHS
from demo.past.stock import Stock, build_stock
from demo.source.assortment import SMALL, choose
from demo.source.catalogue import Catalogue, Device, read_catalogue
from demo.world.business_days import local_date, month_start
from demo.world.feed import Entry, build_feed
from demo.world.network import DEALERS, Dealer, build_dealers
from demo.world.policies import Policy, build_policies


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything the demo loads.

    Orders, policies, lots and stock refer to `devices` and `dealers` by index or SKU.
    """

    now: datetime
    seed: int
    catalogue: Catalogue
    devices: tuple[Device, ...]
    ranking: tuple[int, ...]
    dealers: tuple[Dealer, ...]
    policies: tuple[Policy, ...]
    feed: tuple[Entry, ...]
    orders: tuple[Order, ...]
    lots: tuple[DeviceLots, ...]
    stock: Stock


def build_scenario(
    now: datetime,
    *,
    seed: int = 1,
    devices: int = SMALL,
    dealers: int = DEALERS,
    progress: Callable[[str], None] = print,
) -> Scenario:
    """Build the demonstration as of `now` (UTC). The same moment and seed give the same scenario.

    `progress` is told each step before it begins.
    """
    today = local_date(now)
    progress("devices from the register")
    catalogue = read_catalogue(today=today, seed=seed)
    assortment = choose(catalogue.devices, devices)
    ranking = by_popularity(assortment, today=today, seed=seed)
    progress("dealers and policies")
    network = build_dealers(today=today, seed=seed, count=dealers)
    policies = build_policies(assortment, ranking, network, today=today, seed=seed)
    progress("seven months of orders")
    orders = build_history(assortment, ranking, network, now=now, seed=seed)
    progress("lots and stock")
    lots = make_lots(assortment, since=month_start(today, 1 - MONTHS), today=today, seed=seed)
    stock = build_stock(assortment, lots, orders, now=now, seed=seed)
    return Scenario(
        now,
        seed,
        catalogue,
        assortment,
        tuple(ranking),
        network,
        policies,
        build_feed(policies, assortment, today=today),
        tuple(orders),
        tuple(lots),
        stock,
    )
