"""The work of the order desk and the warehouse, and of a dealer whose goods are on their way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.orders.lifecycle import Status
from portal.orders.vocabulary import OrderRight
from portal.shipping.desk import desk_counts
from portal.shipping.vocabulary import ShippingRight

_UNCONFIRMED = text(
    """
    SELECT count(*) FROM (
      SELECT FROM sales_order WHERE dealer_id = :dealer_id AND status = 'shipped' LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting | Tally]:
    """Orders to release, to pick and to ship; to a dealer, those that have left and were not confirmed."""
    if actor.dealer_id is not None:
        if actor.may(OrderRight.WRITE):
            label, shipped = N_("Orders to confirm receipt of"), {"status": "shipped"}
            yield Tally(Waiting(label, 0, "orders.index", shipped), _UNCONFIRMED)
        return
    if not (actor.may(OrderRight.DESK) or actor.may(ShippingRight.SHIP)):
        return
    counts = desk_counts(session)
    to_pick = counts[Status.CONFIRMED] + counts[Status.PARTIALLY_SHIPPED]
    if actor.may(OrderRight.DESK):
        yield Waiting(N_("Orders to release"), counts[Status.ON_HOLD], "holds.index", is_urgent=True)
    if actor.may(ShippingRight.SHIP):
        yield _at_desk(N_("Orders to pick"), to_pick, Status.CONFIRMED)
        yield _at_desk(N_("Orders to ship"), counts[Status.PICKING], Status.PICKING)


def _at_desk(label: str, count: int, status: Status) -> Waiting:
    return Waiting(label, count, "desk.index", {"status": str(status)})
