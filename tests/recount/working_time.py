"""Working days and business minutes: docs/workdays.md. Times are those of the business time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

# Without a notice, Monday to Friday are worked but for what lies on the same date each year.
_EVERY_YEAR = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


class WorkingTime:
    """The table of days and the hours of a day, counted minute by minute."""

    def __init__(self, rows: Connection) -> None:
        zone = rows.execute(text("SELECT current_setting('TimeZone')")).scalar_one()
        self._zone = ZoneInfo(zone)
        self._days: dict[date, bool] = dict(rows.execute(text("SELECT day, is_working FROM work_day")).all())
        opens, closes = rows.execute(text("SELECT opens, closes FROM work_setting")).one()
        self._spans = list(zip(opens, closes, strict=True))

    def is_worked(self, day: date) -> bool:
        """Whether a day is worked."""
        plain = day.weekday() < 5 and (day.month, day.day) not in _EVERY_YEAR
        return self._days.get(day, plain)

    def due(self, begun: datetime, minutes: int | Fraction) -> datetime:
        """The first moment by which so many business minutes have passed."""
        left = timedelta(minutes=float(minutes))
        moment = begun.astimezone(self._zone)
        day = moment.date()
        if not left:
            return moment
        while True:
            for opens, closes in self._of(day):
                start = max(opens, moment)
                if start < closes:
                    if left <= closes - start:
                        return start + left
                    left -= closes - start
            day += timedelta(days=1)

    def between(self, begun: datetime, ended: datetime) -> timedelta:
        """The business time between two moments."""
        first, last = begun.astimezone(self._zone), ended.astimezone(self._zone)
        passed = timedelta()
        day = first.date()
        while day <= last.date():
            for opens, closes in self._of(day):
                passed += max(min(closes, last) - max(opens, first), timedelta())
            day += timedelta(days=1)
        return passed

    def days_later(self, day: date, count: int) -> date:
        """The working day so many working days after a day."""
        while count:
            day += timedelta(days=1)
            count -= self.is_worked(day)
        return day

    def ends(self, day: date) -> datetime:
        """The midnight after a day."""
        return self._at(day + timedelta(days=1), 0)

    def _of(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_worked(day):
            return []
        return [(self._at(day, opens), self._at(day, closes)) for opens, closes in self._spans]

    def _at(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time(), self._zone)
        return midnight + timedelta(minutes=minutes)
