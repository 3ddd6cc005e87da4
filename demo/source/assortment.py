"""Chooses the devices the demo sells, so that no family of plasters drowns the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from demo.source.catalogue import Device

SMALL = 2_400  # a little more than the 2,000 that must be saleable: some are expired or off the market


def choose(devices: Iterable[Device], size: int = SMALL) -> tuple[Device, ...]:
    """At most `size` devices in order of article number: small families whole, large ones evenly thinned."""
    families: dict[str, list[Device]] = defaultdict(list)
    for device in sorted(devices, key=lambda device: device.sku):
        families[device.family].append(device)
    limit = largest_limit([len(members) for members in families.values()], size)
    chosen = [device for members in families.values() for device in evenly(members, limit)]
    return tuple(sorted(chosen, key=lambda device: device.sku))


def largest_limit(sizes: list[int], total: int) -> int:
    """The greatest number per family with which all families together stay within `total`."""
    limit = max(sizes, default=0)
    while sum(min(size, limit) for size in sizes) > total:
        limit -= 1
    return limit


def evenly(members: list[Device], limit: int) -> list[Device]:
    """`limit` members at even distances; all of them if they are fewer."""
    if len(members) <= limit:
        return members
    return [members[index * len(members) // limit] for index in range(limit)]
