"""API clients on their pages, the dealer's and headquarters'."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.identity.models import ApiClient
from tests import cast
from tests.identity.client_acts import a_key, ask, public

FORM = {
    "name": "用友 ERP",
    "scope": ["orders:read", "orders:write"],
    "proof": "secret",
    "networks": "203.0.113.0/24\n198.51.100.7",
}
OWNER, RIVAL, ADMIN = cast.huadong.boss, cast.yuegang.boss, cast.administrator


def newest(owner):
    return owner.execute(select(ApiClient.__table__).order_by(ApiClient.id.desc()).limit(1)).one()


def secret_in(page):
    found = re.search(r"<code>([A-Za-z0-9_-]{43})</code></pre>", page)
    return found and found[1]


@pytest.mark.parametrize(
    ("who", "root", "more"),
    [
        (OWNER, "/api-clients", {}),
        (ADMIN, "/hq/api-clients", {"dealer": cast.huadong.code}),
        (ADMIN, "/hq/api-clients", {"scope": ["hq:orders"]}),
    ],
    ids=["owner", "administrator for a dealer", "administrator"],
)
def test_a_client_from_its_secret_to_its_end(app, sign_in, owner, who, root, more):
    visitor = sign_in(who)
    assert f'href="{root}/new"' in visitor.get(root).get_data(as_text=True)
    form = visitor.get(f"{root}/new").get_data(as_text=True)
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    filled = FORM | more | {"form_key": key[1]}
    page = visitor.post(root, filled).get_data(as_text=True)
    secret, kept = secret_in(page), newest(owner)
    assert secret and kept.networks == ["203.0.113.0/24", "198.51.100.7/32"]
    assert visitor.post(root, filled).status_code == 303 and newest(owner).id == kept.id  # a double click

    one = f"{root}/{kept.client_id}"
    fields = {"grant_type": "client_credentials", "client_id": kept.client_id}
    assert ask(app, fields | {"client_secret": secret}, address="203.0.113.5").status_code == 200
    shown = visitor.get(one).get_data(as_text=True)
    assert secret not in shown and "203.0.113.5" in shown

    second = secret_in(visitor.post(f"{one}/rotation", {"hours": "24"}).get_data(as_text=True))
    answers = [
        ask(app, fields | {"client_secret": one_of}, address="198.51.100.7").status_code
        for one_of in (secret, second)
    ]
    assert answers == [200, 200] and "两个密钥" in visitor.get(one).get_data(as_text=True)
    assert visitor.post(f"{one}/former-secret").status_code == 303
    assert ask(app, fields | {"client_secret": secret}, address="203.0.113.5").status_code == 401

    assert visitor.post(f"{one}/revocation").status_code == 303
    assert ask(app, fields | {"client_secret": second}, address="203.0.113.5").status_code == 401
    assert visitor.get(one).status_code == 200 and visitor.get(f"{one}/edit").status_code == 404
    acts = owner.scalars(
        select(AuditEvent.action).where(AuditEvent.subject == f"client:{kept.id}").order_by(AuditEvent.id)
    ).all()
    assert [act for act in acts if act.startswith("client:")] == [
        "client:created",
        "client:rotated",
        "client:rotated",
        "client:revoked",
    ]


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(sign_in):
    visitor = sign_in(OWNER)
    bad = {"name": "", "scope": ["hq:admin"], "proof": "keys", "keys": "no key", "networks": "somewhere"}
    answer = visitor.post("/api-clients", bad)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("name", "scopes", "keys", "networks"):
        assert f'id="field-{name}-error"' in page, name
    assert "no key" in page and "somewhere" in page


def test_a_private_key_that_was_entered_is_neither_kept_nor_sent_back(sign_in, owner):
    key = a_key()
    before = newest(owner).id
    answer = sign_in(OWNER).post(
        "/api-clients", FORM | {"proof": "keys", "keys": json.dumps(key.as_dict(private=True))}
    )
    assert answer.status_code == 422
    assert key.as_dict(private=True)["d"] not in answer.get_data(as_text=True)
    assert newest(owner).id == before


def test_a_client_with_a_key_shows_its_key_and_has_no_secret(sign_in, owner):
    visitor, key = sign_in(OWNER), a_key("signing-2026")
    answer = visitor.post("/api-clients", FORM | {"proof": "keys", "keys": public(key)})
    assert answer.status_code == 303
    page = visitor.get(answer.location).get_data(as_text=True)
    assert "signing-2026" in page and "/rotation" not in page
    edited = FORM | {"proof": "address", "keys_url": "https://erp.example/jwks.json", "revision": "1"}
    assert visitor.post(answer.location, edited).status_code == 303
    assert (newest(owner).keys_url, newest(owner).generation) == ("https://erp.example/jwks.json", 2)


def test_two_tabs_and_rivals(sign_in, owner):
    visitor = sign_in(OWNER)
    visitor.post("/api-clients", FORM)
    one = f"/api-clients/{newest(owner).client_id}"
    changed = FORM | {"name": "MES", "revision": "1"}
    assert visitor.post(one, changed).status_code == 303
    late = visitor.post(one, changed | {"name": "WMS"})
    assert late.status_code == 409 and "WMS" in late.get_data(as_text=True)
    rival = sign_in(RIVAL)
    assert rival.get(one).status_code == rival.post(f"{one}/revocation").status_code == 404
    assert newest(owner).client_id not in rival.get("/api-clients").get_data(as_text=True)
    assert sign_in(cast.huadong.buyer).get("/api-clients").status_code == 403


def test_headquarters_finds_a_dealers_and_its_own(sign_in, owner):
    owner.execute(text("UPDATE api_client SET name = '%_' WHERE client_id = 'yuegang-system'"))
    visitor = sign_in(ADMIN)
    found = {
        query: re.findall(r'id="([a-z-]+-system|erp|controller)"', visitor.get(query).get_data(as_text=True))
        for query in (
            "/hq/api-clients?dealer=huadong",
            "/hq/api-clients?dealer=-",
            "/hq/api-clients?q=%25_",
            "/hq/api-clients?dealer=nobody",
        )
    }
    assert list(found.values()) == [["huadong-system"], ["controller", "erp"], ["yuegang-system"], []]
