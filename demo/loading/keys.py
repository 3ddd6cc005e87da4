"""Keys by position: what comes first in the scenario has key 1.

So every part of the load knows the keys of all others.
"""

from __future__ import annotations

from demo.world.regions import AREAS, read_provinces


def key(index: int) -> int:
    """Key of the device, dealer, warehouse or order at a position of the scenario."""
    return index + 1


def region_keys() -> dict[str, int]:
    """Key of every region by its code: areas first, then provinces."""
    return {code: key(index) for index, code in enumerate([*AREAS, *sorted(read_provinces())])}
