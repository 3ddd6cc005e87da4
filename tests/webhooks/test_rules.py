"""Signatures by the vectors of Standard Webhooks, and when a message is sent again."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from portal.webhooks import rules
from portal.webhooks.rules import DELAYS, Outcome, Tried, verdict
from tests.webhooks.receiver import is_genuine

AT = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)

# The vector that the libraries of Standard Webhooks are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, SENT_AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signature_is_the_one_of_the_specification():
    assert rules.signature(SECRET, MESSAGE, SENT_AT, BODY) == SIGNATURE


def test_new_secrets_have_256_bits_and_are_never_the_same():
    made = {rules.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(len(base64.b64decode(one.removeprefix("whsec_"))) == 32 for one in made)


@for_all(st.binary(max_size=200), st.text(st.characters(codec="ascii"), max_size=20))
def test_a_receiver_takes_what_was_signed_and_nothing_else(body, message_id):
    old, new = rules.new_secret(), rules.new_secret()
    sent = rules.headers([new, old], message_id, AT, body)
    now = AT.timestamp()
    for secret in (old, new):
        assert is_genuine([secret], sent, body, now)
        assert not is_genuine([secret], sent, body + b" ", now)
        assert not is_genuine([secret], sent | {"webhook-id": message_id + "x"}, body, now)
        assert not is_genuine([secret], sent, body, now + 301)
    assert not is_genuine([rules.new_secret()], sent, body, now)


def judged(status: int | None, attempts: int = 1, *, failures: int = 1, chance: float = 0.0, **headers: str):
    return verdict(Tried(status, headers=headers), attempts=attempts, failures=failures, at=AT, chance=chance)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_is_one(status):
    assert judged(status).outcome is Outcome.DELIVERED


@pytest.mark.parametrize("status", [None, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_anything_else_is_tried_ten_times_over_three_days(status):
    waits = [judged(status, attempts).next_at - AT for attempts in range(1, 10)]
    assert waits == list(DELAYS) and timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)
    assert judged(status, 10).outcome is Outcome.DEAD and judged(status, 10).next_at is None


def test_who_is_gone_is_gone():
    assert judged(410).outcome is Outcome.GONE


@for_all(st.integers(1, 9), st.floats(0, 1))
def test_chance_spreads_what_failed_together_and_only_later(attempts, chance):
    wait = judged(500, attempts, chance=chance).next_at - AT
    assert DELAYS[attempts - 1] <= wait <= DELAYS[attempts - 1] * 1.21


@for_all(st.text(max_size=30))
def test_whatever_a_receiver_says_of_later_it_is_a_moment_within_a_day(said):
    found = verdict(Tried(503, headers={"retry-after": said}), attempts=1, failures=1, at=AT, chance=0)
    assert DELAYS[0] <= found.next_at - AT <= timedelta(days=1)
    assert found.rests_until - AT <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (503, "60", timedelta(minutes=1)),
        (429, "3600", timedelta(hours=1)),
        (503, "Sat, 28 Nov 2026 09:00:00 GMT", timedelta(hours=1)),
        (503, "999999999999", timedelta(days=1)),
        (503, "-5", DELAYS[0]),
        (500, "3600", DELAYS[0]),
    ],
)
def test_who_asks_for_time_gets_it(status, said, wait):
    found = verdict(Tried(status, headers={"retry-after": said}), attempts=1, failures=1, at=AT, chance=0)
    assert found.next_at - AT == wait


def test_a_body_is_the_same_each_time():
    moment = datetime(2026, 11, 28, 16, 0, 0, 123456, tzinfo=UTC)
    body = rules.body_of("order.placed", moment, {"number": "SO1", "url": "u"})
    assert body == (
        b'{"data":{"number":"SO1","url":"u"},"timestamp":"2026-11-28T16:00:00.123Z","type":"order.placed"}'
    )
