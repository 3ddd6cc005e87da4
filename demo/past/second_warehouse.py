"""Some dealers get a part of what they order from the warehouse that serves them next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from demo.past.orders import Order
from demo.world.network import Dealer

DEALERS = 24  # the first ones, so that who tries the demonstration out sees some
APART = timedelta(days=8)  # most between the two orders that become one
LATEST = ("confirmed", "shipped")  # what the second warehouse has done, dealer by dealer


def from_second(orders: Sequence[Order], dealers: Sequence[Dealer]) -> list[Order]:
    """The same orders, one of some dealers from their second warehouse.

    `demo.loading.splits` makes it one with the order before it.
    """
    open_orders: dict[int, list[int]] = defaultdict(list)
    for index, order in enumerate(orders):
        if order.dealer < DEALERS and order.status in LATEST and not order.returns:
            open_orders[order.dealer].append(index)
    found = (_second(orders, places, LATEST[dealer % 2]) for dealer, places in open_orders.items())
    seconds = {place for place in found if place is not None}
    return [
        replace(order, warehouse=dealers[order.dealer].warehouses[1]) if index in seconds else order
        for index, order in enumerate(orders)
    ]


def _second(orders: Sequence[Order], places: Sequence[int], latest: str) -> int | None:
    """The latest order that follows one which is as far as it, or further; of state `latest` if there is."""
    newest_first = sorted(places, key=lambda place: orders[place].placed_at, reverse=True)
    fitting = [
        later
        for later, earlier in pairwise(newest_first)
        if orders[earlier].status in ("shipped", orders[later].status)
        and orders[later].placed_at - orders[earlier].placed_at <= APART
    ]
    return next((place for place in fitting if orders[place].status == latest), next(iter(fitting), None))
