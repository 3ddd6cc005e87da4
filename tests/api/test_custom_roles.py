"""Roles of a side's own making by API: a dealer's system composes its dealer's, headquarters' its own."""

from __future__ import annotations

from sqlalchemy import text

from portal.identity.vocabulary import IdentityRight
from tests import cast

NEW = {"name": "只看订单", "rights": ["orders:read"]}
SYSTEM, RIVAL = cast.huadong.system, cast.yuegang.system


def test_one_is_made_once_under_a_key_changed_and_deleted(api, owner):
    caller = api(SYSTEM)
    first, again = (caller.post("/roles", NEW, key="k") for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json == again.json
    one = f"/roles/{first.json['code']}"
    changed = caller.post(one, {"name": "订单", "rights": ["orders:read", "prices:read"], "revision": 1})
    assert (changed.json["revision"], changed.json["rights"]) == (2, ["orders:read", "prices:read"])
    late = caller.post(one, NEW | {"revision": 1})
    assert (late.status_code, late.json["code"]) == (409, "overtaken")
    assert [role["name"] for role in caller.get("/roles").json["items"]] == ["订单"]
    assert caller.request("DELETE", one).json == {"code": first.json["code"]}
    assert owner.scalar(text("SELECT count(*) FROM custom_role")) == 0


def test_it_is_given_as_built_in_roles_are_and_stays_while_somebody_has_it(api):
    caller = api(SYSTEM)
    code = caller.post("/roles", NEW).json["code"]
    people = caller.get("/users?limit=200").json["items"]
    key = next(one["id"] for one in people if one["email"] == cast.huadong.buyer.email)
    assert caller.post(f"/users/{key}/roles", {"roles": [code]}).json["roles"] == [code]
    refused = caller.request("DELETE", f"/roles/{code}")
    assert (refused.status_code, refused.json["code"]) == (409, "role_in_use")
    assert caller.get("/roles").json["items"][0]["people"] == 1


def test_every_fault_has_its_pointer(api):
    answer = api(SYSTEM).post("/roles", {"name": "", "rights": ["people:write"]})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/name", "/rights"]
    assert api(SYSTEM).post("/roles", {"name": "A", "rights": []}).status_code == 422


def test_a_program_gives_no_right_beyond_its_scopes(system):
    caller = system(IdentityRight.PEOPLE, "orders:read", dealer=cast.huadong)
    assert caller.post("/roles", NEW).status_code == 201
    refused = caller.post("/roles", {"name": "B", "rights": ["orders:write"]})
    assert [fault["code"] for fault in refused.json["errors"]] == ["rights_not_held"]


def test_a_rivals_role_is_nobodys_and_nobody_elses_scope_suffices(api, system):
    code = api(SYSTEM).post("/roles", NEW).json["code"]
    for caller in (api(RIVAL), system(IdentityRight.ADMINISTER)):
        assert caller.get("/roles").json["items"] == []
        assert caller.post(f"/roles/{code}", NEW | {"rights": ["hq:audit"]}).status_code in (404, 422)
        assert caller.request("DELETE", f"/roles/{code}").status_code == 404
    assert system("orders:read", dealer=cast.huadong).get("/roles").status_code == 403


def test_headquarters_composes_its_own(system):
    caller = system(IdentityRight.ADMINISTER, "hq:audit")
    made = caller.post("/roles", {"name": "审计", "rights": ["hq:audit"]})
    assert made.status_code == 201 and made.json["rights"] == ["hq:audit"]
    assert caller.post("/roles", NEW | {"name": "B"}).status_code == 422
