"""A repair is given up: its parts go back, its visits and quotes are off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.repairs.locked import LockedRepair, going_on, lock_repair, save_repair, tell_timeline
from portal.repairs.parts import give_back
from portal.repairs.rules import TEXT_MAX, RepairState
from portal.repairs.vocabulary import RepairAction
from portal.service.locked import LockedRequest, save, timed
from portal.service.rules import text_faults
from portal.service.told import ANSWERED, tell
from portal.service.vocabulary import STAFF


def cancel_repair(
    session: Session,
    *,
    actor: Actor,
    number: str,
    reason: str,
    revision: int | None = None,
    at: datetime,
) -> None:
    """Give up the repair of a request, which stays open; another one can begin.

    Raises Invalid without a reason, NotFound where there is none, Conflict, Forbidden.
    """
    actor.require(*STAFF)
    if faults := text_faults("/reason", reason, most=TEXT_MAX, in_lines=True):
        raise Invalid(faults=faults)
    request, repair = lock_repair(session, number, revision=revision)
    call_off(session, request, repair, actor=actor, said=reason, at=at)
    if not request.ended_at:
        save(session, timed(session, request, state=going_on(request), at=at), at=at)
    tell(session, ANSWERED, request)


def call_off(
    session: Session,
    request: LockedRequest,
    repair: LockedRepair,
    *,
    actor: Actor,
    said: str = "",
    at: datetime,
) -> None:
    """End a locked repair without a result; its parts are released."""
    session.execute(_QUOTES, repair.key)
    for visit_no in session.execute(_VISITS, repair.key).scalars().all():
        tell_timeline(session, request, RepairAction.VISIT_CANCELLED, actor=actor, at=at, visit=visit_no)
    give_back(session, repair, actor=actor, at=at)
    tell_timeline(session, request, RepairAction.REPAIR_CANCELLED, actor=actor, at=at, said=said)
    save_repair(session, repair, at=at, state=RepairState.CANCELLED, short=False)


_QUOTES = text(
    """
    UPDATE repair_quote SET state = 'withdrawn'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state IN ('draft', 'offered')
    """
)
_VISITS = text(
    """
    UPDATE repair_visit SET state = 'cancelled'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state = 'planned'
    RETURNING visit_no
    """
)
