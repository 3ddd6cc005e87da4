"""The outbox: carried out once, again when it failed, never lost."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from signal import SIGKILL
from threading import Event, Thread

import pytest
from rq import Queue
from sqlalchemy import text

from jobs import outbox, resources
from jobs.queue import HIGH, BackgroundSignal, OutboxSignal
from launch.process import wait_until
from portal.capabilities import CAPABILITIES
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import BEGUN, Postponed, add, claim_next, hold
from portal.kernel.registry import join
from tests import cast
from tests.jobs import handling
from tests.races import failures, together, until_somebody_waits_for_a_row


@pytest.fixture(autouse=True)
def _(at_work):
    at_work.setattr(outbox, "_GATHER_SECONDS", 0)
    at_work.setattr("portal.kernel.registry._installed", join([*CAPABILITIES, handling.CAPABILITY]))


@pytest.fixture
def carried_out(at_work) -> list[dict]:
    """Payloads of the topic ``test`` in the order they were handled."""
    seen = []
    at_work.setitem(handling.ACTS, "test", lambda effect: seen.append(effect.payload))
    return seen


def left(database, *, topic="test", dealer=cast.huadong, **payload):
    with transaction(database.system_session()) as session:
        add(session, topic, dealer_id=dealer.id, **payload)


def waiting(owner) -> list:
    return owner.execute(
        text("SELECT attempts, last_error, not_before FROM outbox WHERE dispatched_at IS NULL ORDER BY id")
    ).all()


def test_effects_are_carried_out_in_the_order_of_the_acts(database, owner, carried_out):
    for number in range(3):
        left(database, number=number)
    outbox.drain()
    assert carried_out == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert waiting(owner) == []


def test_an_effect_is_carried_out_once(database, carried_out):
    left(database, number=1)
    outbox.drain()
    outbox.sweep()
    assert carried_out == [{"number": 1}]


def test_two_workers_at_once_share_the_work(database, carried_out):
    for number in range(20):
        left(database, number=number)
    assert failures(together(3, lambda _: outbox.sweep())) == []
    assert sorted(payload["number"] for payload in carried_out) == list(range(20))


def test_a_failure_is_noted_and_tried_again_later(database, owner, at_work):
    left(database, number=1)
    at_work.setitem(handling.ACTS, "test", lambda effect: 1 / 0)
    outbox.drain()
    [row] = waiting(owner)
    assert (row.attempts, row.last_error) == (1, "ZeroDivisionError: division by zero")
    assert row.not_before > clock.now() + timedelta(seconds=3)
    outbox.drain()
    assert waiting(owner)[0].attempts == 1


def test_one_that_fails_does_not_hold_up_the_next(database, owner, at_work, carried_out):
    at_work.setitem(handling.ACTS, "broken", lambda effect: 1 / 0)
    left(database, topic="broken")
    left(database, number=2)
    outbox.drain()
    assert carried_out == [{"number": 2}]
    assert len(waiting(owner)) == 1


def in_a_child(act: Callable[[], object]) -> int:
    """What a forked child ended with, as a worker has it; negative: the signal that ended it."""
    child = os.fork()
    if not child:
        resources.database().engine.dispose(close=False)
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_effect_that_kills_its_worker_is_given_up_and_the_others_go_on(
    database, owner, at_work, carried_out
):
    at_work.setitem(handling.ACTS, "broken", lambda effect: os.kill(os.getpid(), SIGKILL))
    left(database, topic="broken")
    left(database, number=2)
    assert in_a_child(outbox.sweep) == -SIGKILL
    [row, _] = waiting(owner)
    assert (row.attempts, row.last_error) == (1, BEGUN)
    outbox.sweep()
    assert carried_out == [{"number": 2}]
    owner.execute(text("UPDATE outbox SET attempts = :n, not_before = now()"), {"n": outbox.ATTEMPTS_MAX - 1})
    assert [in_a_child(outbox.sweep) for _ in range(2)] == [-SIGKILL, 0]


def test_what_is_claimed_is_carried_out_though_another_worker_looks_at_it_just_then(database, owner):
    """Who looked a moment ago locks it as due, and lets it go once it sees the claim."""
    left(database, number=1)
    with transaction(database.system_session()) as session:
        effect = claim_next(session, at=clock.now(), attempts_max=12, wait_max=timedelta(0))
    held: list[bool] = []

    def carry_out() -> None:
        with transaction(database.system_session()) as session:
            held.append(hold(session, effect))

    with transaction(database.system_session()) as another:
        another.execute(text("SELECT FROM outbox FOR UPDATE"))
        worker = Thread(target=carry_out)
        worker.start()
        until_somebody_waits_for_a_row(owner)
    worker.join()
    assert held == [True]


def test_one_that_is_still_at_work_is_left_to_it(database, owner, carried_out):
    left(database, number=1)
    with transaction(database.system_session()) as session:
        effect = claim_next(session, at=clock.now(), attempts_max=12, wait_max=timedelta(0))
    with transaction(database.system_session()) as session:
        assert effect is not None and hold(session, effect)
        outbox.sweep()
        assert carried_out == []


def test_what_is_too_early_is_no_attempt(database, owner, at_work):
    def early(_effect):
        raise Postponed(cast.NOW + timedelta(days=9999))

    at_work.setitem(handling.ACTS, "test", early)
    left(database, number=1)
    outbox.sweep()
    assert (waiting(owner)[0].attempts, waiting(owner)[0].last_error) == (0, None)


def test_after_the_last_attempt_it_waits_for_an_operator(database, owner, carried_out):
    left(database, number=1)
    owner.execute(text("UPDATE outbox SET attempts = :n"), {"n": outbox.ATTEMPTS_MAX})
    outbox.drain()
    assert carried_out == []
    assert len(waiting(owner)) == 1


def test_a_database_that_is_away_is_not_the_effects_fault(database, owner, at_work):
    def away(_effect):
        raise Unavailable

    at_work.setitem(handling.ACTS, "test", away)
    left(database, number=1)
    with pytest.raises(Unavailable):
        outbox.drain()
    assert waiting(owner)[0].attempts == 0


def test_what_the_database_gave_up_does_not_hold_up_the_others(database, owner, at_work, carried_out):
    """A statement that takes longer than one may counts as away too, and would again at once, for ever."""

    def away(_effect):
        raise Unavailable

    at_work.setitem(handling.ACTS, "broken", away)
    left(database, topic="broken")
    left(database, number=2)
    with pytest.raises(Unavailable):
        outbox.drain()
    outbox.drain()
    assert carried_out == [{"number": 2}]
    assert [row.attempts for row in waiting(owner)] == [0]


def test_a_topic_of_a_newer_release_waits_for_it(database, owner):
    left(database, topic="from.the.future")
    outbox.drain()
    assert waiting(owner)[0].last_error == "KeyError: 'from.the.future'"


def test_without_mail_letters_are_settled_in_one_statement(database, owner, count_statements):
    for _ in range(30):
        left(database, topic="notification.mail", id=0)
    with count_statements() as counted:
        outbox.drain()
    assert waiting(owner) == []
    assert len(counted) == 3, counted  # settled, whether anybody is told by webhooks, nothing left


def drains() -> int:
    return Queue(HIGH, connection=resources.valkey()).count


def test_many_commits_signal_once_until_a_worker_looks(carried_out, settings):
    signal = OutboxSignal.at(settings.redis_url.get_secret_value())
    for _ in range(5):
        signal()
    assert drains() == 1
    outbox.drain()
    signal()
    assert drains() == 2


def test_a_commit_that_left_something_signals_by_itself(settings):
    with transaction(resources.database().system_session()) as session:
        add(session, "test", dealer_id=None)
    assert drains() == 1


def test_a_rolled_back_act_leaves_nothing_and_signals_nobody(owner):
    with pytest.raises(RuntimeError), transaction(resources.database().system_session()) as session:
        add(session, "test", dealer_id=None)
        raise RuntimeError
    assert (drains(), waiting(owner)) == (0, [])


def test_a_commit_succeeds_while_valkey_is_away(database, owner):
    database._outbox_signal = OutboxSignal.at("redis://127.0.0.1:1/0")
    left(database, number=1)
    assert len(waiting(owner)) == 1


def test_a_valkey_that_hangs_slows_one_commit_not_every_one():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        signal = OutboxSignal.at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        signal()
        began = time.monotonic()
        for _ in range(100):
            signal()
    assert time.monotonic() - began < 0.4


def test_nobody_waits_for_a_signal_and_those_who_come_meanwhile_share_the_next():
    given, answered = [], Event()

    def slow() -> None:
        given.append("outbox_signal")
        answered.wait(10)

    signal = BackgroundSignal(slow)
    signal()
    assert wait_until(lambda: given, 10)
    for _ in range(50):
        signal()
    assert given == ["outbox_signal"]
    answered.set()
    assert wait_until(lambda: len(given) == 2, 10)
    signal()
    assert wait_until(lambda: len(given) == 3, 10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_nobody_thought_of_costs_one_signal_not_all_that_follow():
    given = []

    def fails_once() -> None:
        given.append("outbox_signal")
        if len(given) == 1:
            raise RuntimeError

    signal = BackgroundSignal(fails_once)
    signal()
    assert wait_until(lambda: given and not signal._at_work(), 10)
    signal()
    assert wait_until(lambda: len(given) == 2, 10)


def test_the_portal_signals_after_a_commit_that_left_something(app):
    with transaction(app.database.system_session()) as session:
        add(session, "test", dealer_id=None)
    assert wait_until(lambda: drains() == 1, 10)


def test_what_was_lost_between_commit_and_signal_is_swept(database, carried_out):
    left(database, number=1)
    assert drains() == 0
    outbox.sweep()
    assert carried_out == [{"number": 1}]


def test_more_than_one_job_should_do_is_left_to_the_next(database, at_work, carried_out):
    at_work.setattr(outbox, "ROWS_MAX", 2)
    for number in range(3):
        left(database, number=number)
    outbox.sweep()
    assert (len(carried_out), drains()) == (2, 1)
