"""The issuer's endpoints, asked by the book and against it."""

from __future__ import annotations

import base64
import time
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select, text, update

from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.dealers.models import Dealer
from portal.identity.models import ApiClient, RefreshToken, UserAccount
from portal.identity.tokens import TokenMemory, owner_claims, sealed_subject
from tests import cast
from tests.races import together
from tests.web.protocol import CALLBACK, Flow, query_of
from tests.web_clients import Caller, Visitor, token_for

BUYER, SYSTEM = cast.huadong.finance, cast.huadong.system


@pytest.fixture
def flow(app):
    return Flow(app)


@pytest.fixture
def tokens(flow):
    """What a code of huadong's finance is worth."""
    return flow.redeem(flow.code_for(BUYER)).json


def content(app, token):
    keys = KeySet.import_key_set(app.test_client().get("/.well-known/jwks.json").json)
    return jwt.decode(token, keys, ["ES256"])


def userinfo(app, token):
    """Status of what only a good token of a person opens."""
    return app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


def forget(app):
    """Five seconds later, when no token is remembered."""
    app.token_memory = TokenMemory()


@pytest.mark.only_asks
def test_discovery_names_endpoints_that_exist(app):
    client = app.test_client()
    metadata = client.get("/.well-known/openid-configuration").json
    assert metadata["issuer"] == "http://localhost"
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        path = metadata[name].removeprefix("http://localhost")
        assert client.options(path).status_code == 200, name


@pytest.mark.only_asks
def test_published_keys_have_no_private_part(app):
    answer = app.test_client().get("/.well-known/jwks.json")
    assert [set(key) & {"d", "p", "q", "k"} for key in answer.json["keys"]] == [set()]
    assert "max-age" in answer.headers["Cache-Control"]


class TestAuthorizing:
    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "change",
        [
            {"client_id": "unknown"},
            {"client_id": None},
            {"client_id": SYSTEM.client_id},
            {"redirect_uri": "https://evil.example"},
            {"redirect_uri": CALLBACK + "/"},
            {"redirect_uri": CALLBACK + "?x=1"},
            {"redirect_uri": None},
            {"redirect_uri": 'http://x/"\\'},
            {"redirect_uri": "http://localhost.evil.example/login/callback"},
            {"client_id": "a\x00b"},
            {"response_type": '"'},
        ],
        ids=str,
    )
    def test_an_unknown_client_or_address_is_told_to_the_visitor_and_nobody_else(self, app, visitor, change):
        answer = Flow(app, asked=change).open_form(visitor)
        assert answer.status_code == 400
        assert answer.location is None
        assert "data-error-fragment" in answer.get_data(as_text=True)

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"nonce": None}, "invalid_request"),
            ({"scope": "openid root"}, "invalid_scope"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"prompt": "none"}, "login_required"),
        ],
        ids=str,
    )
    def test_a_request_of_a_known_client_that_is_wrong_goes_back_to_it(self, app, visitor, change, error):
        answer = Flow(app, asked=change).open_form(visitor)
        assert answer.status_code == 302
        assert answer.location.startswith(CALLBACK)
        assert (query_of(answer.location)["error"], query_of(answer.location)["state"]) == (
            error,
            "some-state",
        )

    @pytest.mark.only_asks
    def test_a_code_goes_back_with_the_state(self, flow, visitor):
        back = query_of(flow.send_form(visitor, BUYER).location)
        assert set(back) == {"code", "state", "iss"}
        assert back["state"] == "some-state"

    @pytest.mark.only_asks
    def test_a_form_from_elsewhere_is_refused(self, flow, visitor):
        answer = visitor.request("POST", flow.address, data={"email": BUYER.email, "password": cast.PASSWORD})
        assert answer.status_code == 400
        assert "表单" in answer.get_data(as_text=True) or "form" in answer.get_data(as_text=True)


