"""A client gives a token back before it runs out (RFC 7009), or asks what one is worth (RFC 7662)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.client_authentication import METHODS
from portal.identity.credentials import hash_secret
from portal.identity.grants import revoke_family
from portal.identity.models import RefreshToken, RevokedToken
from portal.identity.oauth_client import OAuthClient
from portal.identity.tokens import Bearer, Claims, InvalidToken, TokenVerifier, bearer_of, owner_claims
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.opaque import Sealer

_LENGTH_MAX = 4096  # a longer token is none of ours


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token that a client showed. family: of a person's, with which it ends. bearer: whom it stands for if
    it is good now.
    """

    client_id: str
    subject: str
    dealer_id: int | None
    family: str
    scopes: frozenset[str]
    expires_at: datetime
    access: Claims | None = None
    bearer: Bearer | None = None

    def check_client(self, client: OAuthClient) -> bool:
        """Whether it was issued to this client."""
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        """What has run out is not found at all."""
        return False

    def is_revoked(self) -> bool:
        """Whether it opens nothing any more."""
        return self.bearer is None


class _Tokens:
    """How both endpoints find a token."""

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = METHODS
    server: Any
    verifier: TokenVerifier
    sealer: Sealer

    def check_params(self, request: OAuth2Request, _client: OAuthClient) -> None:
        """A token is needed; what its sender takes it for does not matter."""
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token'")

    def query_token(self, token: str, hint: str | None) -> ShownToken | None:
        """The token, whatever the hint says of it; None for one that ran out or is not ours."""
        if len(token) > _LENGTH_MAX or "\x00" in token:
            return None
        session, at = self.server.session, self.server.now()
        return _access_token(session, self.verifier, token, at) or _refresh_token(session, token, at)


class Revocation(_Tokens, RevocationEndpoint):
    """A person's token ends with everything that grew from the same sign-in, a client's by itself."""

    def revoke_token(self, token: ShownToken, request: OAuth2Request) -> None:
        """End it; what has ended stays so."""
        if token.is_revoked():
            return
        if token.family:
            revoke_family(self.server.session, token.family, at=self.server.now())
        elif token.access is not None:
            _forbid(self.server.session, token.access, token.expires_at)
        record(
            self.server.session,
            IdentityAction.TOKEN_REVOKED,
            token.subject,
            actor=token.bearer.actor if token.bearer else ANONYMOUS,
            dealer_id=token.dealer_id,
            after={"client": token.client_id},
        )


class Introspection(_Tokens, IntrospectionEndpoint):
    """A client learns of its own tokens, and of those of its neighbours in the same house; of any other that
    it is not active.
    """

    issuer: str
    audience: str

    def check_permission(self, token: ShownToken, client: OAuthClient, _request: OAuth2Request) -> bool:
        """Whether the client may know."""
        is_neighbour = (
            client.actor.client_id is not None and not token.family and token.dealer_id == client.dealer_id
        )
        return token.check_client(client) or is_neighbour

    def introspect_token(self, token: ShownToken) -> dict[str, Any]:
        """What it is worth now: fewer scopes than it says, if its owner may do less by now."""
        said: dict[str, Any] = {
            "client_id": token.client_id,
            "scope": " ".join(sorted(token.scopes)),
            "exp": int(token.expires_at.timestamp()),
            "iss": self.issuer,
            **owner_claims(self.sealer, token.subject, token.dealer_id),
        }
        return said | {"token_type": "Bearer", "aud": self.audience} if token.access else said


def _access_token(session: Session, verifier: TokenVerifier, token: str, at: datetime) -> ShownToken | None:
    try:
        claims = verifier.verify(token)
    except InvalidToken:
        return None
    try:
        bearer = bearer_of(session, claims, at=at)
    except InvalidToken:
        bearer = None
    words = frozenset(scope for scope in claims.scopes if ":" not in scope)
    return ShownToken(
        claims.client_id,
        claims.subject,
        claims.dealer_id,
        claims.session_hash,
        words | bearer.actor.rights if bearer else frozenset(),
        datetime.fromtimestamp(claims.expires_at, UTC),
        claims,
        bearer,
    )


def _refresh_token(session: Session, token: str, at: datetime) -> ShownToken | None:
    row = session.execute(
        select(RefreshToken.__table__).where(RefreshToken.token_hash == hash_secret(token)).with_for_update()
    ).one_or_none()
    if row is None or row.expires_at <= at:
        return None
    person = queries.person_of_session(session, user_id=row.user_id, secret_hash=row.family, at=at)
    actor: Actor | None = person.actor() if person else None
    is_good = actor is not None and row.used_at is None and row.revoked_at is None
    return ShownToken(
        row.client_id,
        f"user:{row.user_id}",
        actor.dealer_id if actor else None,
        row.family,
        frozenset(row.scope.split()),
        row.expires_at,
        bearer=Bearer(actor) if actor and is_good else None,
    )


def _forbid(session: Session, claims: Claims, until: datetime) -> None:
    kept = postgresql.insert(RevokedToken).values(token_hash=claims.token_hash, expires_at=until)
    session.execute(kept.on_conflict_do_nothing())
