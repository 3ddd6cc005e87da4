"""How long each part of the suite takes: printed after a run of several, kept for the order of the next.

The longest modules start first, so that no process is left with one of them while the others are done;
machines that share a run out split it by the same figures (`--shard=1/3`).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "durations.json"
"""Seconds by module. `bin/test --keep-durations` writes what it measured."""

PART_SECONDS = 60
"""What a folder of tests, a capability's most of all, may take of one process."""
SUITE_SECONDS = 18 * 60
"""What everything may take on two cores; those who merge wait twenty minutes at most."""

_UNKNOWN = 2.0  # seconds of a module that nobody measured
_BEGUN = pytest.StashKey[float]()


def add_options(parser: pytest.Parser) -> None:
    """What `bin/test` hands on."""
    group = parser.getgroup("suite")
    group.addoption("--shard", help="i/n: the i-th of n parts of about the same length", type=shard)
    group.addoption(
        "--keep-durations", action="store_true", help="write what modules took into tests/durations.json"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_BEGUN] = time.monotonic()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest modules first; of a shard only its modules. A module's tests stay together and in order."""
    seconds = json.loads(KEPT.read_text())
    modules = longest_first(dict.fromkeys(map(_module, items)), seconds)
    if wanted := config.getoption("--shard"):
        modules = shards(modules, seconds, wanted[1])[wanted[0] - 1]
    place = {module: number for number, module in enumerate(modules)}
    config.hook.pytest_deselected(items=[item for item in items if _module(item) not in place])
    items[:] = sorted(
        (item for item in items if _module(item) in place), key=lambda item: place[_module(item)]
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what each part took, where there were several."""
    reports = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport)
    ]
    by_module: Counter[str] = Counter()
    for report in reports:
        by_module[report.nodeid.partition("::")[0]] += report.duration
    if config.getoption("--keep-durations"):
        KEPT.write_text(json.dumps({**_kept_still(), **_rounded(by_module)}, indent=0, sort_keys=True) + "\n")
    by_part: Counter[str] = Counter()
    for module, seconds in by_module.items():
        by_part[part_of(module)] += seconds
    if len(by_part) > 1:
        terminalreporter.section("seconds by part")
        for line in table(by_part, time.monotonic() - config.stash[_BEGUN]):
            terminalreporter.write_line(line)


def shard(text: str) -> tuple[int, int]:
    """``2/3``. Raises ValueError for what is no share."""
    i, _, n = text.partition("/")
    if not (i.isdecimal() and n.isdecimal() and 1 <= int(i) <= int(n)):
        raise ValueError(f"{text} is no share; write it like 2/3")
    return int(i), int(n)


def longest_first(modules: Iterable[str], seconds: Mapping[str, float]) -> list[str]:
    """Modules as they are started."""
    return sorted(modules, key=lambda module: -seconds.get(module, _UNKNOWN))


def shards(modules: Sequence[str], seconds: Mapping[str, float], count: int) -> list[list[str]]:
    """Modules, the longest first, each into the share that has least so far."""
    shares: list[list[str]] = [[] for _ in range(count)]
    loads = [0.0] * count
    for module in modules:
        least = loads.index(min(loads))
        shares[least].append(module)
        loads[least] += seconds.get(module, _UNKNOWN)
    return shares


def table(by_part: Mapping[str, float], wall: float) -> list[str]:
    """Seconds of each part, the longest first, and what goes beyond its budget."""
    lines = [
        f"{seconds:7.1f}  {part}{_beyond(seconds, PART_SECONDS)}"
        for part, seconds in sorted(by_part.items(), key=lambda one: -one[1])
    ]
    everything = sum(by_part.values())
    told = f"in {wall:.0f} seconds of {SUITE_SECONDS}{_beyond(wall, SUITE_SECONDS)}"
    return [*lines, f"{everything:7.1f}  in all, {told}"]


def part_of(module: str) -> str:
    """The folder of a module; one that lies beside the folders is its own part."""
    return "/".join(module.split("/")[:2])


def _beyond(seconds: float, budget: float) -> str:
    return f"  ({seconds - budget:.0f} beyond its {budget:.0f})" if seconds > budget else ""


def _rounded(by_module: Mapping[str, float]) -> dict[str, float]:
    return {module: round(seconds, 1) for module, seconds in by_module.items()}


def _kept_still() -> dict[str, float]:
    """What is kept of modules that are still there."""
    kept: dict[str, float] = json.loads(KEPT.read_text())
    return {module: seconds for module, seconds in kept.items() if (KEPT.parents[1] / module).exists()}


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
