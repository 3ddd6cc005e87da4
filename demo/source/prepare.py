"""Derives the files of ``demo/data`` from the original data sets.

``python -m demo.source.prepare SOURCE_DIR``, where ``SOURCE_DIR`` holds ``eudamed/``, ``uci-online-retail/``
and ``china-divisions/`` as their publishers (or the flattening named in ``NOTICE.md``) give them. Written so
that anyone can repeat the derivation and get the same bytes; nothing here runs when the portal does.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).parent.parent / "data"

TRADE_ITEM_COLUMNS = [
    "gtin",
    "unit",
    "model_name",
    "trade_name",
    "additional_description",
    "manufacturer",
    "manufacturer_srn",
    "reference_no",
    "risk_class",
    "emdn",
    "regulatory_act",
    "status",
    "production_identifiers",
    "device_count",
    "implantable",
    "reusability",
    "sterile",
    "clinical_sizes",
    "storage_handling",
]

# Product codes are five digits with up to two letters; everything else is postage, fees, discounts, vouchers,
# samples.
PRODUCT_CODE = re.compile(r"\d{5}[A-Za-z]{0,2}")
FIRST_MINUTE = datetime(2010, 12, 1)


class RetailLine(NamedTuple):
    """One line of the wholesale data that survived cleaning. `quantity` is negative on a credit."""

    invoice: str
    item: str
    quantity: int
    minute: int
    customer: str


class Purchase(NamedTuple):
    """An invoice with its lines as ``(item, quantity)``; `customer` is empty for an unnamed buyer."""

    invoice: str
    minute: int
    customer: str
    lines: list[tuple[str, int]]


def main(source: Path) -> None:
    """Write every derived file below ``demo/data`` and print the retail counts."""
    prepare_eudamed(source / "eudamed")
    prepare_divisions(source / "china-divisions")
    print(json.dumps(prepare_rhythm(source / "uci-online-retail"), indent=2))


def prepare_eudamed(source: Path) -> None:
    """Keep the columns the catalogue uses, every row, sorted so that likeness compresses."""
    items = sorted(read_gz(source / "trade_items.csv.gz"), key=lambda row: (row["manufacturer"], row["gtin"]))
    write_gz(
        "trade_items.csv.gz",
        TRADE_ITEM_COLUMNS,
        ([row[name] for name in TRADE_ITEM_COLUMNS] for row in items),
    )
    for name in ("packaging_links", "certificates"):
        rows = list(read_gz(source / f"{name}.csv.gz"))
        write_gz(f"{name}.csv.gz", list(rows[0]), (list(row.values()) for row in rows))


def prepare_divisions(source: Path) -> None:
    """Provinces and cities as published; districts and streets are not needed."""
    for name in ("provinces.csv", "cities.csv"):
        shutil.copyfile(source / name, TARGET / name)


def prepare_rhythm(source: Path) -> dict[str, int]:
    """Write the anonymous order rhythm and return the counts of what was kept and dropped."""
    rows = list(read_gz(source / "online_retail_2010-12_2011-06.csv.gz"))
    lines, counts = clean_retail(rows)
    purchases = grouped(line for line in lines if line.quantity > 0)
    item_index = by_popularity(line.item for line in lines if line.quantity > 0)
    customer_index = by_popularity(purchase.customer for purchase in purchases if purchase.customer)
    credits, unlinked = link_credits(purchases, [line for line in lines if line.quantity < 0])
    write_gz(
        "rhythm_orders.csv.gz",
        ["customer", "minute", "lines"],
        order_rows(purchases, item_index, customer_index),
    )
    write_gz(
        "rhythm_credits.csv.gz",
        ["order", "minute", "item", "quantity"],
        ([order, minute, item_index[item], quantity] for order, minute, item, quantity in credits),
    )
    counts |= {
        "orders": len(purchases),
        "orders_of_named_customers": sum(1 for purchase in purchases if purchase.customer),
        "order_lines": sum(len(purchase.lines) for purchase in purchases),
        "order_lines_of_named_customers": sum(
            len(purchase.lines) for purchase in purchases if purchase.customer
        ),
        "customers": len(customer_index),
        "items": len(item_index),
        "credit_lines": len(credits),
        "credits_without_purchase_dropped": unlinked,
    }
    (TARGET / "rhythm_counts.json").write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    return counts


def clean_retail(rows: Sequence[dict[str, str]]) -> tuple[list[RetailLine], dict[str, int]]:
    """Drop exact duplicates, non-products, unnamed corrections; the counts say how many of each."""
    counts: Counter[str] = Counter(
        source_lines=len(rows), source_invoices=len({row["InvoiceNo"] for row in rows})
    )
    seen: set[tuple[str, ...]] = set()
    kept: list[RetailLine] = []
    for row in rows:
        key = tuple(row.values())
        fault = retail_fault(row, duplicate=key in seen)
        seen.add(key)
        if fault:
            counts[fault] += 1
        else:
            kept.append(retail_line(row))
    return kept, dict(counts)


def retail_fault(row: dict[str, str], *, duplicate: bool) -> str | None:
    """Name of the count under which a row is dropped, or None for a good one."""
    credit = row["InvoiceNo"].startswith("C")
    if duplicate:
        return "exact_duplicates_dropped"
    if not PRODUCT_CODE.fullmatch(row["StockCode"]):
        return "non_product_lines_dropped"
    if (int(row["Quantity"]) < 0) != credit or row["Quantity"] == "0":
        return "stock_corrections_dropped"
    if credit and not row["CustomerID"]:
        return "unnamed_credits_dropped"
    return None


def retail_line(row: dict[str, str]) -> RetailLine:
    """The four facts kept of a row, its time as minutes since 1 December 2010."""
    moment = datetime.fromisoformat(row["InvoiceDate"])
    minute = int((moment - FIRST_MINUTE).total_seconds() // 60)
    return RetailLine(
        row["InvoiceNo"],
        row["StockCode"].upper(),
        int(row["Quantity"]),
        minute,
        row["CustomerID"].split(".")[0],
    )


def grouped(lines: Iterable[RetailLine]) -> list[Purchase]:
    """Lines by invoice in order of time. An invoice booked across two minutes takes the first."""
    purchases: dict[str, Purchase] = {}
    for line in lines:
        purchase = purchases.setdefault(line.invoice, Purchase(line.invoice, line.minute, line.customer, []))
        purchase.lines.append((line.item, line.quantity))
    return sorted(purchases.values(), key=lambda purchase: (purchase.minute, purchase.invoice))


def by_popularity(names: Iterable[str]) -> dict[str, int]:
    """Index of each name, the most frequent first; ties in alphabetical order."""
    counts = Counter(names)
    return {name: index for index, name in enumerate(sorted(counts, key=lambda name: (-counts[name], name)))}


def link_credits(
    purchases: Sequence[Purchase], credits: Sequence[RetailLine]
) -> tuple[list[tuple[int, int, str, int]], int]:
    """Give each credit line the latest earlier purchase of that customer which still holds the quantity.

    Returns ``(order index, minute, item, quantity)`` rows and the number of credits without such a purchase
    (most were bought before December 2010).
    """
    left: dict[tuple[int, str], int] = defaultdict(int)
    bought: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, purchase in enumerate(purchases):
        for item, quantity in purchase.lines:
            left[index, item] += quantity
            bought[purchase.customer, item].append(index)
    linked, unlinked = [], 0
    for credit in sorted(credits, key=lambda line: (line.minute, line.invoice, line.item)):
        candidates = [
            index
            for index in bought[credit.customer, credit.item]
            if purchases[index].minute <= credit.minute and left[index, credit.item] >= -credit.quantity
        ]
        if not candidates:
            unlinked += 1
            continue
        left[candidates[-1], credit.item] += credit.quantity
        linked.append((candidates[-1], credit.minute, credit.item, -credit.quantity))
    return linked, unlinked


def order_rows(
    purchases: Sequence[Purchase], item_index: dict[str, int], customer_index: dict[str, int]
) -> Iterator[list[object]]:
    """Rows of ``rhythm_orders``: lines as ``item:quantity`` pairs, popular items first."""
    for purchase in purchases:
        pairs = sorted((item_index[item], quantity) for item, quantity in purchase.lines)
        customer = customer_index[purchase.customer] if purchase.customer else ""
        yield [customer, purchase.minute, " ".join(f"{item}:{quantity}" for item, quantity in pairs)]


def read_gz(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a gzipped CSV file as dictionaries."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write_gz(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a gzipped CSV below ``demo/data`` whose bytes depend on the rows only (no time stamp inside)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (TARGET / name).write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m demo.source.prepare SOURCE_DIR")
    main(Path(sys.argv[1]))
