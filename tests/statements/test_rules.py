"""Which month may be closed, and how far its closing is, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.kernel.errors import Conflict, Invalid
from portal.statements import rules
from portal.statements.rules import Progress

TODAY = date(2026, 11, 3)


def refusal(period: str, states: dict[str, str], today: date = TODAY) -> str:
    with pytest.raises((Conflict, Invalid)) as refused:
        rules.require_closable(period, states, today)
    return refused.value.code


@pytest.mark.parametrize(
    "states",
    [
        {"2026-10": "open"},
        {"2026-10": "open", "2026-11": "open"},
        {"2026-08": "closed", "2026-09": "closed", "2026-10": "open"},
        {"2026-09": "closed"},
    ],
)
def test_the_next_month_that_is_over_may_be_closed(states):
    rules.require_closable("2026-10", states, TODAY)
    assert rules.next_to_close(states, TODAY) == "2026-10"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "26-10",
        "2026-10-01",
        "0000-01",
        "２０２６-10",
        "2026-10\n",
    ],
)
def test_what_is_no_month_is_refused(text):
    assert refusal(text, {"2026-10": "open"}) == "invalid"


@pytest.mark.parametrize(
    ("period", "states", "code"),
    [
        ("2026-10", {"2026-10": "closing"}, "already_closing"),
        ("2026-10", {"2026-10": "closed"}, "already_closed"),
        ("2026-08", {"2026-10": "closed"}, "nothing_posted"),
        ("1998-01", {"2026-09": "closed", "2026-10": "open"}, "nothing_posted"),
        ("2026-08", {"2026-07": "closed", "2026-09": "closed", "2026-10": "open"}, "nothing_posted"),
        ("2026-09", {"2026-09": "closed", "2026-10": "closing"}, "already_closed"),
        ("2026-11", {"2026-10": "closed"}, "period_not_over"),
        ("2026-10", {"2026-09": "open", "2026-10": "open"}, "earlier_period_open"),
        ("2026-10", {"2026-09": "closing", "2026-10": "open"}, "earlier_period_open"),
        ("2026-10", {"2026-08": "closed", "2026-10": "open"}, "earlier_period_open"),
        ("2026-10", {}, "nothing_posted"),
        ("2026-08", {"2026-10": "open"}, "nothing_posted"),
    ],
)
def test_months_are_closed_in_turn_and_once(period, states, code):
    assert refusal(period, states) == code


@pytest.mark.parametrize("today", [date(2026, 10, 1), date(2026, 10, 31)])
def test_a_month_is_not_closed_before_it_is_over(today):
    assert refusal("2026-10", {"2026-10": "open"}, today) == "period_not_over"
    assert rules.next_to_close({"2026-10": "open"}, today) is None


def test_a_month_may_be_closed_on_the_first_day_after_it():
    rules.require_closable("2026-10", {"2026-10": "open"}, date(2026, 11, 1))


def test_nothing_may_be_closed_while_something_is_closing():
    assert rules.next_to_close({"2026-09": "closing", "2026-10": "open"}, TODAY) is None


def test_time_left_is_what_waits_at_the_rate_of_late():
    progress = Progress(total=100, done=40, failed=10, recent=20, seconds=10.0)
    assert (progress.waiting, progress.rate, progress.left) == (50, 2.0, timedelta(seconds=25))


def test_time_left_is_unknown_while_nothing_moves_and_none_at_the_end():
    assert Progress(100, 0, 0, 0, 10.0).left is None
    assert Progress(100, 98, 2, 0, 10.0).left == timedelta()


def test_the_rate_is_counted_over_the_window_or_since_the_beginning():
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    window = timedelta(seconds=30)
    assert rules.pace(begin, begin + timedelta(seconds=12), window) == 12
    assert rules.pace(begin, begin + timedelta(hours=1), window) == 30
    assert rules.pace(begin, begin, window) == 1


def test_the_first_month_of_the_calendar_is_one():
    assert rules.is_period("0001-01") and not rules.is_period("0000-12")
