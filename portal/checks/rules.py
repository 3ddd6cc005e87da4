"""When the portal checks itself, and how a result is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from portal.kernel.checking import Difference

NIGHT_BEGINS, NIGHT_ENDS = (
    time(2),
    time(6),
)  # in the business time zone: after the day's last order, before its first
TOLD_MAX = 50  # differences of one check

# Before a run that failed is begun again. After the last of them it is left to the next night, or to whoever
# asks.
PAUSES = (timedelta(minutes=10), timedelta(hours=1))
BEGINS_WITHIN = timedelta(minutes=5)  # of being asked for, while nothing else is at work


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
        return {
            "name": self.name,
            "about": self.about,
            "milliseconds": round(self.seconds * 1000),
            "told": told,
            "more": self.more,
        }


@dataclass(frozen=True, slots=True)
class Run:
    """A run, from the wish on, as `CheckRun` keeps it."""

    id: int
    asked_at: datetime
    asked_by: str
    attempts: int
    started_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    finished_at: datetime | None
    differences: int | None
    results: tuple[Result, ...]

    @property
    def seconds(self) -> float:
        """How long the run took that has finished."""
        assert self.started_at is not None and self.finished_at is not None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def at_work(self) -> bool:
        """Whether it has begun and not ended, as far as is known."""
        return self.started_at is not None and self.finished_at is None and self.failed_at is None

    @property
    def again_at(self) -> datetime | None:
        """When it is begun again after it failed; None: not by itself."""
        if self.failed_at is None or self.attempts > len(PAUSES):
            return None
        return self.failed_at + PAUSES[self.attempts - 1]


def result_of(kept: Mapping[str, Any]) -> Result:
    """A result as it was kept."""
    told = tuple(Difference(*one) for one in kept["told"])
    return Result(kept["name"], kept["about"], kept["milliseconds"] / 1000, told, kept["more"])


def found(results: Sequence[Result]) -> int:
    """Differences told in all."""
    return sum(len(result.told) for result in results)


def is_to_be_made(run: Run, at: datetime) -> bool:
    """Whether a run waits to begin, or has failed and paused long enough."""
    return run.started_at is None or (run.again_at is not None and at >= run.again_at)


def is_due(last_started: datetime | None, at: datetime, zone: tzinfo) -> bool:
    """Whether the nightly run is to be made now: it is night, and none began in this night."""
    here = at.astimezone(zone)
    if not NIGHT_BEGINS <= here.time() < NIGHT_ENDS:
        return False
    night = datetime.combine(here.date(), NIGHT_BEGINS, zone)
    return last_started is None or last_started < night


def is_missing(last_started: datetime | None, at: datetime, zone: tzinfo) -> bool:
    """Whether a night has passed in which no run was begun."""
    return last_started is None or last_started < latest_night(at, zone)


def is_ignored(waiting: Run | None, latest: Run | None, at: datetime) -> bool:
    """Whether somebody asked for a run and nobody begins it."""
    return (
        waiting is not None
        and at - waiting.asked_at > BEGINS_WITHIN
        and not (latest is not None and latest.at_work)
    )


def latest_night(at: datetime, zone: tzinfo) -> datetime:
    """When the last night began whose run must be there by now."""
    here = at.astimezone(zone)
    day = here.date() if here.time() >= NIGHT_ENDS else here.date() - timedelta(days=1)
    return datetime.combine(day, NIGHT_BEGINS, zone)
