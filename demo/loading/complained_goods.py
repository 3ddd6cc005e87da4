"""What dealers of the demonstration complain of: goods that they were sent, and lots that several got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.scenario import Scenario

_LATELY = timedelta(days=70)
_OWN = text(
    """
    SELECT p.sku, l.lot_no, o.number AS order_no, p.name_zh, p.name_en
      FROM (SELECT dealer_id, id, order_id, shipped_at FROM shipment
             WHERE dealer_id = :dealer_id AND shipped_at < :at ORDER BY shipped_at DESC, id LIMIT 4) s
      JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
      JOIN product p ON p.id = l.product_id
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
     WHERE l.lot_no <> '' ORDER BY s.shipped_at DESC, s.id, l.line_no, l.lot_no LIMIT 12
    """
)
# Goods of the higher classes that many were sent of late, each product once.
_SHARED = text(
    """
    SELECT sku, lot_no, name_zh, name_en
      FROM (SELECT p.sku, l.lot_no, p.name_zh, p.name_en, count(DISTINCT s.dealer_id) AS dealers,
                   row_number() OVER (PARTITION BY p.id ORDER BY count(DISTINCT s.dealer_id) DESC, l.lot_no)
                     AS place
              FROM shipment s
              JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
              JOIN product p ON p.id = l.product_id
             WHERE s.dealer_id <= :dealers AND s.shipped_at BETWEEN :since AND :now AND l.lot_no <> ''
               AND p.device_class >= 2
             GROUP BY p.id, p.sku, p.name_zh, p.name_en, l.lot_no) l
     WHERE place = 1 ORDER BY dealers DESC, sku LIMIT 2
    """
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What a complaint is about; empty where a dealer had nothing yet."""

    sku: str = ""
    lot_no: str = ""
    order_no: str = ""
    name_zh: str = "产品"
    name_en: str = "product"


class GoodsOf:
    """What there is to complain of."""

    def __init__(self, session: Session, scenario: Scenario) -> None:
        self._session = session
        self._about = {"dealers": len(scenario.dealers), "since": scenario.now - _LATELY, "now": scenario.now}
        self._shared: list[Goods] = []

    def own(self, dealer_id: int, at: datetime, place: int) -> Goods:
        """Something that a dealer had been sent by then."""
        rows = self._session.execute(_OWN, {"dealer_id": dealer_id, "at": at}).all()
        return Goods(**rows[place % len(rows)]._mapping) if rows else Goods()

    def shared(self, number: int) -> Goods:
        """A lot that several dealers have, the first or the second."""
        if not self._shared:
            rows = self._session.execute(_SHARED, self._about)
            self._shared = [Goods(row.sku, row.lot_no, "", row.name_zh, row.name_en) for row in rows]
        return self._shared[min(number, len(self._shared)) - 1] if self._shared else Goods()
