"""The issuer's keys: made once, kept encrypted, found again by every process."""

from __future__ import annotations

from joserfc import jwt
from sqlalchemy import select, update

from portal import clock
from portal.identity.keys import ALGORITHM, KeyRing, derived_key
from portal.identity.models import SigningKey
from tests.races import together

SECRET = "application secret of this test 0123456789"


def test_processes_that_start_together_agree_on_one_key(database, owner):
    kids = together(4, lambda _place: KeyRing(database, SECRET).signing_key().kid)
    assert len(set(kids)) == 1
    assert len(owner.execute(select(SigningKey.kid)).all()) == 1


def test_a_token_of_one_process_is_verified_by_another(database):
    signing = KeyRing(database, SECRET).signing_key()
    token = jwt.encode({"alg": ALGORITHM, "kid": signing.kid}, {"sub": "x"}, signing, [ALGORITHM])
    verifying = KeyRing(database, SECRET).key_of(signing.kid)
    assert jwt.decode(token, verifying, [ALGORITHM]).claims == {"sub": "x"}


def test_the_private_part_is_neither_stored_nor_published_in_clear(database, owner):
    ring = KeyRing(database, SECRET)
    private = ring.signing_key().as_dict(private=True)["d"]
    stored = owner.execute(select(SigningKey.public_jwk, SigningKey.private_encrypted)).one()
    assert private not in str(stored)
    assert all("d" not in key for key in ring.public_keys().as_dict()["keys"])


def test_after_a_change_of_the_application_secret_a_new_key_signs_and_the_old_one_still_verifies(database):
    old = KeyRing(database, SECRET).signing_key().kid
    ring = KeyRing(database, SECRET + " changed")
    assert ring.signing_key().kid != old
    assert ring.key_of(old) is not None


def test_a_key_retired_long_ago_verifies_nothing(database, owner):
    KeyRing(database, SECRET).signing_key()
    owner.execute(update(SigningKey).values(retired_at=clock.now().replace(year=2020)))
    fresh = KeyRing(database, SECRET)
    assert [key.kid for key in fresh.public_keys().keys] == [fresh.signing_key().kid]


def test_an_unknown_key_is_nobodys(database):
    ring = KeyRing(database, SECRET)
    assert ring.key_of("unknown") is None
    assert ring.key_of(None) is None


def test_a_key_made_by_another_process_is_found_when_it_is_first_seen(database, owner, monkeypatch):
    ring = KeyRing(database, SECRET)
    ring.signing_key()
    other = KeyRing(database, SECRET + " changed").signing_key()
    monkeypatch.setattr("portal.identity.keys._HURRY_SECONDS", 0.0)
    assert ring.key_of(other.kid) is not None


def test_keys_for_different_purposes_have_nothing_in_common():
    assert derived_key(SECRET, "one") != derived_key(SECRET, "other")
    assert derived_key(SECRET, "one") == derived_key(SECRET, "one")
