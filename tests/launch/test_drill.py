"""What the drill calls a pause, and when it has passed."""

from __future__ import annotations

import pytest

from bench.ha import passed, table
from bench.writers import Writers

GOOD = {
    "events": [
        {"event": "web", "pause_seconds": 0.5, "goal_seconds": 1, "whole_again_seconds": 9.0, "refused": 2}
    ],
    "acknowledged": 7,
    "lost": 0,
    "double": 0,
    "wrong": {},
    "effects_waiting": 0,
    "slowest_seconds": 1.5,
}


def writers(*moments: float) -> Writers:
    """Those whose orders were acknowledged at these moments."""
    made = Writers([], [], [])
    made.seen.acknowledged.extend((at, f"HA-{at}") for at in moments)
    return made


@pytest.mark.parametrize(
    ("moments", "pause"),
    [
        ((9.5, 10.5, 14.0, 14.5), 3.5),
        ((9.5, 13.5, 14.5), 4.0),  # from the last one before it began
        ((9.5, 10.5), 4.5),  # none has come back yet
        ((), 5.0),
        ((1.0, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 30.0), 1.0),  # what was before and after is none of its
    ],
)
def test_a_pause_is_the_longest_time_without_an_acknowledged_order(moments, pause):
    assert writers(*moments).pause(10.0, 15.0) == pause


def test_a_drill_passes_when_all_goals_are_reached():
    assert passed(GOOD)


@pytest.mark.parametrize(
    "worse",
    [
        {"lost": 1},
        {"double": 1},
        {"wrong": {"500": 1}},
        {"events": [GOOD["events"][0] | {"pause_seconds": 1.0}]},
        {"events": [GOOD["events"][0] | {"whole_again_seconds": None}]},
    ],
)
def test_a_drill_fails_by_one_goal(worse):
    assert not passed(GOOD | worse)


def test_the_table_has_a_line_an_event():
    assert "0.50 s" in table(GOOD) and "9.0 s" in table(GOOD) and "lost 0" in table(GOOD)
    assert "never" in table(GOOD | {"events": [GOOD["events"][0] | {"whole_again_seconds": None}]})
