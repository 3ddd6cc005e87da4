"""Folders and servers for the tests of the launcher: real ones, in a path with spaces, as whoever runs the
tests.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.postgres import Postgres


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every account may pass through (pytest's own is closed to root's database
    server).
    """
    path = Path(tempfile.mkdtemp(prefix="tonglu launch ", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server that the tests of a module share."""
    with Postgres(durable=False) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_loop_of_the_browser() -> Iterator[None]:
    """Playwright keeps its event loop running in the thread of the tests.

    A test with a loop of its own, which may come to the same process later, needs none there.
    """
    running = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    yield
    asyncio.events._set_running_loop(running)
