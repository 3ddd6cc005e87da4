"""Each channel in its service's signed form, as the service itself checks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel import http_out
from portal.kernel.http_out import SendingFailed
from portal.kernel.opaque import Sealer
from portal.notifications.channels import (
    Answer,
    HttpChannel,
    Kind,
    Later,
    Message,
    Refused,
    Request,
    Sent,
    Target,
)
from portal.notifications.channels.by_kind import SERVICES
from portal.notifications.channels.sms import body_faults
from portal.notifications.robots import Robot
from portal.notifications.sending import Way, sender
from tests.notifications.receiver import PATHS, SECRET, SMS_BODY, receiver

AT = datetime(2026, 11, 28, 1, 2, 3, tzinfo=UTC)
MESSAGE = Message(
    "订单 SO-1 已发货",
    "贵司的订单已有货物发出。",
    (("订单号", "SO-1"), ("备注", "<@all> [点此](https://evil.example) **急**")),
    "https://portal.example/orders/SO-1",
    "在门户中打开",
    "13800000000",
)


@pytest.fixture(scope="module")
def service():
    with receiver() as received:
        yield received


def robot(service, kind: str, way: Way, secret: str = SECRET) -> Robot:
    sealed = way.seal(service.url + PATHS[kind], "" if kind == "wecom" else secret)
    body = SMS_BODY if kind == "sms" else ""
    return Robot(1, "r", kind, "zh", "127.0.0.1", sealed, body, [], None, None, True, 1, None, None, None)


def way(hosts=("127.0.0.1",), private=("127.0.0.0/8",)) -> Way:
    return Way(Sealer("s" * 40), hosts, private)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_sent_has_the_form_and_the_signature_that_the_service_wants(service, kind):
    service.accepted.clear()
    channel = sender(robot(service, kind, way()), way(), lambda: AT)
    assert channel.send(MESSAGE) == Sent(), service.refused
    [body] = service.accepted
    said = json.dumps(body, ensure_ascii=False)
    assert "SO-1" in said and "https://portal.example/orders/SO-1" in said
    if kind in (Kind.WECOM, Kind.DINGTALK):  # what a dealer wrote is no mark and calls nobody
        assert "<@all>" not in said and "evil.example)" in said and "[点此]" not in said


@pytest.mark.parametrize("kind", [Kind.DINGTALK, Kind.FEISHU])
def test_a_wrong_secret_is_refused_with_the_services_words(service, kind):
    outcome = sender(robot(service, kind, way(), "another"), way(), lambda: AT).send(MESSAGE)
    assert isinstance(outcome, Refused) and "sign" in outcome.reason


@pytest.mark.parametrize(
    ("kind", "status", "said", "outcome"),
    [
        ("wecom", 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, Refused),
        ("wecom", 200, {"errcode": 45009}, Later),
        ("wecom", 500, {"errcode": 0}, Refused),
        ("wecom", 302, {"errcode": 0}, Refused),
        ("wecom", 200, [], Refused),
        ("wecom", 200, {}, Refused),
        ("dingtalk", 200, {"errcode": 130101}, Later),
        ("dingtalk", 200, {"errcode": 310000}, Refused),
        ("feishu", 200, {"code": 9499}, Later),
        ("feishu", 200, {"StatusCode": 0}, Sent),
        ("feishu", 429, {}, Later),
        ("sms", 200, {"code": "OK"}, Sent),
        ("sms", 202, {}, Sent),
        ("sms", 200, {"code": "isv.OUT_OF_SERVICE"}, Refused),
        ("sms", 429, {}, Later),
        ("sms", 403, {}, Refused),
    ],
)
def test_what_an_answer_means(kind, status, said, outcome):
    answer = Answer(status, json.dumps(said).encode())
    assert isinstance(SERVICES[kind].outcome(answer), outcome)
    broken = SERVICES[kind].outcome(Answer(200, b"<html>"))
    assert isinstance(broken, Sent if kind == "sms" else Refused)


def test_nothing_is_sent_to_a_host_that_is_not_listed_or_into_the_own_network(service, monkeypatch):
    service.accepted.clear()
    for barred in (way(hosts=()), way(private=())):
        outcome = sender(robot(service, "wecom", barred), barred, lambda: AT).send(MESSAGE)
        assert isinstance(outcome, Refused)
    assert service.accepted == []
    other_key = Way(Sealer("t" * 40), ("127.0.0.1",), ("127.0.0.0/8",))
    assert isinstance(sender(robot(service, "wecom", way()), other_key, lambda: AT).send(MESSAGE), Refused)

    def silent(*_: object, **__: object) -> None:
        raise SendingFailed("timeout", "", 8.0)

    monkeypatch.setattr(http_out, "post", silent)
    outcome = sender(robot(service, "wecom", way()), way(), lambda: AT).send(MESSAGE)
    assert isinstance(outcome, Refused) and "timeout" in outcome.reason


@given(st.text(max_size=9000), st.text(max_size=9000), st.text(max_size=9000))
@settings(max_examples=60, deadline=None)
def test_no_message_is_too_long_or_anything_but_text(subject, sentence, value):
    message = Message(subject, sentence, (("l", value),) * 3, "https://portal.example/x", "open", "138")
    sizes = {"wecom": 4500, "dingtalk": 20_000, "feishu": 20_000, "sms": 2_500}
    for kind, most in sizes.items():
        request: Request = SERVICES[kind].request(Target("https://h.example/", "s", SMS_BODY), message, AT)
        body = json.loads(request.body)
        assert len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")) <= 2 * most
        if kind == "wecom":
            assert len(body["markdown"]["content"].encode()) <= 4096


@pytest.mark.parametrize(
    ("body", "is_good"),
    [
        (SMS_BODY, True),
        ('{"a": {"b": ["{mobile}", "{text}"]}}', True),
        ("", False),
        ("{mobile} {text}", False),
        ('["{mobile}", "{text}"]', False),
        ('{"a": "{mobile}"}', False),
    ],
)
def test_a_pattern_has_a_place_for_number_and_text(body, is_good):
    assert (body_faults("/body", body) == []) is is_good


def test_a_channel_tells_that_nobody_answered():
    def away(_: Request) -> Answer:
        raise ConnectionRefusedError("away")

    channel = HttpChannel(SERVICES["wecom"], Target("https://h.example/"), away, lambda: AT)
    assert isinstance(channel.send(MESSAGE), Refused)
