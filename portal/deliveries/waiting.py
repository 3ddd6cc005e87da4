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
from portal.kernel.manifest import Tally, Waiting

_OPEN = text("SELECT count(*) FROM (SELECT FROM delivery_case WHERE state = 'open' LIMIT :most) met")


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Cases that nobody has taken up."""
    if actor.may(DeliveryRight.DESK):
        open_ones = {"status": CaseState.OPEN}
        yield Tally(Waiting(N_("Delivery cases to look into"), 0, "delivery_cases.index", open_ones), _OPEN)
