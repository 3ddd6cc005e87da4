"""Everything that may be wrong with an answer, each refused by its name; nobody comes in, nothing is made.

Faults of one kind share a portal, which costs more than walking through it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import text

from portal.providers.conversation import Providers, Registration
from portal.providers.refusals import WORDS, NotLetIn, Why
from tests import cast
from tests.providers.acts import a_provider, code_of, come_in
from tests.providers.other_issuer import DISCOVERY, KEYS, TOKEN, USERINFO, before, claims_in
from tests.web_clients import Visitor

LI = {"email": "li@huadong.example", "email_verified": True, "groups": ["buyers"]}
NOW = int(time.time())
SAID = [
    ({"iss": "https://evil.example"}, "wrong_issuer"),
    ({"aud": "another"}, "wrong_audience"),
    ({"aud": ["tonglu", "another"]}, "wrong_audience"),
    ({"azp": "another"}, "wrong_audience"),
    ({"exp": NOW - 3600}, "token_expired"),
    ({"iat": NOW + 3600}, "token_expired"),
    ({"nbf": NOW + 3600}, "token_expired"),
    ({"exp": "never"}, "token_expired"),
    ({"nonce": "of-another-sign-in"}, "wrong_nonce"),
    ({"sub": ""}, "no_subject"),
    ({"sub": 7}, "no_subject"),
    ({"events": {}}, "no_subject"),
    ({"email": "li@yuegang.example"}, "foreign_mail"),
    ({"email": "li@huadong.example.evil.example"}, "foreign_mail"),
    ({"email": "li@hu\u0430dong.example"}, "foreign_mail"),  # a Cyrillic a
    ({"email": "nobody"}, "no_mail"),
    ({"email_verified": False}, "mail_not_verified"),
    ({"email_verified": "true"}, "mail_not_verified"),
    ({"groups": "Buyers"}, "no_rule_fits"),
]
LEFT_OUT = [
    ("iss", "wrong_issuer"),
    ("aud", "wrong_audience"),
    ("exp", "token_expired"),
    ("iat", "token_expired"),
    ("nonce", "wrong_nonce"),
    ("sub", "no_subject"),
    ("email_verified", "mail_not_verified"),
]
METADATA = [
    {"issuer": "https://evil.example"},
    {"token_endpoint": "ftp://evil.example"},
    {"authorization_endpoint": None},
    {"jwks_uri": "http://10.0.0.1/keys"},
    {"token_endpoint": "http://169.254.169.254/latest"},
    {"userinfo_endpoint": "https://user@evil.example/"},
    {"response_types_supported": ["id_token"]},
    {"code_challenge_methods_supported": ["plain"]},
    {"response_modes_supported": "query"},
]
NO_METADATA = [b"<html>", b"[]", b"{}", b"{" * 5000, b'{"a":"' + b"x" * 300_000 + b'"}']


@pytest.fixture
def registered(other):
    """Who we are at the issuer, to ask it without a portal."""
    return Registration(other.address, "tonglu", "", ("127.0.0.0/8",))


@pytest.fixture
def handle(issuer, other):
    other.knows("li", **LI)
    return a_provider(issuer, other.address)


@pytest.fixture
def refused(app, other, handle, owner):
    """Walk through with whatever was spoilt; the code of the refusal."""

    def walk(sub: str = "li") -> str:
        visitor = Visitor(app)
        answer = come_in(visitor, other, handle, sub)
        assert answer.status_code == 400
        assert visitor.get("/orders").location.startswith("/login")
        assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 0
        return code_of(answer)

    return walk


class TestTheIdToken:
    def test_that_says_something_else(self, other, refused):
        for changed, code in SAID:
            other.says(**changed)
            assert refused() == code, changed

    def test_that_leaves_something_out(self, other, refused):
        for left_out, code in LEFT_OUT:
            other.says(drops=(left_out,))
            assert refused() == code, left_out

    def test_that_is_not_signed_as_it_must_be(self, other, refused):
        for secret in (None, b"a-secret-there", other.key.as_pem(private=False)):
            other.spoil[TOKEN] = lambda told, secret=secret: (
                told | {"id_token": _resigned(told["id_token"], secret)}
            )
            assert refused() == "algorithm_refused"

    def test_signed_by_a_key_that_is_not_published(self, other, refused):
        other.says()
        del other.spoil[KEYS]
        assert refused() == "unknown_key"

    def test_signed_by_another_key_of_the_same_name(self, other, refused):
        other.says()
        stranger = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})
        other.spoil[KEYS] = lambda told: {"keys": [stranger.as_dict(private=False)]}
        assert refused() == "bad_signature"

    def test_that_was_changed_behind_its_signature(self, other, refused):
        def changed(told):
            head, _body, end = told["id_token"].split(".")
            other_body = other.signs(claims_in(told["id_token"]) | {"sub": "boss"}).split(".")[1]
            return told | {"id_token": f"{head}.{other_body}.{end}"}

        other.spoil[TOKEN] = changed
        assert refused() == "bad_signature"

    def test_that_is_none(self, other, refused):
        for nothing in (None, "", 7, "a.b", "x" * 40_000, {"a": 1}):
            other.spoil[TOKEN] = lambda told, nothing=nothing: told | {"id_token": nothing}
            assert refused() == "no_id_token"


class TestTheProvider:
    @pytest.mark.parametrize("spoilt", [METADATA, NO_METADATA], ids=["changed", "none"])
    def test_whose_metadata_cannot_be_used(self, other, registered, spoilt):
        for one in spoilt:
            other.spoil[DISCOVERY] = lambda told, one=one: told | one if isinstance(one, dict) else one
            with pytest.raises(NotLetIn) as refusal:
                Providers().metadata(registered)
            assert refusal.value.why is Why.METADATA, one

    def test_that_is_away_holds_nobody_up_twice(self, visitor, issuer, mock):
        with before(mock) as gone:
            handle = a_provider(issuer, gone.address)
        for _time in range(2):
            answer = visitor.get(f"/login/company/{handle}")
            assert code_of(answer) == "provider_down" and answer.status_code == 400

    def test_whose_token_endpoint_fails(self, other, refused):
        other.status[TOKEN] = 500
        assert refused() == "code_refused"

    def test_that_refuses(self, visitor, other, handle):
        there = visitor.get(f"/login/company/{handle}").location
        denied = httpx.post(there, data={"action": "deny"}).headers["Location"]
        state = parse_qs(urlsplit(there).query)["state"][0]
        assert "error=access_denied" in denied
        answer = visitor.get(f"/login/from/{handle}?error=access_denied&state={state}")
        assert code_of(answer) == "provider_refused"

    def test_whose_userinfo_is_of_somebody_else(self, other, refused):
        other.says(drops=("email", "email_verified"))
        other.spoil[USERINFO] = lambda told: told | {"sub": "boss"}
        assert refused() == "wrong_userinfo"

    def test_whose_claims_stand_in_userinfo_alone_will_do(self, app, other, handle):
        other.says(drops=("email", "email_verified", "groups"))
        assert come_in(Visitor(app), other, handle, "li").status_code == 302

    def test_stands_in_no_private_network_unless_a_setting_says_so(self, app, visitor, handle):
        for networks in ((), ("10.0.0.0/8",)):
            app.settings = app.settings.model_copy(update={"dealer_providers_private": networks})
            assert code_of(visitor.get(f"/login/company/{handle}")) == "address_refused"


class TestTheWayBack:
    def test_of_a_sign_in_that_was_begun_elsewhere(self, app, other, handle):
        back = other.sign_in(Visitor(app).get(f"/login/company/{handle}").location, "li")
        assert code_of(Visitor(app).get(back)) == "foreign_state"

    def test_is_good_once(self, app, other, handle):
        visitor = Visitor(app)
        back = other.sign_in(visitor.get(f"/login/company/{handle}").location, "li")
        assert visitor.get(back).status_code == 302
        assert visitor.get(back).status_code == 302  # a second click goes home
        visitor.post("/logout")
        assert code_of(visitor.get(back)) == "foreign_state"

    def test_with_somebody_elses_code(self, app, other, handle):
        mine, theirs = Visitor(app), Visitor(app)
        begun = mine.get(f"/login/company/{handle}").location
        stolen = other.sign_in(theirs.get(f"/login/company/{handle}").location, "li")
        state = parse_qs(urlsplit(begun).query)["state"][0]
        code = parse_qs(urlsplit(stolen).query)["code"][0]
        answer = mine.get(f"/login/from/{handle}?code={code}&state={state}")
        assert code_of(answer) == "wrong_nonce"

    def test_asks_for_a_proof_of_the_code(self, visitor, handle):
        query = parse_qs(urlsplit(visitor.get(f"/login/company/{handle}").location).query)
        assert query["code_challenge_method"] == ["S256"] and len(query["code_challenge"][0]) == 43
        assert query["redirect_uri"] == [f"http://localhost/login/from/{handle}"]

    def test_from_another_provider_than_the_one_sent_to(self, app, issuer, other, rival, handle):
        second = a_provider(issuer, rival.address, cast.yuegang)
        visitor = Visitor(app)
        back = other.sign_in(visitor.get(f"/login/company/{handle}").location, "li")
        moved = back.replace(handle, second)
        assert code_of(visitor.get(moved)) == "foreign_state"

    def test_that_names_another_issuer(self, app, other, handle):
        visitor = Visitor(app)
        back = other.sign_in(visitor.get(f"/login/company/{handle}").location, "li")
        assert code_of(visitor.get(f"{back}&iss=https%3A%2F%2Fevil.example")) == "foreign_issuer"

    def test_that_names_no_issuer_though_the_provider_always_does(self, app, other, handle):
        name = "authorization_response_iss_parameter_supported"
        other.spoil[DISCOVERY] = lambda told: told | {name: True}
        visitor = Visitor(app)
        back = other.sign_in(visitor.get(f"/login/company/{handle}").location, "li")
        assert code_of(visitor.get(back)) == "foreign_issuer"

    def test_leads_nowhere_else(self, app, other, handle):
        for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            answer = come_in(Visitor(app), other, handle, "li", wanted=wanted)
            assert answer.status_code == 302 and answer.location == "/"


def test_every_refusal_is_told_in_both_languages(app):
    for locale in ("zh", "en"):
        page = Visitor(app, locale=locale).get("/login/from/nothing?state=x").get_data(as_text=True)
        assert ("This sign-in was not begun" in page) is (locale == "en")
    assert set(WORDS) == set(Why)


def _resigned(token: str, secret: bytes | None) -> str:
    """The same claims as if by a shared secret, or by none; no library signs so with a public key."""
    algorithm = "none" if secret is None else "HS256"
    header = _b64(f'{{"alg":"{algorithm}"}}'.encode())
    signed = f"{header}.{token.split('.')[1]}"
    proof = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{_b64(proof)}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
