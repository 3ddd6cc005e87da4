"""Put an order on hold by hand, so that it is not picked until somebody releases it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.orders import lifecycle
from portal.orders.cancel_order import checked_reason
from portal.orders.holds_rules import put_faults, with_hold
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import lock_order
from portal.orders.severity_rules import Hold, Verdict, by_hand, kept
from portal.orders.vocabulary import OrderAction, OrderRight


@dataclass(frozen=True, slots=True)
class Held:
    """Where an order stands, and what holds it."""

    status: Status
    holds: tuple[str, ...]


def hold_order(
    session: Session, *, actor: Actor, number: str, reason: str, at: datetime, kind: str = Hold.MANUAL
) -> Held:
    """Hold an order that nobody is picking, or add a hold to one that is held.

    A proposal to release it no longer counts. Raises Invalid without a reason or for a kind that is not put
    by hand, Conflict when its state allows none, NotFound, Forbidden.
    """
    actor.require(OrderRight.DESK)
    order = lock_order(session, number)
    reason = checked_reason(reason, required=True)
    if faults := put_faults(kind):
        raise Invalid(faults=faults)
    holds = with_hold(order.holds, str(Hold(kind)))
    status = lifecycle.after(order.status, Act.HOLD, replace(order.progress, holds=holds))
    session.execute(
        _HOLD,
        {
            "dealer_id": order.dealer_id,
            "order_id": order.id,
            "status": str(status),
            "holds": list(holds),
            "told": orjson.dumps(
                kept(Verdict(held=(by_hand(Hold(kind), actor.label, reason, at),)))
            ).decode(),
        },
    )
    audit.record(
        session,
        OrderAction.ORDER_HELD,
        number,
        actor=actor,
        dealer_id=order.dealer_id,
        reason=reason,
        before={"status": order.status, "holds": list(order.holds)},
        after={"status": str(status), "holds": list(holds)},
    )
    return Held(status, holds)


_HOLD = text(
    """
    WITH proposed AS (
      DELETE FROM release_proposal WHERE dealer_id = :dealer_id AND order_id = :order_id
    )
    UPDATE sales_order SET status = :status, holds = CAST(:holds AS text[]),
           verdict = verdict || CAST(:told AS jsonb)
     WHERE dealer_id = :dealer_id AND id = :order_id
    """
)
