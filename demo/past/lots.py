"""Production lots of the demo devices: numbers, production and expiry dates, and which lot was shipped
when.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.source.catalogue import Device

NO_LOT = "-"  # lot number of a device without lot control
REACHES_WAREHOUSE = 30  # days from production until a lot is shipped to dealers
PRODUCED_EVERY = (45, 100)  # days between two lots of a device
REAGENT_LIFE = (360, 540)  # days; reagents keep for about a year
SHELF_LIVES = (730, 1095, 1095, 1825)  # days
SHORT_DATED_SHARE = 0.14
EXPIRED_SHARE = 0.05
SHORT_DATED_DAYS = (12, 170)
EXPIRED_DAYS = (4, 90)


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of a device (an index). Dates are None where the device is not so controlled."""

    device: int
    number: str
    produced_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class DeviceLots:
    """The lots of one device: `current` in order of production, and leftovers that are short-dated or
    expired.
    """

    current: tuple[Lot, ...]
    leftovers: tuple[Lot, ...]

    def shipped_on(self, day: date) -> Lot:
        """The lot that left the warehouses on `day`: the newest that had reached them."""
        if len(self.current) == 1:
            return self.current[0]
        arrivals = [
            lot.produced_on + timedelta(days=REACHES_WAREHOUSE) for lot in self.current if lot.produced_on
        ]
        return self.current[max(0, bisect_right(arrivals, day) - 1)]


def make_lots(devices: Sequence[Device], *, since: date, today: date, seed: int) -> list[DeviceLots]:
    """Lots of every device, enough to ship from since `since` (the first day of the history) until today."""
    return [
        device_lots(index, device, since, today, Random(f"{seed}/lots/{device.udi_di}"))
        for index, device in enumerate(devices)
    ]


def device_lots(index: int, device: Device, since: date, today: date, chance: Random) -> DeviceLots:
    """Lots of one device."""
    if not device.lot_controlled:
        return DeviceLots((Lot(index, NO_LOT, None, None),), ())
    life = timedelta(days=shelf_life(device, chance))
    style = Random(device.maker.name).randrange(4)
    made = []
    day = since - timedelta(days=REACHES_WAREHOUSE + chance.randint(*PRODUCED_EVERY))
    while day < today - timedelta(days=3):
        made.append(day)
        day += timedelta(days=chance.randint(*PRODUCED_EVERY))
    current = tuple(make_lot(index, device, day, life, style) for day in made)
    if not device.expiry_controlled:
        return DeviceLots(current, ())
    left_days = []
    if chance.random() < SHORT_DATED_SHARE:
        left_days.append(chance.randint(*SHORT_DATED_DAYS))
    if chance.random() < EXPIRED_SHARE:
        left_days.append(-chance.randint(*EXPIRED_DAYS))
    # A leftover is older than anything shipped in the history, or it would be no leftover.
    old = [day for left in left_days if (day := today + timedelta(days=left) - life) < made[0]]
    return DeviceLots(current, tuple(make_lot(index, device, day, life, style) for day in old))


def shelf_life(device: Device, chance: Random) -> int:
    """Days from production to expiry."""
    return chance.randint(*REAGENT_LIFE) if device.emdn.startswith("W01") else chance.choice(SHELF_LIVES)


def make_lot(index: int, device: Device, produced_on: date, life: timedelta, style: int) -> Lot:
    """A lot with a number in the maker's style."""
    expires_on = produced_on + life if device.expiry_controlled else None
    return Lot(index, lot_number(device, produced_on, style), produced_on, expires_on)


def lot_number(device: Device, produced_on: date, style: int) -> str:
    """Lot numbers as makers write them: by day, by week, with or without letters."""
    week = produced_on.isocalendar().week
    return (
        f"{produced_on:%Y%m%d}",
        f"{device.maker.prefix[:2]}{produced_on:%y%m%d}A",
        f"L{produced_on:%y}{week:02d}{produced_on.day:02d}",
        f"{produced_on:%y%m}-{produced_on.day:02d}{device.udi_di[10:13]}",
    )[style]
