"""Release a held order by rule: its dealer has paid or may owe more, and it fits within the credit limit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.money import ZERO, share_sql
from portal.orders.lifecycle import Status
from portal.orders.locking import lock_order
from portal.orders.paid_rules import MONEY_HOLDS, HeldForMoney, next_covered
from portal.orders.release_order import Released, let_go
from portal.orders.release_way import held_now
from portal.orders.severity_rules import BY_HAND, recalled
from portal.orders.standing import overdue_of, standing_parameters
from portal.orders.vocabulary import OrderRight

REASON = "Rule: within the credit limit, nothing overdue."
HELD_MAX = 500


def next_paid_order(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    today: date,
    grace_days: int,
    skip: Collection[str] = (),
) -> str | None:
    """The oldest order of a dealer that is held for money alone and is covered by what was paid; its account
    stays locked until the commit, so that nothing changes about that. Raises NotFound, Forbidden.
    """
    actor.require(OrderRight.DESK)
    lock_account(session, dealer_id)
    about = {"dealer_id": dealer_id, "most": HELD_MAX, **standing_parameters(today, grace_days)}
    rows = session.execute(_HELD, about).all()
    if not rows:
        return None
    held = [
        HeldForMoney(
            row.number,
            frozenset(row.holds),
            row.amount,
            any(fault.code == BY_HAND for fault in recalled(row.verdict).held),
        )
        for row in rows
    ]
    head = rows[0]
    return next_covered(
        held,
        exposure=head.exposure,
        credit_limit=head.credit_limit,
        overdue=head.overdue or ZERO,
        skip=skip,
    )


def release_paid(
    session: Session, *, actor: Actor, number: str, today: date, at: datetime, margin_days: int
) -> Released:
    """Release the order that `next_paid_order` chose, in the same transaction.

    Raises Conflict when something else speaks against it by now: its dealer's papers, or stock that is gone.
    NotFound, Forbidden.
    """
    actor.require(OrderRight.DESK)
    order = lock_order(session, number)
    if order.status != Status.ON_HOLD:
        raise Conflict("not_on_hold", N_("The order is not on hold."), fix=N_("Check the order."))
    if not set(held_now(session, order, today=today, at=at)) <= MONEY_HOLDS:
        raise Conflict("held_for_more", N_("The order is held for another reason, too."))
    return let_go(session, actor, order, REASON, today=today, at=at, margin_days=margin_days)


_LEFT = f"""
{share_sql("x.amount", "x.quantity - x.cancelled", "x.quantity")}
- {share_sql("x.amount", "x.shipped", "x.quantity")}
"""
_HELD = text(
    f"""
    SELECT o.number, o.holds, o.verdict, l.amount, a.balance + a.open_orders AS exposure, a.credit_limit,
           {overdue_of("o.dealer_id")} AS overdue
      FROM sales_order o
      JOIN dealer_account a ON a.dealer_id = o.dealer_id
     CROSS JOIN LATERAL (
       SELECT coalesce(sum({_LEFT}), 0) AS amount FROM order_line x
        WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id) l
     WHERE o.dealer_id = :dealer_id AND o.status = 'on_hold'
     ORDER BY o.placed_at, o.id LIMIT :most
    """
)
