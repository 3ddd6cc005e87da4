"""The validation engine of orders: everything that can be wrong, decided at once. Pure.

The same `assess` serves the cart page, ``POST /orders/validation`` and ``POST /orders``. Which fault
refuses an order, holds it or is only told, is in `severity_rules`; what law and contract forbid, in
`compliance_rules`; what was agreed with a dealer, in `terms_rules`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, in_both
from portal.orders.severity_rules import Hold

STOCK = str(Hold.STOCK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as somebody asked for it. `quantity` is whatever was typed; `pointer` says where.

    expected_unit_price: what the orderer says a unit costs, None when it does not say.
    """

    sku: str
    quantity: object
    pointer: str
    expected_unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A line that can be understood: a SKU once, with a whole positive quantity."""

    sku: str
    quantity: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Position of a dealer; exposure = balance + open_orders."""

    limit: Decimal
    balance: Decimal
    open_orders: Decimal


@dataclass(frozen=True, slots=True)
class Demanded:
    """An entry of the feed that the dealer has to acknowledge before it orders again."""

    number: str
    title_zh: str
    title_en: str


class Sellable(Protocol):
    """What decides whether a product can be sold; without a price or a tax rate it is not."""

    @property
    def state(self) -> str: ...

    @property
    def list_price(self) -> Decimal | None: ...

    @property
    def tax_rate(self) -> Decimal | None: ...

    @property
    def pack_multiple(self) -> int: ...


def demands(
    wanted: Sequence[Wanted], *, lines_max: int, quantity_max: int
) -> tuple[list[Demand], list[Fault]]:
    """Understand the lines.

    Merge a SKU that stands twice (the first place is kept), name every quantity that is none.
    """
    if not wanted:
        return [], [
            Fault("/lines", "no_lines", N_("The order has no lines."), N_("Add at least one product."))
        ]
    if len(wanted) > lines_max:
        fix = N_("Split the order.")
        return [], [
            Fault(
                "/lines", "too_many_lines", N_("At most %(max)s lines in one order."), fix, {"max": lines_max}
            )
        ]
    merged: dict[str, Demand] = {}
    faults: list[Fault] = []
    for line in wanted:
        quantity, fault = _quantity(line.quantity, f"{line.pointer}/quantity", quantity_max)
        if fault is not None:
            faults.append(fault)
        sku = normal_sku(line.sku)
        earlier = merged.get(sku)
        merged[sku] = Demand(
            sku, (earlier.quantity if earlier else 0) + quantity, earlier.pointer if earlier else line.pointer
        )
    known = {fault.pointer for fault in faults}
    faults.extend(
        fault
        for demand in merged.values()
        if demand.quantity
        and (fault := _quantity_fault(demand.quantity, f"{demand.pointer}/quantity", quantity_max))
        and fault.pointer not in known
    )
    return list(merged.values()), faults


def normal_sku(given: object) -> str:
    """A SKU as it is stored: full-width letters, small letters and spaces around it do not matter."""
    return unicodedata.normalize("NFKC", str(given)).strip().upper()


def _quantity(asked: object, pointer: str, quantity_max: int) -> tuple[int, Fault | None]:
    """The quantity of a line, 0 with the fault where it is none."""
    try:
        quantity = typed.quantity(asked)
    except typed.Misread as misread:
        return 0, misread.beside(pointer)
    fault = _quantity_fault(quantity, pointer, quantity_max)
    return (quantity, None) if fault is None else (0, fault)


def _quantity_fault(quantity: int, pointer: str, quantity_max: int) -> Fault | None:
    if quantity < 1:
        return Fault(
            pointer,
            "quantity_not_positive",
            N_("A quantity is at least 1."),
            N_("Enter 1 or more, or remove the line."),
        )
    if quantity > quantity_max:
        fix = N_("Enter at most %(max)s.")
        return Fault(
            pointer, "quantity_too_large", N_("At most %(max)s units a line."), fix, {"max": quantity_max}
        )
    return None


