"""Webhooks are sent by a worker: signed, again when they fail, never held up by somebody else's receiver."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context

import pytest
from sqlalchemy import text

from jobs import outbox, resources, webhooks
from portal.kernel.db import transaction
from portal.webhooks import rules
from portal.webhooks.replay import replay_dead, replay_delivery, send_test
from portal.webhooks.subscribe import pause_subscription, rotate_secret
from tests import cast
from tests.jobs.conftest import until
from tests.races import failures, together
from tests.webhooks.acts import (
    ADMIN,
    OWNER,
    RIVAL,
    Receiving,
    attempts,
    happened,
    messages,
    of,
    receiving,
    subscribed,
    time_passes,
)

LOCAL = dict.fromkeys(("outgoing_private", "dealer_webhooks_private"), ("127.0.0.0/8",))
"""Settings that open this machine to every webhook."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiving]:
    with receiving() as one:
        yield one


@pytest.fixture(autouse=True)
def _(at_work, settings):
    """Local receivers are allowed, and time is short."""
    local = settings.model_copy(update={**LOCAL, "base_url": "https://portal.example"})
    at_work.setattr("jobs.resources.settings", lambda: local)
    at_work.setattr(outbox, "_GATHER_SECONDS", 0)


def send() -> None:
    outbox.sweep()
    webhooks.send_due()


def test_what_was_committed_is_sent_signed_and_can_be_looked_up(database, receiver):
    made = subscribed(database, receiver.at("ok/a"))
    receiver.trust(made.secret)
    happened(database, number="SO2611-A")
    send()
    [message] = receiver.taken("ok/a")
    assert message["type"] == "order.placed" and message["timestamp"].endswith("Z")
    url = "https://portal.example/api/v1/orders/SO2611-A"
    assert message["data"] == {"number": "SO2611-A", "url": url}
    [row] = messages(database, made.number)
    assert (row.state, row.last_status, row.message_id) == ("delivered", 200, message["id"])
    [attempt] = attempts(database, made.number, row.message_id)
    assert (attempt.status, attempt.answer) == (200, "thanks")


def test_nothing_is_sent_without_commit_and_each_message_once(database, receiver):
    made = subscribed(database, receiver.at("ok/b"))
    receiver.trust(made.secret)
    with pytest.raises(RuntimeError), transaction(database.system_session()) as session:
        outbox.outbox.add(session, "order.placed", dealer_id=cast.huadong.id, number="SO2611-NO")
        raise RuntimeError
    happened(database, number="SO2611-YES")
    send()
    send()
    assert [one["data"]["number"] for one in receiver.taken("ok/b")] == ["SO2611-YES"]
    assert len(receiver.calls("ok/b")) == 1


def test_with_mail_an_event_does_not_wait_for_letters_and_comes_once(database, receiver, at_work, settings):
    mailing = settings.model_copy(update={**LOCAL, "mail_url": "smtp://127.0.0.1:1"})
    at_work.setattr("jobs.resources.settings", lambda: mailing)
    made = subscribed(database, receiver.at("ok/c"))
    receiver.trust(made.secret)
    happened(database, number="SO2611-NOBODY-KNOWS")  # its letter fails, again and again
    for _ in range(3):
        send()
    assert len(receiver.calls("ok/c")) == 1


def test_each_gets_the_own_events_and_headquarters_those_of_its_regions(database, owner, receiver):
    everybody = subscribed(database, receiver.at("ok/hq"), who=ADMIN)
    south = subscribed(database, receiver.at("ok/south"), who=ADMIN)
    ours, theirs = (subscribed(database, receiver.at(f"ok/{who.id}"), who=who) for who in (OWNER, RIVAL))
    about = {"regions": [cast.guangdong.id], "number": south.number}
    owner.execute(text("UPDATE webhook_subscription SET region_ids = :regions WHERE number = :number"), about)
    receiver.trust(everybody.secret, south.secret, ours.secret, theirs.secret)
    happened(database, number="SO2611-OURS")
    happened(database, number="SO2611-THEIRS", dealer=cast.yuegang)
    send()
    for act, expected in ((OWNER.id, ["SO2611-OURS"]), (RIVAL.id, ["SO2611-THEIRS"])):
        assert [one["data"]["number"] for one in receiver.taken(f"ok/{act}")] == expected
    told = {one["data"]["number"]: one["data"]["dealer"] for one in receiver.taken("ok/hq")}
    assert told == {"SO2611-OURS": cast.huadong.code, "SO2611-THEIRS": cast.yuegang.code}
    assert [one["data"]["number"] for one in receiver.taken("ok/south")] == ["SO2611-THEIRS"]


