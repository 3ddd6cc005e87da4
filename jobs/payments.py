"""What Stripe told is handled; Stripe is asked for what nobody told; orders go that were paid for."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError, Unavailable
from portal.kernel.outbox import Effect
from portal.ledger.record_payment import caution_of
from portal.orders.release_paid import next_paid_order, release_paid
from portal.payments import reconcile
from portal.payments.handle_event import handle_event
from portal.payments.keep_event import keep_answer
from portal.payments.keys import takes_payments
from portal.payments.provider import Provider
from portal.payments.reconcile import ToAsk

UNSENT_KEPT = timedelta(hours=1)
"""Nobody was given what a payment that never came to Stripe would be paid with."""

_log = structlog.get_logger("jobs.payments")


def event_kept(effect: Effect) -> None:
    """Do what an event of Stripe asks for."""
    settings = resources.settings()
    with transaction(resources.database().system_session()) as session:
        handled = handle_event(
            session,
            actor=SYSTEM,
            event_id=effect.payload["id"],
            zone=settings.timezone,
            at=clock.now(),
            caution=caution_of(settings),
        )
    _log.info("stripe_event_handled", outcome=str(handled.state), payment=handled.payment)


def ask() -> None:
    """Ask Stripe for payments of which nobody told for a while, outside of any transaction."""
    settings, at = resources.settings(), clock.now()
    with transaction(resources.database().system_session()) as session:
        reconcile.give_up_unsent(session, actor=SYSTEM, before=at - UNSENT_KEPT, at=at)
    if not takes_payments(settings):
        return
    provider = Provider(settings)
    with transaction(resources.database().system_session()) as session:
        waiting = reconcile.payments_to_ask(
            session,
            actor=SYSTEM,
            before=at - timedelta(minutes=settings.stripe_ask_minutes),
            left_before=at - timedelta(hours=settings.stripe_open_hours),
        )
    for one in waiting:
        try:
            _ask(provider, one)
        except Unavailable:
            _log.warning("stripe_away", asked=one.number)
            return
        except DomainError as refusal:
            _log.warning("stripe_refuses", asked=one.number, code=refusal.code)
            with transaction(resources.database().system_session()) as session:  # others have their turn
                reconcile.note_asked(session, actor=SYSTEM, number=one.number, at=clock.now())


def _ask(provider: Provider, one: ToAsk) -> None:
    intent = provider.retrieve(one.intent)
    if one.is_left and str(intent.content.get("status", "")).startswith("requires_"):
        intent = provider.cancel(one.intent)
    at = clock.now()
    with transaction(resources.database().system_session()) as session:
        reconcile.note_asked(session, actor=SYSTEM, number=one.number, at=at)
        keep_answer(session, actor=SYSTEM, intent=intent.content, at=at)


def received(effect: Effect) -> None:
    """A payment was booked, however it came: the dealer's orders go that it covers."""
    assert effect.dealer_id is not None  # a payment is a dealer's
    release_covered(effect.dealer_id)


def release_covered(dealer_id: int) -> None:
    """Let the orders of a dealer go that are paid for, one after the other."""
    skip = list[str]()
    while (number := _release_next(dealer_id, skip)) is not None:
        skip.append(number)
    if skip:
        _log.info("orders_paid", looked_at=len(skip))


def _release_next(dealer_id: int, skip: list[str]) -> str | None:
    """The order that was looked at, released or not; None when there is no other."""
    settings, at, number = resources.settings(), clock.now(), None
    today = clock.business_date(at, settings.timezone)
    try:
        with transaction(resources.database().dealer_session(resources.acting_for(dealer_id))) as session:
            number = next_paid_order(
                session,
                actor=SYSTEM,
                dealer_id=dealer_id,
                today=today,
                grace_days=settings.overdue_grace_days,
                skip=skip,
            )
            if number is not None:
                release_paid(
                    session,
                    actor=SYSTEM,
                    number=number,
                    today=today,
                    at=at,
                    margin_days=settings.saleable_days_before_expiry,
                )
    except Conflict as refusal:
        _log.info("order_stays_held", order=number, code=refusal.code)
    return number
