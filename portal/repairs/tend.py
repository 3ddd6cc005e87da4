"""What nobody does by hand: quotes run out, short parts are held, ended requests let go."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.repairs.accepted import hold
from portal.repairs.cancel_repair import call_off
from portal.repairs.locked import LockedRepair, going_on, live_repair, save_repair, tell_timeline
from portal.repairs.parts import give_back, parts_of
from portal.repairs.rules import RepairState
from portal.repairs.vocabulary import RepairAction
from portal.service.locked import LockedRequest, lock_request, save, timed
from portal.service.rules import OPEN, ServiceKind
from portal.service.told import ANSWERED, tell
from portal.stock.rules import too_near

AT_ONCE = 200


class Waiting(NamedTuple):
    """A repair that needs looking after, by its id and the number of its request."""

    id: int
    number: str


def waiting_repairs(session: Session, *, today: date, margin_days: int, after: int = 0) -> list[Waiting]:
    """The next repairs that need looking after, by id; none when all were given."""
    about = {"today": today, "too_near": too_near(today, margin_days), "after": after, "limit": AT_ONCE}
    return [Waiting(**row._mapping) for row in session.execute(_WAITING, about)]


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
        if _is_expiring(session, repair, today=today, margin_days=margin_days):
            _let_go(session, request, repair, actor=actor, at=at)
        else:
            hold(
                session,
                request,
                repair,
                actor=actor,
                today=today,
                margin_days=margin_days,
                at=at,
                is_again=True,
            )


def _is_expiring(session: Session, repair: LockedRepair, *, today: date, margin_days: int) -> bool:
    """Whether lots that may not be sold any more are needed for all that is promised.

    Where the repair does not give way they could never leave the sale; and no technician may use them.
    """
    found: bool = session.execute(
        _SHORT, repair.key | {"too_near": too_near(today, margin_days)}
    ).scalar_one()
    return found


def _let_go(
    session: Session, request: LockedRequest, repair: LockedRepair, *, actor: Actor, at: datetime
) -> None:
    """Give the parts back, and wait for others: another turn looks for them.

    In this one the locks of another warehouse might come before those that are held.
    """
    give_back(session, repair, actor=actor, at=at)
    is_untouched = not any(used for _, _, used in parts_of(session, repair).values())
    warehouse_id = None if is_untouched else repair.warehouse_id
    save_repair(session, repair, at=at, short=True, warehouse_id=warehouse_id)
    tell_timeline(session, request, RepairAction.PARTS_SHORT, actor=actor, at=at)


# A level that promises more than its lots for sale will have once those too near their expiry are gone.
_EXPIRING = """
EXISTS (SELECT FROM repair_part n
          JOIN stock_level s ON (s.warehouse_id, s.product_id) = (r.warehouse_id, n.product_id)
         WHERE (n.dealer_id, n.repair_id) = (r.dealer_id, r.id) AND n.reserved > 0
           AND s.reserved > s.on_hand - (
               SELECT coalesce(sum(k.on_hand), 0) FROM lot_stock k
                WHERE (k.warehouse_id, k.product_id) = (s.warehouse_id, s.product_id)
                  AND k.state = 'saleable' AND k.expires_on <= :too_near)
           AND EXISTS (SELECT FROM lot_stock k
                        WHERE (k.warehouse_id, k.product_id) = (s.warehouse_id, s.product_id)
                          AND k.state = 'saleable' AND k.on_hand > 0 AND k.expires_on <= :too_near))
"""
_SHORT = text(f"SELECT {_EXPIRING} FROM repair r WHERE r.dealer_id = :dealer_id AND r.id = :repair_id")
_WAITING = text(
    f"""
    SELECT r.id, q.number
      FROM repair r JOIN service_request q ON (q.dealer_id, q.id) = (r.dealer_id, r.request_id)
     WHERE r.ended_at IS NULL AND r.id > :after
       AND (r.short OR q.kind <> 'repair' OR q.state NOT IN ('new', 'assigned', 'in_progress', 'waiting')
            OR EXISTS (SELECT FROM repair_quote o
                        WHERE o.dealer_id = r.dealer_id AND o.repair_id = r.id AND o.state = 'offered'
                          AND o.valid_until < :today)
            OR {_EXPIRING})
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
