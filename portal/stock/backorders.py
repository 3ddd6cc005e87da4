"""What is ordered and not in stock: how much of it waits at a level, and what is on its way there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.db import value_of
from portal.kernel.locks import Rank
from portal.stock.promise_rules import Arrival
from portal.stock.rules import LevelKey


def arrivals(session: Session, *, warehouse_id: int, products: Collection[int]) -> dict[int, Arrival]:
    """What is on its way to a warehouse, by product; a product without a level is absent."""
    rows = session.execute(_ARRIVALS, {"warehouse_id": warehouse_id, "products": list(products)})
    return {row.product_id: value_of(Arrival, row) for row in rows}


def ensure_levels(session: Session, *, warehouse_id: int, products: Collection[int]) -> None:
    """Make the levels of products that the warehouse has never had, with nothing on hand."""
    session.execute(_ENSURE, {"warehouse_id": warehouse_id, "products": sorted(set(products))})


def change_backordered(session: Session, *, warehouse_id: int, units: Mapping[int, int]) -> None:
    """Add to what waits at levels (product → units, negative for fewer).

    The caller has locked them, in the order of products.
    """
    changed = {product_id: delta for product_id, delta in units.items() if delta}
    if not changed:
        return
    locks.take(session, Rank.LEVEL, [(warehouse_id, product_id) for product_id in changed])
    session.execute(
        _CHANGE,
        {"warehouse_id": warehouse_id, "products": list(changed), "deltas": list(changed.values())},
    )


def lock_levels(session: Session, keys: Collection[LevelKey]) -> list[Arrival]:
    """Lock levels that exist, in the order of their keys; what is on its way to each and waits there."""
    if not keys:
        return []
    ordered = sorted(keys)
    locks.take(session, Rank.LEVEL, ordered)
    columns = {
        "warehouses": [warehouse_id for warehouse_id, _ in ordered],
        "products": [product_id for _, product_id in ordered],
    }
    return [value_of(Arrival, row) for row in session.execute(_LOCK, columns)]


def set_on_the_way(
    session: Session, *, warehouse_id: int, product_id: int, units: int, next_arrival: date | None
) -> None:
    """Say how many units are on their way to a locked level, and when the next of them arrive."""
    session.execute(
        _ON_THE_WAY,
        {
            "warehouse_id": warehouse_id,
            "product_id": product_id,
            "units": units,
            "next_arrival": next_arrival,
        },
    )


def add_on_the_way(
    session: Session, *, warehouse_id: int, units: Mapping[int, int], expected_on: date | None = None
) -> None:
    """Add to what is on its way to levels (product → units); makes them.

    A level keeps the earlier of its day of arrival and `expected_on`.
    """
    about = _locked(session, warehouse_id, units)
    session.execute(_ADD_ON_THE_WAY, {"expected_on": expected_on, **about})


def take_off_the_way(
    session: Session,
    *,
    warehouse_id: int,
    units: Mapping[int, int],
    expected_on: date | None,
    next_days: Mapping[int, date],
) -> None:
    """Take what has arrived, or is lost, off what is on its way to levels (product → units).

    A level that waited for the day `expected_on` of these units waits for its next one now, if there is any.
    """
    about = _locked(session, warehouse_id, units)
    about["days"] = [next_days.get(product_id) for product_id in about["products"]]
    session.execute(_TAKE_OFF_THE_WAY, {"expected_on": expected_on, **about})


def _locked(session: Session, warehouse_id: int, units: Mapping[int, int]) -> dict[str, Any]:
    ensure_levels(session, warehouse_id=warehouse_id, products=units.keys())
    ordered = sorted(units)
    lock_levels(session, [(warehouse_id, product_id) for product_id in ordered])
    return {
        "warehouse_id": warehouse_id,
        "products": ordered,
        "units": [units[product_id] for product_id in ordered],
    }


_ARRIVALS = text(
    """
    SELECT product_id, in_transit, backordered, next_arrival FROM stock_level
     WHERE warehouse_id = :warehouse_id AND product_id = ANY (:products)
    """
)
_ENSURE = text(
    """
    INSERT INTO stock_level (warehouse_id, product_id, on_hand)
    SELECT :warehouse_id, product_id, 0 FROM unnest(CAST(:products AS bigint[])) AS p(product_id)
    ON CONFLICT DO NOTHING
    """
)
_CHANGE = text(
    """
    UPDATE stock_level s SET backordered = s.backordered + c.delta
      FROM unnest(CAST(:products AS bigint[]), CAST(:deltas AS integer[])) AS c(product_id, delta)
     WHERE s.warehouse_id = :warehouse_id AND s.product_id = c.product_id
    """
)
_LOCK = text(
    """
    SELECT in_transit, backordered, next_arrival FROM stock_level
     WHERE (warehouse_id, product_id) IN (
           SELECT * FROM unnest(CAST(:warehouses AS bigint[]), CAST(:products AS bigint[])))
     ORDER BY warehouse_id, product_id FOR NO KEY UPDATE
    """
)
_ON_THE_WAY = text(
    """
    UPDATE stock_level SET in_transit = :units, next_arrival = :next_arrival
     WHERE warehouse_id = :warehouse_id AND product_id = :product_id
    """
)
_ADD_ON_THE_WAY = text(
    """
    UPDATE stock_level s
       SET in_transit = s.in_transit + c.units,
           next_arrival = least(s.next_arrival, CAST(:expected_on AS date))
      FROM unnest(CAST(:products AS bigint[]), CAST(:units AS integer[])) AS c(product_id, units)
     WHERE s.warehouse_id = :warehouse_id AND s.product_id = c.product_id
    """
)
_TAKE_OFF_THE_WAY = text(
    """
    UPDATE stock_level s
       SET in_transit = greatest(s.in_transit - c.units, 0),
           next_arrival = CASE WHEN s.in_transit > c.units
                               THEN coalesce(nullif(s.next_arrival, CAST(:expected_on AS date)), c.day) END
      FROM unnest(CAST(:products AS bigint[]), CAST(:units AS integer[]), CAST(:days AS date[]))
        AS c(product_id, units, day)
     WHERE s.warehouse_id = :warehouse_id AND s.product_id = c.product_id
    """
)
