"""What an order takes from other warehouses than its own: locked, reserved, written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.orders.lines import AssessedLine
from portal.stock.reservations import lock_available, lock_levels, reserve_units

Elsewhere = Mapping[int, Mapping[int, int]]
"""Units by product by warehouse."""


def units_elsewhere(lines: Sequence[AssessedLine]) -> dict[int, Counter[int]]:
    """What lines take from other warehouses than the order's, by warehouse and product."""
    units: dict[int, Counter[int]] = defaultdict(Counter)
    for line in lines:
        for source in line.elsewhere:
            units[source.warehouse_id][line.offer.id] += source.units
    return dict(units)


def lock_sources(
    session: Session,
    *,
    home: int,
    products: Collection[int],
    elsewhere: Elsewhere,
    today: date,
    margin_days: int,
) -> set[tuple[int, int]]:
    """Lock every level of an order that comes from several warehouses, in the one order of all locks.

    products: of the order's own warehouse, `home`. Returns the (warehouse, product) elsewhere that have no
    longer enough.
    """
    short: set[tuple[int, int]] = set()
    for warehouse_id in sorted({home, *elsewhere}):
        if warehouse_id == home:
            lock_levels(session, warehouse_id=home, products=products)
            continue
        wanted = elsewhere[warehouse_id]
        free = lock_available(
            session, warehouse_id=warehouse_id, products=wanted.keys(), today=today, margin_days=margin_days
        )
        short |= {
            (warehouse_id, product) for product, units in wanted.items() if free.get(product, 0) < units
        }
    return short


def write_sources(
    session: Session,
    *,
    dealer_id: int,
    order_id: int,
    number: str,
    lines: Sequence[AssessedLine],
    actor: Actor,
    at: datetime,
) -> None:
    """Reserve elsewhere what `lines` of a new order take there; the levels are locked."""
    for warehouse_id, units in sorted(units_elsewhere(lines).items()):
        reserve_units(
            session,
            warehouse_id=warehouse_id,
            units=units,
            dealer_id=dealer_id,
            document=number,
            actor=actor,
            at=at,
        )
    sources = [(line_no, source) for line_no, line in enumerate(lines, 1) for source in line.elsewhere]
    session.execute(
        _WRITE,
        {
            "dealer_id": dealer_id,
            "order_id": order_id,
            "line_nos": [line_no for line_no, _ in sources],
            "warehouse_ids": [source.warehouse_id for _, source in sources],
            "units": [source.units for _, source in sources],
        },
    )


_WRITE = text(
    """
    INSERT INTO order_line_source (dealer_id, order_id, line_no, warehouse_id, reserved)
    SELECT :dealer_id, :order_id, line_no, warehouse_id, units
      FROM unnest(CAST(:line_nos AS smallint[]), CAST(:warehouse_ids AS bigint[]), CAST(:units AS integer[]))
        AS s(line_no, warehouse_id, units)
    """
)
