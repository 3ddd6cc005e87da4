"""The built-in issuer: Authlib's server with our clients, tokens and audit.

Framework-free; the web part adds requests. Whatever a refused request wrote (a consumed code, a revoked
family, the audit) must be committed like that of a good one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity import queries
from portal.identity.client_authentication import (
    BY_FORM,
    BY_HEADER,
    BY_KEY,
    METHODS,
    ByAssertion,
    by_form,
    by_header,
    named_in,
)
from portal.identity.client_keys import ALGORITHMS, AsymmetricKey
from portal.identity.client_rules import is_within
from portal.identity.client_use import note_use
from portal.identity.credentials import hash_secret, new_secret
from portal.identity.grants import (
    REFRESH_LIFE,
    CodeGrant,
    ConsumedCode,
    RefreshGrant,
    RequiredChallenge,
    SystemGrant,
    keep_signed_in,
)
from portal.identity.keys import ALGORITHM, KeyRing
from portal.identity.models import RefreshToken
from portal.identity.oauth_client import PORTAL, OAuthClient, api_client, every_scope
from portal.identity.queries import Person
from portal.identity.refusals import UNKNOWN, count_refusal
from portal.identity.token_endpoints import Introspection, Revocation
from portal.identity.tokens import TokenVerifier, owner_claims, sealed_subject
from portal.identity.vocabulary import IdentityAction
from portal.kernel import clock
from portal.kernel.opaque import Sealer

ID_TOKEN_SECONDS = 300


class AccessTokens(JWTBearerTokenGenerator):
    """Access tokens for the API as `portal.identity.tokens` reads them; refresh tokens on
    ``offline_access`` only.
    """

    def __init__(self, keys: KeyRing, *, issuer: str, audience: str, seconds: int, sealer: Sealer) -> None:
        super().__init__(issuer, ALGORITHM, lambda **_: new_secret(), seconds)
        self._keys = keys
        self._sealer = sealer
        self._audience = audience

    def get_jwks(self) -> KeySet:
        """A set, because only then the token names its key."""
        return KeySet([self._keys.signing_key()])

    def get_audiences(self, client: OAuthClient, user: Person | None, scope: str) -> str:
        """The API."""
        return self._audience

    def get_extra_claims(
        self, client: OAuthClient, grant_type: str, user: Person | None, scope: str
    ) -> dict[str, Any]:
        """Whom the token stands for, and what it ends with: a person's session, or the secret of a client."""
        owner = user or client
        ends_with = {"sid": user.session_hash} if user else {"gen": client.generation}
        return owner_claims(self._sealer, owner.subject, owner.dealer_id) | ends_with

    def generate(
        self,
        grant_type: str,
        client: OAuthClient,
        user: Person | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        """The token response."""
        asked = "offline_access" in (scope or "").split()
        with_refresh = include_refresh_token and asked
        token: dict[str, Any] = super().generate(grant_type, client, user, scope, expires_in, with_refresh)
        return token


class IdTokens(OpenIDCode):
    """ID tokens beside the access token of a code."""

    def __init__(self, keys: KeyRing, issuer: str, sealer: Sealer) -> None:
        super().__init__(require_nonce=True)
        self._keys = keys
        self._sealer = sealer
        self._issuer = issuer

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Never.

        The client compares it with its own, and here a double click on the form would look like a replay.
        """
        return False

    def resolve_client_private_key(self, client: OAuthClient) -> ECKey:
        """The key that signs now."""
        return self._keys.signing_key()

    def get_client_algorithm(self, client: OAuthClient) -> str:
        """One algorithm for all."""
        return ALGORITHM

    def get_encode_header(self, client: OAuthClient) -> dict[str, str | None]:
        """Names the key."""
        return {"alg": ALGORITHM, "kid": self._keys.signing_key().kid}

    def get_client_claims(self, client: OAuthClient) -> dict[str, Any]:
        """Issuer, audience and end."""
        end = int(clock.now().timestamp()) + ID_TOKEN_SECONDS
        return {"iss": self._issuer, "aud": [client.client_id], "exp": end}

    def get_authorization_code_claims(self, authorization_code: ConsumedCode) -> dict[str, Any]:
        """When and how the person signed in, and the session that grew from it."""
        claims: dict[str, Any] = super().get_authorization_code_claims(authorization_code)
        return claims | {"sid": authorization_code.family}

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        """What the granted scopes tell about a person."""
        return user_info(user, scope, self._sealer)


class Issuing(AuthorizationServer):
    """Our part of the authorization server; before Authlib's class for the web framework."""

    portal: OAuthClient
    """The portal's own pages."""

    @property
    def session(self) -> Session:
        """The transaction of the running request; it sees every account and client."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The present moment."""
        return clock.now()

    def query_client(self, client_id: str) -> OAuthClient | None:
        """The client of an identifier."""
        if client_id == PORTAL:
            return self.portal
        found = None if "\x00" in client_id else queries.client(self.session, client_id)
        return (
            api_client(found, queries.credentials_of(self.session, found, at=self.now())) if found else None
        )

    @property
    def remote_address(self) -> str:
        """From where the running request comes."""
        raise NotImplementedError

    def keys_under(self, url: str, kid: object, *, of_dealer: bool) -> list[AsymmetricKey]:
        """The public keys that a client publishes under an address."""
        raise NotImplementedError

    def authenticate_client(
        self, request: OAuth2Request, methods: list[str], endpoint: str = "token"
    ) -> OAuthClient:
        """The client by its proof; an unknown client and a wrong proof are refused in the same words."""
        try:
            client: OAuthClient = super().authenticate_client(request, methods, endpoint)
        except (InvalidClientError, ValueError):  # Authlib does not expect a header that is no UTF-8
            self._note_refusal(client_named(request), "wrong_secret")
            raise InvalidClientError(
                "The client is unknown or its secret is wrong.", status_code=401
            ) from None
        if not is_within(self.remote_address, client.networks):
            self._note_refusal(client.client_id, "foreign_address")
            raise InvalidClientError("The client may not be used from this address.", status_code=401)
        return client

    def _note_refusal(self, client_id: str, reason: str) -> None:
        client = self.query_client(client_id)
        count_refusal(
            self.session,
            IdentityAction.TOKEN_REFUSED,
            client.subject if client else UNKNOWN,
            dealer_id=client.dealer_id if client else None,
            reason=reason if client else "unknown_client",
            at=self.now(),
        )

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep the hash of a refresh token, in the family of what it grew from, and write the audit."""
        owner = request.user or request.client
        grown_from = request.refresh_token or request.authorization_code
        if grown_from:
            life = REFRESH_LIFE if "refresh_token" in token else timedelta(seconds=token["expires_in"])
            keep_signed_in(
                self.session, family=grown_from.family, user_id=request.user.id, at=self.now(), life=life
            )
        if "refresh_token" in token:
            self.session.execute(
                insert(RefreshToken).values(
                    token_hash=hash_secret(token["refresh_token"]),
                    family=grown_from.family,
                    client_id=request.client.client_id,
                    user_id=request.user.id,
                    scope=token["scope"],
                    expires_at=self.now() + REFRESH_LIFE,
                )
            )
        if not request.user:
            note_use(self.session, request.client, address=self.remote_address, at=self.now())
        actor = request.user.actor() if request.user else request.client.actor
        after = {"client": request.client.client_id, "scope": token.get("scope", "")}
        record(
            self.session,
            IdentityAction.TOKEN_ISSUED,
            owner.subject,
            actor=actor,
            dealer_id=owner.dealer_id,
            after=after,
        )

    def equip(self, keys: KeyRing, *, issuer: str, audience: str, seconds: int, sealer: Sealer) -> None:
        """Register grants and tokens."""
        self.scopes_supported = sorted(every_scope())
        self.register_client_auth_method(BY_HEADER, by_header)
        self.register_client_auth_method(BY_FORM, by_form)
        self.register_client_auth_method(BY_KEY, ByAssertion(self, [issuer, f"{issuer}/oauth/token"]))
        self.register_token_generator(
            "default", AccessTokens(keys, issuer=issuer, audience=audience, seconds=seconds, sealer=sealer)
        )
        self.register_grant(CodeGrant, [RequiredChallenge(), IdTokens(keys, issuer, sealer)])
        self.register_grant(RefreshGrant)
        self.register_grant(SystemGrant)
        self.register_extension(_NamesItself(issuer))
        verifier = TokenVerifier(keys, issuer=issuer, audience=audience, sealer=sealer)
        revocation, introspection = Revocation(self), Introspection(self)
        for endpoint in (revocation, introspection):
            endpoint.verifier, endpoint.sealer = verifier, sealer
            self.register_endpoint(endpoint)
        introspection.issuer, introspection.audience = issuer, audience


class _NamesItself(IssuerParameter):
    """`iss` in the authorization response (RFC 9207), against mixing up issuers."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """Our name."""
        return self._issuer


def client_named(request: OAuth2Request) -> str:
    """The client that a request names, whether it is that client or not."""
    return named_client(request.headers, request.form.get("client_id"), request.form.get("client_assertion"))


def named_client(headers: Mapping[str, str], client_id: str | None, assertion: str | None) -> str:
    """The client that a request for tokens names, in the header that counts, in its form or its assertion.

    Empty for none that can be read.
    """
    try:
        return extract_basic_authorization(headers)[0] or client_id or named_in(assertion or "")[0] or ""
    except ValueError:
        return ""


def user_info(person: Person, scope: str, sealer: Sealer) -> UserInfo:
    """The standard claims about a person that `scope` allows."""
    subject = sealed_subject(sealer, person.subject)
    return UserInfo(
        sub=subject, name=person.display_name, locale=person.locale, email=person.email, email_verified=True
    ).filter(scope)


def discovery(issuer: str) -> dict[str, Any]:
    """OpenID Provider metadata, which is also that of an authorization server (RFC 8414)."""
    return {
        "issuer": issuer,
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "service_documentation": f"{issuer}/api/v1/docs",
        **{
            f"{endpoint}_endpoint_auth_{said}_supported": supported
            for endpoint in ("token", "revocation", "introspection")
            for said, supported in (("methods", METHODS), ("signing_alg_values", ALGORITHMS))
        },
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(every_scope()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["sub", "name", "locale", "email", "email_verified", "auth_time", "nonce", "sid"],
        "authorization_response_iss_parameter_supported": True,
    }
