"""Release many held orders at once: each by itself, and what is left out is told one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.orders.cancel_order import checked_reason
from portal.orders.release_order import Released, release_order
from portal.orders.vocabulary import OrderRight

ORDERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: `released`, or why it was left out."""

    number: str
    released: Released | None = None
    refusal: DomainError | None = None


def release_many(
    database: Database,
    *,
    actor: Actor,
    numbers: Sequence[str],
    reason: str,
    today: date,
    at: datetime,
    margin_days: int = 1,
) -> list[Outcome]:
    """Release each order in a transaction of its own, in the order given and each once.

    An order that is short of stock is left out: nothing of it is given up here. Raises Invalid without a
    reason or without orders, Forbidden.
    """
    actor.require(OrderRight.DESK)
    reason = checked_reason(reason, required=True)
    chosen = list(dict.fromkeys(numbers))
    if not 0 < len(chosen) <= ORDERS_MAX:
        fix = N_("Choose from 1 to %(max)s orders.")
        fault = Fault("/numbers", "orders_chosen", N_("No orders, or too many."), fix, {"max": ORDERS_MAX})
        raise Invalid(faults=[fault])
    return [_release(database, actor, number, reason, today, at, margin_days) for number in chosen]


def _release(
    database: Database, actor: Actor, number: str, reason: str, today: date, at: datetime, margin_days: int
) -> Outcome:
    try:
        with transaction(database.session_for(actor)) as session:
            released = release_order(
                session,
                actor=actor,
                number=number,
                reason=reason,
                today=today,
                at=at,
                margin_days=margin_days,
            )
    except DomainError as refusal:
        return Outcome(number, refusal=refusal)
    return Outcome(number, released)
