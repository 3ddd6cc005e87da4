"""Cold goods that wait: for quality's decision, and for the record of their packing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.coldchain.queries import Filter, count_cold, waiting_for_quality
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.shipping.vocabulary import ShippingRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Transports to be decided on; cold shipments of which nobody has recorded how they were packed."""
    if not actor.is_staff:
        return
    if actor.may(ColdChainRight.DECIDE):
        count = waiting_for_quality(session)
        yield Waiting(
            N_("Cold goods in quarantine"),
            count,
            "cold_chain.index",
            {"status": Filter.WAITING},
            is_urgent=True,
        )
    if actor.may(ShippingRight.SHIP):
        count = count_cold(session, show=Filter.WITHOUT)
        yield Waiting(
            N_("Cold shipments without a record"), count, "cold_chain.index", {"status": Filter.WITHOUT}
        )
