"""Remind dealers and headquarters of papers that end."""

from __future__ import annotations

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.papers import remind as reminding
from portal.workdays.queries import calendar


def remind() -> None:
    """Tell of what has come near its end since the last run; a run that finds nothing new tells nobody."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    told = reminding.AT_ONCE
    while told == reminding.AT_ONCE:
        with transaction(resources.database().system_session()) as session:
            told = reminding.remind(session, calendar=calendar(session), today=today, at=at)
