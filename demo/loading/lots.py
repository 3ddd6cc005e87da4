"""Lots, where they lie, what is on its way, and which lots the parcels that are being picked hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import psycopg

from demo.loading.keys import key
from demo.loading.rows import fill, put
from demo.past.lots import DeviceLots, Lot
from demo.past.orders import Order
from demo.scenario import Scenario
from demo.world.business_days import local_date
from portal.shipping.rules import LotUnits, Need, allocate_fefo

MARGIN_DAYS = 1  # as the portal's setting: a lot leaves until the day before the last

_TABLES = """
CREATE TEMPORARY TABLE stored_lot (warehouse_id bigint, lot_id bigint, on_hand integer, state text);
CREATE TEMPORARY TABLE picked_lot (order_id bigint, line_no smallint, lot_id bigint, quantity integer);
CREATE TEMPORARY TABLE arriving (warehouse_id bigint, product_id bigint, quantity integer, due_on date);
"""


class LotKeys:
    """Keys of the scenario's lots."""

    def __init__(self, lots: Sequence[DeviceLots]) -> None:
        self._lots = lots
        self._keys: dict[Lot, int] = {}
        self._shipped: dict[tuple[int, date], int] = {}
        for of_device in lots:
            for lot in (*of_device.leftovers, *of_device.current):
                self._keys[lot] = key(len(self._keys))

    def __getitem__(self, lot: Lot) -> int:
        return self._keys[lot]

    def __iter__(self) -> Iterator[tuple[Lot, int]]:
        return iter(self._keys.items())

    def shipped(self, device: int, day: date) -> int:
        """Key of the lot of a device that left the warehouses on a day."""
        if (device, day) not in self._shipped:
            self._shipped[device, day] = self._keys[self._lots[device].shipped_on(day)]
        return self._shipped[device, day]


def load_lots(connection: psycopg.Connection, scenario: Scenario, lots: LotKeys) -> None:
    """Lots as rows; the rest as facts, since what lies in a warehouse also depends on what came back."""
    columns = ("id", "product_id", "lot_no", "produced_on", "expires_on")
    put(
        connection,
        "lot",
        columns,
        ((number, key(lot.device), lot.number, lot.produced_on, lot.expires_on) for lot, number in lots),
    )
    connection.execute(_TABLES)
    stored = ((key(s.warehouse), lots[s.lot], s.on_hand, s.state) for s in scenario.stock.lots)
    fill(connection, "stored_lot", ("warehouse_id", "lot_id", "on_hand", "state"), stored)
    arrivals = ((key(a.warehouse), key(a.device), a.quantity, a.on) for a in scenario.stock.arrivals)
    fill(connection, "arriving", ("warehouse_id", "product_id", "quantity", "due_on"), arrivals)
    fill(connection, "picked_lot", ("order_id", "line_no", "lot_id", "quantity"), _picked(scenario, lots))


def _picked(scenario: Scenario, lots: LotKeys) -> Iterator[tuple[Any, ...]]:
    """The portal's own choice of lots for every order that is being picked, in the order in which they
    were.
    """
    free: dict[tuple[int, int], list[LotUnits]] = defaultdict(list)
    for stored in scenario.stock.lots:
        lot, place = stored.lot, (stored.warehouse, stored.lot.device)
        free[place].append(
            LotUnits(
                lots[lot],
                key(lot.device),
                lot.number,
                lot.expires_on,
                stored.on_hand,
                stored.state == "saleable",
            )
        )
    picking = [
        (order.picked_at, index, order)
        for index, order in enumerate(scenario.orders)
        if order.status == "picking"
    ]
    for picked_at, index, order in sorted(picking, key=lambda entry: entry[:2]):
        for line_no, lot_id, quantity in _allocate(order, free, local_date(picked_at)):
            yield key(index), line_no, lot_id, quantity


def _allocate(
    order: Order, free: dict[tuple[int, int], list[LotUnits]], day: date
) -> Iterator[tuple[int, int, int]]:
    for line_no, line in enumerate(order.lines, start=1):
        place = (order.warehouse, line.device)
        need = Need(line_no, key(line.device), line.quantity)
        allocations, shortages = allocate_fefo([need], free[place], day, MARGIN_DAYS)
        assert not shortages, "the stock is made to cover every open order"
        taken = {allocation.lot_id: allocation.quantity for allocation in allocations}
        free[place] = [_less(lot, taken.get(lot.lot_id, 0)) for lot in free[place]]
        yield from ((line_no, lot_id, quantity) for lot_id, quantity in taken.items())


def _less(lot: LotUnits, taken: int) -> LotUnits:
    return LotUnits(lot.lot_id, lot.product_id, lot.lot_no, lot.expires_on, lot.free - taken, lot.saleable)
