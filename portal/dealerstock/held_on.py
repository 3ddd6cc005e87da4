"""How much of some products a dealer held on a day, by what it received, counted and reported sold."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def held_on(
    session: Session, *, dealer_id: int, skus: Collection[str], day: date, begins_at: datetime
) -> dict[str, int]:
    """Units by SKU, of products of which the dealer ever received any.

    begins_at: the first moment of the day; what was received from then on had not come. What was sent back
    meanwhile does not count. Reports count with the day they are of.
    """
    about = {"dealer_id": dealer_id, "skus": list(skus), "day": day, "begins_at": begins_at}
    return {row.sku: max(row.held, 0) for row in session.execute(_HELD, about)}


_HELD = text(
    """
    SELECT p.sku, (g.received + coalesce(r.changed, 0))::int AS held
      FROM (SELECT l.product_id, sum(l.quantity - l.returned) AS received
              FROM shipment s
              JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
             WHERE s.dealer_id = :dealer_id AND s.status = 'received'
               AND s.received_at < CAST(:begins_at AS timestamptz)
             GROUP BY l.product_id) g
      JOIN product p ON p.id = g.product_id AND p.sku = ANY (CAST(:skus AS text[]))
      LEFT JOIN (SELECT i.product_id, sum(i.change) AS changed FROM inventory_report_line i
                  WHERE i.dealer_id = :dealer_id AND i.lot_id IS NOT NULL AND i.day <= CAST(:day AS date)
                  GROUP BY i.product_id) r ON r.product_id = g.product_id
    """
)
