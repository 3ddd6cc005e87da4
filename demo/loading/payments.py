"""Payments by Stripe in every state: booked, refunded in part, disputed, lost, failed, given up; and an event
that nobody knows, which waits at headquarters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, local_date
from portal.kernel.actor import SYSTEM
from portal.ledger.rules import Caution
from portal.payments.begin_payment import Begun, begin_payment, note_intent
from portal.payments.handle_event import handle_event
from portal.payments.keep_event import keep_event
from portal.payments.stripe_rules import minor

_CAUTION = Caution(Decimal("5000000.00"), Decimal("200000.00"), Decimal("10000.00"))
_LOST, _DISPUTED, _REFUNDED = "lost", "disputed", "refunded"

# What the first dealers paid, the latest last: dealer, days ago, on account, and what became of it.
PAID: tuple[tuple[int, int, str, str], ...] = (
    (2, 12, "3600.00", _LOST),
    (1, 9, "5800.00", "paid"),
    (3, 6, "12000.00", _REFUNDED),
    (4, 5, "2450.00", _DISPUTED),
    (1, 4, "980.00", "given up"),
    (2, 2, "7300.00", "paid"),
    (5, 2, "1500.00", "failed"),
    (1, 1, "2600.00", "paid"),
)
_EVENT = text("SELECT id FROM stripe_event WHERE event = :event")


def pay_online(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Dealers pay, and Stripe tells what became of it."""
    with acting(connection) as people:
        for place, (dealer_id, days, amount, fate) in enumerate(PAID, start=1):
            at = people.at(scenario.now - timedelta(days=days, hours=3, minutes=7 * place))
            made = _begun(people, dealer_id, amount, f"pi_demo{place:04d}", at)
            _told(people, made, f"pi_demo{place:04d}", fate, at)
        stranger = {"id": "pi_shop_7781", "amount": 64_000, "currency": "cny", "status": "succeeded"}
        at = people.at(scenario.now - timedelta(hours=5))
        _tell(people, "payment_intent.succeeded", {"object": "payment_intent", **stranger}, at)


def _begun(people: Acting, dealer_id: int, amount: str, intent: str, at: datetime) -> Begun:
    actor = people.dealer(dealer_id)
    made = begin_payment(
        people.session,
        actor=actor,
        invoices=(),
        amount=Decimal(amount),
        currency="CNY",
        today=local_date(at),
        at=at,
    )
    note_intent(people.session, actor=actor, number=made.number, intent=intent, at=at)
    return made


def _told(people: Acting, made: Begun, intent: str, fate: str, at: datetime) -> None:
    whole, later = minor(made.amount), at + timedelta(hours=2)
    of_it = {"object": "payment_intent", "id": intent, "amount": whole, "currency": "cny"}
    if fate == "given up":
        _tell(people, "payment_intent.canceled", of_it | {"status": "canceled"}, later)
        return
    if fate == "failed":
        error = {"code": "card_declined", "decline_code": "insufficient_funds"}
        failed = of_it | {"status": "requires_payment_method", "last_payment_error": error}
        _tell(people, "payment_intent.payment_failed", failed, at)
        return
    fee = {"id": f"txn_{intent}", "fee": whole * 29 // 1000}
    charge = {"object": "charge", "id": f"ch_{intent}", "balance_transaction": fee}
    paid = of_it | {"status": "succeeded", "amount_received": whole, "latest_charge": charge}
    _tell(people, "payment_intent.succeeded", paid, at)
    about = {"currency": "cny", "payment_intent": intent}
    if fate == _REFUNDED:
        refund = {"object": "charge", "id": f"ch_{intent}", "amount": whole, "amount_refunded": whole // 4}
        _tell(people, "charge.refunded", refund | about, later)
    elif fate in (_DISPUTED, _LOST):
        status = "lost" if fate == _LOST else "needs_response"
        disputed = {"object": "dispute", "id": f"dp_{intent}", "amount": whole, "status": status}
        kind = "closed" if fate == _LOST else "created"
        _tell(people, f"charge.dispute.{kind}", disputed | about | {"reason": "fraudulent"}, later)


def _tell(people: Acting, kind: str, found: Mapping[str, Any], at: datetime) -> None:
    """Stripe tells something, which is handled at once."""
    name = f"evt_demo_{found['id']}_{kind.rpartition('.')[2]}"
    event = {"id": name, "type": kind, "created": int(at.timestamp()), "data": {"object": dict(found)}}
    at = people.at(at)
    keep_event(people.session, actor=SYSTEM, event=event)
    event_id = people.session.execute(_EVENT, {"event": name}).scalar_one()
    handle_event(
        people.session,
        actor=SYSTEM,
        event_id=event_id,
        zone=ZONE,
        at=at,
        caution=_CAUTION,
    )


PART = Part("payments", act=pay_online)
