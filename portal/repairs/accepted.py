"""The work on a repair begins: what it needs is written down and held in stock."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import load_dealer
from portal.kernel.actor import Actor
from portal.repairs.locked import LockedRepair, save_repair, tell_timeline
from portal.repairs.parts import hold_parts, parts_of, want_parts
from portal.repairs.rules import RepairState
from portal.repairs.vocabulary import RepairAction
from portal.service.locked import LockedRequest


def begin_work(
    session: Session,
    request: LockedRequest,
    repair: LockedRepair,
    *,
    version: int,
    is_warranty: bool,
    actor: Actor,
    today: date,
    margin_days: int,
    at: datetime,
) -> LockedRepair:
    """Part of the acceptance of a version: its parts are wanted, and held where they are."""
    units: Counter[int] = Counter()
    for row in session.execute(_PARTS, repair.key | {"version": version}):
        units[row.product_id] += int(row.quantity)
    if units:
        want_parts(session, repair, units)
    begun = save_repair(
        session,
        repair,
        at=at,
        state=RepairState.ACCEPTED,
        quote_version=version,
        is_warranty=is_warranty,
        short=bool(units),
    )
    if not units:
        return begun
    return hold(session, request, begun, actor=actor, today=today, margin_days=margin_days, at=at)


def hold(
    session: Session,
    request: LockedRequest,
    repair: LockedRepair,
    *,
    actor: Actor,
    today: date,
    margin_days: int,
    at: datetime,
    is_again: bool = False,
) -> LockedRepair:
    """Hold the parts of an accepted repair, or say that they are short. is_again: it was said before."""
    if not any(quantity > held + used for quantity, held, used in parts_of(session, repair).values()):
        return repair
    dealer = load_dealer(session, repair.dealer_id, day=today)
    warehouse_id = hold_parts(
        session,
        repair,
        region_id=dealer.region_id,
        actor=actor,
        today=today,
        margin_days=margin_days,
        at=at,
    )
    if warehouse_id is None:
        if not is_again:
            tell_timeline(session, request, RepairAction.PARTS_SHORT, actor=actor, at=at)
        return repair
    tell_timeline(session, request, RepairAction.PARTS_RESERVED, actor=actor, at=at)
    return save_repair(session, repair, at=at, warehouse_id=warehouse_id, short=False)


_PARTS = text(
    """
    SELECT product_id, quantity FROM repair_quote_line
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND version = :version
       AND product_id IS NOT NULL
    """
)
