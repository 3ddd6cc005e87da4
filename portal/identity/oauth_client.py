"""A client as the OAuth protocol sees it: an API client of the database, or the portal's own web pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin

from portal.identity.credentials import hash_secret, secret_matches
from portal.identity.queries import Client, Credentials
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.at_rest import derived_key
from portal.kernel.registry import registry

PORTAL = "portal-web"
"""Identifier of the portal's own pages as a client of the issuer."""

OIDC_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


def every_scope() -> frozenset[str]:
    """What may be asked for: the words of OpenID Connect and every right."""
    return OIDC_SCOPES | registry().every_right


@dataclass(frozen=True, slots=True)
class OAuthClient(ClientMixin):
    """Answers the questions of Authlib's grants.

    `actor` is whom the tokens stand for that a client gets for itself. generation: of the proof by which it
    came in; its tokens are good as long as that. networks: from which it may ask, empty for any.
    """

    client_id: str
    credentials: Credentials
    scopes: frozenset[str]
    default_scope: str
    grant_types: frozenset[str]
    actor: Actor = ANONYMOUS
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    generation: int = 1
    networks: tuple[str, ...] = ()
    last_used_at: datetime | None = None

    @property
    def keys(self) -> dict[str, Any] | None:
        """Its public keys, where they are kept here."""
        return self.credentials.keys

    @property
    def keys_url(self) -> str | None:
        """Where it publishes them otherwise."""
        return self.credentials.keys_url

    @property
    def subject(self) -> str:
        """How the audit names this client."""
        return self.actor.key

    @property
    def dealer_id(self) -> int | None:
        """The dealer whose system it is, None for headquarters."""
        return self.actor.dealer_id

    def get_client_id(self) -> str:
        """Identifier."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: every request names its redirect URI."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """`scope` if the client may have all of it, else None, which refuses the request.

        Nothing asked is the default.
        """
        if not scope:
            return self.default_scope
        return scope if self.scopes.issuperset(scope.split()) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly one of the registered ones, to the letter."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare in constant time."""
        return self.generation_of(client_secret) is not None

    def generation_of(self, client_secret: str) -> int | None:
        """The generation of a secret that is good now, None for any other."""
        return next(
            (number for number, kept in self.credentials.secrets if secret_matches(client_secret, kept)),
            None,
        )

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Every client is confidential; it sends its secret in the header or in the body, or has a key."""
        if self.credentials.secrets:
            return method in {"client_secret_basic", "client_secret_post"}
        return method == "private_key_jwt"

    def check_response_type(self, response_type: str) -> bool:
        """The code flow only, and only for clients with a redirect URI."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use a grant."""
        return grant_type in self.grant_types


def api_client(found: Client, credentials: Credentials) -> OAuthClient:
    """A system that acts for itself."""
    return OAuthClient(
        client_id=found.client_id,
        credentials=credentials,
        scopes=frozenset(found.scopes),
        default_scope=" ".join(found.scopes),
        grant_types=frozenset({"client_credentials"}),
        actor=found.actor(),
        generation=found.generation,
        networks=found.networks,
        last_used_at=credentials.last_used_at,
    )


def portal_secret(secret_key: str) -> str:
    """The portal's client secret at its own issuer: derived, so there is none to configure or to leak."""
    return derived_key(secret_key, "portal client secret")


def portal_client(*, secret_key: str, callback: str, signed_out: str) -> OAuthClient:
    """The portal's pages. What its tokens may do is limited by the person's rights, hence every scope."""
    return OAuthClient(
        client_id=PORTAL,
        credentials=Credentials(((1, hash_secret(portal_secret(secret_key))),)),
        scopes=every_scope(),
        default_scope="openid",
        grant_types=frozenset({"authorization_code", "refresh_token"}),
        redirect_uris=(callback,),
        post_logout_redirect_uris=(signed_out,),
    )
