"""Access tokens of the API.

Verified by signature, turned into the actor they stand for, remembered for a moment. A token is a JWT of our
own issuer (RFC 9068). `sub` is ``client:…`` or ``user:…``, so that no client can name itself like a person;
`dealer` is absent for headquarters. What follows is sealed: a holder learns nobody's serial id. `sid` is the
session that a person's token grew from, and ends with. Rights are the token's scopes, less what the client or
the person may no longer do.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any

from cachetools import TLRUCache
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, GuestProtocol
from joserfc.jwt import JWTClaimsRegistry
from sqlalchemy.orm import Session

from portal.identity import queries
from portal.identity.client_rules import is_good, is_within
from portal.identity.credentials import hash_secret
from portal.identity.keys import ALGORITHM, KeyRing
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, DomainError
from portal.kernel.opaque import Sealer

TOKEN_TYPE = "at+jwt"
_LENGTH_MAX = 4096
_REMEMBERED_SECONDS = 5.0
_REMEMBERED_MAX = 4096


class InvalidToken(DomainError):
    """No token, or one that is not ours, has run out, or whose owner may not come in. Answered with 401."""

    code = "invalid_token"
    message = N_("The access token is not valid. Ask the issuer for a new one.")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says.

    `subject` as the audit names it, `session_hash` of a person, `generation` of a client's proof,
    `token_hash` of the token's identifier, `expires_at` in Unix seconds.
    """

    subject: str
    client_id: str
    dealer_id: int | None
    session_hash: str
    scopes: frozenset[str]
    expires_at: float
    generation: int = 1
    token_hash: str = ""

    @property
    def user_id(self) -> int | None:
        """Id of the person, None for a client."""
        kind, _, number = self.subject.partition(":")
        return int(number) if kind == "user" else None


class TokenVerifier:
    """Verifies tokens of one issuer for one audience."""

    def __init__(self, keys: KeyRing, *, issuer: str, audience: str, sealer: Sealer) -> None:
        self._keys = keys
        self._sealer = sealer
        self._registry = JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
            client_id={"essential": True},
        )

    def verify(self, token: str) -> Claims:
        """The claims of a token.

        Raises InvalidToken, with code ``token_expired`` for one that was good once.
        """
        try:
            if len(token) > _LENGTH_MAX:
                raise ValueError("too long")
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            if decoded.header.get("typ") != TOKEN_TYPE:
                raise ValueError("not an access token")
            self._registry.validate(decoded.claims)
            return _claims(decoded.claims, self._sealer)
        except ExpiredTokenError:
            raise InvalidToken(
                "token_expired", N_("The access token has expired. Ask the issuer for a new one.")
            ) from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise InvalidToken() from None

    def _key(self, token: GuestProtocol) -> ECKey:
        key = self._keys.key_of(token.headers().get("kid"))
        if key is None:
            raise ValueError("not our key")
        return key


def sealed_subject(sealer: Sealer, key: str) -> str:
    """``user:12`` as tokens and answers name it."""
    return f"{key.partition(':')[0]}:{sealer.seal('subject', [key])}"


def opened_subject(sealer: Sealer, subject: str) -> str:
    """What `sealed_subject` was made of. Raises ValueError for anything else."""
    kind, _, sealed = subject.partition(":")
    key = str(sealer.open("subject", sealed)[0])
    if key.partition(":")[0] != kind:
        raise ValueError("of another kind")
    return key


def owner_claims(sealer: Sealer, key: str, dealer_id: int | None) -> dict[str, str]:
    """Whom a token stands for and the dealer its rows belong to."""
    dealer = {} if dealer_id is None else {"dealer": sealer.seal("dealer", [dealer_id])}
    return {"sub": sealed_subject(sealer, key)} | dealer


def _claims(claims: dict[str, Any], sealer: Sealer) -> Claims:
    dealer = claims.get("dealer")
    texts = {name: claims.get(name, "") for name in ("sub", "client_id", "scope", "sid", "jti")}
    if not all(isinstance(text, str) for text in texts.values()) or "\x00" in texts["client_id"]:
        raise ValueError("a claim is no text")
    scope = texts["scope"]
    return Claims(
        subject=opened_subject(sealer, texts["sub"]),
        client_id=texts["client_id"],
        dealer_id=None if dealer is None else sealer.open("dealer", dealer)[0],
        session_hash=texts["sid"],
        scopes=frozenset(scope.split()),
        expires_at=float(claims["exp"]),
        generation=int(claims.get("gen", 1)),
        token_hash=hash_secret(texts["jti"]) if texts["jti"] else "",
    )


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for. networks: from which it may be used, empty for any."""

    actor: Actor
    networks: tuple[str, ...] = ()

    def require_address(self, address: str) -> None:
        """Raise InvalidToken for a token that is used from elsewhere."""
        if not is_within(address, self.networks):
            raise InvalidToken(
                "address_not_allowed", N_("This client may not be used from this address."), fix=_ASK_OWNER
            )


_ASK_OWNER = N_("Ask who looks after the client to add its network.")


def bearer_of(session: Session, claims: Claims, *, at: datetime) -> Bearer:
    """Whom a token stands for, as the database knows it.

    Raises InvalidToken if it may not come in any more.
    """
    found: queries.Person | queries.Client | None
    networks: tuple[str, ...] = ()
    if claims.user_id is not None:
        found = queries.person_of_session(
            session, user_id=claims.user_id, secret_hash=claims.session_hash, at=at
        )
    else:
        found = queries.client(session, claims.client_id, token_hash=claims.token_hash)
        if found is not None:
            networks = found.networks
            if not is_good(
                claims.generation, current=found.generation, former_until=found.former_until, at=at
            ):
                found = None
    actor = found.actor() if found else None
    if actor is None or (actor.key, actor.dealer_id) != (claims.subject, claims.dealer_id):
        raise InvalidToken("owner_disabled", N_("The owner of this access token no longer has access."))
    return Bearer(replace(actor, rights=actor.rights & claims.scopes), networks)


class TokenMemory:
    """Whom tokens stand for that were seen in the last five seconds.

    A busy client costs one verification and one statement in that time.

    Which also is how long a client that was disabled may still get in.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = Lock()
        self._known: TLRUCache[bytes, tuple[Bearer, float]] = TLRUCache(
            _REMEMBERED_MAX, ttu=lambda _key, known, _at: known[1], timer=now
        )

    def recall(self, token: str) -> Bearer | None:
        """Whom a token stands for that was verified a moment ago."""
        with self._lock:
            bearer, _until = self._known.get(_fingerprint(token), (None, 0.0))
        return bearer

    def keep(self, token: str, bearer: Bearer, claims: Claims) -> None:
        """Remember a verified token, at most until it expires."""
        until = min(self._now() + _REMEMBERED_SECONDS, claims.expires_at)
        with self._lock:
            self._known[_fingerprint(token)] = (bearer, until)


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
