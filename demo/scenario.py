"""The whole demonstration as values: one call, one moment, one seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from demo.past.history import build_history
from demo.past.lots import DeviceLots, make_lots
from demo.past.orders import Order
from demo.past.popularity import by_popularity
from demo.past.second_warehouse import from_second
from demo.past.stock import Stock, build_stock
from demo.source.assortment import SMALL, choose
from demo.source.catalogue import read_catalogue
from demo.world.business_days import MONTHS, local_date, month_start
from demo.world.element import Element, World
from demo.world.network import DEALERS, build_dealers
from portal.files.store import FileStore


@dataclass(frozen=True, slots=True)
class Scenario(World):
    """Everything the demo loads.

    Orders, lots and stock refer to `devices` and `dealers` by index or SKU, as do the elements of the parts.
    """

    orders: tuple[Order, ...] = ()
    lots: tuple[DeviceLots, ...] = ()
    stock: Stock = field(default_factory=lambda: Stock((), ()))


@dataclass(frozen=True, slots=True)
class Part:
    """What a capability adds to the demonstration; a line of `demo.parts.PARTS` makes it part of it.

    Values: `world` is built when the company is there, `past` when its orders are.
    Rows: `load` enters what is there before the past, and may return what `credentials.json` is to list;
    `write` follows when orders, shipments, invoices, books and stock are in the database, before months are
    closed; `act` lets people act by the portal's own verbs, when everything has its indexes; `keep` puts the
    bytes of its files, whose rows are there by then, into the store. Tables named `in_bulk` are loaded
    without their indexes and foreign keys, which come back after.
    """

    name: str
    world: Element[Any] | None = None
    past: Element[Any] | None = None
    load: Callable[[psycopg.Connection, Scenario], dict[str, Any] | None] | None = None
    write: Callable[[psycopg.Connection, Scenario], None] | None = None
    act: Callable[[psycopg.Connection, Scenario], None] | None = None
    keep: Callable[[psycopg.Connection, FileStore], None] | None = None
    in_bulk: tuple[str, ...] = ()


def build_scenario(
    now: datetime,
    parts: Sequence[Part],
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
    world = World(now, seed, catalogue, assortment, tuple(ranking), network)
    world = world.built([part.world for part in parts if part.world])
    progress("seven months of orders")
    history = build_history(assortment, ranking, network, now=now, seed=seed)
    orders = tuple(from_second(history, network))
    world = world.built([part.past for part in parts if part.past], orders)
    progress("lots and stock")
    lots = tuple(make_lots(assortment, since=month_start(today, 1 - MONTHS), today=today, seed=seed))
    stock = build_stock(assortment, lots, orders, now=now, seed=seed)
    return Scenario(
        now, seed, catalogue, assortment, world.ranking, network, world.elements, orders, lots, stock
    )
