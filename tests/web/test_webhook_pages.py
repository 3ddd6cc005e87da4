"""Webhooks on their pages, the dealer's and headquarters'."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.webhooks.publish import publish
from tests import cast
from tests.webhooks.acts import ADMIN, OWNER, RIVAL

FORM = {"name": "用友 ERP", "url": "https://erp.example/hook", "event": ["order.placed", "order.shipped"]}


@pytest.mark.parametrize(("who", "root"), [(OWNER, "/webhooks"), (ADMIN, "/hq/webhooks")])
def test_a_webhook_from_its_secret_to_its_end(sign_in, database, owner, who, root):
    visitor = sign_in(who)
    assert f'href="{root}/new"' in visitor.get(root).get_data(as_text=True)
    form = visitor.get(f"{root}/new").get_data(as_text=True)
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    assert key and 'value="order.placed"' in form
    shown = visitor.post(root, FORM | {"form_key": key[1]})
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "whsec_" in page
    again = visitor.post(root, FORM | {"form_key": key[1]})  # a double click
    assert again.status_code == 303
    [number] = owner.execute(text("SELECT number FROM webhook_subscription")).scalars()
    one = f"{root}/{number}"
    assert "whsec_" not in visitor.get(one).get_data(as_text=True)

    test = visitor.post(f"{one}/test")
    message = test.headers["Location"]
    assert 'hx-trigger="load delay:2s"' in visitor.get(message).get_data(as_text=True)
    assert "webhook.test" in visitor.get(one).get_data(as_text=True)
    assert visitor.post(f"{message}/replay").status_code == 303

    effect = Effect(1, "order.placed", cast.huadong.id, {"number": "SO2611-X"}, 0, cast.NOW)
    with transaction(database.system_session()) as session:
        publish(session, [effect], api="https://portal.example/api/v1", at=cast.NOW)
    assert "SO2611-X" in visitor.get(f"{one}?q=SO2611-X").get_data(as_text=True)
    assert "SO2611-X" not in visitor.get(f"{one}?status=dead").get_data(as_text=True)

    assert visitor.post(f"{one}/pause", {"paused": "1"}).status_code == 303
    assert "已暂停" in visitor.get(root).get_data(as_text=True)
    rotated = visitor.post(f"{one}/rotation").get_data(as_text=True)
    assert "whsec_" in rotated and rotated != page
    assert visitor.post(f"{one}/replay", {"days": "7"}).status_code == 303
    assert visitor.post(f"{one}/removal").status_code == 303
    assert visitor.get(one).status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(sign_in):
    visitor = sign_in(OWNER)
    bad = {"name": "", "url": "http://erp.example/我", "event": ["no.such", "order.shipped"]}
    answer = visitor.post("/webhooks", bad)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("name", "url", "events"):
        assert f'id="field-{name}-error"' in page, name
    assert "http://erp.example/我" in page
    assert re.search(r'value="order.shipped"\s+checked', page)
    assert visitor.post("/webhooks", {"name": "a\x00", "url": "\x00", "event": "\x00"}).status_code in (
        400,
        422,
    )


def test_two_tabs_and_rivals(sign_in, owner):
    visitor = sign_in(OWNER)
    visitor.post("/webhooks", FORM)
    [number] = owner.execute(text("SELECT number FROM webhook_subscription")).scalars()
    changed = FORM | {"name": "MES", "revision": "1"}
    assert visitor.post(f"/webhooks/{number}", changed).status_code == 303
    late = visitor.post(f"/webhooks/{number}", changed | {"name": "WMS"})
    assert late.status_code == 409 and "WMS" in late.get_data(as_text=True)
    assert sign_in(RIVAL).get(f"/webhooks/{number}").status_code == 404
    assert sign_in(cast.huadong.buyer).get("/webhooks").status_code == 403
