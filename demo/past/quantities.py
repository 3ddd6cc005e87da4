"""How many units of a device a line orders, from the quantity the source ordered of a gift article."""

from __future__ import annotations

from decimal import Decimal

from demo.source.catalogue import Device
from demo.world.policies import SCALE_STEPS

# Dearer goods are ordered in smaller numbers: up to a list price (CNY) the source's quantity times a factor.
FACTORS = ((5, 8.0), (20, 4.0), (100, 1.0), (500, 0.35), (3_000, 0.12), (20_000, 0.04))
# No line is worth more at list price (CNY, by the dealer's tier), unless a single pack is.
DEAREST_LINE = {"S": Decimal(40_000), "A": Decimal(20_000), "B": Decimal(8_000), "C": Decimal(4_000)}
MOST_UNITS = 20_000
REACH = 0.75  # from this share of a price step on, a buyer takes the whole step


def ordered_quantity(source_quantity: int, device: Device, tier: str, *, scaled: bool) -> int:
    """Units a dealer of `tier` orders, a multiple of the pack.

    `scaled` devices have price steps, which buyers round up to.
    """
    factor = next((factor for limit, factor in FACTORS if device.list_price <= limit), 0.0)
    wanted = max(1, round(source_quantity * factor))
    affordable = max(1, int(DEAREST_LINE[tier] / device.list_price))
    wanted = min(wanted, affordable, MOST_UNITS)
    if scaled:
        wanted = next((step for step in SCALE_STEPS if REACH * step <= wanted < step), wanted)
    return -(-wanted // device.pack_multiple) * device.pack_multiple
