"""Recurring orders: a template with a rhythm, set up, paused and given up by whoever orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.rules import RecurringAct
from portal.purchasing.templates import template
from portal.purchasing.vocabulary import PurchasingAction

RECURRING_MAX = 100  # of a dealer
RUNS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Run:
    """What became of it on a date. document: number of the order or the draft; faults: why it was skipped."""

    due_on: date
    outcome: str
    document: str | None
    faults: list[dict[str, Any]]
    run_at: datetime


@dataclass(frozen=True, slots=True)
class Recurring:
    """A recurring order. next_on: its next date, moved off a weekend. last: its latest run."""

    id: int
    dealer_id: int
    number: str
    template: str
    rhythm: str
    day: int
    next_on: date
    act: str
    paused: bool
    user_id: int
    made_by_label: str


@dataclass(frozen=True, slots=True)
class RecurringShown:
    """The same with what became of it, the latest first."""

    order: Recurring
    comes_on: date
    runs: tuple[Run, ...]


def recurring_orders(session: Session, *, actor: Actor) -> list[RecurringShown]:
    """The dealer's recurring orders, what comes next first, with their latest runs: two statements."""
    orders = [Recurring(**row._mapping) for row in session.execute(_LIST, _whose(actor))]
    runs: dict[int, list[Run]] = {}
    for row in session.execute(_RUNS, {**_whose(actor), "most": RUNS_SHOWN}):
        run = Run(row.due_on, row.outcome, row.document, row.faults, row.run_at)
        runs.setdefault(row.recurring_id, []).append(run)
    return [
        RecurringShown(one, rules.business_day(one.next_on), tuple(runs.get(one.id, ()))) for one in orders
    ]


def keep_recurring(
    session: Session,
    *,
    actor: Actor,
    template_name: str,
    rhythm: str,
    day: int,
    act: str,
    today: date,
    at: datetime,
) -> str:
    """Order a template again and again, the first time on the next date of the rhythm; its number.

    It orders in the name of the person who sets it up, with the rights and the amount that they have then.
    Raises NotFound for no such template and for a program, Invalid.
    """
    actor.require(OrderRight.WRITE)
    if actor.user_id is None:
        raise NotFound()
    found = template(session, actor=actor, name=template_name)
    faults = rules.rhythm_faults(rhythm, day)
    if act not in list(RecurringAct):
        message, fix = N_("There is no such choice."), N_("Choose whether it is ordered or made a draft.")
        faults.append(Fault("/act", "act", message, fix))
    if len(recurring_orders(session, actor=actor)) >= RECURRING_MAX:
        message, fix = N_("At most %(max)s recurring orders."), N_("Remove one first.")
        faults.append(Fault("", "too_many", message, fix, {"max": RECURRING_MAX}))
    if faults:
        raise Invalid(faults=faults)
    number = numbering.new_number("RO", today)
    values = {
        "number": number,
        "template_id": found.id,
        "rhythm": rhythm,
        "day": day,
        "next_on": rules.next_date(rhythm, day, today),
        "act": act,
        "user_id": actor.user_id,
        "label": actor.label,
        "at": at,
    }
    session.execute(_KEEP, _whose(actor) | values)
    after = {"template": found.name, "rhythm": rhythm, "day": day, "act": act}
    _record(session, PurchasingAction.RECURRING_KEPT, number, actor, after)
    return number


def pause_recurring(session: Session, *, actor: Actor, number: str, paused: bool, today: date) -> None:
    """Pause a recurring order, or let it go on with the next date after today. Raises NotFound.

    Whoever lets it go on takes it over: it orders in their name from then on.
    """
    actor.require(OrderRight.WRITE)
    found = session.execute(_FIND, {**_whose(actor), "number": number}).one_or_none()
    if found is None or actor.user_id is None:
        raise NotFound()
    ahead = found.next_on if found.next_on > today else rules.next_date(found.rhythm, found.day, today)
    values = {"id": found.id, "paused": paused, "next_on": ahead}
    owner = {"user_id": found.user_id, "label": found.made_by_label}
    if not paused:
        owner = {"user_id": actor.user_id, "label": actor.label}
    session.execute(_PAUSE, _whose(actor) | values | owner)
    _record(session, PurchasingAction.RECURRING_PAUSED, number, actor, {"paused": paused})


def remove_recurring(session: Session, *, actor: Actor, number: str) -> None:
    """Give a recurring order up. What it ordered stays. Raises NotFound."""
    actor.require(OrderRight.WRITE)
    if session.execute(_REMOVE, {**_whose(actor), "number": number}).one_or_none() is None:
        raise NotFound()
    _record(session, PurchasingAction.RECURRING_REMOVED, number, actor, None)


def _record(
    session: Session, action: PurchasingAction, number: str, actor: Actor, after: dict[str, Any] | None
) -> None:
    record(session, action, number, actor=actor, dealer_id=actor.own_dealer_id, after=after)


def _whose(actor: Actor) -> dict[str, Any]:
    return {"dealer_id": actor.own_dealer_id}


RECURRING = """
SELECT r.id, r.dealer_id, r.number, t.name AS template, r.rhythm, r.day, r.next_on, r.act, r.paused,
       r.user_id, r.made_by_label
  FROM recurring_order r
  JOIN order_template t ON (t.dealer_id, t.id) = (r.dealer_id, r.template_id)
"""
_LIST = text(f"{RECURRING} WHERE r.dealer_id = :dealer_id ORDER BY r.paused, r.next_on, r.id")
_FIND = text(f"{RECURRING} WHERE r.dealer_id = :dealer_id AND r.number = :number FOR UPDATE OF r")
_RUNS = text(
    """
    SELECT recurring_id, due_on, outcome, document, faults, run_at
      FROM (SELECT *, row_number() OVER (PARTITION BY recurring_id ORDER BY due_on DESC) AS place
              FROM recurring_run WHERE dealer_id = :dealer_id) r
     WHERE place <= :most ORDER BY recurring_id, due_on DESC
    """
)
_KEEP = text(
    """
    INSERT INTO recurring_order (dealer_id, number, template_id, rhythm, day, next_on, act, user_id,
                                 made_by_label, made_at)
    VALUES (:dealer_id, :number, :template_id, :rhythm, :day, :next_on, :act, :user_id, :label, :at)
    """
)
_PAUSE = text(
    """
    UPDATE recurring_order
       SET paused = :paused, next_on = :next_on, user_id = :user_id, made_by_label = :label
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_REMOVE = text("DELETE FROM recurring_order WHERE dealer_id = :dealer_id AND number = :number RETURNING id")
