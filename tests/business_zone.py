"""The zone in which the suite does business: one whose day does not turn while it runs.

What an early test placed today is today's for the last one. A run that begins shortly before midnight in
China does its business further west; whoever wants another zone names it in ``TONGLU_BUSINESS_TIMEZONE``.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_ZONES = ("Asia/Shanghai", "Africa/Johannesburg")  # neither puts its clocks forward
_LONGEST_RUN = timedelta(hours=2)


def choose_zone() -> str:
    """The zone of this run, of every process that it starts and of every session that names none."""
    zone = os.environ.setdefault("TONGLU_BUSINESS_TIMEZONE", zone_of_a_run(datetime.now(UTC)))
    os.environ.setdefault("PGOPTIONS", f"-c app.time_zone={zone}")
    return zone


def zone_of_a_run(moment: datetime) -> str:
    """The first zone in which a run that begins at the moment ends on the same day."""
    return next(name for name in _ZONES if _on_one_day(moment.astimezone(ZoneInfo(name))))


def _on_one_day(begin: datetime) -> bool:
    return begin.date() == (begin + _LONGEST_RUN).date()
