"""Garbage is looked for seldom.

A process of the suite holds half a million objects that stay until its end (tests, modules, mapped classes),
and every application that a test makes is reason enough for Python to look through all of them: a quarter of
the time of a test of pages.
"""

from __future__ import annotations

import gc

import pytest

_THRESHOLDS = (50_000, 20, 20)  # Python's own are 700, 10 and 10, for small programs


def pytest_configure() -> None:
    """Before the tests are imported: that is half a million objects too."""
    gc.set_threshold(*_THRESHOLDS)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected is never garbage."""
    gc.collect()
    gc.freeze()
