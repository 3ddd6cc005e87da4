"""Tokens are given back and asked about; who may not know learns nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.identity.models import RevokedToken
from portal.identity.oauth_client import PORTAL, portal_secret
from portal.identity.tokens import TokenMemory
from tests import cast
from tests.identity.client_acts import a_key, ask, assertion, public
from tests.web.protocol import Flow
from tests.web_clients import Caller, token_for

SYSTEM = cast.huadong.system


@pytest.fixture
def flow(app):
    return Flow(app)


@pytest.fixture
def tokens(flow):
    """What a code of huadong's finance is worth."""
    return flow.redeem(flow.code_for(cast.huadong.finance)).json


@pytest.fixture
def token(app):
    return token_for(app, SYSTEM).json["access_token"]


def as_system(system=SYSTEM, **fields):
    return {"client_id": system.client_id, "client_secret": cast.SECRET} | fields


def as_portal(app, **fields):
    return {"client_id": PORTAL, "client_secret": portal_secret(app.config["SECRET_KEY"])} | fields


def revoke(app, form):
    app.token_memory = TokenMemory()
    return ask(app, form, path="/oauth/revoke")


def introspect(app, form):
    return ask(app, form, path="/oauth/introspect")


def status_of(app, token, path="/me"):
    app.token_memory = TokenMemory()
    return Caller(app, token).get(path).status_code


class TestGivingBack:
    def test_a_clients_token_ends_it_and_no_other(self, app, token, owner):
        other = token_for(app, SYSTEM).json["access_token"]
        for _ in range(2):
            assert revoke(app, as_system(token=token)).status_code == 200
        assert [status_of(app, one) for one in (token, other)] == [401, 200]
        assert token not in str(owner.execute(select(RevokedToken)).all())
        events = owner.execute(select(AuditEvent).where(AuditEvent.action == "token:revoked")).all()
        assert [event.subject for event in events] == [f"client:{SYSTEM.id}"]

    @pytest.mark.parametrize("which", ["refresh_token", "access_token"])
    def test_a_persons_token_ends_all_that_grew_from_the_sign_in(self, app, flow, tokens, which):
        renewed = flow.refresh(tokens["refresh_token"]).json
        assert revoke(app, as_portal(app, token=renewed[which])).status_code == 200
        assert flow.refresh(renewed["refresh_token"]).json["error"] == "invalid_grant"
        for one in (tokens, renewed):
            answer = app.test_client().get(
                "/oauth/userinfo", headers={"Authorization": f"Bearer {one['access_token']}"}
            )
            assert answer.status_code == 401

    @pytest.mark.parametrize("rubbish", ["x", "a.b.c", "x" * 5000, "a\x00b"])
    def test_what_is_no_token_is_answered_like_one_that_has_ended(self, app, rubbish):
        assert revoke(app, as_system(token=rubbish)).status_code == 200

    def test_somebody_elses_token_stays(self, app, token, tokens):
        for one in (token, tokens["access_token"], tokens["refresh_token"]):
            answer = revoke(app, as_system(cast.yuegang.system, token=one))
            assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
        assert status_of(app, token) == 200

    @pytest.mark.parametrize(
        ("change", "status", "error"),
        [
            ({"client_secret": "wrong"}, 401, "invalid_client"),
            ({"client_id": "unknown"}, 401, "invalid_client"),
            ({"token": ""}, 400, "invalid_request"),
        ],
        ids=str,
    )
    def test_needs_a_client_and_a_token(self, app, token, change, status, error):
        answer = revoke(app, as_system(token=token) | change)
        assert (answer.status_code, answer.json["error"]) == (status, error)

    def test_a_wrong_hint_misleads_nobody(self, app, token):
        assert revoke(app, as_system(token="x", token_type_hint="unheard_of")).status_code == 200
        assert revoke(app, as_system(token=token, token_type_hint="refresh_token")).status_code == 200
        assert status_of(app, token) == 401

    def test_what_has_run_out_is_forgotten(self, app, token, owner, database):
        revoke(app, as_system(token=token))
        owner.execute(text("UPDATE revoked_token SET expires_at = now() - interval '25 hours'"))
        assert owner.scalar(text("SELECT forget_sign_ins()")) == 1


