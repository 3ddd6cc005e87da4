"""People by API: a dealer's system manages its people, headquarters' everybody's; nobody a rival's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.identity.models import Invitation, UserAccount
from tests import cast

NEW = {"email": "new@huadong.example", "name": "新人", "roles": ["dealer_buyer"]}
SYSTEM = cast.huadong.system


def key_of(caller, person):
    people = caller.get("/users?limit=200").json["items"]
    return next(one["id"] for one in people if one["email"] == person.email)


def test_a_dealers_people_are_listed_without_anybody_elses(api):
    answer = api(SYSTEM).get("/users")
    assert {one["dealer"] for one in answer.json["items"]} == {cast.huadong.code}
    found = api(SYSTEM).get("/users?q=buyer").json["items"]
    assert [one["email"] for one in found] == [cast.huadong.buyer.email]
    assert found[0]["state"] == "active" and found[0]["roles"] == ["dealer_buyer"]


def test_somebody_is_invited_once_under_a_key(api, owner):
    answers = [api(SYSTEM).post("/users", NEW, key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json["state"] == "open" and answers[0].json == answers[1].json
    assert owner.scalar(select(Invitation.dealer_id)) == cast.huadong.id
    again = api(SYSTEM).post("/users", NEW)
    assert (again.status_code, again.json["code"]) == (409, "invited_already")


def test_every_fault_has_its_pointer(api):
    answer = api(SYSTEM).post("/users", {"email": "x", "name": "", "roles": ["administrator"]})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/email", "/name", "/roles"]


def test_roles_and_deactivation_and_the_last_owner(api, owner):
    caller = api(SYSTEM)
    buyer, boss = key_of(caller, cast.huadong.buyer), key_of(caller, cast.huadong.boss)
    changed = caller.post(f"/users/{buyer}/roles", {"roles": ["dealer_finance"]})
    assert changed.json["roles"] == ["dealer_finance"]
    last = caller.post(f"/users/{boss}/deactivation", {"reason": "left"})
    assert (last.status_code, last.json["code"]) == (409, "last_one")
    handed = caller.post(f"/users/{boss}/deactivation", {"reason": "left", "successor": buyer})
    assert handed.json["state"] == "deactivated"
    roles = owner.scalar(select(UserAccount.roles).where(UserAccount.id == cast.huadong.buyer.id))
    assert roles == ["dealer_finance", "dealer_owner"]


@pytest.mark.parametrize("act", ["roles", "deactivation"])
def test_a_rivals_person_is_nobody(api, owner, act):
    key = key_of(api(SYSTEM), cast.huadong.buyer)
    body = {"roles": ["dealer_owner"]} if act == "roles" else {"reason": "x"}
    assert api(cast.yuegang.system).post(f"/users/{key}/{act}", body).status_code == 404
    for made_up in ("1011", "x", key[:-2] + "AA"):
        assert api(SYSTEM).post(f"/users/{made_up}/{act}", body).status_code == 404


def test_without_the_scope_nobody_is_listed_or_invited(api):
    for caller in (api(cast.erp), api(cast.controller)):
        assert caller.get("/users").status_code in (403, 404)
        assert caller.post("/hq/users", NEW).status_code == 403
