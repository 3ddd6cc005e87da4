"""What recurring orders do when their day has come: placed, drafted or skipped, once a date.

Order or draft, the row that says so and the next date are written in one transaction: whoever is killed in
between leaves nothing, and the next run begins again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries as identity
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid, NotFound
from portal.orders.request import OrderRequest
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderRight
from portal.purchasing import rules
from portal.purchasing.keep_draft import keep_draft
from portal.purchasing.place_or_ask import Asked, place_or_ask
from portal.purchasing.recurring import RECURRING, Recurring
from portal.purchasing.rules import Outcome, RecurringAct
from portal.purchasing.templates import template
from portal.purchasing.vocabulary import PurchasingAction

AT_ONCE = 500  # recurring orders that one run of the job takes up


@dataclass(frozen=True, slots=True)
class Due:
    """A recurring order whose day has come. person: who set it up, None if they may not order any more."""

    dealer_id: int
    id: int
    person: Actor | None


@dataclass(frozen=True, slots=True)
class _Made:
    outcome: Outcome
    document: str | None = None
    faults: tuple[Fault, ...] = ()


def due_orders(session: Session, *, today: date) -> list[Due]:
    """Those whose day has come, in a session that sees every dealer; dates of a weekend wait for Monday."""
    rows = session.execute(_DUE, {"today": today, "most": AT_ONCE})
    return [
        Due(row.dealer_id, row.id, _person(session, row.dealer_id, row.user_id))
        for row in rows
        if rules.business_day(row.next_on) <= today
    ]


def run_recurring(
    session: Session, *, actor: Actor, recurring_id: int, terms: OrderTerms, today: date, at: datetime
) -> Outcome | None:
    """Carry out the date of a recurring order that has come; None when another run did, or it was paused.

    actor: who set it up, or the portal itself within the dealer where they may not order any more. Dates that
    passed while nothing ran are made up for once.
    """
    whose = {"dealer_id": actor.own_dealer_id, "id": recurring_id}
    row = session.execute(_LOCK, whose).one_or_none()
    if row is None or row.paused or rules.business_day(row.next_on) > today:
        return None
    order = Recurring(**row._mapping)
    if actor.user_id not in (None, order.user_id):
        return None  # a colleague has just taken it over: the next run orders in their name
    made = _make(session, order, actor, terms, today, at)
    session.execute(
        _RUN,
        {
            **whose,
            "due_on": order.next_on,
            "outcome": str(made.outcome),
            "document": made.document,
            "faults": orjson.dumps([_kept(fault) for fault in made.faults]).decode(),
            "at": at,
            "next_on": rules.next_date(order.rhythm, order.day, max(today, order.next_on)),
        },
    )
    after = {"on": order.next_on.isoformat(), "outcome": str(made.outcome), "document": made.document}
    record(
        session,
        PurchasingAction.RECURRING_RUN,
        order.number,
        actor=actor,
        dealer_id=order.dealer_id,
        after=after,
    )
    told = {"number": order.number, "due_on": order.next_on.isoformat()}
    outbox.add(session, "recurring_order.run", dealer_id=order.dealer_id, **told)
    return made.outcome


def _make(
    session: Session, order: Recurring, actor: Actor, terms: OrderTerms, today: date, at: datetime
) -> _Made:
    """Order it, or draft it; with nothing of either left where it is refused."""
    if actor.user_id is None:
        return _Made(Outcome.SKIPPED, faults=(_GONE,))
    try:
        with session.begin_nested():
            return _act(session, order, actor, terms, today, at)
    except (Invalid, Conflict, Forbidden, NotFound) as refusal:
        return _Made(Outcome.SKIPPED, faults=tuple(_faults_of(refusal)))


def _act(
    session: Session, order: Recurring, person: Actor, terms: OrderTerms, today: date, at: datetime
) -> _Made:
    found = template(session, actor=person, name=order.template)
    request = OrderRequest(found.wanted())
    if order.act == RecurringAct.DRAFT:
        number = keep_draft(
            session,
            actor=person,
            name=f"{found.name[:48]} {order.next_on}",
            request=request,
            limits=terms.limits,
            at=at,
            today=today,
        )
        return _Made(Outcome.DRAFTED, number)
    placed = place_or_ask(
        session, actor=person, dealer_id=order.dealer_id, request=request, terms=terms, at=at
    )
    return _Made(Outcome.WAITING if isinstance(placed, Asked) else Outcome.PLACED, placed.number)


def _person(session: Session, dealer_id: int, user_id: int) -> Actor | None:
    """Who set it up, if they may still order."""
    found = identity.person(session, user_id)
    if found is None or found.dealer_id != dealer_id:
        return None
    actor = replace(found.actor(), region_ids=())
    return actor if actor.may(OrderRight.WRITE) else None


def _faults_of(refusal: DomainError) -> Sequence[Fault]:
    return refusal.faults or (Fault("", refusal.code, refusal.message, refusal.fix, refusal.params),)


def _kept(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "message": fault.message,
        "params": {name: str(value) for name, value in fault.params.items()},
    }


_GONE = Fault(
    "",
    "owner_gone",
    N_("Whoever set this up may not order any more."),
    N_("Pause it and let it go on: then it orders in your name."),
)
_DUE = text(
    """
    SELECT dealer_id, id, next_on, user_id FROM recurring_order
     WHERE NOT paused AND next_on <= :today ORDER BY next_on, id LIMIT :most
    """
)
_LOCK = text(f"{RECURRING} WHERE r.dealer_id = :dealer_id AND r.id = :id FOR UPDATE OF r SKIP LOCKED")
_RUN = text(
    """
    WITH run AS (
      INSERT INTO recurring_run (dealer_id, recurring_id, due_on, outcome, document, faults, run_at)
      VALUES (:dealer_id, :id, :due_on, :outcome, :document, CAST(:faults AS jsonb), :at)
    )
    UPDATE recurring_order SET next_on = :next_on WHERE dealer_id = :dealer_id AND id = :id
    """
)
