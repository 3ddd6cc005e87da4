"""What may take the place of a line that cannot be served. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PROPOSALS_MAX = 3  # for a line; who is shown more reads none

UNSERVED = frozenset({"stock_short", "withdrawn"})
"""Codes of the faults that a substitute cures."""


def at_hand(stock: Mapping[int, int], serving: Sequence[int], *, split: bool) -> int:
    """Units that an order can have: of one warehouse, or with `split` of all that serve.

    stock: available units by warehouse.
    """
    units = [max(stock.get(warehouse, 0), 0) for warehouse in serving]
    return sum(units) if split else max(units, default=0)


def in_place_of(quantity: int, available: int, multiple: int) -> int:
    """Units to take instead of `quantity`: whole packs, not less if there are as many; 0 without a pack."""
    return min(-(-quantity // multiple) * multiple, available - available % multiple)
