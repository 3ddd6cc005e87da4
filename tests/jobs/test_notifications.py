"""Letters by everybody's choice: at once, in the digest, never; quiet hours; once, whatever happens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text

from jobs import notifications
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid
from portal.notifications import inbox
from portal.notifications.digests import announce_digests
from portal.notifications.rules import Choice, Setting
from portal.notifications.tell import announce
from tests import cast
from tests.jobs.test_mail import body
from tests.notifications.acts import chosen, rows, told
from tests.races import failures, together

BUYER, FINANCE, RIVAL = cast.huadong.buyer, cast.huadong.finance, cast.yuegang.buyer
ZONE = str(cast.ZONE)
NOON = datetime.combine(cast.TODAY, time(12), cast.ZONE)


def announced(database, at: datetime) -> int:
    with transaction(database.system_session()) as session:
        return announce_digests(session, at=at, zone=ZONE)


def test_each_person_is_told_as_they_chose(database, letters):
    chosen(database, BUYER, order__shipped=Choice(mail="none"))
    told(database, "order.shipped", [BUYER, RIVAL])
    assert letters(BUYER) == [] and len(letters(RIVAL)) == 1
    chosen(database, BUYER, order__shipped=Choice(in_inbox=False, mail="at_once"))
    told(database, "order.shipped", [BUYER], number="SO-2")
    assert len(letters(BUYER)) == 1
    assert rows(database, f"SELECT in_inbox FROM notification WHERE user_id = {BUYER.id} ORDER BY id") == [
        (True,),
        (False,),
    ]


def test_what_is_mandatory_comes_whatever_was_chosen(database, letters):
    with pytest.raises(Invalid):
        chosen(database, FINANCE, statement__issued=Choice(mail="none"))
    facts = {"period": "2026-10", "closing": "1.00", "overdue": "0", "currency": "CNY"}
    told(database, "statement.issued", [FINANCE], number="ST-1", **facts)
    [message] = letters(FINANCE)
    assert "List-Unsubscribe" not in message and "不可关闭" in body(message)


def test_one_effect_tells_each_person_once_however_often_it_is_carried_out(database, letters):
    outcomes = together(4, lambda _: told(database, "order.shipped", [BUYER, RIVAL], effect=77))
    assert not failures(outcomes) and sum(outcomes) == 2
    assert told(database, "order.shipped", [BUYER], effect=77) == 0
    assert len(letters(BUYER)) == len(letters(RIVAL)) == 1


def test_the_digest_tells_once_a_day_what_is_unread(database, letters):
    chosen(database, BUYER, order__shipped=Choice(mail="digest"), order__filled=Choice(mail="digest"))
    told(database, "order.shipped", [BUYER], number="SO-1")
    told(database, "order.filled", [BUYER], number="SO-2")
    told(database, "order.filled", [BUYER], number="SO-3")
    key = entry_of(database, BUYER, "SO-3")
    with transaction(database.session_for(BUYER.actor())) as session:
        inbox.open_entry(session, actor=BUYER.actor(), key=key, at=clock.now())
    outcomes = together(4, lambda _: announced(database, NOON))
    assert not failures(outcomes) and sum(outcomes) == 1
    assert letters(BUYER)[0]["Subject"] == "您有 2 条新消息"
    said = body(letters(BUYER)[0])
    assert "SO-1" in said and "SO-2" in said and "SO-3" not in said
    told(database, "order.shipped", [BUYER], number="SO-4")
    assert announced(database, NOON + timedelta(hours=3)) == 0
    tomorrow = NOON + timedelta(days=1)
    assert [announced(database, tomorrow.replace(hour=hour)) for hour in (6, 7, 8)] == [0, 1, 0]
    assert len(letters(BUYER)) == 2


def test_a_weekly_digest_comes_from_monday_on_at_the_persons_hour(database, letters):
    weekly = Setting("Europe/Berlin", digest_every="weekly", digest_hour=20)
    chosen(database, BUYER, weekly, order__shipped=Choice(mail="digest"))
    told(database, "order.shipped", [BUYER])
    monday = datetime(2026, 11, 30, 18, 59, tzinfo=UTC)  # 19:59 in Berlin
    with transaction(database.system_session()) as session:
        session.execute(text("INSERT INTO notification_digest VALUES (:u, '2026-11-23')"), {"u": BUYER.id})
    assert [announced(database, monday), announced(database, monday + timedelta(minutes=1))] == [0, 1]
    assert announced(database, monday + timedelta(days=2)) == 0


def test_the_schedule_announces_and_who_has_read_everything_gets_no_digest(database, letters, owner):
    for person in (BUYER, RIVAL):
        chosen(database, person, Setting(ZONE, digest_hour=0), order__shipped=Choice(mail="digest"))
    told(database, "order.shipped", [BUYER, RIVAL])
    notifications.announce_digests()
    announced_to = (
        "SELECT (payload ->> 'user')::int FROM outbox WHERE topic = 'notification.digest' ORDER BY 1"
    )
    assert [user for (user,) in owner.execute(text(announced_to))] == sorted([BUYER.id, RIVAL.id])
    with transaction(database.session_for(BUYER.actor())) as session:
        mark = inbox.mark_of_newest(session, actor=BUYER.actor())
        assert inbox.read_all(session, actor=BUYER.actor(), until=mark, at=clock.now()) == 1
    assert letters(BUYER) == []
    assert [letter["Subject"] for letter in letters(RIVAL)] == ["您有 1 条新消息"]
    notifications.announce_digests()
    assert len(letters(RIVAL)) == 1, "once a day"


def test_a_letter_waits_for_the_end_of_quiet_hours_and_an_urgent_one_does_not(database, letters, owner):
    local = clock.now().astimezone(UTC)
    begins, ends = (local - timedelta(hours=1)).time(), (local + timedelta(hours=1)).time()
    chosen(database, BUYER, Setting("UTC", quiet_from=begins, quiet_until=ends))
    told(database, "order.shipped", [BUYER])
    assert letters(BUYER) == []
    row = owner.execute(text("SELECT not_before, attempts FROM outbox WHERE dispatched_at IS NULL")).one()
    assert row.attempts == 0 and timedelta() < row.not_before - local <= timedelta(hours=1, seconds=1)
    told(database, "notice.demanded", [BUYER], number="NT-1")
    assert [message["Subject"] for message in letters(BUYER)] == ["通知"]


def test_a_letter_that_waited_is_not_sent_once_it_is_read(database, letters, owner):
    told(database, "order.shipped", [BUYER])
    key = entry_of(database, BUYER, "SO-1")
    with transaction(database.session_for(BUYER.actor())) as session:
        inbox.open_entry(session, actor=BUYER.actor(), key=key, at=clock.now())
    assert letters(BUYER) == []
    assert owner.execute(text("SELECT count(*) FROM outbox WHERE dispatched_at IS NULL")).scalar_one() == 0


def test_mail_that_fails_for_one_person_is_not_sent_again_to_others(database, letters, owner, monkeypatch):
    told(database, "order.shipped", [BUYER, RIVAL])
    whole = notifications.compose

    def compose(letter, reader, **about):
        if reader.user_id == RIVAL.id:
            raise ConnectionRefusedError
        return whole(letter, reader, **about)

    monkeypatch.setattr(notifications, "compose", compose)
    first = letters(BUYER)
    monkeypatch.setattr(notifications, "compose", whole)
    owner.execute(text("UPDATE outbox SET not_before = now()"))
    assert letters(BUYER)[0]["Date"] == first[0]["Date"] and len(letters(RIVAL)) == 1


def test_a_verb_announces_and_the_holders_of_the_events_roles_are_told(database, letters):
    actor = cast.huadong.buyer.actor()
    facts = {"number": "SO-9", "purchase_order_no": "", "units": 3, "waiting": 0}
    with transaction(database.session_for(actor)) as session:
        announce(
            session,
            event="order.filled",
            dealer_id=cast.huadong.id,
            path="/orders/SO-9",
            facts=facts,
        )
    assert "SO-9" in body(letters(BUYER)[0])
    assert [person for person in cast.people if letters(person)] == [BUYER]
    with pytest.raises(KeyError), transaction(database.session_for(actor)) as session:
        announce(session, event="no.such", dealer_id=cast.huadong.id, path="/", facts={})


def test_a_letter_can_be_stopped_by_its_link_without_signing_in(database, letters, app, visitor):
    told(database, "order.shipped", [BUYER])
    [message] = letters(BUYER)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    [path] = re.findall(r"<https://portal\.example(/mail/stop/[^>]+)>", message["List-Unsubscribe"])
    assert path in body(message)
    page = visitor.get(path).get_data(as_text=True)
    assert BUYER.email not in page and BUYER.display_name not in page
    assert rows(database, "SELECT count(*) FROM notification_choice") == [(0,)]
    # As a mail program sends it: no cookie, no token of a form.
    answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    told(database, "order.shipped", [BUYER], number="SO-2")
    assert len(letters(BUYER)) == 1
    assert rows(database, "SELECT event, in_inbox, mail FROM notification_choice") == [
        ("order.shipped", True, "none")
    ]
    assert visitor.get(path[:-4] + "AAAA").status_code == 404


def test_old_entries_are_swept(database, letters, owner):
    told(database, "order.shipped", [BUYER], at=clock.now() - timedelta(days=181))
    told(database, "order.shipped", [BUYER], number="SO-2")
    notifications.sweep()
    assert rows(database, "SELECT said -> 'en' ->> 'subject' FROM notification") == [("Order SO-2 shipped",)]


def test_two_windows_do_not_overwrite_each_other(database):
    outcomes = together(2, lambda _: chosen(database, BUYER, order__shipped=Choice(mail="none")))
    assert len(failures(outcomes)) <= 1
    assert all(isinstance(one, Conflict) for one in failures(outcomes))


def entry_of(database, person, number: str) -> str:
    actor = person.actor()
    with transaction(database.session_for(actor)) as session:
        page = inbox.entries(session, actor=actor)
    return next(one.key for one in page.items if number in one.subject_en)


def test_nobody_reads_the_inbox_of_another_and_nobody_tells_in_the_portals_name(database):
    told(database, "order.shipped", [BUYER])
    key = entry_of(database, BUYER, "SO-1")
    for other in (RIVAL, cast.huadong.boss, cast.national_manager, cast.administrator):
        with transaction(database.session_for(other.actor())) as session:
            assert session.execute(text("SELECT count(*) FROM notification")).scalar_one() == 0
            with pytest.raises(Exception, match="not_found"):
                inbox.open_entry(session, actor=other.actor(), key=key, at=clock.now())
    planted = text(
        "INSERT INTO notification (user_id, source, event, path, said, in_inbox, mail, sms, created_at)"
        " VALUES (:user, 'x', 'order.shipped', '/', '{}', true, 'none', false, now())"
    )
    with (
        pytest.raises(Exception, match="row-level security"),
        transaction(database.session_for(RIVAL.actor())) as session,
    ):
        session.execute(planted, {"user": BUYER.id})
