"""Shipments in trouble, for who looks after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.queries import Filter, count_parcels


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Parcels with delivery trouble."""
    if actor.is_staff and actor.may(ShippingRight.SHIP):
        count = count_parcels(session, show=Filter.TROUBLE)
        yield Waiting(
            N_("Shipments in trouble"),
            count,
            "tracking_desk.index",
            {"status": Filter.TROUBLE},
            is_urgent=True,
        )
