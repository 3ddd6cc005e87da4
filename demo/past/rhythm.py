"""The real order rhythm the demo follows: who ordered when, how many lines, what was taken back.

Purchases of unnamed buyers in the source are daily summaries of up to 704 lines; they are cut into baskets of
the size a named customer has, each of which counts as a customer of its own.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

DATA = Path(__file__).parent.parent / "data"
FIRST_MINUTE = datetime(2010, 12, 1)
BASKET_LIMIT = 30  # lines above which an unnamed purchase is cut
BASKET_SIZES = (12, 30)


@dataclass(frozen=True, slots=True)
class Credit:
    """Units of an item taken back at a moment (local time of the source)."""

    at: datetime
    item: int
    quantity: int


@dataclass(slots=True)
class Purchase:
    """A purchase: `lines` maps item rank to quantity."""

    customer: int
    at: datetime
    lines: dict[int, int]
    credits: list[Credit] = field(default_factory=list)


def month_of(day: date) -> int:
    """Months since the first of the rhythm."""
    return (day.year - FIRST_MINUTE.year) * 12 + day.month - FIRST_MINUTE.month


def read_counts() -> dict[str, int]:
    """What the derivation counted in the source."""
    return json.loads((DATA / "rhythm_counts.json").read_text(encoding="utf-8"))


def read_purchases(seed: int) -> list[Purchase]:
    """Purchases in order of time, unnamed ones cut into baskets (which never have credits)."""
    chance = Random(f"{seed}/rhythm")
    originals = list(_original_purchases())
    for row in _rows("rhythm_credits"):
        at = FIRST_MINUTE + timedelta(minutes=int(row["minute"]))
        originals[int(row["order"])].credits.append(Credit(at, int(row["item"]), int(row["quantity"])))
    next_customer = 1 + max(purchase.customer for purchase in originals)
    purchases = []
    for purchase in originals:
        if purchase.customer >= 0:
            purchases.append(purchase)
            continue
        for basket in baskets(list(purchase.lines.items()), chance):
            purchases.append(Purchase(next_customer, purchase.at, dict(basket)))
            next_customer += 1
    return purchases


def baskets(lines: list[tuple[int, int]], chance: Random) -> Iterator[list[tuple[int, int]]]:
    """Cut a long list of lines into shuffled pieces; a short one stays whole."""
    if len(lines) <= BASKET_LIMIT:
        yield lines
        return
    chance.shuffle(lines)
    start = 0
    while start < len(lines):
        size = chance.randint(*BASKET_SIZES)
        yield lines[start : start + size]
        start += size


def _original_purchases() -> Iterator[Purchase]:
    for row in _rows("rhythm_orders"):
        lines: dict[int, int] = {}
        for pair in row["lines"].split():
            item, quantity = pair.split(":")
            lines[int(item)] = lines.get(int(item), 0) + int(quantity)
        customer = int(row["customer"]) if row["customer"] else -1
        yield Purchase(customer, FIRST_MINUTE + timedelta(minutes=int(row["minute"])), lines)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
