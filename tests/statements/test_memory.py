"""A worker's memory does not grow with the statements it renders."""

from __future__ import annotations

import gc
import io
from dataclasses import replace

import psutil

from portal.kernel.paper.fonts import load_fonts
from portal.statements.pdf import render
from tests.statements.samples import statement

GROWTH_MAX = 8 * 2**20  # bytes


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    return psutil.Process().memory_info().rss


def rendered(times: int) -> None:
    for number in range(times):
        render(replace(statement(60), number=f"ST2610-{number:09d}"), io.BytesIO())


def test_two_hundred_statements_take_no_more_memory_than_twenty():
    load_fonts()
    rendered(20)
    before = resident()
    rendered(200)
    assert resident() - before < GROWTH_MAX
