"""When units that are not in stock can be delivered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes to a level: units `in_transit`, `backordered` of them ordered already, and the next day on
    which some arrive.
    """

    in_transit: int
    backordered: int
    next_arrival: date | None

    @property
    def free(self) -> int:
        """Units on their way that nobody waits for."""
        return max(0, self.in_transit - self.backordered)


NOTHING = Arrival(0, 0, None)
"""Nothing is on its way."""


def in_stock(wanted: int, available: int, multiple: int) -> int:
    """Units of a line that can be reserved now: whole packs of what there is, or all of it."""
    return wanted if available >= wanted else max(0, available) // multiple * multiple


def shared_out(
    wanted: int, available: Mapping[int, int], warehouses: Iterable[int], multiple: int
) -> dict[int, int]:
    """Units of a line by the warehouses that can serve it, in their order: whole packs of each but the last.

    available: units by warehouse. Together fewer than wanted where the stock does not suffice.
    """
    served = {}
    for warehouse in warehouses:
        if wanted and (units := in_stock(wanted, available.get(warehouse, 0), multiple)):
            served[warehouse] = units
            wanted -= units
    return served


def deliverable_on(units: int, arrival: Arrival, today: date, replenishment_days: int) -> date:
    """The day by which `units` that miss stock can leave.

    The next arrival, where what is on its way and promised to nobody is enough; else so many days as it takes
    to order and receive goods. An arrival that is overdue counts from today.
    """
    if arrival.next_arrival is not None and arrival.free >= units:
        return max(arrival.next_arrival, today)
    return today + timedelta(days=replenishment_days)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that waits for goods, in packs of `multiple`."""

    key: tuple[int, int, int]
    units: int
    multiple: int


def filled(lines: list[Waiting], available: int) -> dict[tuple[int, int, int], int]:
    """Units by line that goods which arrived can serve: first come, first served, in whole packs.

    lines: in the order in which they were ordered. A line that needs less than a pack gets it whole. One that
    gets nothing does not stop those behind it.
    """
    served: dict[tuple[int, int, int], int] = {}
    for line in lines:
        units = in_stock(line.units, available, line.multiple)
        if units:
            served[line.key] = units
            available -= units
    return served
