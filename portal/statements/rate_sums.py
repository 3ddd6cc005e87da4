"""The sums below the lines of a document that is taxed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from portal.kernel.formats import percent
from portal.kernel.money import ZERO

Sums = tuple[Decimal, Decimal, Decimal]
"""¥ net, tax and gross."""


def rate_sums(
    lines: Iterable[tuple[Decimal, Decimal, Decimal]], total: str, whole: Sums
) -> list[tuple[str, Sums]]:
    """A row for each rate of tax where there are several, and one in all, which is called `total`.

    lines: rate, gross and tax of each.
    """
    by_rate: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for rate, gross, tax in lines:
        before = by_rate.get(rate, (ZERO, ZERO))
        by_rate[rate] = before[0] + gross, before[1] + tax
    rows = [(percent(rate), (gross - tax, tax, gross)) for rate, (gross, tax) in sorted(by_rate.items())]
    return [*(rows if len(rows) > 1 else []), (total, whole)]
