"""Headquarters enters years, single days and hours; one person at a time, and the audit tells who."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.workdays.day_rules import NamedDay
from portal.workdays.edit_calendar import enter_years, set_day, set_hours
from portal.workdays.queries import calendar, setting, year_of_work
from portal.workdays.rules import Span
from portal.workdays.waiting import work
from tests import cast
from tests.races import together

DESK, OTHER = cast.order_desk, cast.administrator
NEW_YEAR = NamedDay(date(2031, 1, 1), False, "元旦", "New Year")
WORKED = NamedDay(date(2031, 1, 4), True, "元旦调休上班")
NOTICE = "国办发明电〔2030〕1号"


def acting(database, act, *, by=DESK, **about):
    with transaction(database.session_for(by.actor())) as session:
        return act(session, actor=by.actor(), at=cast.NOW, **about)


def entered(database, *days, by=DESK, source=NOTICE, **about):
    return [
        str(one.change) for one in acting(database, enter_years, days=days, source=source, by=by, **about)
    ]


def known(database):
    with database.session_for(DESK.actor()) as session:
        return calendar(session)


def told(owner):
    rows = owner.execute(text("SELECT action, subject, before, after FROM audit_event ORDER BY id"))
    return [tuple(row) for row in rows if row.action.startswith("working_days")]


def test_a_year_is_entered_whole_and_again_with_what_changed(database, owner):
    assert entered(database, NEW_YEAR, WORKED) == ["added", "added"]
    kept = known(database)
    assert (kept.is_working(WORKED.day), kept.is_working(NEW_YEAR.day)) == (True, False)
    assert 2031 in kept.years and kept.is_working(date(2026, 1, 4))
    off = NamedDay(date(2031, 1, 2), False, "元旦")
    renamed = NamedDay(NEW_YEAR.day, False, "新年", "New Year")
    assert entered(database, renamed, off, by=OTHER) == ["changed", "added", "removed"]
    assert not known(database).is_working(WORKED.day)
    with database.session_for(DESK.actor()) as session:
        year = year_of_work(session, 2031)
        assert (year.source, year.entered_by_label, len(year.days)) == (NOTICE, OTHER.display_name, 2)
    [first, second] = told(owner)
    assert first[:2] == ("working_days:year_entered", "2031")
    assert ["2031-01-04", "working", "removed"] in second[3]["days"]


def test_every_fault_is_told_and_nothing_is_entered(database, owner):
    days = [
        NEW_YEAR,
        NEW_YEAR,
        NamedDay(date(1999, 12, 31), False),
        NamedDay(date(2031, 5, 1), False, "x" * 61, "two\nlines"),
    ]
    with pytest.raises(Invalid) as refused:
        entered(database, *days, source=" ")
    found = {(fault.pointer, fault.code) for fault in refused.value.faults}
    assert found == {
        ("/source", "missing"),
        ("/days/1/day", "twice"),
        ("/days/2/day", "date_range"),
        ("/days/3/name_zh", "too_long"),
        ("/days/3/name_en", "unprintable"),
    }
    for none in ((), (NEW_YEAR,) * 1001):
        with pytest.raises(Invalid, match="invalid"):
            entered(database, *none)
    assert 2031 not in known(database).years and not told(owner)


def test_a_day_is_set_and_follows_the_week_again(database, owner):
    saturday = NamedDay(date(2031, 3, 8), True, "盘点", "Stock-taking")
    acting(database, set_day, day=saturday, on=saturday.day)
    acting(database, set_day, day=saturday, on=saturday.day)
    assert known(database).is_working(saturday.day) and 2031 not in known(database).years
    acting(database, set_day, day=None, on=saturday.day)
    assert not known(database).is_working(saturday.day)
    assert [(one[0], one[1], one[3]["working"]) for one in told(owner)] == [
        ("working_days:day_set", "2031-03-08", True),
        ("working_days:day_set", "2031-03-08", None),
    ]
    with pytest.raises(Invalid):
        acting(database, set_day, day=NamedDay(date(2031, 3, 8), True, "\x00"), on=saturday.day)


def test_hours_are_set_for_whoever_reckons_from_now_on(database, owner):
    acting(database, set_hours, hours=[Span(480, 1020)])
    assert known(database).hours == (Span(480, 1020),)
    assert told(owner)[0][2:] == ({"hours": ["540-720", "810-1080"]}, {"hours": ["480-1020"]})
    with pytest.raises(Invalid):
        acting(database, set_hours, hours=[])


def test_whoever_saw_an_older_calendar_is_told(database):
    with database.session_for(DESK.actor()) as session:
        seen = setting(session).revision
    entered(database, NEW_YEAR, revision=seen)
    for act, about in (
        (enter_years, {"days": [NEW_YEAR], "source": NOTICE}),
        (set_day, {"day": None, "on": NEW_YEAR.day}),
        (set_hours, {"hours": [Span(0, 60)]}),
    ):
        with pytest.raises(Conflict, match="edited_meanwhile"):
            acting(database, act, revision=seen, by=OTHER, **about)
    assert not known(database).is_working(NEW_YEAR.day)


def test_of_two_who_enter_a_year_at_once_the_first_has_it(database):
    with database.session_for(DESK.actor()) as session:
        seen = setting(session).revision

    def enter(place):
        try:
            return entered(database, (NEW_YEAR, WORKED)[place], revision=seen)[0]
        except Conflict as refusal:
            return refusal.code

    assert sorted(together(2, enter)) == ["added", "edited_meanwhile"]
    assert len(known(database).days.keys() & {NEW_YEAR.day, WORKED.day}) == 1


@pytest.mark.parametrize("who", [cast.huadong.boss, cast.quality], ids=lambda who: who.roles[0])
def test_others_change_nothing(database, who):
    for act, about in (
        (enter_years, {"days": [NEW_YEAR], "source": NOTICE}),
        (set_day, {"day": None, "on": NEW_YEAR.day}),
        (set_hours, {"hours": [Span(0, 60)]}),
    ):
        with pytest.raises(Forbidden):
            acting(database, act, by=who, **about)


def test_a_missing_year_waits_for_whoever_enters_it(database, owner):
    owner.execute(text("DELETE FROM work_year WHERE year > 2026"))

    def waits(who, today):
        with database.session_for(who.actor()) as session:
            return [
                (one.params["year"], one.values, one.is_urgent)
                for one in work(session, who.actor(), cast.NOW, today)
            ]

    assert waits(DESK, date(2026, 10, 2)) == []
    assert waits(DESK, date(2026, 10, 3)) == [("2027", {"year": "2027"}, False)]
    assert waits(OTHER, date(2027, 1, 1)) == [("2027", {"year": "2027"}, True)]
    assert waits(cast.quality, date(2026, 12, 1)) == []
