"""The working-day calendar, for whoever reckons by it, and as headquarters looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.workdays.day_rules import Changed, NamedDay, changes
from portal.workdays.rules import Span, WorkCalendar, years_of


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """A day that the table names."""

    day: date
    is_working: bool
    name_zh: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True)
class YearOfWork:
    """A year of the table. source: what announced it, None where only what is sure is known."""

    year: int
    source: str | None
    entered_by_label: str
    entered_at: datetime | None
    days: Mapping[date, DayOfYear]


@dataclass(frozen=True, slots=True)
class Setting:
    """The hours as they are, with what an editor needs to know. revision: of hours and days together."""

    hours: tuple[Span, ...]
    revision: int
    set_by_label: str
    set_at: datetime


def calendar(session: Session) -> WorkCalendar:
    """The calendar as it is now, by one statement; good for as long as a request lasts."""
    row = session.execute(_CALENDAR).one()
    return WorkCalendar(
        ZoneInfo(row.zone),
        _spans(row.opens, row.closes),
        dict.fromkeys(row.worked, True) | dict.fromkeys(row.free, False),
        frozenset(row.years),
    )


def setting(session: Session) -> Setting:
    """The hours of a working day."""
    row = session.execute(_SETTING).one()
    return Setting(_spans(row.opens, row.closes), row.revision, row.set_by_label, row.set_at)


def year_of_work(session: Session, year: int) -> YearOfWork:
    """The days of a year that the table names, and whether they are complete."""
    known = session.execute(_YEAR, {"year": year}).one_or_none()
    rows = session.execute(_DAYS, {"first": date(year, 1, 1), "last": date(year, 12, 31)})
    days = {row.day: DayOfYear(**row._mapping) for row in rows}
    if known is None:
        return YearOfWork(year, None, "", None, days)
    return YearOfWork(year, known.source, known.entered_by_label, known.entered_at, days)


def named_days(session: Session, years: Iterable[int]) -> dict[date, NamedDay]:
    """The days of some years that the table names."""
    found: dict[date, NamedDay] = {}
    for year in years:
        for day, one in year_of_work(session, year).days.items():
            found[day] = NamedDay(one.day, one.is_working, one.name_zh, one.name_en)
    return found


def preview_years(session: Session, days: Iterable[NamedDay]) -> list[Changed]:
    """What entering these days would do to each day of their years."""
    entered = list(days)
    return changes(named_days(session, years_of([one.day for one in entered])), entered)


def _spans(opens: list[int], closes: list[int]) -> tuple[Span, ...]:
    return tuple(Span(*span) for span in zip(opens, closes, strict=True))


_CALENDAR = text(
    """
    SELECT s.opens, s.closes, current_setting('app.time_zone') AS zone,
           ARRAY(SELECT day FROM work_day WHERE is_working) AS worked,
           ARRAY(SELECT day FROM work_day WHERE NOT is_working) AS free,
           ARRAY(SELECT year FROM work_year) AS years
      FROM work_setting s
    """
)
_SETTING = text("SELECT opens, closes, revision, set_by_label, set_at FROM work_setting")
_YEAR = text("SELECT source, entered_by_label, entered_at FROM work_year WHERE year = :year")
_DAYS = text(
    """
    SELECT day, is_working, name_zh, name_en, source FROM work_day
     WHERE day BETWEEN :first AND :last ORDER BY day
    """
)
