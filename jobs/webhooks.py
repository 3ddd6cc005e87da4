"""Send webhooks: a burst of a few at a time, so that neither a slow receiver nor a flood holds up others.

One burst runs at a time, whatever the number of workers; between two of them the worker looks whether mail
or anything else waits. The slots of a burst go to as many subscriptions, one message each; those that
failed last have half of them at most.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import structlog

from jobs import resources
from jobs.queue import wake_webhooks
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.http_out import AddressRefused, SendingFailed, post
from portal.kernel.opaque import Sealer
from portal.kernel.outbox import Effect
from portal.notifications.readers import readers_of
from portal.notifications.tell import tell
from portal.webhooks import deliver, queries, rules
from portal.webhooks.deliver import STOPPED, STOPPED_HERE, Attempt, Due
from portal.webhooks.rules import Tried
from portal.webhooks.secret import SecretLost, good_secrets

SLOTS = 8
FAILING_SLOTS = 4
BURST_SECONDS = 10.0  # in which messages are taken up; the last ones may take `rules.TIMEOUT` more

_LOOK_SECONDS = 0.5  # for what came meanwhile, while a slow receiver has a slot

_BUSY = "tonglu:webhooks:busy"
_BUSY_SECONDS = int(BURST_SECONDS + 2 * rules.TIMEOUT)
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

_log = structlog.get_logger("jobs.webhooks")


def send_due() -> None:
    """Send what is due; asks for another burst when there is more."""
    with _alone() as is_alone:
        if not is_alone:
            return
        sent = _burst(time.monotonic() + BURST_SECONDS)
    if sent:
        _log.info("webhooks_sent", messages=sent)
        with transaction(resources.database().system_session()) as session:
            more = deliver.has_due(session, at=clock.now())
        if more:
            wake_webhooks(resources.valkey())


def wake(_effect: Effect) -> None:
    """Somebody waits for a message: see to it that a burst comes."""
    wake_webhooks(resources.valkey())


def stopped(effect: Effect) -> None:
    """Tell the owners of a subscription that it paused itself."""
    number = effect.payload["number"]
    with transaction(resources.database().system_session()) as session:
        found = queries.stopped_subscription(session, number)
        if found is None:  # removed, or going on
            return
        event = STOPPED if effect.dealer_id else STOPPED_HERE
        tell(
            session,
            effect=effect,
            event=event,
            readers=readers_of(session, event=event, dealer_id=effect.dealer_id),
            path=f"/webhooks/{number}" if effect.dealer_id else f"/hq/webhooks/{number}",
            facts={"number": number, "name": found.name, "host": found.host, "reason": found.stop_reason},
            at=clock.now(),
        )


def forget() -> None:
    """Delete deliveries whose time is over."""
    with transaction(resources.database().system_session()) as session:
        count = deliver.sweep_deliveries(session, at=clock.now())
    _log.info("deliveries_forgotten", deliveries=count)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker sends; a worker that was killed is waited for until its time is over."""
    valkey, token = resources.valkey(), secrets.token_hex(8)
    is_alone = bool(valkey.set(_BUSY, token, nx=True, ex=_BUSY_SECONDS))
    try:
        yield is_alone
    finally:
        if is_alone:
            valkey.eval(_RELEASE, 1, _BUSY, token)


def _burst(until: float) -> int:
    """Keep the slots filled until then, or until nothing is due; how many messages were sent."""
    sent = 0
    flying: dict[Future[Attempt], Due] = {}
    with ThreadPoolExecutor(SLOTS, "webhook") as slots:
        while True:
            if time.monotonic() < until:
                for due in _taken(list(flying.values())):
                    flying[slots.submit(attempted, due)] = due
            if not flying:
                return sent
            done, _ = wait(flying, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                _note(flying.pop(future), future.result())
                sent += 1


def _taken(flying: list[Due]) -> list[Due]:
    """What is sent next in the slots that are free."""
    at, free = clock.now(), SLOTS - len(flying)
    taken: list[Due] = []
    if not free:
        return taken
    with transaction(resources.database().system_session()) as session:
        for failing in (None, False, True):
            busy = [due.subscription_id for due in (*flying, *taken)]
            most = free - len(taken)
            if failing:
                most = min(most, FAILING_SLOTS - sum(due.failing for due in (*flying, *taken)))
            if most < 1:
                continue
            if failing is None:
                taken += deliver.take_tests(session, at=at, busy=busy, most=most)
            else:
                taken += deliver.take_due(session, at=at, busy=busy, most=most, failing=failing)
    return taken


def attempted(due: Due) -> Attempt:
    """Send a message once; in a thread of its own, without the database."""
    settings, at = resources.settings(), clock.now()
    begun = time.monotonic()
    try:
        sealer = Sealer(*settings.secret_keys)
        secrets_ = good_secrets(sealer, due.secret, due.former_secret, due.former_until, at)
        answer = post(
            due.url,
            due.body,
            rules.headers(secrets_, due.message_id, at, due.body),
            timeout=rules.TIMEOUT,
            allow_private=settings.private_for(dealers=due.dealer_id is not None),
            max_answer=rules.ANSWER_MAX,
        )
    except SecretLost:
        tried, said = Tried(None, "secret_lost"), ""
    except AddressRefused as refused:
        tried, said = Tried(None, str(refused.refusal)), ""
    except SendingFailed as failed:
        tried, said = Tried(None, failed.reason), ""
    except Exception:
        _log.exception("webhook_not_sent", message=due.message_id)
        tried, said = Tried(None, "error"), ""
    else:
        tried = Tried(answer.status, headers=answer.headers)
        said = answer.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return Attempt(tried, at, time.monotonic() - begun, said)


def _note(due: Due, attempt: Attempt) -> None:
    with transaction(resources.database().system_session()) as session:
        deliver.note_attempt(session, due=due, attempt=attempt, at=clock.now())
