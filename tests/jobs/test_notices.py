"""Mail about the feed: digests once a period to who chose them, reminders once a day to who is left."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from portal.feed.digests import announce_digests, choose_digest, digest_choice
from sqlalchemy import text

from jobs import notices, resources
from portal.feed.remind import remind
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.feed.acts import acknowledged, draft, opened
from tests.jobs.test_mail import body
from tests.races import failures, together

BUYER, BOSS, FINANCE = cast.huadong.buyer, cast.huadong.boss, cast.huadong.finance


def choose(database, person, digest: str) -> None:
    with transaction(database.session_for(person.actor())) as session:
        choose_digest(session, actor=person.actor(), digest=digest)


def announced(database, at: datetime) -> int:
    with transaction(database.system_session()) as session:
        return announce_digests(session, at=at, zone=cast.ZONE)


def reminded(database, number: str, person=cast.national_manager, *, today: date = cast.TODAY):
    with transaction(database.session_for(person.actor())) as session:
        return remind(session, actor=person.actor(), number=number, at=clock.now(), today=today)


NOON = datetime.combine(cast.TODAY, datetime.min.time(), cast.ZONE) + timedelta(hours=12)


def test_a_digest_tells_who_chose_it_what_is_new_for_the_dealer_and_not_read(given, database, letters, owner):
    given.an_entry(title_zh="元旦发货安排")
    given.an_entry(title_zh="只给粤康", dealers=["yuegang"])
    opened(database, BUYER, given.an_entry(title_zh="已经读过"))
    for person in (BUYER, cast.yuegang.buyer):
        choose(database, person, "daily")
    choose(database, FINANCE, "none")
    assert announced(database, NOON) == 2
    [message] = letters(BUYER)
    assert "元旦发货安排" in body(message) and message["Subject"] == "您有 1 条新的政策或公告"
    assert "只给粤康" not in body(message) and "已经读过" not in body(message)
    assert "https://portal.example/feed?unread=1" in body(message)
    assert "只给粤康" in body(letters(cast.yuegang.buyer)[0])
    assert letters(FINANCE) == letters(BOSS) == []


def test_a_digest_comes_once_a_period_whoever_asks_and_however_often(given, database, letters):
    given.an_entry()
    choose(database, BUYER, "daily")
    outcomes = together(4, lambda _: announced(database, NOON))
    assert not failures(outcomes) and sum(outcomes) == 1
    assert announced(database, NOON + timedelta(hours=3)) == 0
    assert announced(database, NOON + timedelta(days=1)) == 1
    choose(database, BUYER, "weekly")
    monday = NOON - timedelta(days=NOON.weekday()) + timedelta(days=7)
    assert [announced(database, monday + timedelta(days=day)) for day in range(3)] == [1, 0, 0]


def test_nobody_gets_an_empty_digest(given, database, letters):
    choose(database, BUYER, "daily")
    assert announced(database, NOON) == 1
    assert letters(BUYER) == []


def test_the_schedule_announces_by_the_portals_clock(given, database, letters, at_work, owner):
    choose(database, BUYER, "weekly")
    notices.announce_digests()
    notices.announce_digests()
    due = 0 if datetime.now(cast.ZONE).weekday() == 0 and datetime.now(cast.ZONE).hour < 7 else 1
    assert owner.execute(text("SELECT count(*) FROM feed_letter")).scalar_one() == due
    assert resources.settings().timezone == cast.ZONE


def test_each_person_chooses_for_themselves(database):
    choose(database, BUYER, "weekly")
    choose(database, BUYER, "daily")
    for person, chosen in ((BUYER, "daily"), (BOSS, "none")):
        with transaction(database.session_for(person.actor())) as session:
            assert digest_choice(session, actor=person.actor()) == chosen
    with pytest.raises(Invalid):
        choose(database, BUYER, "hourly")
    with pytest.raises(NotFound):
        choose(database, cast.order_desk, "daily")


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
    assert "确认" in body(letters(BUYER)[0]) and letters(BOSS) and not letters(FINANCE)
    assert not letters(cast.suzhou.boss)


def test_nobody_is_reminded_of_what_was_acknowledged_meanwhile(given, database, letters):
    number = given.an_entry(must_acknowledge=True)
    reminded(database, number)
    acknowledged(database, BOSS, number)
    assert letters(BUYER) == [] and letters(cast.yuegang.buyer)


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
