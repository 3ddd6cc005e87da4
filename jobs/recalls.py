"""Remind the holders that have not answered a recall."""

from __future__ import annotations

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.recalls import remind as reminding
from portal.workdays.queries import calendar


def remind() -> None:
    """Remind whose next share of the time has passed; a run that finds nobody new tells nobody."""
    at, told = clock.now(), reminding.AT_ONCE
    while told >= reminding.AT_ONCE:
        with transaction(resources.database().system_session()) as session:
            told = reminding.remind(session, calendar=calendar(session), at=at)
