"""What people are told of the feed: entries for them, and reminders once a day to who is left."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from portal.feed.editorial import edited_entry
from portal.feed.publish_entry import publish_draft
from portal.feed.remind import remind
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden
from tests import cast
from tests.feed.acts import acknowledged, draft, opened
from tests.jobs.test_mail import body
from tests.notifications.acts import rows

BUYER, BOSS, FINANCE = cast.huadong.buyer, cast.huadong.boss, cast.huadong.finance


def reminded(database, number: str, person=cast.national_manager, *, today: date = cast.TODAY):
    with transaction(database.session_for(person.actor())) as session:
        return remind(session, actor=person.actor(), number=number, at=clock.now(), today=today)


def subjects(messages) -> list[str]:
    return [message["Subject"] for message in messages]


def test_everybody_whom_an_entry_reaches_finds_it_in_the_inbox_and_nobody_else(given, database, letters):
    given.an_entry(title_zh="只给粤康", dealers=["yuegang"])
    letters(BUYER)
    assert rows(database, "SELECT DISTINCT event FROM notification") == [("notice.notice",)]
    people = {one for (one,) in rows(database, "SELECT user_id FROM notification WHERE in_inbox")}
    assert people == {person.id for person in cast.yuegang.people}


def test_what_has_to_be_acknowledged_is_mailed_at_once_to_everybody(given, database, letters):
    given.an_entry(title_zh="召回 A-1", dealers=["huadong"], must_acknowledge=True)
    [message] = letters(FINANCE)
    assert message["Subject"] == "召回 A-1" and "List-Unsubscribe" not in message
    assert "不可关闭" in body(message)


def test_an_entry_to_come_is_told_when_its_minute_comes(given, database, letters, owner):
    editor = cast.national_manager.actor()
    with transaction(database.session_for(editor)) as session:
        number = draft(session, editor, dealers=["huadong"])
        at = clock.now()
        revision = edited_entry(session, actor=editor, number=number, at=at).revision
        publish_draft(
            session, actor=editor, number=number, revision=revision, at=at, not_before=at + timedelta(hours=2)
        )
    letters(BUYER)
    assert rows(database, "SELECT count(*) FROM notification") == [(0,)]
    [waits] = owner.execute(text("SELECT not_before FROM outbox WHERE topic = 'notice.published'")).scalars()
    assert waits == at + timedelta(hours=2)


def test_who_opens_an_entry_has_read_what_told_of_it(given, database, letters):
    number = given.an_entry(dealers=["huadong"])
    letters(BUYER)
    opened(database, BUYER, number)
    unread = rows(database, "SELECT user_id FROM notification WHERE read_at IS NULL")
    assert {one for (one,) in unread} == {person.id for person in cast.huadong.people} - {BUYER.id}


def test_who_has_not_read_it_is_reminded_once_a_day(given, database, letters):
    number = given.an_entry(dealers=["huadong"], title_zh="装机培训")
    opened(database, BUYER, number)
    people = len(cast.huadong.people)
    assert reminded(database, number) == (people - 1, 0)
    assert reminded(database, number) == (0, people - 1)
    assert letters(BUYER) == letters(cast.yuegang.buyer) == []
    [message] = letters(FINANCE)
    assert message["Subject"] == "请阅读：装机培训" and f"/feed/{number}" in body(message)
    assert reminded(database, number, today=cast.TODAY + timedelta(days=1)) == (people - 1, 0)


def test_who_may_acknowledge_is_reminded_until_the_dealer_has(given, database, letters):
    number = given.an_entry(must_acknowledge=True, regions=("east",))
    acknowledged(database, cast.suzhou.buyer, number)
    assert reminded(database, number) == (2, 0)
    asked = [one for one in letters(BUYER) if one["Subject"].startswith("请阅读")]
    assert "确认" in body(asked[0]) and len(letters(BOSS)) == 2 and len(letters(FINANCE)) == 1
    assert len(letters(cast.suzhou.boss)) == 1  # that it is there, and no reminder


def test_nobody_is_reminded_of_what_was_acknowledged_meanwhile(given, database, letters):
    number = given.an_entry(must_acknowledge=True)
    reminded(database, number)
    acknowledged(database, BOSS, number)
    assert not any("请阅读" in one for one in subjects(letters(BUYER)))
    assert any("请阅读" in one for one in subjects(letters(cast.yuegang.buyer)))


def test_a_regions_manager_reminds_the_own_region(given, database, letters):
    number = given.an_entry()
    assert reminded(database, number, cast.south_manager).people == len(cast.yuegang.people)
    assert letters(BUYER) == [] and letters(cast.yuegang.buyer)


def test_nobody_is_reminded_of_a_draft_or_by_who_may_not(given, database):
    editor = cast.national_manager.actor()
    with transaction(database.session_for(editor)) as session:
        number = draft(session, editor)
    with pytest.raises(Conflict):
        reminded(database, number)
    with pytest.raises(Forbidden):
        reminded(database, given.an_entry(), cast.order_desk)
