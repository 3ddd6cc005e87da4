"""The work of the order desk: cases about deliveries that nobody has decided on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.deliveries.rules import CaseState
from portal.deliveries.vocabulary import DeliveryRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX

_OPEN = text("SELECT count(*) FROM (SELECT FROM delivery_case WHERE state = 'open' LIMIT :most) met")


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Cases that nobody has taken up."""
    if actor.may(DeliveryRight.DESK):
        count = session.execute(_OPEN, {"most": COUNTED_MAX + 1}).scalar_one()
        yield Waiting(
            N_("Delivery cases to look into"), count, "delivery_cases.index", {"status": CaseState.OPEN}
        )
