"""The checks of an order without placing it: nothing is written, nothing reserved."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal import clock
from portal.identity.rules import Actor, Right
from portal.orders import standing
from portal.orders.judge import Limits, Verdict, judge
from portal.orders.place_order import Request, header_faults


def validate_order(
    session: Session, *, actor: Actor, dealer_id: int, request: Request, limits: Limits, zone: ZoneInfo
) -> Verdict:
    """The verdict a placing would give now. Raises NotFound, Forbidden; faults are returned, not raised."""
    actor.require(Right.ORDERS_READ, Right.ORDERS_WRITE, Right.HQ_ORDERS)
    stand = standing.look(session, dealer_id=dealer_id, ship_to=request.ship_to)
    today = clock.business_date(stand.moment, zone)
    verdict = judge(
        session, standing=stand, wanted=request.lines, limits=limits, today=today, warehouse=request.warehouse,
        expected_total=request.expected_total,
    )  # fmt: skip
    return replace(verdict, faults=(*header_faults(request, today), *verdict.faults))