def product_faults(demand: Demand, offer: Sellable | None) -> list[Fault]:
    """Whether the product can be sold at all, in this quantity; None for a product that does not exist."""
    pointer = demand.pointer
    if offer is None:
        fix = N_("Check the SKU or search the catalogue.")
        return [
            Fault(
                f"{pointer}/sku",
                "unknown_sku",
                N_("There is no product %(sku)s."),
                fix,
                {"sku": demand.sku[:40]},
            )
        ]
    if offer.state != "active":
        fix = N_("Remove the line or choose another product.")
        return [
            Fault(f"{pointer}/sku", "withdrawn", N_("%(sku)s is no longer sold."), fix, {"sku": demand.sku})
        ]
    if offer.list_price is None or offer.tax_rate is None:
        fix = N_("Ask your channel manager.")
        return [
            Fault(f"{pointer}/sku", "no_price", N_("%(sku)s has no price yet."), fix, {"sku": demand.sku})
        ]
    return pack_faults(demand, offer.pack_multiple)


def pack_faults(demand: Demand, multiple: int) -> list[Fault]:
    """A quantity that would break a pack, with the two quantities that would not."""
    if demand.quantity < 1 or demand.quantity % multiple == 0:
        return []
    lower = demand.quantity - demand.quantity % multiple
    fix = N_("Order %(lower)s or %(upper)s.") if lower else N_("Order %(upper)s.")
    params = {"multiple": multiple, "lower": lower, "upper": lower + multiple}
    return [
        Fault(
            f"{demand.pointer}/quantity",
            "pack_multiple",
            N_("Order in multiples of %(multiple)s."),
            fix,
            params,
        )
    ]


def choose_warehouse(
    needed: Mapping[str, int], stock: Mapping[str, Mapping[int, int]], serving: Sequence[int]
) -> tuple[int | None, dict[str, int]]:
    """Nearest warehouse that has everything.

    Else the one that lacks the fewest lines, with what it has of those.

    needed: units by SKU. stock: available units by SKU and warehouse. serving: warehouses, nearest first.
    """
    best: tuple[int | None, dict[str, int]] = (None, dict.fromkeys(needed, 0))
    for warehouse in serving:
        short = {
            sku: stock.get(sku, {}).get(warehouse, 0)
            for sku, quantity in needed.items()
            if stock.get(sku, {}).get(warehouse, 0) < quantity
        }
        if not short:
            return warehouse, {}
        if best[0] is None or len(short) < len(best[1]):
            best = (warehouse, short)
    return best


def short_fault(pointer: str, sku: str, available: int, multiple: int) -> Fault:
    """Too little stock for a line, and what may be ordered instead."""
    most = max(0, available - available % multiple)
    fix = N_("Order at most %(most)s.") if most else N_("Remove the line, or ask when it arrives.")
    message = N_("Only %(available)s of %(sku)s available.") if available else N_("%(sku)s is out of stock.")
    return Fault(
        f"{pointer}/quantity", "stock_short", message, fix, {"available": available, "most": most, "sku": sku}
    )


def elsewhere_fault(
    pointer: str,
    sku: str,
    here: tuple[str, int],
    there: tuple[str, int],
    multiple: int,
    named: Mapping[str, tuple[str, str]],
) -> Fault:
    """Too little stock of a line in the warehouse that would send the order, and more in another.

    Each by code and units. named: what they are called, in Chinese and in English.
    """
    most = there[1] - there[1] % multiple
    message = N_("%(sku)s: %(here)s has %(available)s, %(there)s has %(units)s.")
    fix = N_(
        "Let other warehouses send what this one lacks, or order at most %(most)s from %(there)s on its own."
    )
    params = {
        "sku": sku,
        "available": here[1],
        "units": there[1],
        "most": most,
        **in_both("here", *named[here[0]]),
        **in_both("there", *named[there[0]]),
    }
    return Fault(f"{pointer}/quantity", "stock_short", message, fix, params)


def acknowledgement_faults(demanded: Sequence[Demanded]) -> list[Fault]:
    """What the dealer has to read first, each with the address of the page that says it."""
    message = N_("%(title_zh)s (%(title_en)s) has to be read and acknowledged before you order.")
    fix = N_("Open %(link)s and confirm that you have read and understood it.")
    return [
        Fault(
            "",
            "acknowledge_first",
            message,
            fix,
            {"title_zh": entry.title_zh, "title_en": entry.title_en, "link": f"/feed/{entry.number}"},
        )
        for entry in demanded
    ]