class TestAsking:
    def test_tells_what_a_token_is_worth(self, app, token):
        answer = introspect(app, as_system(token=token)).json
        assert answer["active"] is True
        assert set(answer["scope"].split()) == set(SYSTEM.scopes)
        assert (answer["client_id"], answer["token_type"], answer["iss"]) == (
            SYSTEM.client_id,
            "Bearer",
            "http://localhost",
        )

    def test_tells_what_is_left_of_it(self, app, token, owner):
        owner.execute(
            text("UPDATE api_client SET scopes = '{orders:read}' WHERE client_id = :one"),
            {"one": SYSTEM.client_id},
        )
        assert introspect(app, as_system(token=token)).json["scope"] == "orders:read"

    def test_one_that_was_revoked_is_not_active(self, app, token):
        revoke(app, as_system(token=token))
        assert introspect(app, as_system(token=token)).json == {"active": False}

    def test_a_rival_learns_nothing(self, app, token, tokens):
        for one in (token, tokens["access_token"], tokens["refresh_token"], "x"):
            answer = introspect(app, as_system(cast.yuegang.system, token=one))
            assert (answer.status_code, answer.json) == (200, {"active": False})
        assert introspect(app, as_system(cast.erp, token=token)).json == {"active": False}

    def test_a_neighbour_of_the_same_house_may_know(self, app):
        ours = token_for(app, cast.controller).json["access_token"]
        assert introspect(app, as_system(cast.erp, token=ours)).json["client_id"] == cast.controller.client_id

    def test_a_refresh_token_is_active_until_it_is_used(self, app, flow, tokens):
        form = as_portal(app, token=tokens["refresh_token"])
        assert introspect(app, form).json["active"] is True
        assert introspect(app, as_portal(app, token=tokens["access_token"])).json["active"] is True
        flow.refresh(tokens["refresh_token"])
        assert introspect(app, form).json == {"active": False}

    def test_is_for_clients(self, app, token):
        assert introspect(app, {"token": token}).status_code == 401


class TestReuse:
    """A refresh token that comes back a second time is stolen, at whichever place of its family it stands."""

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_of_any_in_the_chain_kills_all_of_it(self, app, flow, tokens, place):
        chain = [tokens]
        for _ in range(3):
            chain.append(flow.refresh(chain[-1]["refresh_token"]).json)
        assert flow.refresh(chain[place]["refresh_token"]).json["error"] == "invalid_grant"
        assert flow.refresh(chain[-1]["refresh_token"]).json["error"] == "invalid_grant"
        assert introspect(app, as_portal(app, token=chain[-1]["access_token"])).json == {"active": False}

    def test_leaves_other_sign_ins_of_the_person_alone(self, flow, tokens):
        other = flow.redeem(flow.code_for(cast.huadong.finance)).json
        flow.refresh(tokens["refresh_token"])
        flow.refresh(tokens["refresh_token"])
        assert flow.refresh(other["refresh_token"]).status_code == 200


def test_a_client_with_a_key_gives_back_by_its_key(app, owner):
    key = a_key()
    owner.execute(
        text(
            "UPDATE api_client SET method = 'private_key', secret_hash = NULL, keys = CAST(:keys AS jsonb)"
            " WHERE client_id = :one"
        ),
        {"one": SYSTEM.client_id, "keys": public(key)},
    )

    def proven(**fields):
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        signed = assertion(SYSTEM.client_id, key)
        return {"client_assertion_type": kind, "client_assertion": signed} | fields

    token = ask(app, proven(grant_type="client_credentials")).json["access_token"]
    assert revoke(app, proven(token=token)).status_code == 200
    assert introspect(app, proven(token=token)).json == {"active": False}


@pytest.mark.only_asks
def test_both_documents_tell_the_same_and_name_what_exists(app):
    client = app.test_client()
    places = ("openid-configuration", "oauth-authorization-server")
    openid, oauth = (client.get(f"/.well-known/{name}").json for name in places)
    assert openid == oauth
    for name in ("revocation_endpoint", "introspection_endpoint", "end_session_endpoint"):
        assert client.options(oauth[name].removeprefix("http://localhost")).status_code == 200, name
    assert "private_key_jwt" in oauth["token_endpoint_auth_methods_supported"]
