"""Clients with keys, and what they sign."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from portal.identity.change_client import rotate_secret
from portal.identity.client_authentication import ASSERTION_TYPE
from portal.identity.client_keys import ALGORITHMS
from portal.identity.create_client import Wanted, create_client
from portal.kernel import clock
from portal.kernel.db import Database, transaction

if TYPE_CHECKING:
    from tests.roles import Dealer, Person

TOKEN_ENDPOINT = "http://localhost/oauth/token"


def a_key(kid: str = "one") -> ECKey:
    """A pair of keys of somebody's system."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def public(*keys: ECKey | RSAKey) -> str:
    """Their public parts as a set."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def assertion(client_id: str, key: ECKey | RSAKey, /, *, alg: str = "ES256", **changes: Any) -> str:
    """What a client signs to prove itself; None leaves a claim out."""
    now = int(time.time())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": TOKEN_ENDPOINT,
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + 60,
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=ALGORITHMS)


def prove(app: Flask, signed: str, /, *, address: str = "127.0.0.1", **fields: str) -> TestResponse:
    """Ask for a token with an assertion."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
    } | fields
    return ask(app, form, address=address)


def ask(
    app: Flask, form: dict[str, str], /, *, address: str = "127.0.0.1", path: str = "/oauth/token"
) -> Any:
    """A request to the issuer, from an address."""
    return app.test_client(use_cookies=False).post(path, data=form, environ_base={"REMOTE_ADDR": address})


def a_client(
    database: Database, person: Person, dealer: Dealer | None = None, *, keys: str = "", hours: int = 0
) -> str:
    """A client of a dealer, or of headquarters, in the database of the issuer's role. hours: for which two
    secrets are good.
    """
    actor = person.actor()
    scopes = ["orders:read"] if dealer else ["hq:orders"]
    with transaction(database.session_for(actor)) as session:
        made = create_client(
            session,
            actor=actor,
            wanted=Wanted("用友 ERP", scopes, ["203.0.113.0/24"], keys),
            dealer_id=dealer.id if dealer else None,
            at=clock.now(),
        )
        if hours:
            rotate_secret(
                session,
                actor=actor,
                client_id=made.client_id,
                overlap=timedelta(hours=hours),
                at=clock.now(),
            )
    return made.client_id
