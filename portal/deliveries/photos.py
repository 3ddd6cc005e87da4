"""Photos of deliveries: of what was signed for, and of a case. Who may read them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.deliveries.case_queries import case
from portal.deliveries.queries import delivery, proof_of
from portal.deliveries.rules import Way
from portal.deliveries.vocabulary import DeliveryRight
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight

PROOF, CASE = "delivery_proof", "delivery_case"
"""The kinds of documents that these are to the files; the number of a proof is its shipment's."""


def require_proof_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read what was signed for a shipment.

    Who holds the link of that shipment reads what was signed by it.
    """
    if actor.link is None:
        actor.require(OrderRight.READ, OrderRight.DESK, DeliveryRight.DESK, ShippingRight.SHIP)
        delivery(session, number)
        return
    if actor.link != number:
        raise NotFound()
    found = delivery(session, number)
    proof = proof_of(session, found.dealer_id, found.id)
    if proof is None or proof.way != Way.LINK:
        raise NotFound()


def require_case_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a case."""
    actor.require(OrderRight.READ, DeliveryRight.DESK)
    case(session, number)
