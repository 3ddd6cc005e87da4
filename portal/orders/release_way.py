"""Whether a locked order is released by this person, or proposed to a second one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.stops import is_stopped
from portal.kernel import money
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict
from portal.orders.compliance_rules import compliance
from portal.orders.context import read_context
from portal.orders.holds_rules import Proposed, Way, covers, may_alone, way
from portal.orders.locking import LockedOrder
from portal.orders.settings import release_limits, severities
from portal.orders.severity_rules import Hold, judge
from portal.orders.vocabulary import OrderAction


def held_now(session: Session, order: LockedOrder, *, today: date, at: datetime) -> tuple[str, ...]:
    """The holds of a locked order with those that its dealer's papers and the stop list would make today.

    Raises Conflict with every fault that would refuse it today and that nobody has judged. By which
    certificate its goods may leave is proven with their lots, when it is picked.
    """
    context = read_context(
        session, dealer_id=order.dealer_id, ship_to=order.ship_to.get("code"), hospital=order.hospital
    )
    going = [(f"/lines/{line.line_no}", line) for line in order.lines if line.outstanding]
    by_lot = {line.sku for _, line in going}
    verdict = judge(compliance(context.permissions, going, today, by_lot), severities(session, at))
    if verdict.errors and "compliance" not in order.holds:
        message = N_("The order cannot be released as it is.")
        raise Conflict("release_refused", message, faults=verdict.errors)
    holds = (*order.holds, *verdict.holds)
    if is_stopped(session, order.dealer_id, today=today):  # also one that waited for something else before
        holds = (*holds, str(Hold.STOPPED))
    return tuple(dict.fromkeys(holds))


def releases(
    session: Session,
    *,
    actor: Actor,
    order: LockedOrder,
    holds: Collection[str],
    reason: str,
    at: datetime,
) -> bool:
    """Whether the order goes by this person's word. If not, the word is kept as a proposal.

    Raises Forbidden when the proposal that waits is the actor's own.
    """
    limits, amount = release_limits(session, at), order.open_amount
    row = session.execute(_PROPOSED, _key(order)).one_or_none()
    proposed = None if row is None else Proposed(row.proposed_by, tuple(row.holds), row.amount)
    if way(holds, amount, actor.roles, limits, proposed) is Way.PROPOSE:
        _propose(session, actor, order, holds, reason, at)
        return False
    alone = all(may_alone(hold, amount, actor.roles, limits) for hold in holds)
    if proposed is not None and not alone and covers(proposed, holds, amount):
        require_other_person(actor, proposed.by)
    return True


def _key(order: LockedOrder) -> dict[str, int]:
    return {"dealer_id": order.dealer_id, "order_id": order.id}


def _propose(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    holds: Collection[str],
    reason: str,
    at: datetime,
) -> None:
    said = {"holds": list(holds), "amount": order.open_amount, "reason": reason, "at": at}
    who = {"by": actor.key, "by_label": actor.label}
    session.execute(_PROPOSE, {**_key(order), **said, **who})
    audit.record(
        session,
        OrderAction.RELEASE_PROPOSED,
        order.number,
        actor=actor,
        dealer_id=order.dealer_id,
        reason=reason,
        after={"holds": list(holds), "amount": money.as_text(order.open_amount)},
    )


_PROPOSED = text(
    """
    SELECT p.proposed_by, p.holds, p.amount FROM release_proposal p
     WHERE p.dealer_id = :dealer_id AND p.order_id = :order_id
    """
)
_PROPOSE = text(
    """
    INSERT INTO release_proposal
           (dealer_id, order_id, holds, amount, reason, proposed_by, proposed_by_label, proposed_at)
    VALUES (:dealer_id, :order_id, CAST(:holds AS text[]), :amount, :reason, :by, :by_label, :at)
    ON CONFLICT (dealer_id, order_id) DO UPDATE
       SET holds = excluded.holds, amount = excluded.amount, reason = excluded.reason,
           proposed_by = excluded.proposed_by, proposed_by_label = excluded.proposed_by_label,
           proposed_at = excluded.proposed_at
    """
)
