"""A client signs somebody out, and sends nobody where it may not."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests import cast
from tests.web.protocol import Flow
from tests.web_clients import Visitor

BUYER, BACK = cast.huadong.buyer, "http://localhost/login"


@pytest.fixture
def flow(app):
    return Flow(app)


@pytest.fixture
def tokens(flow):
    return flow.redeem(flow.code_for(BUYER)).json


@pytest.fixture
def signed_in(app):
    visitor = Visitor(app)
    visitor.come_in(BUYER)
    return visitor


def end(visitor, **query):
    return visitor.get(f"/oauth/logout?{urlencode(query)}")


def is_in(visitor):
    return visitor.get("/account").status_code == 200


def test_an_id_token_ends_its_sign_in_and_the_session_of_this_browser(flow, tokens, signed_in):
    answer = end(
        signed_in, id_token_hint=tokens["id_token"], post_logout_redirect_uri=BACK, state="some state&x=1"
    )
    assert answer.location == f"{BACK}?state=some+state%26x%3D1"
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    assert not is_in(signed_in)
    assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert end(signed_in, id_token_hint=tokens["id_token"]).status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", BACK + "/", BACK + "?x", "//evil.example", "javascript:alert(1)", "/login"],
)
def test_nobody_is_sent_where_the_client_has_not_registered(tokens, signed_in, elsewhere):
    answer = end(signed_in, id_token_hint=tokens["id_token"], post_logout_redirect_uri=elsewhere)
    assert answer.location == "/login"


@pytest.mark.parametrize("hint", ["", "x", "a.b.c", "access"])
def test_without_a_good_id_token_whoever_is_signed_in_is_asked(tokens, signed_in, hint):
    shown = tokens["access_token"] if hint == "access" else hint
    answer = end(signed_in, id_token_hint=shown, post_logout_redirect_uri="https://evil.example")
    assert answer.status_code == 200 and 'action="/logout"' in answer.get_data(as_text=True)
    assert is_in(signed_in)


def test_the_id_token_of_another_person_ends_no_session_here(flow, tokens, app):
    other = Visitor(app)
    other.come_in(cast.yuegang.buyer)
    assert end(other, id_token_hint=tokens["id_token"]).status_code == 200 and is_in(other)
    assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def test_a_client_that_is_named_otherwise_ends_nothing(flow, tokens, signed_in):
    answer = end(signed_in, id_token_hint=tokens["id_token"], client_id=cast.erp.client_id)
    assert answer.status_code == 200 and is_in(signed_in)
    assert flow.refresh(tokens["refresh_token"]).status_code == 200


def test_who_is_not_signed_in_comes_to_the_sign_in(app):
    assert end(Visitor(app)).location == "/login"


def test_signing_out_clears_what_the_browser_kept(signed_in):
    answer = signed_in.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