def test_networks_of_headquarters_are_not_open_to_webhooks_of_dealers(database, receiver, at_work, settings):
    for opened, reached in (("outgoing_private", "ok/c2"), ("dealer_webhooks_private", "ok/d2")):
        alone = settings.model_copy(update={opened: LOCAL[opened]})
        at_work.setattr("jobs.resources.settings", lambda alone=alone: alone)
        theirs = subscribed(database, receiver.at("ok/c2"), who=ADMIN)
        dealers = subscribed(database, receiver.at("ok/d2"))
        receiver.trust(theirs.secret, dealers.secret)
        happened(database)
        before = {act: len(receiver.calls(act)) for act in ("ok/c2", "ok/d2")}
        send()
        after = {act: len(receiver.calls(act)) for act in before}
        assert {act for act in before if after[act] > before[act]} == {reached}
        refused = dealers if reached == "ok/c2" else theirs
        [row] = messages(database, refused.number, who=OWNER if reached == "ok/c2" else ADMIN)
        assert row.last_error == "private_address"


def test_a_failure_comes_again_under_the_same_id_until_it_is_taken(database, owner, receiver):
    made = subscribed(database, receiver.at("fail/2/5"))
    receiver.trust(made.secret)
    happened(database)
    for attempt in range(3):
        send()
        send()  # nothing is due yet
        assert len(receiver.calls("fail/2/5")) == attempt + 1
        time_passes(owner, rules.DELAYS[attempt] * 1.3)
    [row] = messages(database, made.number)
    assert (row.state, row.attempts) == ("delivered", 3)
    calls = receiver.calls("fail/2/5")
    assert {one["headers"]["webhook-id"] for one in calls} == {row.message_id}
    assert len({one["body"] for one in calls}) == 1
    tried = attempts(database, made.number, row.message_id)
    assert [one.status for one in tried] == [500, 500, 200] and tried[0].answer == "out of order"
    assert of(database, made.number).failing_since is None


def test_after_three_days_it_is_given_up_and_can_be_replayed(database, owner, receiver):
    made = subscribed(database, receiver.at("fail/10/6"))
    receiver.trust(made.secret)
    happened(database)
    for delay in (*rules.DELAYS, timedelta()):
        send()
        time_passes(owner, delay * 1.3)
    [row] = messages(database, made.number)
    assert (row.state, row.attempts, row.next_at) == ("dead", 10, None)
    with transaction(database.session_for(OWNER.actor())) as session:
        about = {"actor": OWNER.actor(), "number": made.number, "at": cast.NOW}
        assert replay_dead(session, since=cast.NOW - timedelta(days=1), **about) == 1
    send()
    [row] = messages(database, made.number)
    assert (row.state, row.attempts) == ("delivered", 11)
    with transaction(database.session_for(OWNER.actor())) as session:
        replay_delivery(session, message_id=row.message_id, **about)
    send()
    assert len(receiver.calls("fail/10/6")) == 12 and len(receiver.taken("fail/10/6")) == 1


def test_a_receiver_that_is_gone_stops_the_subscription_and_its_owner_is_told(
    database, receiver, letters, at_work
):
    made = subscribed(database, receiver.at("gone"), "order.cancelled")
    posted = webhooks.resources.settings()
    local = posted.model_copy(update=LOCAL)
    at_work.setattr("jobs.resources.settings", lambda: local)
    happened(database, "order.cancelled")
    send()
    assert (of(database, made.number).state, of(database, made.number).stop_reason) == ("stopped", "gone")
    [letter] = letters(OWNER)
    assert "ERP" in letter["Subject"] and not letters(RIVAL)


