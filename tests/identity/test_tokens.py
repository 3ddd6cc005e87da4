"""Access tokens: only ours, only for the API, only while they last, and only as much as their owner may."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import insert, text

from portal.identity.credentials import hash_secret
from portal.identity.keys import ALGORITHM, KeyRing
from portal.identity.models import UserSession
from portal.identity.tokens import (
    TOKEN_TYPE,
    InvalidToken,
    TokenMemory,
    TokenVerifier,
    bearer_of,
    owner_claims,
    sealed_subject,
)
from portal.kernel import clock
from portal.kernel.opaque import Sealer
from portal.orders.vocabulary import OrderRight
from tests import cast

ISSUER, AUDIENCE = "https://portal.example", "https://portal.example/api/v1"
SEALER = Sealer("application secret of this test 0123456789")
A_SESSION = hash_secret("of a code")


@pytest.fixture
def keys(issuer_database):
    return KeyRing(issuer_database, "application secret of this test 0123456789")


@pytest.fixture
def verifier(keys):
    return TokenVerifier(keys, issuer=ISSUER, audience=AUDIENCE, sealer=SEALER)


KEY = cast.huadong.system.actor().key


def claims(*, key=KEY, dealer_id=cast.huadong.id, **changes):
    ordinary = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "client_id": cast.huadong.system.client_id,
        "scope": "orders:read orders:write",
        "exp": int(time.time()) + 60,
    } | owner_claims(SEALER, key, dealer_id)
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
        {"iss": "https://evil.example"},
        {"aud": "https://portal.example"},
        {"aud": "portal-web"},
        {"aud": None},
        {"exp": None},
        {"sub": None},
        {"client_id": None},
        {"iss": None},
        {"dealer": "x"},
        {"exp": "tomorrow"},
        {"scope": 3},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"sub": "user:"},
        {"sub": "user:abc"},
        {"sub": "user:1011"},
        {"sub": "client:²"},
        {"sub": 12},
        {"sub": ["user:1"]},
        {"sub": {}},
        {"sub": "user:" + "9" * 40},
        {"sub": "é"},
        {"sub": "auth0|5f7c8ec7c33c6c004bbafe82"},
        {"client_id": 3},
        {"client_id": "a\x00b"},
        {"dealer": 101},
        {"dealer": True},
        {"dealer": [101]},
        {"dealer": SEALER.seal("subject", [101])},
        {"sid": 3},
        {"sub": "user:" + sealed_subject(SEALER, "client:1019").partition(":")[2]},
        {"sub": sealed_subject(Sealer("another application's secret"), "user:1011")},
    ],
    ids=str,
)
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
    head, _, signature = signed().split(".")
    other = signed(claims(dealer_id=cast.yuegang.id)).split(".")[1]
    assert refused(verifier, f"{head}.{other}.{signature}") == "invalid_token"


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "....", "x" * 5000, "🙂.🙂.🙂"])
def test_rubbish_is_refused(verifier, rubbish):
    assert refused(verifier, rubbish) == "invalid_token"


def test_a_clients_token_grants_its_scopes_and_no_more_than_the_client_has(verifier, signed, database):
    found = verifier.verify(signed(claims(scope="orders:read hq:finance-read")))
    with database.personal_session(found.subject, found.dealer_id) as session:
        actor = bearer_of(session, found, at=clock.now()).actor
    assert actor == replace(cast.huadong.system.actor(), rights=frozenset({OrderRight.READ}))


def test_headquarters_client_sees_every_region(verifier, signed, database):
    erp = cast.erp.actor()
    found = verifier.verify(
        signed(
            claims(key=erp.key, dealer_id=None, client_id=cast.erp.client_id, scope=" ".join(cast.erp.scopes))
        )
    )
    with database.personal_session(found.subject, None) as session:
        assert bearer_of(session, found, at=clock.now()).actor == erp


@pytest.fixture
def a_persons(signed, owner):
    """A token of the buyer that grew from a session."""
    row = {
        "secret_hash": A_SESSION,
        "user_id": cast.huadong.buyer.id,
        "expires_at": cast.NOW + timedelta(hours=1),
    }
    owner.execute(insert(UserSession).values(row))
    content = claims(
        key=cast.huadong.buyer.actor().key,
        client_id="portal-web",
        scope="orders:write statements:read openid",
        sid=A_SESSION,
    )
    return signed(content)


def test_a_persons_token_grants_no_more_than_the_roles(verifier, a_persons, database):
    found = verifier.verify(a_persons)
    with database.personal_session(found.subject, found.dealer_id) as session:
        assert bearer_of(session, found, at=clock.now()).actor.rights == {OrderRight.WRITE}


@pytest.mark.parametrize(
    "lie",
    [
        {"key": cast.yuegang.system.actor().key},
        {"dealer_id": cast.yuegang.id},
        {"dealer_id": None},
        {"client_id": "nobody"},
        {"key": "user:999999"},
        {"key": f"user:{cast.yuegang.buyer.id}"},
        {"key": cast.huadong.buyer.actor().key},
        {"key": cast.huadong.buyer.actor().key, "sid": A_SESSION},
    ],
    ids=str,
)
def test_even_a_signed_lie_finds_nobody(verifier, signed, database, lie):
    found = verifier.verify(signed(claims(**lie)))
    with (
        database.personal_session(found.subject, found.dealer_id) as session,
        pytest.raises(InvalidToken) as refusal,
    ):
        bearer_of(session, found, at=clock.now())
    assert refusal.value.code == "owner_disabled"


@pytest.mark.parametrize("end", ["ended_at = now()", "expires_at = now()"])
def test_a_persons_token_ends_with_its_session(verifier, a_persons, database, owner, end):
    owner.execute(text(f"UPDATE user_session SET {end}"))
    found = verifier.verify(a_persons)
    with database.personal_session(found.subject, found.dealer_id) as session, pytest.raises(InvalidToken):
        bearer_of(session, found, at=clock.now())


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
    assert [memory.recall(f"token {number}") is not None for number in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
