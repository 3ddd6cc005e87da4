"""Headquarters approves an activity, in part or whole, refuses it, or asks for more; and closes it later."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.budgets.locked import LockedActivity, LockedPot, lock_activity, lock_pot, lock_pots
from portal.budgets.rules import (
    ActivityAct,
    ActivityState,
    BudgetState,
    after,
    approved_faults,
    reason_faults,
)
from portal.budgets.use import exhausted, give_up, hold
from portal.budgets.vocabulary import BudgetAction, BudgetRight
from portal.dealers.fragments import region_of
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Invalid

DECIDED = "activity.decided"
"""Effect: the dealer is told what became of its activity."""


def approve_activity(
    session: Session,
    *,
    actor: Actor,
    number: str,
    amount: Decimal | None,
    budget: str,
    reason: str = "",
    at: datetime,
) -> None:
    """Approve at most what is planned, of a pot; it is reserved there at once.

    reason: why less than planned. Raises Invalid with every fault, Conflict when the pot has not as much
    left, Forbidden to who asked, NotFound out of scope.
    """
    found = _waiting(session, actor, number)
    state = after(found.state, ActivityAct.APPROVE)
    pot = lock_pot(session, budget)
    faults = approved_faults(amount, found.planned) + _pot_faults(session, found, pot)
    faults += reason_faults(reason, required=amount is not None and amount < found.planned)
    if faults or pot is None or amount is None:
        raise Invalid(faults=faults)
    if amount > pot.held.free:
        raise exhausted(session, pot.held.free, of_activity=False)
    hold(session, dealer_id=found.dealer_id, document=found.number, pot=pot, amount=amount)
    _decide(session, actor, found, state, reason, at, approved=amount, budget_id=pot.id)


def reject_activity(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Refuse an activity. Raises Invalid without a reason, Conflict, Forbidden, NotFound."""
    _refuse(session, actor, number, ActivityAct.REJECT, reason, at)


def return_activity(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Send it back: the dealer completes it and asks again. Raises what `reject_activity` raises."""
    _refuse(session, actor, number, ActivityAct.RETURN, reason, at)


def close_activity(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """End an approved activity: what was not claimed of it is free again.

    Raises Conflict while claims on it are open, NotFound, Forbidden.
    """
    actor.require(BudgetRight.DECIDE)
    found = lock_activity(session, number)
    state = after(found.state, ActivityAct.CLOSE)
    if found.has_open_claims or found.budget_id is None:
        message, fix = N_("Claims on this activity are still open."), N_("Decide on them first.")
        raise Conflict("activity_claimed", message, fix=fix)
    lock_pots(session, [found.budget_id])
    give_up(session, found)
    session.execute(_CLOSE, {"dealer_id": found.dealer_id, "id": found.id, "at": at, "label": actor.label})
    _tell(session, actor, BudgetAction.CLOSED, found, state, "", {"left": str(found.left)})


def _waiting(session: Session, actor: Actor, number: str) -> LockedActivity:
    actor.require(BudgetRight.DECIDE)
    found = lock_activity(session, number)
    require_other_person(actor, found.asked_by)
    return found


def _refuse(session: Session, actor: Actor, number: str, act: ActivityAct, reason: str, at: datetime) -> None:
    found = _waiting(session, actor, number)
    state = after(found.state, act)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    _decide(session, actor, found, state, reason, at)


def _pot_faults(session: Session, found: LockedActivity, pot: LockedPot | None) -> list[Fault]:
    """Whether a pot is for such an activity: of its kind, its dealer's region, and its first day."""
    if pot is None or pot.state != BudgetState.OPEN:
        message, fix = N_("There is no such open budget."), N_("Choose one from the list.")
        return [Fault("/budget", "unknown_budget", message, fix)]
    regions = session.execute(_REGIONS, {"dealer_id": found.dealer_id}).scalars().all()
    of_region = pot.region_id is None or pot.region_id in regions
    if pot.kind != found.kind or not of_region or not pot.first_day <= found.first_day <= pot.last_day:
        message = N_("This budget is for another use, another region or other days.")
        return [Fault("/budget", "other_budget", message, N_("Choose one from the list."))]
    return []


def _decide(
    session: Session,
    actor: Actor,
    found: LockedActivity,
    state: ActivityState,
    reason: str,
    at: datetime,
    *,
    approved: Decimal | None = None,
    budget_id: int | None = None,
) -> None:
    session.execute(
        _DECIDE,
        {
            "dealer_id": found.dealer_id,
            "id": found.id,
            "state": str(state),
            "approved": approved,
            "budget_id": budget_id,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "reason": reason.strip(),
        },
    )
    said = {"planned": str(found.planned)} | ({} if approved is None else {"approved": str(approved)})
    _tell(session, actor, BudgetAction.DECIDED, found, state, reason, said)
    outbox.add(session, DECIDED, dealer_id=found.dealer_id, number=found.number)


def _tell(
    session: Session,
    actor: Actor,
    action: BudgetAction,
    found: LockedActivity,
    state: ActivityState,
    reason: str,
    said: dict[str, str],
) -> None:
    record(
        session,
        action,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state},
        after={"state": str(state), **said},
        reason=reason.strip() or None,
    )


_REGIONS = text(
    f"""
    SELECT unnest(array_remove(ARRAY[r.id, r.parent_id], NULL))
      FROM dealer d {region_of("d.id")} WHERE d.id = :dealer_id
    """
)
_DECIDE = text(
    """
    UPDATE activity
       SET state = :state, approved = :approved, budget_id = :budget_id, decided_by = :actor,
           decided_by_label = :label, decided_at = :at, reason = :reason, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_CLOSE = text(
    """
    UPDATE activity
       SET state = 'closed', ended_at = :at, ended_by_label = :label, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
