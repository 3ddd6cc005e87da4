"""Which devices sell most. Cheap consumables do, with a good deal of chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from random import Random

from demo.source.catalogue import Device

PRICE_PULL = 0.9
CHANCE = 1.6


def by_popularity(devices: Sequence[Device], *, today: date, seed: int) -> list[int]:
    """Indices of the devices that may be sold today, the best seller first."""
    saleable = [index for index, device in enumerate(devices) if device.orderable(today)]
    return sorted(saleable, key=lambda index: (dearness(devices[index], seed), devices[index].sku))


def dearness(device: Device, seed: int) -> float:
    """The logarithm of the price, blurred: what is low on it sells well."""
    blur = Random(f"{seed}/popularity/{device.udi_di}").gauss(0, CHANCE)
    return PRICE_PULL * math.log(float(device.list_price)) + blur
