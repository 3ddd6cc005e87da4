"""API clients by calls: what a program may make, see and end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from portal.identity.tokens import TokenMemory
from portal.kernel import clock
from tests import cast
from tests.api.contract import kept
from tests.identity.client_acts import a_key, ask, assertion, prove, public

KEEPER = ("clients:write", "orders:read", "orders:write")


@pytest.fixture
def keeper(system):
    """A program of huadong that looks after others."""
    return system(*KEEPER, dealer=cast.huadong)


@pytest.fixture
def rival(system):
    return system(*KEEPER, dealer=cast.yuegang)


@pytest.fixture
def admin(system):
    return system("hq:admin", "hq:orders")


def token_of(app, made, secret=None):
    form = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": secret or made["client_secret"],
    }
    return ask(app, form)


def test_a_client_is_made_rotated_and_revoked(app, keeper):
    answer = keeper.post("/api-clients", {"name": "ERP", "scopes": ["orders:read"]})
    made = kept(answer)
    assert answer.status_code == 201 and answer.headers["Location"].endswith(f"/api-clients/{made['id']}")
    assert token_of(app, made).status_code == 200
    rotated = kept(keeper.post(f"/api-clients/{made['id']}/rotation", {"overlap_hours": 1}))
    assert rotated["state"] == "changing" and rotated["client_secret"] != made["client_secret"]
    assert [token_of(app, one).status_code for one in (made, rotated)] == [200, 200]
    shown = kept(keeper.get(f"/api-clients/{made['id']}"))
    assert shown["last_used_at"] and "client_secret" not in shown
    ended = kept(keeper.request("DELETE", f"/api-clients/{made['id']}/former-secret"))
    assert ended["state"] == "active" and token_of(app, made).status_code == 401
    assert keeper.request("DELETE", f"/api-clients/{made['id']}").json == {"id": made["id"]}
    assert token_of(app, rotated).status_code == 401
    assert kept(keeper.get(f"/api-clients/{made['id']}"))["state"] == "revoked"


def test_the_former_secret_ends_at_the_moment_that_is_said(app, keeper):
    made = kept(keeper.post("/api-clients", {"name": "ERP", "scopes": ["orders:read"]}))
    until = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rotated = kept(keeper.post(f"/api-clients/{made['id']}/rotation", {"former_until": until}))
    assert rotated["former_secret_until"] == until
    past = keeper.post(f"/api-clients/{made['id']}/rotation", {"former_until": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422 and past.json["errors"][0]["pointer"] == "/overlap_hours"


def test_a_client_signs_with_its_key(app, keeper):
    key = a_key()
    body = {"name": "ERP", "scopes": ["orders:read"], "jwks": json.loads(public(key))}
    made = kept(keeper.post("/api-clients", body))
    assert (made["client_secret"], made["key_ids"], made["method"]) == (None, ["one"], "private_key")
    assert prove(app, assertion(made["client_id"], key)).status_code == 200
    changed = kept(keeper.request("PATCH", f"/api-clients/{made['id']}", json={"networks": ["203.0.113.9"]}))
    assert changed["networks"] == ["203.0.113.9/32"] and changed["key_ids"] == ["one"]
    assert prove(app, assertion(made["client_id"], key)).status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["hq:admin"]}, "/scopes"),
        ({"scopes": ["statements:read"]}, "/scopes"),
        ({"networks": ["nowhere"]}, "/networks/0"),
        ({"jwks": {"kty": "oct", "k": "AAAA"}}, "/jwks"),
        ({"jwks_uri": "http://erp.example/jwks"}, "/jwks_uri"),
        ({"jwks": {}, "jwks_uri": "https://erp.example/jwks"}, "/jwks_uri"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_beside_its_place(keeper, change, pointer):
    body = {"name": "ERP", "scopes": ["orders:read"]} | change
    answer = keeper.post("/api-clients", body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_a_rival_sees_and_ends_nothing(app, keeper, rival):
    made = kept(keeper.post("/api-clients", {"name": "ERP", "scopes": ["orders:read"]}))
    one = f"/api-clients/{made['id']}"
    assert rival.get(one).status_code == 404
    assert rival.request("DELETE", one).status_code == 404
    assert rival.post(f"{one}/rotation", {}).status_code == 404
    assert rival.request("PATCH", one, json={"name": "x"}).status_code == 404
    assert made["id"] not in [item["id"] for item in kept(rival.get("/api-clients"))["items"]]
    assert token_of(app, made).status_code == 200


def test_headquarters_makes_them_for_itself_and_for_a_dealer(admin):
    ours = kept(admin.post("/api-clients", {"name": "WMS", "scopes": ["hq:orders"]}))
    body = {"name": "ERP", "scopes": ["hq:orders"], "dealer": cast.yuegang.code}
    assert admin.post("/api-clients", body).status_code == 422
    assert admin.post("/api-clients", body | {"dealer": "nobody"}).json["errors"][0]["pointer"] == "/dealer"
    assert ours["dealer"] is None
    items = kept(admin.get(f"/api-clients?dealer={cast.yuegang.code}"))["items"]
    assert {item["dealer"] for item in items} == {cast.yuegang.code}


def test_a_program_ends_no_clients_of_which_it_has_less(keeper):
    stronger = cast.huadong.system.client_id
    assert keeper.post(f"/api-clients/{stronger}/rotation", {}).status_code == 403
    assert keeper.request("PATCH", f"/api-clients/{stronger}", json={"name": "x"}).status_code == 403


def test_pages_of_the_list_follow_each_other(keeper):
    for number in range(3):
        keeper.post("/api-clients", {"name": f"ERP {number}", "scopes": ["orders:read"]})
    seen, cursor = [], ""
    while cursor is not None:
        page = kept(keeper.get(f"/api-clients?limit=2{f'&cursor={cursor}' if cursor else ''}"))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) >= 4 and seen == sorted(seen)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("DELETE", "/x"), ("POST", "/x/rotation"), ("PATCH", "/x")],
)
def test_a_missing_scope_is_named(app, system, method, path):
    app.token_memory = TokenMemory()
    answer = system("orders:read", dealer=cast.huadong).request(method, f"/api-clients{path}", json={})
    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope")
    assert "clients:write" in answer.json["detail"]
    assert 'scope="clients:write"' in answer.headers["WWW-Authenticate"]
