"""Garbage is looked for seldom.

A process of the suite holds half a million objects that stay until its end (tests, modules, mapped classes),
and every application that a test makes is reason enough for Python to look through all of them: a quarter of
the time of a test of pages. Importing `portal.kernel` lets Python look seldom.
"""

from __future__ import annotations

import gc

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected is never garbage."""
    gc.collect()
    gc.freeze()
