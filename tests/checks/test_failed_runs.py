"""A run that fails is known, tried again a few times with pauses between, and then left to the next night
or to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Row, text

from jobs import check as job
from portal.checks import queries, run_checks
from portal.checks.ask_check import ask_check
from portal.kernel.actor import SYSTEM
from portal.kernel.checking import Check
from portal.kernel.db import transaction
from tests import cast

MINUTE = timedelta(minutes=1)
BROKEN = {
    "DivisionByZero: division by zero": "SELECT 'x' AS subject, 1/0 AS kept, 0 AS counted",
    "UndefinedTable": "SELECT subject, kept, counted FROM nowhere",
    "AdminShutdown": "SELECT 'x' AS subject, pg_terminate_backend(pg_backend_pid()) AS kept, 0 AS counted",
}


@pytest.fixture
def sweep(monkeypatch, database, settings) -> Callable[[datetime], None]:
    """The job on this test's database, at a moment."""
    monkeypatch.setattr(job.resources, "database", lambda: database)
    monkeypatch.setattr(job.resources, "settings", lambda: settings)
    return lambda at: job.sweep(lambda: at)


@pytest.fixture
def break_check(monkeypatch) -> Callable[[str], None]:
    """Add a check that fails."""
    return lambda sql: monkeypatch.setattr(
        run_checks, "CHECKS", (*run_checks.CHECKS[:1], Check("test/broken", "about", sql))
    )


def clock_time(hour: int, minute: int = 0) -> datetime:
    """Of this day, where the business is."""
    return datetime.combine(cast.TODAY, time(hour, minute), cast.ZONE)


def kept(owner) -> list[Row]:
    """What is known of the runs."""
    return list(owner.execute(text("SELECT * FROM check_run ORDER BY id")))


def attempts(owner, sweep, begin: datetime, end: datetime) -> list[datetime]:
    """When a run was begun while the schedule swept every five minutes."""
    begun, at = [], begin
    while at < end:
        before = sum(run.attempts for run in kept(owner))
        sweep(at)
        if sum(run.attempts for run in kept(owner)) > before:
            begun.append(at)
        at += 5 * MINUTE
    return begun


@pytest.mark.parametrize("said", BROKEN)
def test_a_night_that_fails_is_tried_three_times_and_then_left_to_the_next(owner, sweep, break_check, said):
    break_check(BROKEN[said])
    assert attempts(owner, sweep, clock_time(1, 30), clock_time(7)) == [
        clock_time(2),
        clock_time(2, 10),
        clock_time(3, 10),
    ]
    [run] = kept(owner)
    assert (run.attempts, run.failed_at, run.finished_at) == (3, clock_time(3, 10), None)
    assert run.last_error.startswith(said) and "\n" not in run.last_error
    sweep(clock_time(2) + timedelta(days=1))
    assert [again.attempts for again in kept(owner)] == [3, 1]


def test_a_run_that_was_asked_for_is_not_begun_for_ever_either(database, owner, sweep, break_check):
    break_check(BROKEN["UndefinedTable"])
    with transaction(database.system_session()) as session:
        ask_check(session, actor=cast.quality.actor(), at=clock_time(11, 58))
    assert attempts(owner, sweep, clock_time(12), clock_time(18)) == [
        clock_time(12),
        clock_time(12, 10),
        clock_time(13, 10),
    ]


def test_an_attempt_that_succeeds_ends_it(owner, sweep, break_check, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(run_checks, "CHECKS", (Check("test/broken", "about", BROKEN["UndefinedTable"]),))
        sweep(clock_time(2))
    assert attempts(owner, sweep, clock_time(2, 5), clock_time(6)) == [clock_time(2, 10)]
    [run] = kept(owner)
    assert (run.attempts, run.failed_at, run.last_error, run.finished_at, run.differences) == (
        2,
        None,
        None,
        clock_time(2, 10),
        0,
    )


@pytest.mark.parametrize("fails", [1, 3])
def test_whoever_asks_again_does_not_wait_for_the_pause(database, owner, sweep, break_check, fails):
    break_check(BROKEN["DivisionByZero: division by zero"])
    for at in (clock_time(2), clock_time(2, 10), clock_time(3, 10))[:fails]:
        sweep(at)
    asked_at = kept(owner)[0].failed_at + MINUTE
    with transaction(database.system_session()) as session:
        ask_check(session, actor=cast.quality.actor(), at=asked_at)
    break_check("SELECT '' AS subject, 0 AS kept, 0 AS counted WHERE false")
    assert attempts(owner, sweep, asked_at, asked_at + timedelta(hours=2)) == [asked_at]
    assert [(run.attempts, run.finished_at) for run in kept(owner)] == [(fails, None), (1, asked_at)]


def test_a_run_at_work_is_known_to_have_begun_and_nobody_gives_it_up(owner, sweep):
    seen = []

    def now() -> datetime:
        if begun := kept(owner):  # the run has begun: this is asked at its end
            sweep(clock_time(2, 5))
            seen.append((begun[0].started_at, kept(owner)))
        return clock_time(2)

    job.sweep(now)
    [(started_at, [run])] = seen
    assert (started_at, run.attempts, run.failed_at, run.finished_at) == (clock_time(2), 1, None, None)
    [run] = kept(owner)
    assert (run.attempts, run.failed_at, run.finished_at) == (1, None, clock_time(2))


def test_a_run_whose_process_died_is_given_up_and_tried_again(owner, sweep):
    def die_at_the_end() -> datetime:
        if kept(owner):
            raise SystemExit
        return clock_time(2)

    with pytest.raises(SystemExit):
        job.sweep(die_at_the_end)
    assert [(run.started_at, run.failed_at) for run in kept(owner)] == [(clock_time(2), None)]
    sweep(clock_time(2, 1))
    assert [(run.attempts, run.failed_at, run.last_error) for run in kept(owner)] == [
        (1, clock_time(2, 1), None)
    ]
    assert attempts(owner, sweep, clock_time(2, 6), clock_time(6)) == [clock_time(2, 11)]


def test_what_was_found_before_stays_the_last_result(database, owner, sweep, break_check):
    sweep(clock_time(2))
    break_check(BROKEN["UndefinedTable"])
    sweep(clock_time(2) + timedelta(days=1))
    with transaction(database.system_session()) as session:
        latest, result = queries.concerning(session, actor=SYSTEM)
    assert latest.failed_at and result.started_at == clock_time(2) and result.differences == 0
