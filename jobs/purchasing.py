"""Recurring orders when their day has come, and letters about what waits for a dealer's own people."""

from __future__ import annotations

from datetime import date
from functools import partial

from jobs import letters, resources
from jobs.letters import Letter
from jobs.mail import send, within
from portal.identity import queries as identity
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.orders.terms import OrderTerms
from portal.purchasing import drafts, recurring, run_recurring
from portal.purchasing.recurring import Run


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
        found = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_OWNER)
    readers = [one for one in found if f"user:{one.user_id}" != draft.asked_by]
    if draft.state != "waiting" or draft.total is None:
        return
    number, by, total = draft.number, draft.asked_by_label or "", draft.total
    currency = resources.settings().currency
    send(
        effect,
        readers,
        lambda locale: letters.draft_waiting(locale, number=number, by=by, total=total, currency=currency),
    )


def draft_rejected(effect: Effect) -> None:
    """Tell whoever asked why their order is not placed; a system is told by the API."""
    with within(effect) as session:
        actor = resources.acting_for(effect.dealer_id or 0)
        draft = drafts.draft(session, actor=actor, number=effect.payload["number"])
        kind, _, user_id = (draft.asked_by or "").partition(":")
        reader = identity.reader(session, user_id=int(user_id)) if kind == "user" else None
    if reader is not None:
        facts = {
            "number": draft.number,
            "by": draft.decided_by_label or "",
            "reason": draft.reason,
        }
        send(effect, [reader], lambda locale: letters.draft_rejected(locale, **facts))


def recurring_run(effect: Effect) -> None:
    """Tell the buyers what a recurring order came to, unless the letter about the order says it."""
    due_on = date.fromisoformat(effect.payload["due_on"])
    with within(effect) as session:
        actor = resources.acting_for(effect.dealer_id or 0)
        shown = [
            (one.order, run)
            for one in recurring.recurring_orders(session, actor=actor)
            if one.order.number == effect.payload["number"]
            for run in one.runs
            if run.due_on == due_on
        ]
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_BUYER)
    for order, run in shown:
        if run.outcome in ("drafted", "skipped"):
            send(effect, readers, partial(_told, template=order.template, run=run))


def _told(locale: str, *, template: str, run: Run) -> Letter:
    faults = [(fault["message"], fault["params"]) for fault in run.faults]
    return letters.recurring_run(
        locale, template=template, due_on=run.due_on, document=run.document, faults=faults
    )
