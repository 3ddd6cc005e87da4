"""`bin/test`: the whole suite side by side, a part of it alone."""

from __future__ import annotations

import subprocess

import pytest

from launch import affected
from launch.bootstrap import ROOT, STATE, keep_compiled
from launch.refusal import Refusal
from launch.suite import side_by_side
from tests import durations


@pytest.mark.parametrize(
    "arguments", [[], ["-q"], ["-qx", "--durations=9"], ["--hypothesis-profile=explore"]], ids=str
)
def test_the_whole_suite_gets_two_processes_more_than_cores_up_to_four(arguments):
    assert side_by_side(arguments, {}, cores=2)[0] == "--numprocesses=4"
    assert side_by_side(arguments, {}, cores=64)[0] == "--numprocesses=4"


@pytest.mark.parametrize(
    "arguments", [["tests/web"], ["-k", "cart"], ["-q", "--pdb"], ["-s"], ["-m", "hypothesis"]], ids=str
)
def test_a_part_runs_in_one_process(arguments):
    assert side_by_side(arguments, {}, cores=8) == []


def test_one_core_has_three_processes_and_one_valkey_for_all_is_one_process():
    assert side_by_side([], {}, cores=1)[0] == "--numprocesses=3"
    assert side_by_side([], {"REDIS_URL": "redis://127.0.0.1/9"}, cores=8) == []


@pytest.mark.parametrize("arguments", [["--shard=1/3", "-q"], ["--keep-durations"]], ids=str)
def test_a_share_of_the_suite_runs_like_the_whole(arguments):
    assert side_by_side(arguments, {}, cores=2)[0] == "--numprocesses=4"


def test_modules_are_compiled_once_wherever_that_may_be_kept():
    beside, apart = {"LANG": "C"}, {"PYTHONDONTWRITEBYTECODE": "1"}
    keep_compiled(beside)
    keep_compiled(apart)
    assert beside == {"LANG": "C"}
    assert apart == {"PYTHONPYCACHEPREFIX": str(STATE / "pycache")}


IMPORTS = {
    "portal.stock.rules": set(),
    "portal.stock.queries": {"portal.stock", "portal.stock.rules"},
    "portal.shipping.rules": {"portal.stock.rules"},
    "portal.blueprints.catalogue": {"portal.stock.queries"},
    "portal.capabilities": {"portal.stock.queries"},
    "portal.ledger.rules": {"portal.capabilities"},
}


def test_a_change_reaches_what_imports_it_through_others_but_not_through_what_joins_all():
    assert affected.importing({"portal.stock.rules"}, IMPORTS) == {
        "portal.stock.rules",
        "portal.stock.queries",
        "portal.shipping.rules",
        "portal.blueprints.catalogue",
    }


@pytest.mark.parametrize(
    ("file", "among", "not_among"),
    [
        ("portal/stock/rules.py", ["tests/stock", "tests/ledger"], ["tests/statements", "tests/browser"]),
        ("portal/kernel/money.py", ["tests/kernel", "tests/orders", "tests/ledger", "tests/web"], []),
        ("portal/blueprints/api/orders.py", ["tests/api", "tests/routes"], ["tests/orders", "tests/browser"]),
        ("backoffice/templates/hq/orders.html", ["tests/web", "tests/browser"], ["tests/orders"]),
        ("portal/static/js/forms.js", ["tests/browser"], ["tests/api"]),
        ("launch/valkey.py", ["tests/launch"], ["tests/orders"]),
        ("tests/orders/test_rules.py", ["tests/orders"], ["tests/shipping"]),
        ("tests/test_long_stories.py", ["tests/test_long_stories.py"], ["tests/orders"]),
        ("docs/orders.md", [], ["tests/orders"]),
        ("CHANGELOG.md", [], ["tests/orders"]),
    ],
)
def test_a_changed_file_chooses_the_parts_that_can_turn_red(file, among, not_among):
    chosen = affected.parts([file], ROOT)
    assert {*among, "tests/architecture"} <= set(chosen)
    assert not set(not_among) & set(chosen)


@pytest.mark.parametrize(
    "file",
    [
        "migrations/versions/0001_first.py",
        "requirements.lock",
        "pyproject.toml",
        "config.py",
        "tests/cast.py",
    ],
)
def test_what_everything_stands_on_chooses_everything(file):
    assert affected.parts([file, "portal/stock/rules.py"], ROOT) == ["tests"]


def test_what_differs_from_a_base_and_what_git_does_not_know_has_changed(tmp_path):
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    git("config", "user.email", "test@localhost")
    git("config", "user.name", "test")
    for name in ("kept", "edited", "committed"):
        (tmp_path / name).write_text("as it was")
    git("add", ".")
    git("commit", "--message=first")
    git("checkout", "-b", "work")
    (tmp_path / "committed").write_text("changed")
    git("commit", "--all", "--message=second")
    (tmp_path / "edited").write_text("changed")
    (tmp_path / "new").write_text("new")
    assert affected.changed_files(tmp_path, "main") == ["committed", "edited", "new"]
    with pytest.raises(Refusal, match="git cannot tell what changed"):
        affected.changed_files(tmp_path, "no-such-branch")


SECONDS = {"a": 50.0, "b": 30.0, "c": 20.0, "d": 10.0}


def test_the_longest_modules_start_first_and_shares_are_about_as_long():
    modules = durations.longest_first(["d", "unknown", "a", "c", "b"], SECONDS)
    assert modules == ["a", "b", "c", "d", "unknown"]
    assert durations.shards(modules, SECONDS, 2) == [["a", "d"], ["b", "c", "unknown"]]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_module_is_in_exactly_one_share(count):
    modules = [*SECONDS, "e", "f"]
    shares = durations.shards(modules, SECONDS, count)
    assert len(shares) == count
    assert sorted(module for share in shares for module in share) == sorted(modules)


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ValueError, match="is no share; write it like 2/3"):
        durations.shard(text)


def test_what_goes_beyond_its_budget_is_told():
    assert durations.table({"tests/orders": 60.0, "tests/web": 75.0}, wall=1081) == [
        "   75.0  tests/web  (15 beyond its 60)",
        "   60.0  tests/orders",
        "  135.0  in all, in 1081 seconds of 1080  (1 beyond its 1080)",
    ]
