"""Topics of a capability that the tests of the outbox make up, and what is done about them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from portal.kernel.db import Base
from portal.kernel.manifest import Capability, Topic
from portal.kernel.outbox import Effect

ACTS: dict[str, Callable[[Effect], object]] = {}

CAPABILITY = Capability(
    "test",
    topics={"test": Topic("tests.jobs.handling.handle"), "broken": Topic("tests.jobs.handling.handle")},
)


def handle(effect: Effect) -> None:
    """What the test at hand wants done."""
    ACTS[effect.topic](effect)


def begins_with() -> tuple[bool, bool]:
    """What a child of a worker has when it begins: its tables configured, the readings of Chinese loaded."""
    return all(mapper.configured for mapper in Base.registry.mappers), "pypinyin" in sys.modules
