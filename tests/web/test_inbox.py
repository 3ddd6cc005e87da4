"""The inbox and the choices as people see them; links of letters; robots at headquarters."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests import cast
from tests.notifications.acts import rows, told

BUYER, RIVAL, DESK = cast.huadong.buyer, cast.yuegang.buyer, cast.order_desk


def page(visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:3000]
    return unescape(answer.get_data(as_text=True))


def bell(html: str) -> str:
    found = re.search(r'<a class="[^"]*frame-bell" href="/inbox".*?</a>', html, re.DOTALL)
    assert found
    return re.search(r">(\d+)<", found[0])[1]


def test_the_inbox_shows_what_one_was_told_and_the_bell_counts_it(sign_in, database):
    told(database, "order.shipped", [BUYER], number="SO-1")
    told(database, "order.filled", [BUYER], number="SO-2")
    buyer = sign_in(BUYER)
    html = page(buyer, "/inbox")
    assert "订单 SO-1 已发货" in html and "订单 SO-2：货物已到" in html and bell(html) == "2"
    href = re.search(r'href="(/inbox/[^"/]+)"[^>]*>[^<]*SO-1', html)[1]
    assert buyer.get(href).headers["Location"] == "/orders/SO-1"
    assert bell(page(buyer, "/inbox")) == "1"
    assert "SO-1" not in page(buyer, "/inbox?unread=1")
    assert "SO-1" in page(buyer, "/inbox?event=order.shipped")
    rival = sign_in(RIVAL)
    assert "SO-1" not in page(rival, "/inbox") and rival.get(href).status_code == 404
    assert rival.post(f"{href}/reading").status_code == 404


def test_all_that_stood_on_the_page_is_read_at_once_and_nothing_that_came_meanwhile(sign_in, database):
    told(database, "order.shipped", [BUYER], number="SO-1")
    buyer = sign_in(BUYER)
    mark = re.search(r'name="until" value="([^"]+)"', page(buyer, "/inbox"))[1]
    told(database, "order.shipped", [BUYER], number="SO-2")
    assert buyer.post("/inbox/reading", {"until": mark}).status_code == 303
    assert bell(page(buyer, "/inbox")) == "1"
    assert buyer.post("/inbox/reading", {"until": "made up"}).status_code == 404


def test_somebody_chooses_event_by_event_and_when(sign_in, database):
    buyer = sign_in(BUYER)
    html = page(buyer, "/account/notifications")
    assert 'value="order.shipped"' in html and "claim.waiting" not in html
    form = {
        "revision": "0",
        "zone": "Asia/Shanghai",
        "digest_every": "weekly",
        "digest_hour": "8",
        "quiet_from": "２２：00",
        "quiet_until": "07:30",
        "mobile": "+86 138-0000-0000",
        "event": ["order.shipped", "order.placed"],
        "mail": ["digest", "none"],
        "inbox": ["order.shipped"],
        "sms": ["order.shipped"],
    }
    assert buyer.post("/account/notifications", form).status_code == 303
    kept = rows(database, "SELECT event, in_inbox, mail, sms FROM notification_choice ORDER BY event")
    assert kept == [
        ("order.placed", False, "none", False),
        ("order.shipped", True, "digest", True),
    ]
    assert "+8613800000000" in page(buyer, "/account/notifications")
    answer = buyer.post("/account/notifications", form)  # of another window
    assert answer.status_code == 409


def test_every_fault_of_the_choices_is_said_and_nothing_typed_is_lost(sign_in):
    buyer = sign_in(BUYER)
    form = {
        "revision": "0",
        "zone": "Middle/Earth",
        "digest_every": "hourly",
        "digest_hour": "25",
        "quiet_from": "22:00",
        "quiet_until": "",
        "mobile": "no number",
        "event": ["order.shipped"],
        "mail": ["digest"],
        "sms": ["order.shipped"],
    }
    answer = buyer.post("/account/notifications", form)
    said = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "Middle/Earth" in said and "nonumber" in said.replace(" ", "")
    for field in ("zone", "digest_every", "digest_hour", "quiet_until", "mobile"):
        assert f'href="#field-{field}"' in said
    form["quiet_from"] = "25:00"
    assert 'href="#field-quiet_from"' in buyer.post("/account/notifications", form).get_data(as_text=True)


def test_headquarters_has_an_inbox_and_choices_too(sign_in, database):
    facts = {"dealer_zh": "华东", "dealer_en": "East", "asked": "5", "decide_by": None, "currency": "CNY"}
    told(database, "claim.waiting", [DESK], number="FS-1", **facts)
    desk = sign_in(DESK)
    assert "FS-1" in page(desk, "/inbox") and bell(page(desk, "/hq/")) == "1"
    assert 'value="claim.waiting"' in page(desk, "/account/notifications")


@pytest.mark.parametrize("path", ["/mail/stop/made-up", "/mail/confirm/made-up", "/inbox/made-up"])
def test_a_made_up_link_opens_nothing(sign_in, path):
    assert sign_in(BUYER).get(path).status_code == 404