class TestRedeemingACode:
    @pytest.mark.only_asks
    def test_gives_tokens_that_say_who_signed_in(self, app, tokens):
        identity, access = content(app, tokens["id_token"]), content(app, tokens["access_token"])
        assert (
            identity.claims["sub"] == access.claims["sub"] == sealed_subject(app.sealer, f"user:{BUYER.id}")
        )
        assert (identity.claims["aud"], identity.claims["nonce"]) == (["portal-web"], "some-nonce")
        assert (access.claims["aud"], access.claims["iss"]) == ("http://localhost/api/v1", "http://localhost")
        assert access.claims["exp"] - access.claims["iat"] == app.settings.access_token_seconds
        assert access.header["typ"] == "at+jwt"
        assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", app.settings.access_token_seconds)

    @pytest.mark.only_asks
    def test_must_not_be_kept_by_caches(self, flow):
        assert flow.redeem(flow.code_for(BUYER)).headers["Cache-Control"] == "no-store"

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        ("change", "status", "error"),
        [
            ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
            ({"code_verifier": None}, 400, "invalid_request"),
            ({"redirect_uri": "http://localhost/"}, 400, "invalid_grant"),
            ({"code": "another"}, 400, "invalid_grant"),
            ({"code": None}, 400, "invalid_request"),
            ({"client_secret": "wrong"}, 401, "invalid_client"),
            ({"client_secret": None}, 401, "invalid_client"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"grant_type": None}, 400, "unsupported_grant_type"),
            ({"client_id": SYSTEM.client_id, "client_secret": cast.SECRET}, 400, "unauthorized_client"),
        ],
        ids=str,
    )
    def test_with_something_wrong_gives_nothing(self, flow, change, status, error):
        answer = flow.redeem(flow.code_for(BUYER), **change)
        assert (answer.status_code, answer.json["error"]) == (status, error)
        assert "access_token" not in answer.json

    def test_works_once_and_a_second_time_revokes_what_grew_from_it(self, flow, owner):
        code = flow.code_for(BUYER)
        tokens = flow.redeem(code).json
        assert flow.redeem(code).json["error"] == "invalid_grant"
        assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
        assert owner.scalar(select(RefreshToken.revoked_at)) is not None

    def test_a_second_time_ends_the_access_token_too(self, app, flow, tokens):
        code = flow.code_for(BUYER)
        stolen, others = flow.redeem(code).json["access_token"], tokens["access_token"]
        assert userinfo(app, stolen) == userinfo(app, others) == 200
        flow.redeem(code)
        forget(app)
        assert (userinfo(app, stolen), userinfo(app, others)) == (401, 200)

    def test_a_second_time_ends_the_access_token_that_nothing_could_renew(self, app):
        flow = Flow(app, scope="openid")
        code = flow.code_for(BUYER)
        token = flow.redeem(code).json["access_token"]
        flow.redeem(code, code_verifier="x" * 43)
        assert userinfo(app, token) == 401

    def test_is_not_possible_after_it_was_shown_with_a_wrong_verifier(self, flow):
        code = flow.code_for(BUYER)
        flow.redeem(code, code_verifier="x" * 43)
        assert flow.redeem(code).json["error"] == "invalid_grant"

    def test_by_several_at_the_same_time_works_for_one(self, flow):
        code = flow.code_for(BUYER)
        statuses = together(4, lambda _place: flow.redeem(code).status_code)
        assert sorted(statuses) == [200, 400, 400, 400]

    def test_after_a_minute_is_too_late(self, flow, owner):
        code = flow.code_for(BUYER)
        owner.execute(text("UPDATE authorization_code SET expires_at = now()"))
        assert flow.redeem(code).json["error"] == "invalid_grant"

    def test_of_somebody_disabled_meanwhile_gives_nothing(self, flow, owner):
        code = flow.code_for(BUYER)
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        assert flow.redeem(code).json["error"] == "invalid_grant"


