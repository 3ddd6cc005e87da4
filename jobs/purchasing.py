"""Recurring orders when their day has come, and telling of what waits for a dealer's own people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from jobs import resources
from jobs.mail import within
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.notifications.tell import tell
from portal.orders.terms import OrderTerms
from portal.purchasing import drafts, recurring, run_recurring


def run_recurring_orders() -> None:
    """Carry out every date that has come, each in its own transaction within its dealer."""
    settings, at = resources.settings(), clock.now()
    today = clock.business_date(at, settings.timezone)
    terms = OrderTerms.of(settings)
    with transaction(resources.database().system_session()) as session:
        due = run_recurring.due_orders(session, today=today)
    for one in due:
        actor = one.person or resources.acting_for(one.dealer_id)
        with transaction(resources.database().dealer_session(actor)) as session:
            run_recurring.run_recurring(
                session, actor=actor, recurring_id=one.id, terms=terms, today=today, at=at
            )


def draft_waiting(effect: Effect) -> None:
    """Tell those who may approve that a colleague's order waits for them; not whoever asked."""
    with within(effect) as session:
        actor = resources.acting_for(effect.dealer_id or 0)
        draft = drafts.draft(session, actor=actor, number=effect.payload["number"])
        if draft.state != "waiting" or draft.total is None:
            return
        found = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_OWNER)
        readers = [one for one in found if f"user:{one.user_id}" != draft.asked_by]
        facts = {
            "number": draft.number,
            "by": draft.asked_by_label,
            "total": draft.total,
            "currency": resources.settings().currency,
        }
        _tell(session, effect, "order_draft.waiting", readers, f"/order-drafts/{draft.number}", facts)


def draft_rejected(effect: Effect) -> None:
    """Tell whoever asked why their order is not placed; a system is told by the API."""
    with within(effect) as session:
        actor = resources.acting_for(effect.dealer_id or 0)
        draft = drafts.draft(session, actor=actor, number=effect.payload["number"])
        kind, _, user_id = (draft.asked_by or "").partition(":")
        reader = identity.reader(session, user_id=int(user_id)) if kind == "user" else None
        if reader is not None:
            facts = {"number": draft.number, "by": draft.decided_by_label, "reason": draft.reason}
            path = f"/order-drafts/{draft.number}"
            _tell(session, effect, "order_draft.rejected", [reader], path, facts)


def recurring_run(effect: Effect) -> None:
    """Tell the buyers what a recurring order came to, unless what is said of the order says it."""
    due_on = date.fromisoformat(effect.payload["due_on"])
    with within(effect) as session:
        actor = resources.acting_for(effect.dealer_id or 0)
        shown = [
            (one.order, run)
            for one in recurring.recurring_orders(session, actor=actor)
            if one.order.number == effect.payload["number"]
            for run in one.runs
            if run.due_on == due_on and run.outcome in ("drafted", "skipped")
        ]
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
        for order, run in shown:
            facts = {
                "template": order.template,
                "due_on": run.due_on.isoformat(),
                "document": run.document,
                "faults": [(fault["message"], fault["params"]) for fault in run.faults],
            }
            path = f"/order-drafts/{run.document}" if run.document else "/recurring-orders"
            _tell(session, effect, "recurring_order.run", readers, path, facts)


def _tell(
    session: Session,
    effect: Effect,
    event: str,
    readers: list[Reader],
    path: str,
    facts: Mapping[str, Any],
) -> None:
    tell(session, effect=effect, event=event, readers=readers, path=path, facts=facts, at=clock.now())
