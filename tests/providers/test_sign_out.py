"""Signing out there ends what began there, and signing out here leads there."""

from __future__ import annotations

import time
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from portal.identity import queries
from portal.identity.credentials import hash_secret
from portal.identity.sign_in import sign_in
from portal.kernel.db import transaction
from portal.providers.arrive import arrive, note_session
from portal.providers.switch_provider import turn_off
from tests import cast
from tests.providers.acts import CLIENT, a_provider, code_of, come_in
from tests.races import together, until_somebody_waits_for_a_row
from tests.web_clients import Visitor

LI = {"email": "li@huadong.example", "email_verified": True, "groups": ["buyers"]}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def post_logout(app, handle, token):
    return app.test_client(use_cookies=False).post(
        f"/login/from/{handle}/logout", data={"logout_token": token}
    )


class TestThere:
    def test_ends_every_session_of_the_subject_and_nobody_elses(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.publishes_our_key()
        other.knows("li", **LI)
        other.knows("wang", **LI | {"email": "wang@huadong.example"})
        li, li_too, wang, password = (Visitor(app) for _ in range(4))
        for visitor, sub in ((li, "li"), (li_too, "li"), (wang, "wang")):
            come_in(visitor, other, handle, sub)
        password.sign_in(cast.huadong.buyer)
        answer = post_logout(app, handle, other.logout_token(CLIENT, sub="li"))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert li.get("/orders").location.startswith("/login")
        assert li_too.get("/orders").location.startswith("/login")
        assert wang.get("/orders").status_code == 200
        assert password.get("/orders").status_code == 200

    def test_ends_one_session_by_its_name(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.publishes_our_key()
        other.knows("li", **LI)
        one, two = Visitor(app), Visitor(app)
        other.says(sid="first")
        come_in(one, other, handle, "li")
        other.says(sid="second")
        come_in(two, other, handle, "li")
        assert post_logout(app, handle, other.logout_token(CLIENT, sid="first")).status_code == 200
        assert one.get("/orders").location.startswith("/login")
        assert two.get("/orders").status_code == 200
        acts = owner.execute(text("SELECT after FROM audit_event WHERE action = 'provider:signed_out'"))
        assert len(acts.scalars().one()["people"]) == 1

    def test_takes_no_token_that_is_wrong(self, app, other, rival, issuer):
        handle = a_provider(issuer, other.address)
        a_provider(issuer, rival.address, cast.yuegang)
        other.publishes_our_key()
        other.knows("li", **LI)
        inside = Visitor(app)
        come_in(inside, other, handle, "li")
        now = int(time.time())
        for changes in (
            {"iss": "https://evil.example"},
            {"aud": "another"},
            {"iat": now - 3600},
            {"iat": now + 3600},
            {"exp": now - 3600},
            {"iat": None},
            {"events": None},
            {"events": {}},
            {"events": {EVENT: "x"}},
            {"events": [EVENT]},
            {"nonce": "n"},
            {"jti": None},
            {"sub": None},
            {"sub": 7},
            {"sid": ["a"]},
        ):
            token = other.logout_token(CLIENT, **{"sub": "li"} | changes)
            assert post_logout(app, handle, token).status_code == 400, changes
        rival.publishes_our_key()
        rival.address = other.address  # says that it is the other
        assert post_logout(app, handle, rival.logout_token(CLIENT, sub="li")).status_code == 400
        for nothing in ("", "a.b.c", "x" * 100_000):
            assert post_logout(app, handle, nothing).status_code == 400
        assert post_logout(app, "ip-nothing", other.logout_token(CLIENT, sub="li")).status_code == 400
        assert inside.get("/orders").status_code == 200

    def test_takes_a_token_once_however_many_come(self, app, other, issuer, owner):
        handle = a_provider(issuer, other.address)
        other.publishes_our_key()
        other.knows("li", **LI)
        come_in(Visitor(app), other, handle, "li")
        token = other.logout_token(CLIENT, sub="li")
        codes = [answer.status_code for answer in together(6, lambda _place: post_logout(app, handle, token))]
        assert sorted(codes) == [200, 400, 400, 400, 400, 400]
        assert owner.scalar(text("SELECT count(*) FROM provider_logout")) == 1

    def test_counts_for_a_sign_in_that_is_under_way(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.knows("li", **LI)
        other.says(sid="ended-there")
        come_in(Visitor(app), other, handle, "li")
        under_way = Visitor(app)
        back = other.sign_in(under_way.get(f"/login/company/{handle}").location, "li")
        post_logout(app, handle, other.logout_token(CLIENT, sid="ended-there"))
        assert code_of(under_way.get(back)) == "signed_out_there"
        assert under_way.get("/orders").location.startswith("/login")


class TestHere:
    def test_leads_to_the_provider_and_back(self, app, other, issuer):
        handle = a_provider(issuer, other.address)
        other.knows("li", **LI)
        visitor = Visitor(app)
        come_in(visitor, other, handle, "li")
        answer = visitor.post("/logout")
        page = answer.get_data(as_text=True)
        there = page.partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
        query = parse_qs(urlsplit(there).query)
        assert there.startswith(f"{other.address}/oauth2/end_session?")
        assert query["client_id"] == [CLIENT]
        assert query["post_logout_redirect_uri"] == ["http://localhost/login"]
        assert query["id_token_hint"][0].count(".") == 2
        assert answer.headers["Clear-Site-Data"]
        assert visitor.get("/orders").location.startswith("/login")

    def test_who_came_by_password_stays_here(self, app, other, issuer):
        a_provider(issuer, other.address)
        visitor = Visitor(app)
        visitor.sign_in(cast.huadong.buyer)
        assert visitor.post("/logout").status_code == 302


def test_two_first_sign_ins_of_one_person_make_one_account(app, other, issuer, owner):
    handle = a_provider(issuer, other.address)
    other.knows("li", **LI)
    visitors = [Visitor(app) for _ in range(4)]
    ways = [other.sign_in(visitor.get(f"/login/company/{handle}").location, "li") for visitor in visitors]
    answers = together(4, lambda place: visitors[place].get(ways[place]))
    assert [code_of(answer) for answer in answers if answer.status_code != 302] == []
    made = owner.execute(text("SELECT id FROM user_account WHERE email = 'li@huadong.example'")).all()
    assert len(made) == 1
    assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 1


def test_two_people_with_one_address_there_are_not_both_its_account(app, other, issuer, owner):
    handle = a_provider(issuer, other.address)
    for sub in ("li", "li-2"):
        other.knows(sub, **LI)
    visitors = [Visitor(app) for _ in range(2)]
    ways = [
        other.sign_in(visitor.get(f"/login/company/{handle}").location, sub)
        for visitor, sub in zip(visitors, ("li", "li-2"), strict=True)
    ]
    answers = together(2, lambda place: visitors[place].get(ways[place]))
    assert sorted(answer.status_code for answer in answers) == [302, 400]
    assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 1


def test_who_is_just_coming_in_when_it_is_switched_off_is_signed_out(issuer, owner):
    handle = a_provider(issuer, "https://login.example")
    claims = LI | {"sub": "li", "iat": time.time()}
    boss = cast.huadong.boss.actor()
    coming = issuer.system_session()
    came = arrive(coming, handle=handle, connection=1, claims=claims, locale="zh", at=cast.NOW)
    secret = sign_in(coming, person=queries.person(coming, came), hours=12, at=cast.NOW)
    note_session(
        coming,
        handle=handle,
        session_hash=hash_secret(secret),
        claims=claims,
        hint="",
        end_session_endpoint="",
    )

    def switch_off():
        with transaction(issuer.session_for(boss)) as session:
            turn_off(session, actor=boss, handle=handle, at=cast.NOW)

    switching = Thread(target=switch_off)
    switching.start()
    until_somebody_waits_for_a_row(owner)
    coming.commit()
    coming.close()
    switching.join(30)
    assert owner.scalar(text("SELECT ended_at FROM user_session")) is not None
