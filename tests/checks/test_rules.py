"""When the night's run is due, and how a result is kept."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portal.checks import rules
from portal.checks.rules import Result, Run
from portal.kernel.checking import Difference

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A moment as the clock on the wall in Shanghai shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-21 01:59", False),
        (None, "2026-11-21 02:00", True),
        (None, "2026-11-21 05:59", True),
        (None, "2026-11-21 06:00", False),
        (None, "2026-11-21 14:00", False),
        ("2026-11-20 02:00", "2026-11-21 02:00", True),
        ("2026-11-20 23:00", "2026-11-21 02:00", True),
        ("2026-11-21 02:00", "2026-11-21 02:01", False),
        ("2026-11-21 02:30", "2026-11-21 05:59", False),
    ],
)
def test_one_run_a_night(last, now, due):
    assert rules.is_due(last and at(last), at(now), ZONE) is due


def test_the_night_is_that_of_the_business():
    assert rules.is_due(None, datetime.fromisoformat("2026-11-20T18:30:00+00:00"), ZONE)
    assert not rules.is_due(None, datetime.fromisoformat("2026-11-21T02:30:00+00:00"), ZONE)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-21 05:59", "2026-11-20 02:00"),
        ("2026-11-21 06:00", "2026-11-21 02:00"),
        ("2026-11-21 23:00", "2026-11-21 02:00"),
    ],
)
def test_a_run_is_missed_once_its_night_is_over(now, night):
    assert rules.latest_night(at(now), ZONE) == at(night)


@pytest.mark.parametrize(
    ("last", "now", "missing"),
    [
        (None, "2026-11-21 12:00", True),
        ("2026-11-20 05:59", "2026-11-21 05:59", False),
        ("2026-11-20 05:59", "2026-11-21 06:00", True),
        ("2026-11-21 02:00", "2026-11-21 06:00", False),
        ("2026-11-21 02:00", "2026-11-23 12:00", True),
    ],
)
def test_a_night_without_a_run_is_missed_also_if_there_never_was_one(last, now, missing):
    assert rules.is_missing(last and at(last), at(now), ZONE) is missing


def run(asked: str, *, attempts: int = 0, started: str | None = None, failed: str | None = None) -> Run:
    """One without a result."""
    return Run(
        1,
        at(asked),
        "somebody",
        attempts,
        started and at(started),
        failed and at(failed),
        None,
        None,
        None,
        (),
    )


def test_a_wish_is_ignored_if_nobody_takes_it_up_while_nothing_is_at_work():
    asked, night = run("2026-11-21 12:00"), run("2026-11-21 02:00", attempts=1, started="2026-11-21 02:00")
    failed = run("2026-11-21 02:00", attempts=1, started="2026-11-21 02:00", failed="2026-11-21 02:01")
    assert not rules.is_ignored(None, failed, at("2026-11-21 13:00"))
    assert not rules.is_ignored(asked, failed, at("2026-11-21 12:05"))
    assert not rules.is_ignored(asked, night, at("2026-11-21 12:06"))
    assert rules.is_ignored(asked, failed, at("2026-11-21 12:06"))
    assert rules.is_ignored(asked, None, at("2026-11-21 12:06"))


@pytest.mark.parametrize(
    ("attempts", "again"), [(1, "2026-11-21 02:15"), (2, "2026-11-21 03:05"), (3, None), (4, None)]
)
def test_pauses_grow_and_end(attempts, again):
    failed = run("2026-11-21 02:00", attempts=attempts, started="2026-11-21 02:00", failed="2026-11-21 02:05")
    assert failed.again_at == (again and at(again))
    assert not rules.is_to_be_made(failed, at("2026-11-21 02:14"))
    assert rules.is_to_be_made(failed, at("2026-11-21 09:00")) is (again is not None)
    assert again is None or rules.is_to_be_made(failed, at(again)), "as soon as the pause is over"


def test_a_result_is_kept_and_read_as_it_was():
    result = Result(
        "ledger/accounts",
        "about",
        1.25,
        (Difference("D0001", "1.00", "2.00"), Difference("D0002", "0", "1")),
        True,
    )
    assert rules.result_of(result.as_json()) == result
    assert rules.found([result, Result("orders/lines", "about", 0.0, ())]) == 2
