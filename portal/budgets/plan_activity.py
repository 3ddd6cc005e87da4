"""A dealer plans an activity, completes it, asks for approval, and withdraws it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.budgets.locked import LockedActivity, lock_activity, lock_pots
from portal.budgets.rules import ActivityAct, ActivityState, Plan, after, plan_faults
from portal.budgets.use import give_up
from portal.budgets.vocabulary import BudgetAction, BudgetRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.kernel.numbering import new_number
from portal.notifications.tell import announce

PREFIX = "AC"


def plan_activity(
    session: Session, *, actor: Actor, plan: Plan, submit: bool, today: date, at: datetime
) -> str:
    """Plan an activity, and ask for approval at once where `submit`. Returns its number.

    Raises Invalid with every fault, Forbidden.
    """
    actor.require(BudgetRight.PLAN)
    _dealer_only(actor)
    columns = _columns(plan)
    number = new_number(PREFIX, today)
    state = ActivityState.SUBMITTED if submit else ActivityState.DRAFT
    session.execute(
        _PLAN,
        {
            **columns,
            "dealer_id": actor.own_dealer_id,
            "number": number,
            "state": str(state),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "submitted_at": at if submit else None,
        },
    )
    after = {"kind": plan.kind, "title": columns["title"], "planned": str(plan.amount), "state": str(state)}
    record(session, BudgetAction.PLANNED, number, actor=actor, dealer_id=actor.own_dealer_id, after=after)
    return number


def edit_activity(session: Session, *, actor: Actor, number: str, revision: int, plan: Plan) -> None:
    """Change what is a draft or came back for completion, as it was read at `revision`.

    Raises Invalid with every fault, Conflict for an overtaken one, Forbidden, NotFound.
    """
    found = _own(session, actor, number, revision)
    after(found.state, ActivityAct.EDIT)
    columns = _columns(plan)
    about = {"dealer_id": found.dealer_id, "id": found.id}
    session.execute(_EDIT, {**columns, **about, "actor": actor.key, "label": actor.label})
    told = {"kind": plan.kind, "title": columns["title"], "planned": str(plan.amount)}
    record(session, BudgetAction.EDITED, number, actor=actor, dealer_id=found.dealer_id, after=told)


def submit_activity(session: Session, *, actor: Actor, number: str, revision: int, at: datetime) -> None:
    """Ask for approval of what was read at `revision`. Raises Conflict, Forbidden, NotFound."""
    found = _own(session, actor, number, revision)
    state = after(found.state, ActivityAct.SUBMIT)
    about = {"dealer_id": found.dealer_id, "id": found.id, "at": at}
    session.execute(_SUBMIT, about)
    _tell(session, actor, BudgetAction.SUBMITTED, found, state)
    announce(
        session,
        event="activity.submitted",
        dealer_id=found.dealer_id,
        path=f"/hq/rebates/activities/{number}",
        facts={"number": number},
    )


def withdraw_activity(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Give an activity up; what was approved for it is free again.

    Raises Conflict once something of it was claimed, Forbidden, NotFound.
    """
    found = _own(session, actor, number, None)
    state = after(found.state, ActivityAct.WITHDRAW)
    if found.is_claimed:
        raise Conflict(
            "activity_claimed",
            N_("Something of this activity has been claimed already."),
            fix=N_("Withdraw the claims first."),
        )
    if found.budget_id is not None:
        lock_pots(session, [found.budget_id])
        give_up(session, found)
    about = {"dealer_id": found.dealer_id, "id": found.id, "at": at, "label": actor.label}
    session.execute(_WITHDRAW, about)
    _tell(session, actor, BudgetAction.WITHDRAWN, found, state)


def _dealer_only(actor: Actor) -> None:
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer plans its activities."))


def _own(session: Session, actor: Actor, number: str, revision: int | None) -> LockedActivity:
    actor.require(BudgetRight.PLAN)
    _dealer_only(actor)
    found = lock_activity(session, number)
    if revision is not None and found.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Somebody else has changed or submitted this activity."),
            fix=N_("Open it again and go on from there."),
        )
    return found


def _columns(plan: Plan) -> dict[str, Any]:
    """What was planned, as columns. Raises Invalid."""
    if faults := plan_faults(plan):
        raise Invalid(faults=faults)
    return {
        "kind": plan.kind,
        "title": plan.title.strip(),
        "text": plan.text.strip(),
        "place": plan.place.strip(),
        "first_day": plan.first_day,
        "last_day": plan.last_day,
        "planned": plan.amount,
    }


def _tell(
    session: Session, actor: Actor, action: BudgetAction, found: LockedActivity, state: ActivityState
) -> None:
    record(
        session,
        action,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state},
        after={"state": str(state)},
    )


_PLAN = text(
    """
    INSERT INTO activity (dealer_id, number, kind, state, title, text, place, first_day, last_day, planned,
                          asked_by, asked_by_label, asked_at, submitted_at)
    VALUES (:dealer_id, :number, :kind, :state, :title, :text, :place, :first_day, :last_day, :planned,
            :actor, :label, :at, :submitted_at)
    """
)
_EDIT = text(
    """
    UPDATE activity
       SET kind = :kind, title = :title, text = :text, place = :place, first_day = :first_day,
           last_day = :last_day, planned = :planned, asked_by = :actor, asked_by_label = :label,
           revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_SUBMIT = text(
    """
    UPDATE activity
       SET state = 'submitted', submitted_at = :at, decided_by = NULL, decided_by_label = NULL,
           decided_at = NULL, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_WITHDRAW = text(
    """
    UPDATE activity
       SET state = 'withdrawn', ended_at = :at, ended_by_label = :label, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
