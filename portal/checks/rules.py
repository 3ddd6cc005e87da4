"""When the portal checks itself, and how a result is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from portal.kernel.checking import Difference

NIGHT_BEGINS, NIGHT_ENDS = time(2), time(6)  # in the business time zone: after the day's last order, before its first
TOLD_MAX = 50  # differences of one check


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found. more: whether there are further differences than those told."""

    name: str
    about: str
    seconds: float
    told: tuple[Difference, ...]
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        told = [[one.subject, one.kept, one.counted] for one in self.told]
        return {"name": self.name, "about": self.about, "milliseconds": round(self.seconds * 1000), "told": told, "more": self.more}


def result_of(kept: Mapping[str, Any]) -> Result:
    """A result as it was kept."""
    told = tuple(Difference(*one) for one in kept["told"])
    return Result(kept["name"], kept["about"], kept["milliseconds"] / 1000, told, kept["more"])


def found(results: Sequence[Result]) -> int:
    """Differences told in all."""
    return sum(len(result.told) for result in results)


def is_due(last_started: datetime | None, at: datetime, zone: tzinfo) -> bool:
    """Whether the nightly run is to be made now: it is night, and none began in this night."""
    here = at.astimezone(zone)
    if not NIGHT_BEGINS <= here.time() < NIGHT_ENDS:
        return False
    night = datetime.combine(here.date(), NIGHT_BEGINS, zone)
    return last_started is None or last_started < night


def latest_night(at: datetime, zone: tzinfo) -> datetime:
    """When the last night began whose run must be there by now."""
    here = at.astimezone(zone)
    day = here.date() if here.time() >= NIGHT_ENDS else here.date() - timedelta(days=1)
    return datetime.combine(day, NIGHT_BEGINS, zone)
