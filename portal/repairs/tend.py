"""What nobody does by hand: quotes run out, short parts are held, ended requests let go."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.repairs.accepted import hold
from portal.repairs.cancel_repair import call_off
from portal.repairs.locked import going_on, live_repair, save_repair, tell_timeline
from portal.repairs.rules import RepairState
from portal.repairs.vocabulary import RepairAction
from portal.service.locked import lock_request, save, timed
from portal.service.rules import OPEN, ServiceKind
from portal.service.told import ANSWERED, tell

AT_ONCE = 200


def waiting_numbers(session: Session, *, today: date) -> list[str]:
    """Numbers of requests whose repairs need looking after."""
    return list(session.execute(_WAITING, {"today": today, "limit": AT_ONCE}).scalars())


def tend_repair(
    session: Session, *, actor: Actor, number: str, today: date, margin_days: int, at: datetime
) -> None:
    """Look after the repair of one request; to do it twice does it once. Raises NotFound."""
    request = lock_request(session, number)
    repair = live_repair(session, request)
    if repair is None:
        return
    if request.kind is not ServiceKind.REPAIR or request.state not in OPEN:
        call_off(session, request, repair, actor=actor, at=at)
        return
    if repair.state == RepairState.OFFERED:
        if session.execute(_EXPIRE, repair.key | {"today": today}).one_or_none() is None:
            return
        tell_timeline(session, request, RepairAction.QUOTE_EXPIRED, actor=actor, at=at)
        save_repair(session, repair, at=at, state=RepairState.QUOTING)
        save(session, timed(session, request, state=going_on(request), at=at), at=at)
        tell(session, ANSWERED, request)
    elif repair.state == RepairState.ACCEPTED:
        hold(
            session, request, repair, actor=actor, today=today, margin_days=margin_days, at=at, is_again=True
        )


_WAITING = text(
    """
    SELECT q.number
      FROM repair r JOIN service_request q ON (q.dealer_id, q.id) = (r.dealer_id, r.request_id)
     WHERE r.ended_at IS NULL
       AND (r.short OR q.kind <> 'repair' OR q.state NOT IN ('new', 'assigned', 'in_progress', 'waiting')
            OR EXISTS (SELECT FROM repair_quote o
                        WHERE o.dealer_id = r.dealer_id AND o.repair_id = r.id AND o.state = 'offered'
                          AND o.valid_until < :today))
     ORDER BY r.id LIMIT :limit
    """
)
_EXPIRE = text(
    """
    UPDATE repair_quote SET state = 'expired'
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND state = 'offered' AND valid_until < :today
    RETURNING version
    """
)
