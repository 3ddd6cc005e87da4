"""The three grants of the issuer on our tables.

Authlib keeps the protocol; here is what is stored and what is refused. Codes and refresh tokens are kept as
hashes. A code is consumed by the first request that shows it, whatever becomes of that request; a code or
refresh token that comes back a second time is stolen, and everything that grew from it is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from portal.identity import queries
from portal.identity.client_authentication import METHODS
from portal.identity.credentials import hash_secret
from portal.identity.models import AuthorizationCode, RefreshToken, UserSession
from portal.identity.oauth_client import OAuthClient
from portal.identity.queries import Person

CODE_LIFE = timedelta(minutes=1)
REFRESH_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ConsumedCode:
    """A code that has just been used up. `family` joins everything that grows from it."""

    user_id: int
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    auth_time: datetime
    family: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was granted."""
        return self.scope

    def get_nonce(self) -> str | None:
        """The client's own value, returned in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the password was given, in Unix seconds."""
        return int(self.auth_time.timestamp())

    def get_acr(self) -> None:
        """No authentication classes."""
        return

    def get_amr(self) -> list[str]:
        """By password."""
        return ["pwd"]


class CodeGrant(AuthorizationCodeGrant):
    """Authorization code, for clients with a secret, always with PKCE."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the hash of a code for a minute."""
        now = self.server.now()
        self.server.session.execute(
            insert(AuthorizationCode).values(
                code_hash=hash_secret(code),
                client_id=request.client.client_id,
                user_id=request.user.id,
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                nonce=request.payload.data.get("nonce"),
                code_challenge=request.payload.data["code_challenge"],
                auth_time=now,
                expires_at=now + CODE_LIFE,
            )
        )

    def query_authorization_code(self, code: str, client: OAuthClient) -> ConsumedCode | None:
        """Consume the code in one statement, so that of two requests at the same time one gets it."""
        family = hash_secret(code)
        row = self.server.session.execute(
            delete(AuthorizationCode)
            .where(AuthorizationCode.code_hash == family)
            .returning(AuthorizationCode.__table__)
        ).one_or_none()
        if row is None:
            revoke_family(self.server.session, family, at=self.server.now())
            return None
        if row.client_id != client.client_id or row.expires_at <= self.server.now():
            return None
        return ConsumedCode(
            row.user_id, row.redirect_uri, row.scope, row.nonce, row.code_challenge, row.auth_time, family
        )

    def delete_authorization_code(self, authorization_code: ConsumedCode) -> None:
        """It is consumed already."""

    def authenticate_user(self, authorization_code: ConsumedCode) -> Person | None:
        """The person, unless disabled since."""
        person = queries.person(self.server.session, authorization_code.user_id)
        return person and replace(person, session_hash=authorization_code.family)


class RequiredChallenge(CodeChallenge):
    """PKCE by S256 for every client; Authlib alone would let a confidential client go without, and allow
    `plain`.
    """

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Refuse a request without a challenge."""
        for name in ("code_challenge", "code_challenge_method"):
            if not grant.request.payload.data.get(name):
                raise InvalidRequestError(f"Missing '{name}'")
        super().validate_code_challenge(grant, redirect_uri)


class RefreshGrant(RefreshTokenGrant):
    """Refresh tokens that are used once each."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> UsableRefreshToken | None:
        """The token if it is unused; a used one revokes its family."""
        row = self.server.session.execute(
            select(RefreshToken.__table__)
            .where(RefreshToken.token_hash == hash_secret(refresh_token))
            .with_for_update()
        ).one_or_none()
        if row is None:
            return None
        if row.used_at or row.revoked_at:
            revoke_family(self.server.session, row.family, at=self.server.now())
            return None
        if row.expires_at <= self.server.now():
            return None
        return UsableRefreshToken(row.id, row.client_id, row.user_id, row.scope, row.family)

    def authenticate_user(self, refresh_token: UsableRefreshToken) -> Person:
        """The person. Raises InvalidGrantError for one disabled or signed out since."""
        person = queries.person_of_session(
            self.server.session,
            user_id=refresh_token.user_id,
            secret_hash=refresh_token.family,
            at=self.server.now(),
        )
        if (
            person is None
        ):  # Authlib would call the request malformed, which a client takes for a fault of its own
            raise InvalidGrantError()
        return person

    def revoke_old_credential(self, refresh_token: UsableRefreshToken) -> None:
        """Its successor has been issued."""
        used = (
            update(RefreshToken).where(RefreshToken.id == refresh_token.id).values(used_at=self.server.now())
        )
        self.server.session.execute(used)


@dataclass(frozen=True, slots=True)
class UsableRefreshToken:
    """A refresh token that may be used now; its row is locked."""

    id: int
    client_id: str
    user_id: int
    scope: str
    family: str

    def check_client(self, client: OAuthClient) -> bool:
        """Whether it was issued to this client."""
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        """What was granted."""
        return self.scope


class SystemGrant(ClientCredentialsGrant):
    """A system signs in for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_token_request(self) -> None:
        """Refuse a scope the client was not given, rather than issue a token with less than was asked for."""
        super().validate_token_request()
        if self.request.client.get_allowed_scope(self.request.payload.scope) is None:
            raise InvalidScopeError()


def revoke_family(session: Session, family: str, *, at: datetime) -> None:
    """Revoke every refresh token of a family, and end the session its access tokens live by."""
    alive = update(RefreshToken).where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
    session.execute(alive.values(revoked_at=at))
    signed_in = update(UserSession).where(UserSession.secret_hash == family, UserSession.ended_at.is_(None))
    session.execute(signed_in.values(ended_at=at))


def keep_signed_in(session: Session, *, family: str, user_id: int, at: datetime, life: timedelta) -> None:
    """Begin the session of a family, or let it last longer.

    Its tokens are good while it is; one that has ended stays so.
    """
    begun = postgresql.insert(UserSession).values(
        secret_hash=family, user_id=user_id, created_at=at, expires_at=at + life
    )
    longer = begun.on_conflict_do_update(
        index_elements=[UserSession.secret_hash], set_={"expires_at": begun.excluded.expires_at}
    )
    session.execute(longer)
