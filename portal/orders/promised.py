"""Where the units of an order come from, and until when those that no warehouse has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault
from portal.orders import rules
from portal.orders.context import OrderContext
from portal.orders.lines import AssessedLine, Source
from portal.orders.terms import SupplyTerms
from portal.stock.backorders import arrivals
from portal.stock.promise_rules import NOTHING, deliverable_on, shared_out

Stock = Mapping[int, int]
"""Available units of a product by warehouse."""


@dataclass(frozen=True, slots=True)
class Promised:
    """The order's warehouse, the lines with their sources and days, and what stands against it."""

    warehouse_id: int | None
    lines: list[AssessedLine]
    faults: list[Fault]


def promised(
    session: Session,
    context: OrderContext,
    lines: list[AssessedLine],
    supply: SupplyTerms,
    today: date,
    replenishment_days: int,
) -> Promised:
    """Decide it. Reads what is on its way, only where something waits for goods.

    replenishment_days: how long goods take of which none are on their way.
    """
    serving = [identity for identity, code in context.serving if supply.warehouse in (None, code)]
    if supply.warehouse is not None and not serving:
        message, fix = (
            N_("This warehouse does not serve you."),
            N_("Leave it empty, or take a warehouse of your region."),
        )
        return Promised(None, lines, [Fault("/warehouse", "unknown_warehouse", message, fix)])
    stock: dict[str, Stock] = {
        line.offer.sku: {level.warehouse_id: level.available for level in line.offer.stock} for line in lines
    }
    home, short = rules.choose_warehouse(
        {line.offer.sku: line.demand.quantity for line in lines}, stock, serving
    )
    if not short:
        return Promised(home, lines, [])
    if home is None:
        return Promised(None, lines, [_short_fault(context, line, None, {}) for line in lines])
    shared = [_shared(context, line, stock[line.offer.sku], home, split=supply.split) for line in lines]
    lacking = [line for line in shared if line.waiting]
    if not lacking or supply.backorder:
        return Promised(home, _with_days(session, shared, home, today, replenishment_days), [])
    faults = [
        rules.short_fault(line.demand.pointer, line.offer.sku, line.reserved, line.offer.pack_multiple)
        if supply.split
        else _short_fault(context, line, home, stock[line.offer.sku])
        for line in lacking
    ]
    return Promised(home, lines, faults)


def _shared(
    context: OrderContext, line: AssessedLine, stock: Stock, home: int, *, split: bool
) -> AssessedLine:
    """The line with what other warehouses serve of it, and what none does."""
    others = [identity for identity, _ in context.serving if identity != home] if split else []
    served = shared_out(line.demand.quantity, stock, [home, *others], line.offer.pack_multiple)
    codes = dict(context.serving)
    elsewhere = tuple(Source(one, codes[one], units) for one, units in served.items() if one != home)
    return replace(line, waiting=line.demand.quantity - sum(served.values()), elsewhere=elsewhere)


def _with_days(
    session: Session, lines: Sequence[AssessedLine], home: int, today: date, replenishment_days: int
) -> list[AssessedLine]:
    """The lines with the day by which what waits of them can leave."""
    waiting = [line.offer.id for line in lines if line.waiting]
    coming = arrivals(session, warehouse_id=home, products=waiting) if waiting else {}
    return [
        replace(
            line,
            promised_on=deliverable_on(
                line.waiting, coming.get(line.offer.id, NOTHING), today, replenishment_days
            ),
        )
        if line.waiting
        else line
        for line in lines
    ]


def _short_fault(context: OrderContext, line: AssessedLine, home: int | None, stock: Stock) -> Fault:
    """What is missing of a line, and the warehouse that has more.

    Named only if one that serves the dealer has at least a pack.
    """
    pointer, sku, multiple = line.demand.pointer, line.offer.sku, line.offer.pack_multiple
    here = stock.get(home, 0) if home is not None else 0
    others = [(code, stock.get(identity, 0)) for identity, code in context.serving if identity != home]
    there = max(others, key=lambda other: other[1], default=("", 0))
    if home is None or there[1] < multiple or there[1] <= here:
        return rules.short_fault(pointer, sku, here, multiple)
    places = (dict(context.serving)[home], here), there
    return rules.elsewhere_fault(pointer, sku, *places, multiple, context.named)
