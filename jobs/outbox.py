"""Carry out what business acts left in the outbox, and give webhooks what they tell of.

An attempt is counted and committed, then the row is handled and marked in one transaction: a killed worker
leaves it waiting, and what kills every worker is given up like what fails. A handler may therefore run twice
and must not mind; what fails is tried again, later each time.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from jobs import resources
from jobs.loading import function
from jobs.queue import OutboxSignal, clear_signal, wake_webhooks
from portal.kernel import clock, outbox
from portal.kernel.db import transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import Effect, Postponed
from portal.kernel.registry import registry
from portal.webhooks.publish import publish

ATTEMPTS_MAX = 12  # the last one 6 hours after the first; an operator finds the row with its error
BACKOFF_MAX = timedelta(hours=1)
ERROR_MAX = 500  # characters
API = "/api/v1"
ROWS_MAX = 500  # handled by one job before it makes room for others

_AWAY = timedelta(seconds=30)  # what ran into a limit of the database stands back for others that long
_GATHER_SECONDS = 0.3  # so that a rush of orders costs three jobs a second, not one each

_log = structlog.get_logger("jobs.outbox")


def drain() -> None:
    """After a signal: gather what follows close behind, then carry everything out."""
    time.sleep(_GATHER_SECONDS)
    clear_signal(resources.valkey())
    sweep()


def sweep() -> None:
    """Carry out what waits. Nudges again when there is more than one job should do."""
    if _settle(clock.now()):
        wake_webhooks(resources.valkey())
    for _ in range(ROWS_MAX):
        if not _carry_out_next():
            return
    OutboxSignal(resources.valkey())()


def _settle(at: datetime) -> int:
    """What nothing but webhooks tell of, and without mail every letter, is done when it is seen: all of them
    in one statement. Of all else webhooks are told before people, who may have to wait for their turn.

    How many messages are to be sent.
    """
    topics, has_mail = registry().topics, bool(resources.settings().mail_url)
    done = [name for name, topic in topics.items() if not topic.handler or (topic.is_letter and not has_mail)]
    early = [name for name in registry().emits if name in topics and name not in done]
    with transaction(resources.database().system_session()) as session:
        effects = outbox.settle(session, topics=done, at=at)
        effects += outbox.fresh(session, topics=early, at=at, most=ROWS_MAX)
        return publish(session, effects, api=_api(), at=at)


def _api() -> str:
    return resources.settings().base_url.rstrip("/") + API


def _carry_out_next() -> bool:
    """Handle one row; False when none is due."""
    at = clock.now()
    with transaction(resources.database().system_session()) as session:
        effect = outbox.claim_next(session, at=at, attempts_max=ATTEMPTS_MAX, wait_max=BACKOFF_MAX)
    if effect is None:
        return False
    try:
        told = _carry_out(effect, at)
    except Unavailable:  # the database is away: this is not the row's fault
        with transaction(resources.database().system_session()) as session:
            outbox.give_back(session, effect, at=clock.now() + _AWAY)
        OutboxSignal(resources.valkey())()  # the database is there: others need not wait for this one
        raise
    if told:
        wake_webhooks(resources.valkey())
    return True


def _carry_out(effect: Effect, at: datetime) -> int:
    """Handle a claimed row and mark it. How many messages are to be sent to receivers of webhooks."""
    told = 0
    with transaction(resources.database().system_session()) as session:
        if not outbox.hold(session, effect):
            return 0
        try:
            told = _tell_webhooks(session, effect, at)
            if handler := registry().topics[effect.topic].handler:
                function(handler)(effect)
        except Postponed as early:
            outbox.set_postponed(session, effect, until=early.until)
        except Unavailable:
            raise
        except Exception as error:
            _note_failure(session, effect, error)
        else:
            outbox.set_done(session, effect, at=clock.now())
    return told


def _tell_webhooks(session: Session, effect: Effect, at: datetime) -> int:
    """In the transaction that marks the effect: whatever is done about it, it is told of.

    How many messages are to be sent.
    """
    if effect.topic not in registry().emits:
        return 0
    with session.begin_nested():
        return publish(session, [effect], api=_api(), at=at)


def _note_failure(session: Session, effect: Effect, error: Exception) -> None:
    _log.warning(
        "effect_failed", topic=effect.topic, effect=effect.id, attempt=effect.attempts, exc_info=error
    )
    outbox.set_failed(session, effect, error=f"{type(error).__name__}: {error}"[:ERROR_MAX])
