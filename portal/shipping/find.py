"""Orders of headquarters, and a dealer's shipments, found by number."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.kernel.search_pattern import begins_with, number_beginning
from portal.orders.lifecycle import Status
from portal.shipping.desk import desk_orders

_SHIPMENTS = text(
    f"""
    SELECT s.number, s.status, o.number AS order_number
      FROM (SELECT * FROM shipment WHERE {begins_with("number", "beginning")} ORDER BY number LIMIT :limit) s
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
     ORDER BY s.number
    """
)


def find_desk_orders(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Orders of every state as the order desk finds them, the longest waiting first."""
    for order in desk_orders(session, statuses=tuple(Status), q=q, limit=limit).items:
        names, status = (order.dealer_zh, order.dealer_en), ("desk order", order.status)
        yield Hit("desk.show", {"number": order.number}, order.number, names, status)


def find_shipments(session: Session, _actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Shipments whose number begins so; they are shown with their order."""
    parameters = {"beginning": number_beginning("SH", q), "limit": limit}
    for row in session.execute(_SHIPMENTS, parameters):
        yield Hit("orders.show", {"number": row.order_number}, row.number, status=("shipment", row.status))
