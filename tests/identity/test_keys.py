"""The issuer's keys: made once, kept encrypted, found again by every process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import func, insert, select, text, update
from structlog.testing import capture_logs

from portal.app import create_app
from portal.identity import keys
from portal.identity.keys import ALGORITHM, KeyRing
from portal.identity.models import SigningKey
from portal.kernel import clock
from portal.kernel.at_rest import derived_key
from portal.kernel.db import Database
from portal.kernel.errors import Unavailable
from tests import cast
from tests.races import together, until_somebody_waits_at_a_gate
from tests.web_clients import token_for

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


def test_after_a_change_of_the_application_secret_a_new_key_signs_and_the_old_one_verifies_nothing(
    issuer_database,
):
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


def test_requests_that_hold_every_connection_of_the_issuer_get_the_keys(settings):
    app = create_app(settings.model_copy(update={"database_pool_size": 1}))  # three at the most
    answers = together(8, lambda _place: token_for(app, cast.huadong.system))
    assert [answer.status_code for answer in answers] == [200] * 8


DAMAGE = {
    "no right": (
        "REVOKE SELECT ON signing_key FROM portal_issuer",
        "GRANT SELECT ON signing_key TO portal_issuer",
    ),
    "no table": (
        "ALTER TABLE signing_key RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO signing_key",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_keys_that_cannot_be_read_again_stay_and_are_asked_for_again_a_little_later(
    issuer_database, owner, monkeypatch, damage
):
    ring = KeyRing(issuer_database, SECRET)
    ours = ring.signing_key()
    monkeypatch.setattr(keys, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(keys, "_HURRY_SECONDS", 0.0)
    away, back = DAMAGE[damage]
    owner.execute(text(away))
    with capture_logs() as said:
        assert (ring.signing_key().kid, ring.key_of("unknown")) == (ours.kid, None)
        assert ring.key_of(ours.kid) is not None
        tried = len(said)
        monkeypatch.setattr(keys, "_HURRY_SECONDS", 3600.0)
        assert ring.signing_key() is ours and len(said) == tried  # not each time anew
    assert {(line["event"], line["log_level"]) for line in said} == {("signing_keys_not_read", "warning")}
    owner.execute(text(back))
    owner.execute(update(SigningKey).values(retired_at=clock.now()))
    monkeypatch.setattr(keys, "_HURRY_SECONDS", 0.0)
    assert ring.signing_key().kid != ours.kid


def test_without_a_key_it_is_told_why_there_is_none():
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable):
        KeyRing(nowhere, SECRET).signing_key()


def test_while_the_keys_are_read_again_nobody_waits_for_them(issuer_database, owner, monkeypatch):
    ring = KeyRing(issuer_database, SECRET)
    ours = ring.signing_key()
    monkeypatch.setattr(keys, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(keys, "_HURRY_SECONDS", 0.0)
    owner.execute(update(SigningKey).values(retired_at=clock.now()))
    with ThreadPoolExecutor(1) as aside:
        with owner.engine.begin() as another_process:
            another_process.execute(select(func.pg_advisory_xact_lock(keys._LOCK)))
            reading = aside.submit(ring.signing_key)
            until_somebody_waits_at_a_gate(owner)
            assert ring.signing_key() is ours and ring.key_of(ours.kid) is not None
        assert reading.result().kid != ours.kid
