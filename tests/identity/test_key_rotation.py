"""Another key signs, and nobody is signed out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from joserfc import jwt
from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.identity import keys
from portal.identity.keys import AHEAD, ALGORITHM, KeyRing
from portal.identity.models import SigningKey
from portal.identity.tokens import TokenMemory
from tests import cast
from tests.identity.test_keys import SECRET
from tests.races import together
from tests.web_clients import Caller, token_for


@pytest.fixture
def ring(issuer_database):
    """Keys of one process, which has used one of them."""
    made = KeyRing(issuer_database, SECRET)
    made.signing_key()
    return made


@pytest.fixture
def at_once(monkeypatch):
    """Processes look each time they are asked, as they do after seconds."""
    monkeypatch.setattr(keys, "_FRESH_SECONDS", -1.0)
    monkeypatch.setattr(keys, "_HURRY_SECONDS", -1.0)


def pass_by(owner, span):
    """Let time pass for the keys."""
    owner.execute(
        text("UPDATE signing_key SET created_at = created_at - :span, retired_at = retired_at - :span"),
        {"span": span},
    )


def kids(ring):
    return {key.kid for key in ring.public_keys().keys}


def test_a_successor_is_published_before_it_signs(ring, issuer_database, owner, at_once):
    old = ring.signing_key().kid
    new = ring.rotate().kid
    assert new != old and ring.signing_key().kid == old
    assert kids(ring) == kids(KeyRing(issuer_database, SECRET)) == {old, new}
    pass_by(owner, AHEAD)
    assert ring.signing_key().kid == KeyRing(issuer_database, SECRET).signing_key().kid == new
    assert kids(ring) == {old, new}
    pass_by(owner, timedelta(days=1))
    assert kids(ring) == {new}


def test_another_process_verifies_by_both_and_signs_by_the_new_one(ring, issuer_database, at_once):
    other = KeyRing(issuer_database, SECRET)
    old = other.signing_key()
    token = jwt.encode({"alg": ALGORITHM, "kid": old.kid}, {"sub": "x"}, old, [ALGORITHM])
    new = ring.rotate(ahead=timedelta(0))
    assert other.signing_key().kid == new.kid
    assert jwt.decode(token, ring.key_of(old.kid), algorithms=[ALGORITHM]).claims == {"sub": "x"}


def test_an_old_key_gets_its_successor_by_itself_and_only_one(ring, issuer_database, owner, at_once):
    old = ring.signing_key().kid
    pass_by(owner, timedelta(days=91))
    rings = [KeyRing(issuer_database, SECRET) for _ in range(4)]
    assert {ring.kid for ring in together(4, lambda place: rings[place].signing_key())} == {old}
    assert len(owner.execute(select(SigningKey.id)).all()) == 2
    pass_by(owner, AHEAD)
    assert {ring.signing_key().kid for ring in rings} == kids(ring) - {old}
    assert len(owner.execute(select(SigningKey.id)).all()) == 2


def test_of_two_who_ask_at_once_both_get_the_same(ring, issuer_database, owner):
    rings = [KeyRing(issuer_database, SECRET) for _ in range(2)]
    seen = rings[0].kept()[0]

    def succeed(place):
        with issuer_database.system_session() as session, session.begin():
            return rings[place]._succeed(session, seen, AHEAD).kid

    assert len(set(together(2, succeed))) == 1
    assert len(owner.execute(select(SigningKey.id)).all()) == 2


def test_what_is_trusted_no_more_verifies_nothing(ring, issuer_database, owner, at_once):
    other, old = KeyRing(issuer_database, SECRET), ring.signing_key().kid
    assert other.signing_key().kid == old
    new = ring.rotate(ahead=timedelta(0), trusted=False).kid
    assert (ring.key_of(old), other.key_of(old), kids(other)) == (None, None, {new})
    event = owner.execute(select(AuditEvent).where(AuditEvent.action == "signing_key:distrusted")).one()
    assert (event.actor, event.subject) == ("system", new)


def test_each_is_in_the_audit_without_its_private_part(ring, owner):
    made = ring.rotate()
    event = owner.execute(select(AuditEvent).where(AuditEvent.action == "signing_key:made")).one()
    assert event.subject == made.kid and made.as_dict(private=True)["d"] not in str(event)


def test_tokens_go_on_and_the_key_set_has_both(app, issuer_database, at_once):
    token = token_for(app, cast.huadong.system).json["access_token"]
    app.keys.rotate(ahead=timedelta(0))
    app.token_memory = TokenMemory()
    assert Caller(app, token).get("/me").status_code == 200
    assert len(app.test_client().get("/.well-known/jwks.json").json["keys"]) == 2
    renewed = token_for(app, cast.huadong.system).json["access_token"]
    assert Caller(app, renewed).get("/me").status_code == 200
