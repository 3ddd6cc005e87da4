"""Sales areas and their provinces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from demo.loading.keys import region_keys
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.regions import AREAS, MOVED, read_provinces


def load_regions(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Enter where is sold."""
    put(connection, "region_node", ("id", "code", "name_zh", "name_en", "level", "parent_id"), _regions())


def _regions() -> Iterator[tuple[Any, ...]]:
    keys = region_keys()
    for code, (zh, en) in AREAS.items():
        yield keys[code], code, zh, en, 1, None
    for code, province in read_provinces().items():
        began = MOVED.former if code == MOVED.province else province.area
        yield keys[code], code, province.name_zh, province.name_en, 2, keys[began]


PART = Part("regions", load=load_regions)
