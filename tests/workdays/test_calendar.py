"""The calendar that is shipped: China's holidays as they were announced, and what is certain of the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest

from portal.kernel.db import transaction
from portal.workdays.queries import calendar, setting, year_of_work
from portal.workdays.rules import OFFICE_HOURS
from tests import cast

pytestmark = pytest.mark.only_asks


@pytest.fixture
def shipped(database):
    with transaction(database.session_for(cast.east_manager.actor())) as session:
        return calendar(session)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=cast.ZONE)


def every_day(year: int):
    return [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", [2025, 2026])
def test_days_are_worked_and_off_as_announced(shipped, year):
    ours = [day for day in every_day(year) if shipped.is_working(day)]
    assert ours == [day for day in every_day(year) if chinese_calendar.is_workday(day)]
    assert year in shipped.years


def test_of_2027_only_the_thirteen_days_of_the_law_are_known(shipped, database):
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        year = year_of_work(session, 2027)
    off = [
        *(date(2027, 1, 1), date(2027, 2, 5), date(2027, 2, 6), date(2027, 2, 7), date(2027, 2, 8)),
        *(date(2027, 4, 5), date(2027, 5, 1), date(2027, 5, 2), date(2027, 6, 9), date(2027, 9, 15)),
        *(date(2027, 10, 1), date(2027, 10, 2), date(2027, 10, 3)),
    ]
    assert list(year.days) == off and not any(day.is_working for day in year.days.values())
    assert all(day.name_zh and day.name_en and "放假办法" in day.source for day in year.days.values())


def test_a_clock_across_new_year_stands_on_its_holidays(shipped):
    last = date(2025, 12, 31)
    # Off from Thursday to Saturday, and the Sunday after is worked.
    assert shipped.due(at(last, 17), 120) == at(date(2026, 1, 4), 10)
    assert shipped.minutes_between(at(last, 18), at(date(2026, 1, 4), 9)) == 0
    assert shipped.add_working_days(last, 1) == date(2026, 1, 4)
    # 1 January 2027 is a Friday; what is moved for it nobody knows yet.
    assert shipped.due(at(date(2026, 12, 31), 17), 120) == at(date(2027, 1, 4), 10)
    assert shipped.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_saturdays_that_are_worked_count(shipped):
    friday, monday = date(2026, 2, 13), date(2026, 2, 23)
    assert shipped.due(at(friday, 17), 120) == at(date(2026, 2, 14), 10)
    # The Spring Festival: the 14th is worked, then nothing until the 24th, and the 28th is worked.
    assert shipped.add_working_days(friday, 2) == date(2026, 2, 24)
    assert shipped.minutes_between(at(date(2026, 2, 14), 18), at(monday, 23)) == 0
    assert shipped.add_working_days(date(2026, 2, 27), 1) == date(2026, 2, 28)
    week = [shipped.is_working(date(2026, 2, 22) + timedelta(n)) for n in range(8)]
    assert week == [False, False, True, True, True, True, True, False]


def test_a_whole_year_of_work_is_reckoned(shipped):
    days = sum(map(shipped.is_working, every_day(2026)))
    year = shipped.minutes_between(at(date(2026, 1, 1), 0), at(date(2027, 1, 1), 0))
    assert days == 248 and year == days * 450


def test_dealers_read_the_calendar_by_one_statement(database, count_statements):
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        session.connection()
        with count_statements() as counted:
            known = calendar(session)
        assert (len(counted), known.zone, known.hours) == (1, cast.ZONE, OFFICE_HOURS)
        assert setting(session).revision == 1