def test_days_of_nothing_but_failures_stop_a_subscription_and_what_happens_then_waits(
    database, owner, receiver
):
    made = subscribed(database, receiver.at("fail/1/8"))
    receiver.trust(made.secret)
    happened(database, number="SO2611-1")
    send()
    owner.execute(text("UPDATE webhook_subscription SET failing_since = failing_since - interval '5 days'"))
    happened(database, number="SO2611-2")
    time_passes(owner, timedelta(seconds=10))
    owner.execute(text("UPDATE webhook_delivery SET next_at = next_at + interval '1 day' WHERE attempts > 0"))
    send()
    assert of(database, made.number).stop_reason == "failing"
    happened(database, number="SO2611-3")
    time_passes(owner, timedelta(days=2))
    send()
    assert not receiver.taken("fail/1/8") and of(database, made.number).waiting == 3
    with transaction(database.session_for(OWNER.actor())) as session:
        pause_subscription(session, actor=OWNER.actor(), number=made.number, paused=False)
    send()
    time_passes(owner, timedelta(days=1))
    send()
    assert sorted(one["data"]["number"] for one in receiver.taken("fail/1/8")) == [
        "SO2611-1",
        "SO2611-2",
        "SO2611-3",
    ]


def test_events_of_one_document_come_in_their_order_and_hold_up_no_other(database, owner, receiver):
    made = subscribed(database, receiver.at("fail/1/9"), "order.placed", "order.cancelled", ordered=True)
    receiver.trust(made.secret)
    happened(database, number="SO2611-A")
    happened(database, "order.cancelled", number="SO2611-A")
    send()
    happened(database, number="SO2611-B")
    time_passes(owner, timedelta(seconds=3))  # the receiver has rested, the first message not
    owner.execute(text("UPDATE webhook_subscription SET rests_until = now()"))
    send()
    assert [
        one["data"]["number"] for one in (json.loads(call["body"]) for call in receiver.calls("fail/1/9"))
    ][-1] == "SO2611-B"
    for _ in range(3):
        time_passes(owner, timedelta(minutes=10))
        send()
    mine = [one for one in receiver.taken("fail/1/9") if one["data"]["number"] == "SO2611-A"]
    assert [one["type"] for one in mine][-2:] == ["order.placed", "order.cancelled"]


def test_a_rotated_secret_and_the_one_before_it_sign_for_a_day(database, owner, receiver):
    made = subscribed(database, receiver.at("ok/rotated"))
    with transaction(database.session_for(OWNER.actor())) as session:
        fresh = rotate_secret(session, actor=OWNER.actor(), number=made.number, at=cast.NOW)
    for number, trusted in enumerate((made.secret, fresh.secret)):
        receiver.trust(trusted)
        happened(database, number=f"SO2611-{number}")
        send()
    assert len(receiver.taken("ok/rotated")) == 2
    owner.execute(text("UPDATE webhook_subscription SET former_until = now()"))
    receiver.trust(made.secret)
    happened(database, number="SO2611-LATE")
    send()
    assert len(receiver.taken("ok/rotated")) == 2


def test_a_receiver_that_hangs_holds_up_nobody_else(database, receiver, at_work):
    at_work.setattr(rules, "TIMEOUT", 2.0)
    slow = subscribed(database, receiver.at("hang"))
    quick = subscribed(database, receiver.at("ok/quick"))
    receiver.trust(quick.secret)
    happened(database, number="SO2611-1")
    outbox.sweep()
    begun = time.monotonic()
    webhooks.send_due()
    assert time.monotonic() - begun < 6
    assert len(receiver.taken("ok/quick")) == 1
    [row] = messages(database, slow.number)
    assert (row.state, row.last_error, row.last_status) == ("waiting", "timeout", None)


@pytest.mark.parametrize("act", ["inside", "drip", "later/3600", "flood", "slow/40"])
def test_what_else_a_receiver_may_do(database, receiver, at_work, act):
    at_work.setattr(rules, "TIMEOUT", 1.0)
    made = subscribed(database, receiver.at(f"{act}/{receiver.port}" if act == "inside" else act))
    happened(database)
    begun = time.monotonic()
    send()
    assert time.monotonic() - begun < 6
    [row] = messages(database, made.number)
    expected = {
        "inside": ("waiting", 307),
        "slow/40": ("waiting", None),
        "drip": ("waiting", None),
        "later/3600": ("waiting", 503),
        "flood": ("delivered", 200),
    }
    assert (row.state, row.last_status) == expected[act]
    [attempt] = attempts(database, made.number, row.message_id)
    assert len(attempt.answer) <= rules.ANSWER_MAX
    assert not receiver.calls("ok"), "no redirect is followed, least of all to this machine"


