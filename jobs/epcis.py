"""Capture documents of events, each in a job of its own: what takes minutes holds up nothing else.

Who is killed loses the handful of events that was not kept yet; the schedule finds what nobody works at any
more, and it goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

import structlog
from rq.timeouts import BaseTimeoutException

from jobs import resources
from jobs.queue import capture_soon
from portal.epcis import capture_events
from portal.epcis.capture_events import Begun
from portal.epcis.document_rules import Outline, events, outline
from portal.epcis.rules import FAULTS_TOLD, Batch, Behaviour, batches
from portal.epcis.schema import schema_faults
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import transaction
from portal.kernel.errors import N_, Fault, Unavailable, Unreadable
from portal.kernel.outbox import Effect

_log = structlog.get_logger("jobs.epcis")


class _Refused(Exception):
    """A document of which one event has faults and that is to be captured as a whole."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(len(faults))


def ask(effect: Effect) -> None:
    """After it was sent: have a worker capture it."""
    if effect.dealer_id is not None:
        capture_soon(resources.valkey(), effect.dealer_id, str(effect.payload["number"]))


def capture(dealer_id: int, number: str) -> None:
    """Capture a document; one that came to its end, or that another worker is at, is left alone."""
    actor = resources.acting_for(dealer_id)
    with transaction(resources.database().dealer_session(actor)) as session:
        begun = capture_events.begin_attempt(session, actor=actor, number=number, at=clock.now())
    if begun is None:
        return
    try:
        _capture(actor, begun)
    except (Unavailable, BaseTimeoutException):
        raise  # the database is away, or the worker's time is up: it goes on later, some times
    except _Refused as refusal:
        _fail(actor, begun, refusal.faults)
    except Unreadable as refusal:
        _fail(actor, begun, [Fault("", refusal.code, refusal.message, refusal.fix, refusal.params)])
    except Exception as error:
        _log.error("epcis_capture_failed", capture=number, exc_info=error)
        message, fix = N_("Something went wrong on our side."), N_("Tell us the number of the capture.")
        _fail(actor, begun, [Fault("", "unexpected", message, fix)])


def _capture(actor: Actor, begun: Begun) -> None:
    pieces = partial(_pieces, actor, begun)
    whole = outline(pieces, is_xml=begun.is_xml)
    if whole.faults:
        raise _Refused(list(whole.faults))
    rest = batches(islice(events(pieces, whole, is_xml=begun.is_xml), begun.position, None), schema_faults)
    if begun.behaviour == Behaviour.ROLLBACK:
        _all_or_nothing(actor, begun, whole, rest)
    else:
        _handful_by_handful(actor, begun, whole, rest)


def _all_or_nothing(actor: Actor, begun: Begun, whole: Outline, rest: Iterable[Batch]) -> None:
    position, faults = begun.position, list[Fault]()
    with transaction(resources.database().dealer_session(actor)) as session:
        for batch in rest:
            faults += batch.faults
            if len(faults) >= FAULTS_TOLD:
                break
            at = clock.now()
            if not faults and not capture_events.keep_batch(
                session, capture=begun, batch=batch, position=position, total=whole.count, at=at
            ):
                return
            position += batch.count
        if faults:
            raise _Refused(faults)
        capture_events.finish_capture(session, actor=actor, capture=begun, total=whole.count, at=clock.now())


def _handful_by_handful(actor: Actor, begun: Begun, whole: Outline, rest: Iterable[Batch]) -> None:
    position = begun.position
    for batch in rest:
        with transaction(resources.database().dealer_session(actor)) as session:
            is_ours = capture_events.keep_batch(
                session, capture=begun, batch=batch, position=position, total=whole.count, at=clock.now()
            )
        if not is_ours:
            return
        position += batch.count
    with transaction(resources.database().dealer_session(actor)) as session:
        capture_events.finish_capture(session, actor=actor, capture=begun, total=whole.count, at=clock.now())


def _pieces(actor: Actor, begun: Begun) -> Iterator[bytes]:
    no = 1
    while True:
        with transaction(resources.database().dealer_session(actor)) as session:
            content = capture_events.part(session, capture=begun, no=no)
        if content is None:
            return
        yield content
        no += 1


def _fail(actor: Actor, begun: Begun, faults: list[Fault]) -> None:
    with transaction(resources.database().dealer_session(actor)) as session:
        capture_events.fail_capture(session, actor=actor, capture=begun, faults=faults, at=clock.now())


def take_up() -> None:
    """Have captured what a killed worker left, or whose job was lost."""
    with transaction(resources.database().system_session()) as session:
        left = capture_events.left_behind(session, at=clock.now())
    for one in left:
        capture_soon(resources.valkey(), one.dealer_id, one.number)
