"""What waits of the calendar: a year that clocks reach into, and of which not every holiday is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.workdays.queries import calendar
from portal.workdays.vocabulary import WorkdayRight


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Each missing year, urgent once it has begun."""
    if not actor.may(WorkdayRight.EDIT):
        return
    for year in calendar(session).missing_years(today):
        yield Waiting(
            N_("Working days of %(year)s to enter"),
            1,
            "working_days.index",
            {"year": str(year)},
            {"year": str(year)},
            is_urgent=year <= today.year,
        )
