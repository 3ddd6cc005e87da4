"""Compare a dealer's own ledger with ours, in a job of its own: what takes minutes holds up nothing else.

Who is killed leaves nothing behind; the schedule finds what nobody works at any more, and has it begun anew.
"""

from __future__ import annotations

import structlog
from rq.timeouts import BaseTimeoutException

from jobs import resources
from jobs.queue import compare_soon
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import transaction
from portal.kernel.errors import N_, Fault, Unavailable
from portal.kernel.outbox import Effect
from portal.own_ledgers import attempts, discard_ledger
from portal.own_ledgers import compare as comparing

_log = structlog.get_logger("jobs.own_ledgers")


def ask(effect: Effect) -> None:
    """After it was asked for: have a worker compare it."""
    if effect.dealer_id is not None:
        compare_soon(resources.valkey(), effect.dealer_id, str(effect.payload["number"]))


def compare(dealer_id: int, number: str) -> None:
    """Compare the ledger; one that came to its end, or that another worker is at, is left alone."""
    actor, zone = resources.acting_for(dealer_id), resources.settings().timezone
    with transaction(resources.database().dealer_session(actor)) as session:
        if not attempts.begin_attempt(session, actor=actor, number=number, at=clock.now()):
            return
    try:
        with transaction(resources.database().dealer_session(actor)) as session:
            comparing.compare(session, actor=actor, number=number, zone=zone, at=clock.now())
    except (Unavailable, BaseTimeoutException):
        raise  # the database is away, or the worker's time is up: it is begun anew, some times
    except Exception as error:
        _log.error("own_ledger_failed", ledger=number, exc_info=error)
        _fail(actor, number)


def _fail(actor: Actor, number: str) -> None:
    message, fix = N_("Something went wrong on our side."), N_("Tell us the number of the ledger.")
    faults = [Fault("/file", "unexpected", message, fix)]
    with transaction(resources.database().dealer_session(actor)) as session:
        comparing.fail(session, actor=actor, number=number, faults=faults, at=clock.now())


def take_up() -> None:
    """Have compared what a killed worker left, or whose job was lost."""
    with transaction(resources.database().system_session()) as session:
        left = attempts.left_behind(session, at=clock.now())
    for one in left:
        compare_soon(resources.valkey(), one.dealer_id, one.number)


def forget() -> None:
    """Discard what was uploaded long ago and never came to a result."""
    with transaction(resources.database().system_session()) as session:
        discard_ledger.forget_unfinished(session, actor=SYSTEM, at=clock.now())
