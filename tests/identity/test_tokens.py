"""Access tokens: only ours, only for the API, only while they last, and only as much as their owner may."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from portal.identity.keys import ALGORITHM, KeyRing
from portal.identity.rules import Right
from portal.identity.tokens import TOKEN_TYPE, InvalidToken, TokenMemory, TokenVerifier, actor_of
from tests import cast

ISSUER, AUDIENCE = "https://portal.example", "https://portal.example/api/v1"


@pytest.fixture
def keys(database):
    return KeyRing(database, "application secret of this test 0123456789")


@pytest.fixture
def verifier(keys):
    return TokenVerifier(keys, issuer=ISSUER, audience=AUDIENCE)


def claims(**changes):
    ordinary = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": cast.huadong.system.actor().key,
        "client_id": cast.huadong.system.client_id,
        "dealer": cast.huadong.id,
        "scope": "orders:read orders:write",
        "exp": int(time.time()) + 60,
    }
    return {name: value for name, value in (ordinary | changes).items() if value is not None}


@pytest.fixture
def signed(keys):
    def sign(content=None, *, key=None, **header):
        key = key or keys.signing_key()
        head = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": keys.signing_key().kid} | header
        return jwt.encode(head, content or claims(), key, [head["alg"]])

    return sign


def test_a_good_token_says_who_and_what(verifier, signed):
    found = verifier.verify(signed())
    assert (found.subject, found.dealer_id) == (cast.huadong.system.actor().key, cast.huadong.id)
    assert found.scopes == {"orders:read", "orders:write"}


def refused(verifier, token):
    with pytest.raises(InvalidToken) as refusal:
        verifier.verify(token)
    return refusal.value.code


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"}, {"aud": "https://portal.example"}, {"aud": "portal-web"}, {"aud": None}, {"exp": None},
        {"sub": None}, {"client_id": None}, {"iss": None}, {"dealer": "x"}, {"exp": "tomorrow"}, {"scope": 3}, {"nbf": 4_000_000_000},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_refused(verifier, signed, change):
    assert refused(verifier, signed(claims(**change))) == "invalid_token"


def test_an_expired_token_is_told_so(verifier, signed):
    assert refused(verifier, signed(claims(exp=int(time.time()) - 1))) == "token_expired"


def part(content):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_a_token_without_signature_is_refused(verifier):
    unsigned = f"{part({'alg': 'none', 'typ': TOKEN_TYPE})}.{part(claims())}."
    assert refused(verifier, unsigned) == "invalid_token"


def test_a_token_of_a_foreign_key_is_refused(verifier, signed):
    assert refused(verifier, signed(key=ECKey.generate_key("P-256"))) == "invalid_token"


def test_a_foreign_key_that_names_itself_is_refused(verifier, signed):
    foreign = ECKey.generate_key("P-256", auto_kid=True)
    assert refused(verifier, signed(key=foreign, kid=foreign.kid)) == "invalid_token"


def test_our_public_key_does_not_work_as_a_shared_secret(verifier, keys):
    public = keys.public_keys().keys[0]
    body = f"{part({'alg': 'HS256', 'typ': TOKEN_TYPE, 'kid': public.kid})}.{part(claims())}"
    forged = hmac.new(public.as_pem(private=False), body.encode(), "sha256").digest()
    assert refused(verifier, f"{body}.{part(forged)}") == "invalid_token"


def test_an_id_token_is_no_access_token(verifier, signed):
    assert refused(verifier, signed(typ="JWT")) == "invalid_token"


def test_a_changed_token_is_refused(verifier, signed):
    head, body, signature = signed().split(".")
    other = signed(claims(dealer=cast.yuegang.id)).split(".")[1]
    assert refused(verifier, f"{head}.{other}.{signature}") == "invalid_token"


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "....", "x" * 5000, "🙂.🙂.🙂"])
def test_rubbish_is_refused(verifier, rubbish):
    assert refused(verifier, rubbish) == "invalid_token"


def test_a_clients_token_grants_its_scopes_and_no_more_than_the_client_has(verifier, signed, database):
    found = verifier.verify(signed(claims(scope="orders:read hq:finance")))
    with database.personal_session(found.subject, found.dealer_id) as session:
        actor = actor_of(session, found)
    assert actor == replace(cast.huadong.system.actor(), rights=frozenset({Right.ORDERS_READ}))


def test_headquarters_client_sees_every_region(verifier, signed, database):
    erp = cast.erp.actor()
    found = verifier.verify(signed(claims(sub=erp.key, client_id=cast.erp.client_id, dealer=None, scope=" ".join(cast.erp.scopes))))
    with database.personal_session(found.subject, None) as session:
        assert actor_of(session, found) == erp


def test_a_persons_token_grants_no_more_than_the_roles(verifier, signed, database):
    buyer = cast.huadong.buyer
    found = verifier.verify(signed(claims(sub=f"user:{buyer.id}", client_id="portal-web", scope="orders:write statements:read openid")))
    with database.personal_session(found.subject, found.dealer_id) as session:
        assert actor_of(session, found).rights == {Right.ORDERS_WRITE}


@pytest.mark.parametrize(
    "lie",
    [
        {"sub": cast.yuegang.system.actor().key},
        {"dealer": cast.yuegang.id},
        {"dealer": None},
        {"client_id": "nobody"},
        {"sub": "user:999999"},
        {"sub": f"user:{cast.yuegang.buyer.id}"},
    ],
    ids=str,
)
def test_even_a_signed_lie_finds_nobody(verifier, signed, database, lie):
    found = verifier.verify(signed(claims(**lie)))
    with database.personal_session(found.subject, found.dealer_id) as session, pytest.raises(InvalidToken) as refusal:
        actor_of(session, found)
    assert refusal.value.code == "owner_disabled"


def test_a_token_is_remembered_for_five_seconds_and_never_beyond_its_end(verifier, signed):
    now = [time.time()]
    memory = TokenMemory(lambda: now[0])
    long_lived, short_lived = signed(), signed(claims(exp=int(now[0]) + 3))
    for token in (long_lived, short_lived):
        memory.keep(token, cast.huadong.system.actor(), verifier.verify(token))
    assert memory.recall(long_lived) == cast.huadong.system.actor()
    assert memory.recall("another") is None
    now[0] += 4
    assert memory.recall(long_lived) and not memory.recall(short_lived)
    now[0] += 2
    assert memory.recall(long_lived) is None


def test_the_memory_does_not_grow_without_end(verifier, signed, monkeypatch):
    monkeypatch.setattr("portal.identity.tokens._REMEMBERED_MAX", 3)
    memory, found = TokenMemory(), verifier.verify(signed())
    for number in range(5):
        memory.keep(f"token {number}", cast.erp.actor(), found)
    assert [memory.recall(f"token {number}") is not None for number in range(5)] == [False, False, True, True, True]
