"""Garbage is looked for seldom.

A process of the suite holds half a million objects that stay until its end (tests, modules, mapped classes),
and every application that a test makes is reason enough for Python to look through all of them: a quarter of
the time of a test of pages. Importing `portal.kernel` lets Python look seldom; here it looks half as often,
and never again at what is left when a module's tests are over, such as modules they imported and statements
that were compiled.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected is never garbage."""
    gc.set_threshold(100_000, 20, 20)
    _keep_what_is_left()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Nor is what outlives a module's tests."""
    outcome = yield
    if nextitem is None or nextitem.path != item.path:
        _keep_what_is_left()
    return outcome


def _keep_what_is_left() -> None:
    gc.collect()
    gc.freeze()