class TestRefreshing:
    def test_gives_new_tokens_each_time(self, flow, tokens):
        renewed = flow.refresh(tokens["refresh_token"]).json
        assert renewed["access_token"] != tokens["access_token"]
        assert flow.refresh(renewed["refresh_token"]).status_code == 200

    def test_is_for_those_who_asked_for_it(self, app):
        flow = Flow(app, scope="openid orders:read")
        assert "refresh_token" not in flow.redeem(flow.code_for(BUYER)).json

    def test_with_a_used_token_revokes_the_family(self, flow, tokens):
        renewed = flow.refresh(tokens["refresh_token"]).json
        assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
        assert flow.refresh(renewed["refresh_token"]).json["error"] == "invalid_grant"

    def test_with_a_used_token_ends_the_access_tokens_of_the_family(self, app, flow, tokens):
        renewed = flow.refresh(tokens["refresh_token"]).json
        assert userinfo(app, renewed["access_token"]) == 200
        flow.refresh(tokens["refresh_token"])
        forget(app)
        assert [userinfo(app, token["access_token"]) for token in (tokens, renewed)] == [401, 401]

    def test_keeps_the_new_access_token_good_beyond_the_first_ones_end(self, app, owner, flow, tokens):
        renewed = flow.refresh(tokens["refresh_token"]).json
        ends = owner.scalar(text("SELECT max(expires_at) FROM user_session"))
        assert ends > cast.NOW + timedelta(days=29) and userinfo(app, renewed["access_token"]) == 200

    def test_by_several_at_the_same_time_works_for_one(self, flow, tokens):
        statuses = together(4, lambda _place: flow.refresh(tokens["refresh_token"]).status_code)
        assert sorted(statuses) == [200, 400, 400, 400]

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "twice",
        [
            {"scope": ["orders:read", "hq:finance-read"]},
            {"client_secret": ["wrong", cast.SECRET]},
            {"grant_type": ["password", "client_credentials"]},
        ],
        ids=str,
    )
    def test_say_each_thing_once(self, app, twice):
        answer = token_for(app, SYSTEM, **twice)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")

    def test_may_ask_for_less_and_not_for_more(self, app, flow, tokens):
        answer = flow.refresh(tokens["refresh_token"], scope="openid orders:read orders:write")
        assert answer.json["error"] == "invalid_scope"
        less = flow.refresh(tokens["refresh_token"], scope="orders:read").json
        assert content(app, less["access_token"]).claims["scope"] == "orders:read"

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "change", [{"refresh_token": "unknown"}, {"client_secret": "wrong"}, {"refresh_token": None}], ids=str
    )
    def test_with_something_wrong_gives_nothing(self, flow, tokens, change):
        assert flow.refresh(tokens["refresh_token"], **change).status_code in (400, 401)

    def test_ends_with_the_account(self, flow, tokens, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        assert flow.refresh(tokens["refresh_token"]).status_code == 400

    def test_ends_after_thirty_days(self, flow, tokens, owner):
        owner.execute(text("UPDATE refresh_token SET expires_at = now()"))
        assert flow.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"

    def test_tokens_are_kept_as_hashes(self, tokens, owner):
        assert tokens["refresh_token"] not in str(owner.execute(select(RefreshToken)).all())


class TestSystems:
    def test_get_a_token_with_all_their_scopes(self, app):
        answer = token_for(app, SYSTEM)
        claims = content(app, answer.json["access_token"]).claims
        assert set(claims["scope"].split()) == set(SYSTEM.scopes) == set(answer.json["scope"].split())
        assert claims["client_id"] == SYSTEM.client_id
        assert {"sub": claims["sub"], "dealer": claims["dealer"]} == owner_claims(
            app.sealer, f"client:{SYSTEM.id}", cast.huadong.id
        )
        assert "refresh_token" not in answer.json

    def test_may_send_their_secret_in_the_header(self, app):
        client = app.test_client()
        answer = client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(SYSTEM.client_id, cast.SECRET)
        )
        assert answer.status_code == 200

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "credentials",
        [b"\xff\xfe:x", "用户:密".encode("gbk"), b"a\x80b:c", b"\xc3:", b"%ff:%ff", b"\x00:x", b":", b""],
        ids=repr,
    )
    def test_with_a_header_that_is_no_text_are_refused(self, app, credentials):
        header = f"Basic {base64.b64encode(credentials).decode()}"
        answer = app.test_client().post(
            "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": header}
        )
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")

    @pytest.mark.only_asks
    @pytest.mark.parametrize(
        "header",
        ["Basic", "Basic é", "Basic !!!", "Basic a", "basic  ", "Digest username=x", "Bearer x", "\xff"],
    )
    def test_with_a_header_that_is_no_credentials_are_refused(self, app, header):
        answer = app.test_client().post(
            "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": header}
        )
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")

    def test_that_guess_under_another_scheme_are_counted_as_the_client_they_name(self, settings):
        app = create_app(settings.model_copy(update={"login_attempts": "2 per minute"}))
        form = {"grant_type": "client_credentials", "client_id": SYSTEM.client_id, "client_secret": "wrong"}
        headers = [{"Authorization": f'Digest username="{name}"'} for name in "abc"]
        statuses = [
            app.test_client().post("/oauth/token", data=form, headers=header).status_code
            for header in headers
        ]
        assert statuses == [401, 401, 429]

    def test_may_ask_for_less_and_not_for_more(self, app):
        assert token_for(app, SYSTEM, scope="orders:read").json["scope"] == "orders:read"
        for more in ("orders:read hq:finance-read", "openid", "root"):
            answer = token_for(app, SYSTEM, scope=more)
            assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")

    @pytest.mark.parametrize(
        "wrong",
        [{"client_secret": "wrong"}, {"client_id": "unknown"}, {"client_secret": ""}, {"client_id": "a\x00"}],
        ids=str,
    )
    def test_with_wrong_credentials_are_refused_in_the_same_words(self, app, owner, wrong):
        answer = token_for(app, SYSTEM, **wrong)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
        assert answer.json["error_description"] == "The client is unknown or its secret is wrong."
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert owner.scalars(select(AuditEvent.action)).all() == ["token:refused"]

    def test_that_are_disabled_or_of_a_closed_dealer_are_refused(self, app, owner):
        owner.execute(update(ApiClient).where(ApiClient.id == SYSTEM.id).values(disabled_at=cast.NOW))
        assert token_for(app, SYSTEM).status_code == 401
        owner.execute(update(Dealer).where(Dealer.id == cast.yuegang.id).values(state="closed"))
        assert token_for(app, cast.yuegang.system).status_code == 401

    def test_that_guess_too_often_must_wait(self, settings):
        app = create_app(settings.model_copy(update={"login_attempts": "2 per minute"}))
        statuses = [token_for(app, SYSTEM, client_secret="wrong").status_code for _ in range(3)]
        assert statuses == [401, 401, 429]
        assert token_for(app, SYSTEM).mimetype == "application/problem+json"
        assert token_for(app, cast.erp).status_code == 200

    def test_may_not_sign_a_person_in(self, app):
        for grant in ("authorization_code", "refresh_token", "password"):
            assert token_for(app, SYSTEM, grant_type=grant).json["error"] in (
                "unauthorized_client",
                "unsupported_grant_type",
            )

    def test_are_written_down(self, app, owner):
        token_for(app, SYSTEM)
        event = owner.execute(select(AuditEvent)).one()
        assert (event.action, event.actor, event.dealer_id) == (
            "token:issued",
            f"client:{SYSTEM.id}",
            cast.huadong.id,
        )
        assert event.after["client"] == SYSTEM.client_id


