"""Headquarters keeps robots: every fault at its field, secrets never shown again, tried by a button."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests import cast
from tests.notifications.acts import rows
from tests.notifications.receiver import PATHS, SECRET, receiver


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"robot_hosts": ("127.0.0.1",), "outgoing_private": ("127.0.0.0/8",)})


@pytest.fixture
def group():
    with receiver() as received:
        yield received


def form(group, kind: str = "dingtalk", **changed: object) -> dict[str, object]:
    whole = {
        "name": "华东群",
        "kind": kind,
        "locale": "zh",
        "url": group.url + PATHS[kind],
        "secret": SECRET,
        "body": "",
        "quiet_from": "",
        "quiet_until": "",
        "is_active": "1",
        "revision": "0",
        "events": ["order.shipped", "order.placed"],
    }
    return whole | changed


def test_a_robot_is_entered_tried_and_changed_without_showing_its_secret(sign_in, database, group):
    admin = sign_in(cast.administrator)
    made = admin.post("/hq/robots/new", form(group))
    assert made.status_code == 303, made.get_data(as_text=True)[:2000]
    path = made.headers["Location"]
    shown = admin.get(path).get_data(as_text=True)
    assert SECRET not in shown and "access_token" not in shown and "127.0.0.1" in shown
    assert admin.post(f"{path}/trial").status_code == 303
    assert group.refused == [] and len(group.accepted) == 1
    changed = form(group, url="", secret="", revision="1", name="华东二群", events=[])
    assert admin.post(path, changed).status_code == 303
    assert admin.post(path, changed).status_code == 409  # of another window
    assert admin.post(f"{path}/trial").status_code == 303 and len(group.accepted) == 2
    assert rows(database, "SELECT name, events FROM robot") == [("华东二群", [])]
    assert "华东二群" in admin.get("/hq/robots").get_data(as_text=True)
    audit = str(rows(database, "SELECT after FROM audit_event WHERE action = 'robot:kept'"))
    assert "127.0.0.1" in audit and SECRET not in audit and "T1" not in audit


def test_every_fault_of_a_robot_is_said_and_nothing_typed_is_lost(sign_in, group):
    admin = sign_in(cast.administrator)
    bad = form(group, name="", url="https://evil.example/x", quiet_from="22:00", kind="sms", secret="")
    answer = admin.post("/hq/robots/new", bad)
    said = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422 and 'value="https://evil.example/x"' in said
    for field in ("name", "url", "quiet_until", "body", "secret"):
        assert f'href="#field-{field}"' in said
    assert re.search(r'value="order.shipped"[^>]*checked', said)


def test_nobody_else_sees_the_robots(sign_in):
    assert sign_in(cast.order_desk).get("/hq/robots").status_code == 403
    assert sign_in(cast.huadong.boss).get("/hq/robots").status_code in (403, 404)
