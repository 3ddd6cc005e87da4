"""A carrier's answer, read by the adapter that knows its form. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from portal.tracking.answers.aftership import read_aftership
from portal.tracking.answers.ems import read_ems
from portal.tracking.answers.kuaidi100 import read_kuaidi100
from portal.tracking.answers.parcel import ParcelTold
from portal.tracking.answers.yanwen import read_yanwen


class Adapter(StrEnum):
    """Forms in which carriers and their brokers answer. NONE: events are entered, or come by file or API."""

    NONE = "none"
    KUAIDI100 = "kuaidi100"
    EMS = "ems"
    YANWEN = "yanwen"
    AFTERSHIP = "aftership"


_READERS: Mapping[Adapter, Callable[[bytes], tuple[ParcelTold, ...]]] = {
    Adapter.KUAIDI100: read_kuaidi100,
    Adapter.EMS: read_ems,
    Adapter.YANWEN: read_yanwen,
    Adapter.AFTERSHIP: read_aftership,
}
READABLE = tuple(_READERS)
"""Adapters that read something."""


def read_answer(adapter: Adapter, content: bytes) -> tuple[ParcelTold, ...]:
    """Every parcel that an answer tells of. Raises Invalid for what is no answer of that form."""
    return _READERS[adapter](content)
