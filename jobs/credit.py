"""Limits and terms that begin or end by their day, stops that run out, and the orders that go on then."""

from __future__ import annotations

import structlog

from jobs import resources
from jobs.payments import release_covered
from portal.credit.stop_dealer import end_stop
from portal.credit.stop_queries import held_orders_of, stops_run_out
from portal.credit.turn_changes import dealers_due, turn_changes
from portal.dealers.account import lock_account
from portal.dealers.stops import standing_stop
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.kernel.outbox import Effect
from portal.orders.lift_hold import lift_hold
from portal.orders.severity_rules import Hold

RAN_OUT = "到期"
_log = structlog.get_logger("jobs.credit")


def turn() -> None:
    """Put in force and end what is due, each dealer by itself; the second time there is nothing."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    with transaction(resources.database().system_session()) as session:
        due = dealers_due(session, today=today)
        run_out = stops_run_out(session, today=today)
    for dealer_id in due:
        with transaction(resources.database().system_session()) as session:
            turn_changes(session, actor=SYSTEM, dealer_id=dealer_id, today=today, at=at)
    for number in run_out:
        try:
            with transaction(resources.database().system_session()) as session:
                end_stop(session, actor=SYSTEM, number=number, reason=RAN_OUT, at=at)
        except Conflict:
            _log.info("stop_ended_meanwhile", number=number)


def changed(effect: Effect) -> None:
    """Another limit is in force: the dealer's orders go that it covers."""
    assert effect.dealer_id is not None  # a limit is a dealer's
    release_covered(effect.dealer_id)


def stop_ended(effect: Effect) -> None:
    """Let the orders go that only the stop held, in the order in which they came; then those paid for."""
    assert effect.dealer_id is not None  # a stop is of a dealer
    with transaction(resources.database().system_session()) as session:
        numbers = held_orders_of(session, effect.dealer_id, Hold.STOPPED)
    for number in numbers:
        with transaction(resources.database().system_session()) as session:
            lock_account(session, effect.dealer_id)
            if standing_stop(session, effect.dealer_id) is not None:
                return  # it was put there again: they wait for the end of that one
            reason = str(effect.payload["number"])
            lift_hold(session, actor=SYSTEM, number=number, kind=Hold.STOPPED, reason=reason, at=clock.now())
    release_covered(effect.dealer_id)