def test_a_receiver_that_answers_too_late_gets_the_message_again_and_takes_it_once(
    database, owner, receiver, at_work
):
    assert rules.TIMEOUT < 40, "an answer after 40 seconds is no answer"
    at_work.setattr(rules, "TIMEOUT", 0.5)
    made = subscribed(database, receiver.at("slow/1.5"))
    receiver.trust(made.secret)
    happened(database)
    send()
    [row] = messages(database, made.number)
    assert (row.state, row.last_error, row.last_status) == ("waiting", "timeout", None)
    at_work.setattr(rules, "TIMEOUT", 15.0)
    time_passes(owner, timedelta(minutes=1))
    send()
    ids = [one["headers"]["webhook-id"] for one in receiver.calls("slow/1.5")]
    assert ids == [row.message_id] * 2 and len(receiver.taken("slow/1.5")) == 1
    assert messages(database, made.number)[0].state == "delivered"


def test_many_bursts_at_once_send_each_message_once(database, receiver, at_work):
    made = [subscribed(database, receiver.at(f"ok/many-{place}")) for place in range(3)]
    receiver.trust(*(one.secret for one in made))
    for number in range(5):
        happened(database, number=f"SO2611-{number}")
    assert failures(together(2, lambda _: outbox.sweep())) == []
    assert failures(together(3, lambda _: webhooks._burst(time.monotonic() + 5))) == []
    for place in range(3):
        assert len(receiver.calls(f"ok/many-{place}")) == 5


def test_a_test_is_sent_though_paused_and_once_only(database, receiver):
    made = subscribed(database, receiver.at("fail/1/14"))
    with transaction(database.session_for(OWNER.actor())) as session:
        about = {"actor": OWNER.actor(), "number": made.number}
        pause_subscription(session, paused=True, **about)
        message = send_test(session, at=cast.NOW, **about)
    send()
    [row] = messages(database, made.number)
    assert (row.message_id, row.state, row.last_status, row.event) == (message, "dead", 500, "webhook.test")
    assert of(database, made.number).failing_since is None


def test_addresses_inside_are_not_reached_without_leave(database, receiver, at_work, settings):
    made = subscribed(database, receiver.at("ok/inside"))
    at_work.setattr("jobs.resources.settings", lambda: settings)
    happened(database)
    send()
    assert not receiver.calls("ok/inside")
    assert messages(database, made.number)[0].last_error == "private_address"


def test_a_worker_killed_while_it_sends_leaves_a_message_that_comes_again(database, owner, receiver):
    """After the receiver has heard it and before that is noted; the receiver takes the message once."""
    made = subscribed(database, receiver.at("slow/1"))
    receiver.trust(made.secret)
    happened(database)
    outbox.sweep()
    child = get_context("fork").Process(target=_send_elsewhere)
    child.start()
    until(lambda: receiver.calls("slow/1"), "nothing was sent")
    child.kill()
    child.join()
    until(lambda: receiver.taken("slow/1"), "the receiver never took it")
    [row] = messages(database, made.number)
    assert (row.state, row.attempts) == ("waiting", 0)
    happened(database, number="SO2611-LATER")
    outbox.sweep()
    sooner = "UPDATE webhook_delivery SET next_at = next_at - interval '1 hour' WHERE leased_until IS NULL"
    owner.execute(text(sooner))
    webhooks.send_due()
    assert len(receiver.calls("slow/1")) == 1, "a worker that was killed sends alone until its time is over"
    resources.valkey().delete(webhooks._BUSY)
    webhooks.send_due()
    assert len(receiver.calls("slow/1")) == 1, "and then the lease still holds, also for what comes after"
    owner.execute(text("UPDATE webhook_delivery SET leased_until = now() WHERE leased_until IS NOT NULL"))
    webhooks.send_due()
    ids = [one["headers"]["webhook-id"] for one in receiver.calls("slow/1")]
    assert ids.count(row.message_id) == 2 and len(ids) == 3
    assert len(receiver.taken("slow/1")) == 2
    assert [one.state for one in messages(database, made.number)] == ["delivered"] * 2


def _send_elsewhere() -> None:
    resources.database().engine.dispose(close=False)
    webhooks.send_due()
