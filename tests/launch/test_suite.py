"""`bin/test`: the whole suite side by side, a part of it alone."""

from __future__ import annotations

import pytest

from launch.suite import side_by_side


@pytest.mark.parametrize(
    "arguments", [[], ["-q"], ["-qx", "--durations=9"], ["--hypothesis-profile=explore"]], ids=str
)
def test_the_whole_suite_gets_a_process_for_each_core_up_to_four(arguments):
    assert side_by_side(arguments, {}, cores=2)[0] == "--numprocesses=2"
    assert side_by_side(arguments, {}, cores=64)[0] == "--numprocesses=4"


@pytest.mark.parametrize(
    "arguments", [["tests/web"], ["-k", "cart"], ["-q", "--pdb"], ["-s"], ["-m", "hypothesis"]], ids=str
)
def test_a_part_runs_in_one_process(arguments):
    assert side_by_side(arguments, {}, cores=8) == []


def test_one_core_or_one_valkey_for_all_is_one_process():
    assert side_by_side([], {}, cores=1) == []
    assert side_by_side([], {"REDIS_URL": "redis://127.0.0.1/9"}, cores=8) == []
