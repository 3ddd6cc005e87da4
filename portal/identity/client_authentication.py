"""How a client proves itself to the issuer: by a secret, or by an assertion signed with its private key.

An assertion (RFC 7523) names the client as `iss` and `sub`, us as `aud`, ends within minutes and has an
identifier, by which it is good once. Whatever is wrong with a proof, the answer is the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from joserfc import jwt
from joserfc.errors import JoseError
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from portal.identity.client_keys import ALGORITHMS, AsymmetricKey, kept_keys
from portal.identity.models import UsedAssertion
from portal.identity.oauth_client import OAuthClient

if TYPE_CHECKING:
    from portal.identity.issuer import Issuing

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BY_HEADER, BY_FORM, BY_KEY = METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
_LIFE_MAX = timedelta(minutes=10)
_LEEWAY = timedelta(seconds=30)
_LENGTH_MAX = 8192
_ID_MAX = 256

Find = Callable[[str], OAuthClient | None]


def by_header(find: Find, request: OAuth2Request) -> OAuthClient | None:
    """The client whose secret is in the header."""
    return _by_secret(find, *extract_basic_authorization(request.headers))


def by_form(find: Find, request: OAuth2Request) -> OAuthClient | None:
    """The client whose secret is in the form."""
    return _by_secret(find, request.form.get("client_id"), request.form.get("client_secret"))


def _by_secret(find: Find, client_id: str | None, secret: str | None) -> OAuthClient | None:
    client = find(client_id) if client_id and secret else None
    generation = client.generation_of(secret) if client and secret else None
    return replace(client, generation=generation) if client and generation is not None else None


class ByAssertion:
    """Clients with a private key. audiences: how an assertion may call us."""

    def __init__(self, server: Issuing, audiences: Sequence[str]) -> None:
        self._server = server
        self._audiences = frozenset(audiences)

    def __call__(self, find: Find, request: OAuth2Request) -> OAuthClient | None:
        """The client that signed the assertion in the form."""
        if request.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        assertion = request.form.get("client_assertion", "")
        client_id, kid = named_in(assertion)
        if client_id is None or request.form.get("client_id", client_id) != client_id:
            return None
        client = find(client_id)
        if client is None:
            return None
        claims = _verified(assertion, self._keys_of(client, kid))
        at = self._server.now()
        if claims is None or not self._is_meant_for_us(claims, client_id, at):
            return None
        return client if _use(self._server.session, client, claims, at) else None

    def _keys_of(self, client: OAuthClient, kid: object) -> list[AsymmetricKey]:
        if client.keys_url:
            return self._server.keys_under(client.keys_url, kid, of_dealer=client.dealer_id is not None)
        return [key for key in kept_keys(client.keys or {}) if kid is None or key.kid == kid]

    def _is_meant_for_us(self, claims: dict[str, Any], client_id: str, at: datetime) -> bool:
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        ends, begins, issued = (_moment(claims, name) for name in ("exp", "nbf", "iat"))
        identifier = claims.get("jti")
        return (
            claims.get("iss") == claims.get("sub") == client_id
            and any(isinstance(name, str) and name in self._audiences for name in named)
            and ends is not None
            and at - _LEEWAY < ends <= at + _LIFE_MAX
            and all(moment is None or moment <= at + _LEEWAY for moment in (begins, issued))
            and isinstance(identifier, str)
            and 1 <= len(identifier) <= _ID_MAX
        )


def named_in(assertion: str) -> tuple[str | None, object]:
    """The client that an assertion names, and its key; nothing of it is verified."""
    try:
        if len(assertion) > _LENGTH_MAX:
            raise ValueError("too long")
        head, body, _signature = assertion.split(".")
        header, claims = _part(head), _part(body)
        client_id = claims["sub"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None, None
    is_named = isinstance(client_id, str) and client_id != "" and "\x00" not in client_id
    return (client_id if is_named else None), header.get("kid")


def _part(encoded: str) -> dict[str, Any]:
    read = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    if not isinstance(read, dict):
        raise ValueError("no object")
    return read


def _verified(assertion: str, keys: list[AsymmetricKey]) -> dict[str, Any] | None:
    """What an assertion says, if one of the keys signed it."""
    for key in keys:
        try:
            return jwt.decode(assertion, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            continue
    return None


def _moment(claims: dict[str, Any], name: str) -> datetime | None:
    """A moment that a claim tells; the end of time for what is none, so that it never counts."""
    said = claims.get(name)
    if said is None:
        return None
    try:
        if isinstance(said, bool) or not isinstance(said, int | float):
            raise ValueError("no number")
        return datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _use(session: Session, client: OAuthClient, claims: dict[str, Any], at: datetime) -> bool:
    """Use an assertion up; False for one that was used before."""
    used = postgresql.insert(UsedAssertion).values(
        client_id=client.actor.client_id,
        token_hash=hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).hexdigest(),
        expires_at=at + _LIFE_MAX + _LEEWAY,
    )
    return session.scalar(used.on_conflict_do_nothing().returning(UsedAssertion.client_id)) is not None
