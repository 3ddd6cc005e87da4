"""What held an order is over: it goes on where nothing else holds it, without a person's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Progress, Status
from portal.orders.locking import lock_order
from portal.orders.severity_rules import Hold
from portal.orders.vocabulary import OrderAction, OrderRight


def lift_hold(
    session: Session, *, actor: Actor, number: str, kind: Hold, reason: str, at: datetime
) -> Status:
    """Take one kind of hold off an order, wherever it stands; what it does then.

    An order that has lost stock meanwhile is held for that instead. Nothing happens to one that this kind
    does not hold. Raises NotFound, Forbidden.
    """
    actor.require(OrderRight.DESK)
    order = lock_order(session, number)
    if str(kind) not in order.holds:
        return Status(order.status)
    left = tuple(hold for hold in order.holds if hold != kind)
    if not left and not order.backorder and any(line.missing for line in order.lines):
        left = (str(Hold.STOCK),)
    waiting = sum(line.missing for line in order.lines) if order.backorder else 0
    progress = Progress(order.shipped, order.outstanding, order.in_transit, left, waiting)
    status = lifecycle.after(order.status, Act.HOLD if left else Act.RELEASE, progress)
    session.execute(
        _LIFT,
        {
            "dealer_id": order.dealer_id,
            "order_id": order.id,
            "status": str(status),
            "holds": list(left),
            "kind": str(kind),
            "at": None if left else at,
        },
    )
    audit.record(
        session,
        OrderAction.ORDER_RELEASED,
        number,
        actor=actor,
        dealer_id=order.dealer_id,
        reason=reason,
        before={"status": order.status, "holds": list(order.holds)},
        after={"status": str(status), "holds": list(left)},
    )
    return status


_LIFT = text(
    """
    WITH proposed AS (
      DELETE FROM release_proposal WHERE dealer_id = :dealer_id AND order_id = :order_id
    )
    UPDATE sales_order
       SET status = :status, holds = CAST(:holds AS text[]),
           released_at = coalesce(CAST(:at AS timestamptz), released_at),
           verdict = (SELECT coalesce(jsonb_agg(CASE WHEN entry ->> 'severity' = 'hold'
                                                      AND entry ->> 'code' = :kind
                                                  THEN entry || '{"severity": "released"}' ELSE entry END),
                                      '[]')
                        FROM jsonb_array_elements(verdict) AS entry)
     WHERE dealer_id = :dealer_id AND id = :order_id
    """
)
