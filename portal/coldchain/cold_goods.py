"""Which goods are cold goods, and what they bear."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.rules import Range, tightest
from portal.kernel.errors import N_, Conflict


def range_of_products(session: Session, product_ids: Collection[int]) -> Range | None:
    """What the cold ones among some products bear together; None where none of them is cold.

    Raises Conflict for goods that bear no temperature together.
    """
    rows = session.execute(_OF_PRODUCTS, {"ids": list(product_ids)})
    return _together([Range(row.storage_min, row.storage_max) for row in rows])


def range_of_shipment(session: Session, *, dealer_id: int, shipment_id: int) -> Range | None:
    """The same of the goods of a shipment."""
    rows = session.execute(_OF_SHIPMENT, {"dealer_id": dealer_id, "shipment_id": shipment_id})
    return _together([Range(row.storage_min, row.storage_max) for row in rows])


def _together(ranges: list[Range]) -> Range | None:
    bounds = tightest(ranges)
    if bounds is None and any(one.is_cold for one in ranges):
        raise Conflict(
            "no_common_temperature",
            N_("These goods bear no temperature together."),
            fix=N_("Ship chilled and frozen goods in shipments of their own."),
        )
    return bounds


_OF_PRODUCTS = text(
    "SELECT DISTINCT storage_min, storage_max FROM product WHERE id = ANY (:ids) AND storage_max IS NOT NULL"
)
_OF_SHIPMENT = text(
    """
    SELECT DISTINCT p.storage_min, p.storage_max
      FROM shipment_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id AND p.storage_max IS NOT NULL
    """
)
