"""Orders of a dealer, found by a part of their number or of the dealer's own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.orders import queries


def find_orders(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """The latest first."""
    for order in queries.orders(session, dealer_id=actor.own_dealer_id, q=q, limit=limit).items:
        yield Hit("orders.show", {"number": order.number}, order.number, status=("order", order.status))
