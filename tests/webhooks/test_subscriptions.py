"""Who may subscribe to what, and that nobody sees or changes what is somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.feed.vocabulary import FeedRight
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.outbox import Effect
from portal.webhooks import queries, rules
from portal.webhooks.deliver import sweep_deliveries
from portal.webhooks.publish import publish
from portal.webhooks.replay import replay_dead, replay_delivery, send_test
from portal.webhooks.subscribe import (
    Wanted,
    change_subscription,
    pause_subscription,
    remove_subscription,
    rotate_secret,
    subscribe,
)
from portal.webhooks.vocabulary import WebhookRight
from portal.webhooks.waiting import work as tell
from tests import cast, work
from tests.webhooks.acts import ADMIN, OWNER, RIVAL, messages, of, subscribed

URL = "https://erp.example/hook?token=secret"


def faults_of(database, wanted: Wanted, *, who=OWNER) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refused, database.session_for(who.actor()) as session:
        subscribe(session, actor=who.actor(), wanted=wanted, plain=False, today=cast.TODAY, at=cast.NOW)
    return {(fault.pointer, fault.code) for fault in refused.value.faults}


def test_every_fault_is_told_at_once(database):
    wanted = Wanted(" ", "http://erp.example/", ["order.placed", "no.such"])
    assert faults_of(database, wanted) == {
        ("/name", "required"),
        ("/url", "not_https"),
        ("/events/1", "unknown_event"),
    }
    assert faults_of(database, Wanted("a\nb", "https://u:p@erp.example/", [])) == {
        ("/name", "name"),
        ("/url", "user_in_url"),
        ("/events", "required"),
    }


def test_a_secret_is_sealed_where_it_is_kept_and_told_nowhere_else(database, owner):
    made = subscribed(database, URL)
    kept = owner.execute(text("SELECT secret FROM webhook_subscription")).scalar_one()
    assert made.secret not in kept and made.secret[6:] not in kept
    audited = owner.execute(
        text("SELECT coalesce(before::text, '') || after::text FROM audit_event WHERE subject = :n"),
        {"n": made.number},
    ).scalar_one()
    assert made.secret not in audited and "token" not in audited
    assert made.secret not in repr(made)


def test_a_program_is_told_only_of_what_it_may_read(database):
    rights = frozenset({WebhookRight.WRITE, FeedRight.READ})
    program = replace(OWNER.actor(), rights=rights)
    with database.session_for(program) as session:
        wanted = Wanted("ERP", URL, ["notice.published", "order.placed"])
        with pytest.raises(Invalid) as refused:
            subscribe(session, actor=program, wanted=wanted, plain=False, today=cast.TODAY, at=cast.NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/events/1"]


def test_there_are_no_more_than_twenty_of_one_owner(database):
    for _ in range(rules.OF_ONE_OWNER_MAX):
        subscribed(database, URL)
    with pytest.raises(Conflict):
        subscribed(database, URL)
    subscribed(database, URL, who=RIVAL)


def test_a_rival_and_headquarters_find_nothing_of_it(database):
    number = subscribed(database, URL).number
    ours = subscribed(database, URL, who=ADMIN).number
    wanted = Wanted("ERP", URL, ["order.placed"])
    for who, one in ((RIVAL, number), (ADMIN, number), (OWNER, ours)):
        about = {"actor": who.actor(), "number": one}
        acts = (
            lambda session, about=about: queries.subscription(session, **about),
            lambda session, about=about: queries.deliveries(session, **about),
            lambda session, about=about: pause_subscription(session, paused=True, **about),
            lambda session, about=about: rotate_secret(session, at=cast.NOW, **about),
            lambda session, about=about: send_test(session, at=cast.NOW, **about),
            lambda session, about=about: replay_dead(session, since=cast.NOW, at=cast.NOW, **about),
            lambda session, about=about: remove_subscription(session, **about),
            lambda session, about=about: change_subscription(
                session, revision=None, wanted=wanted, plain=False, **about
            ),
        )
        for act in acts:
            with pytest.raises(NotFound), database.session_for(who.actor()) as session:
                act(session)
    with pytest.raises(Forbidden), database.session_for(cast.huadong.buyer.actor()) as session:
        queries.subscriptions(session, actor=cast.huadong.buyer.actor())


def test_two_tabs_do_not_overwrite_each_other(database):
    number = subscribed(database, URL).number
    revision = of(database, number).revision
    about = {"actor": OWNER.actor(), "number": number, "revision": revision, "plain": False}
    with transaction(database.session_for(OWNER.actor())) as session:
        change_subscription(session, wanted=Wanted("MES", URL, ["order.placed"]), **about)
    with pytest.raises(Conflict), database.session_for(OWNER.actor()) as session:
        change_subscription(session, wanted=Wanted("WMS", URL, ["order.placed"]), **about)
    assert of(database, number).name == "MES"


def test_what_was_paused_twice_is_paused_and_one_that_stopped_waits_for_somebody(database, owner):
    number = subscribed(database, URL).number
    owner.execute(text("UPDATE webhook_subscription SET state = 'stopped', stop_reason = 'failing'"))
    about = {"actor": OWNER.actor(), "number": number}
    with database.session_for(OWNER.actor()) as session:
        [told] = work.waiting(session, OWNER.actor(), tell)
        assert told.count == 1 and told.is_urgent
    for paused, state in ((True, "stopped"), (False, "active"), (True, "paused"), (True, "paused")):
        with transaction(database.session_for(OWNER.actor())) as session:
            pause_subscription(session, paused=paused, **about)
        assert of(database, number).state == state


def published(database, topic: str, dealer, **payload) -> int:
    effect = Effect(1, topic, dealer and dealer.id, payload, 0, cast.NOW)
    with transaction(database.system_session()) as session:
        return publish(session, [effect], api="https://portal.example/api/v1", at=cast.NOW)


def test_a_notice_is_told_to_those_it_is_for(given, database):
    numbers = {who: subscribed(database, URL, "notice.published", who=who).number for who in (OWNER, RIVAL)}
    hq = subscribed(database, URL, "notice.published", who=ADMIN).number
    entry = given.an_entry(dealers=[cast.huadong.code])
    assert published(database, "notice.published", None, number=entry, kind="notice") == 2
    assert [one.subject for one in messages(database, numbers[OWNER])] == [entry]
    assert messages(database, numbers[RIVAL], who=RIVAL) == []
    assert [one.subject for one in messages(database, hq, who=ADMIN)] == [entry]


def test_an_effect_that_is_published_again_makes_no_second_message(database):
    subscribed(database, URL)
    assert [published(database, "order.placed", cast.huadong, number="SO1") for _ in range(2)] == [1, 0]


def test_what_nobody_subscribed_to_leaves_nothing(database):
    subscribed(database, URL, "order.cancelled")
    assert published(database, "order.placed", cast.huadong, number="SO1") == 0
    assert published(database, "product.change", None, number="SO1") == 0


def test_a_message_of_another_subscription_is_not_replayed(database):
    first, second = subscribed(database, URL), subscribed(database, URL, "order.cancelled")
    published(database, "order.placed", cast.huadong, number="SO1")
    [message] = messages(database, first.number)
    with pytest.raises(NotFound), database.session_for(OWNER.actor()) as session:
        about = {"actor": OWNER.actor(), "number": second.number, "at": cast.NOW}
        replay_delivery(session, message_id=message.message_id, **about)


def test_deliveries_are_forgotten_after_thirty_days(database, owner):
    number = subscribed(database, URL).number
    published(database, "order.placed", cast.huadong, number="SO1")
    for days, left in ((29, 1), (31, 0)):
        with transaction(database.system_session()) as session:
            sweep_deliveries(session, at=cast.NOW + timedelta(days=days))
        assert len(messages(database, number)) == left


def test_an_attempt_never_changes(database, owner):
    subscribed(database, URL)
    published(database, "order.placed", cast.huadong, number="SO1")
    owner.execute(
        text(
            "INSERT INTO webhook_attempt (delivery_id, attempt_no, sent_at, milliseconds, status)"
            " SELECT id, 1, now(), 5, 500 FROM webhook_delivery"
        )
    )
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text("UPDATE webhook_attempt SET status = 200"))
    assert refusal.value.orig.sqlstate == "TL062"