class TestUserInfo:
    def ask(self, app, token):
        return app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    def test_tells_what_the_scopes_allow(self, app, tokens):
        assert self.ask(app, tokens["access_token"]).json == {
            "sub": sealed_subject(app.sealer, f"user:{BUYER.id}"),
            "name": BUYER.display_name,
            "locale": "zh",
            "email": BUYER.email,
            "email_verified": True,
        }

    def test_tells_no_more(self, app):
        flow = Flow(app, scope="openid")
        assert set(self.ask(app, flow.redeem(flow.code_for(BUYER)).json["access_token"]).json) == {"sub"}

    def test_is_about_people(self, app):
        assert self.ask(app, token_for(app, SYSTEM).json["access_token"]).status_code == 403

    def test_needs_a_token(self, app):
        answer = app.test_client().get("/oauth/userinfo")
        assert (answer.status_code, answer.json["code"]) == (401, "token_missing")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tonglu"'


class TestBearers:
    """Through userinfo, which answers 403 to a system that is known and 401 to one that is not."""

    def status(self, app, token):
        return (
            app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code
        )

    def test_that_are_disabled_are_refused_after_five_seconds_at_most(self, app, owner, count_statements):
        passed = 0.0
        app.token_memory = TokenMemory(lambda: time.time() + passed)
        token = token_for(app, SYSTEM).json["access_token"]
        assert self.status(app, token) == 403
        owner.execute(update(ApiClient).where(ApiClient.id == SYSTEM.id).values(disabled_at=cast.NOW))
        assert self.status(app, token) == 403
        passed = 5.0
        assert self.status(app, token) == 401

    def test_that_are_known_cost_no_statement(self, app, count_statements):
        token = token_for(app, SYSTEM).json["access_token"]
        self.status(app, token)
        with count_statements() as counted:
            assert self.status(app, token) == 403
        assert (len(counted), counted.scopes) == (0, 0), counted

    def test_that_are_new_cost_one(self, app, count_statements):
        token = token_for(app, SYSTEM).json["access_token"]
        with count_statements() as counted:
            self.status(app, token)
        assert (len(counted), counted.scopes) == (1, 1), counted

    def test_with_an_expired_token_are_told_so(self, settings):
        app = create_app(settings.model_copy(update={"access_token_seconds": -1}))
        answer = app.test_client().get(
            "/oauth/userinfo",
            headers={"Authorization": f"Bearer {token_for(app, SYSTEM).json['access_token']}"},
        )
        assert (answer.status_code, answer.json["code"]) == (401, "token_expired")
        assert "expired" in answer.headers["WWW-Authenticate"]

    def test_over_the_rate_must_wait(self, settings):
        app = create_app(settings.model_copy(update={"api_rate": "3 per minute"}))
        caller = Caller(app, token_for(app, SYSTEM).json["access_token"])
        statuses = [self.status(app, caller.token) for _ in range(4)]
        assert statuses == [403, 403, 403, 429]
        assert self.status(app, token_for(app, SYSTEM).json["access_token"]) == 429
        assert self.status(app, token_for(app, cast.erp).json["access_token"]) == 403


def test_the_form_works_in_both_languages(flow, app):
    for locale, word in (("zh", "zh-CN"), ("en", "Sign in")):
        assert word in flow.open_form(Visitor(app, locale=locale)).get_data(as_text=True)
