"""Requests found by their number, serial number or subject."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.service import queries


def find_requests(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """The latest first. Internal notes are not looked at, for nobody."""
    endpoint = "service_desk.show" if actor.is_staff else "service.show"
    found = queries.requests(session, actor=actor, dealer_id=actor.dealer_id, q=q, limit=limit)
    for one in found.items:
        status = ("service request", one.state)
        yield Hit(endpoint, {"number": one.number}, one.number, (one.subject, one.subject), status=status)
