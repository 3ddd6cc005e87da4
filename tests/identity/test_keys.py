"""The issuer's keys: made once, kept encrypted, found again by every process."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import insert, select, update

from portal.kernel import clock
from portal.identity.keys import ALGORITHM, KeyRing, derived_key
from portal.identity.models import SigningKey
from tests.races import together

SECRET = "application secret of this test 0123456789"


def test_processes_that_start_together_agree_on_one_key(issuer_database, owner):
    kids = together(4, lambda _place: KeyRing(issuer_database, SECRET).signing_key().kid)
    assert len(set(kids)) == 1
    assert len(owner.execute(select(SigningKey.kid)).all()) == 1


def test_a_token_of_one_process_is_verified_by_another(issuer_database):
    signing = KeyRing(issuer_database, SECRET).signing_key()
    token = jwt.encode({"alg": ALGORITHM, "kid": signing.kid}, {"sub": "x"}, signing, [ALGORITHM])
    verifying = KeyRing(issuer_database, SECRET).key_of(signing.kid)
    assert jwt.decode(token, verifying, [ALGORITHM]).claims == {"sub": "x"}


def test_the_private_part_is_neither_stored_nor_published_in_clear(issuer_database, owner):
    ring = KeyRing(issuer_database, SECRET)
    private = ring.signing_key().as_dict(private=True)["d"]
    stored = owner.execute(select(SigningKey)).one()
    assert private not in str(stored)
    assert all("d" not in key for key in ring.public_keys().as_dict()["keys"])


def test_after_a_change_of_the_application_secret_a_new_key_signs_and_the_old_one_verifies_nothing(issuer_database):
    old = KeyRing(issuer_database, SECRET).signing_key().kid
    ring = KeyRing(issuer_database, SECRET + " changed")
    assert ring.signing_key().kid != old
    assert ring.key_of(old) is None


@pytest.mark.parametrize("secret", ["", "the secret of another portal 0123456789", SECRET[:-1]])
def test_a_key_that_somebody_planted_is_nobodys(issuer_database, owner, secret):
    ours = KeyRing(issuer_database, SECRET).signing_key()
    theirs = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    sealed = Fernet(derived_key(secret, "signing keys")).encrypt(theirs.as_pem(private=True)).decode()
    for private, kid in ((sealed, theirs.kid), ("", "empty"), ("not even a token", "noise")):
        owner.execute(insert(SigningKey).values(kid=kid, algorithm=ALGORITHM, private_encrypted=private))
    ring = KeyRing(issuer_database, SECRET)
    assert [key.kid for key in ring.public_keys().keys] == [ring.signing_key().kid] == [ours.kid]


def test_a_key_is_called_by_its_thumbprint_whatever_its_row_says(issuer_database, owner):
    ours = KeyRing(issuer_database, SECRET).signing_key()
    owner.execute(update(SigningKey).values(kid="renamed"))
    ring = KeyRing(issuer_database, SECRET)
    assert ring.key_of("renamed") is None
    assert ring.key_of(ours.kid) is not None


def test_a_key_retired_long_ago_verifies_nothing(issuer_database, owner):
    KeyRing(issuer_database, SECRET).signing_key()
    owner.execute(update(SigningKey).values(retired_at=clock.now().replace(year=2020)))
    fresh = KeyRing(issuer_database, SECRET)
    assert [key.kid for key in fresh.public_keys().keys] == [fresh.signing_key().kid]


def test_an_unknown_key_is_nobodys(issuer_database):
    ring = KeyRing(issuer_database, SECRET)
    assert ring.key_of("unknown") is None
    assert ring.key_of(None) is None


def test_a_key_made_by_another_process_is_found_when_it_is_first_seen(issuer_database, owner, monkeypatch):
    ring = KeyRing(issuer_database, SECRET)
    ring.signing_key()
    owner.execute(update(SigningKey).values(retired_at=clock.now()))
    other = KeyRing(issuer_database, SECRET).signing_key()
    monkeypatch.setattr("portal.identity.keys._HURRY_SECONDS", 0.0)
    assert ring.key_of(other.kid) is not None


def test_keys_for_different_purposes_have_nothing_in_common():
    assert derived_key(SECRET, "one") != derived_key(SECRET, "other")
    assert derived_key(SECRET, "one") == derived_key(SECRET, "one")
