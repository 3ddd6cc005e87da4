"""The portal as a client of an OpenID provider: send a person away to sign in, and find out who came back.

The provider is the built-in issuer or any other that publishes its metadata. Calls to the built-in one go
through `transport` straight into the application: a worker that called itself over the network could wait for
itself for ever.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast

import httpx
from authlib.integrations.base_client import FrameworkIntegration, OAuthError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from joserfc.errors import JoseError

from portal.kernel.errors import N_, DomainError, Unavailable

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # Authlib announces that it will move to the next httpx; nothing for an operator
    from authlib.integrations.httpx_client import OAuth2Client

SCOPE = "openid profile email"
_TIMEOUT_SECONDS = 10.0
T = TypeVar("T")


class SignInFailed(DomainError):
    """The answer of the provider does not prove who came back. Nothing but starting again helps."""

    code = "sign_in_failed"
    message = N_(
        "The sign-in could not be completed: "
        "it was not started in this browser, or it has expired. Start again."
    )


@dataclass(frozen=True, slots=True)
class Departure:
    """What must be remembered in the visitor's own session until the provider sends them back."""

    state: str
    nonce: str
    code_verifier: str

    def as_dict(self) -> dict[str, str]:
        """For the session."""
        return asdict(self)


class _Provider(OAuth2Mixin, OpenIDMixin, BaseApp):
    """Authlib's OpenID client on httpx."""

    client_cls = OAuth2Client


class RelyingParty:
    """A client registration at one provider.

    `metadata` is given for the built-in issuer and fetched for others.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        callback: str,
        metadata: dict[str, Any] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._callback = callback
        self._provider = _Provider(
            FrameworkIntegration("portal"),
            name="portal",
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=None if metadata else f"{issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "transport": transport,
                "timeout": _TIMEOUT_SECONDS,
            },
            **(metadata or {}),
        )

    def depart(self, *, locale: str) -> tuple[str, Departure]:
        """Address of the provider's sign-in page, and what to remember meanwhile."""
        made = self._talk(lambda: self._provider.create_authorization_url(self._callback, ui_locales=locale))
        return made["url"], Departure(made["state"], made["nonce"], made["code_verifier"])

    def arrive(self, answer: dict[str, str], departure: Departure) -> dict[str, Any]:
        """The ID token's claims of whoever came back with `answer`, the query of the callback.

        Raises SignInFailed unless issuer, audience, signature, expiry and nonce fit; Unavailable if the
        provider is away.
        """
        if "error" in answer or "code" not in answer or answer.get("iss", self._issuer) != self._issuer:
            raise SignInFailed()
        return self._talk(lambda: self._claims(answer["code"], departure))

    def _claims(self, code: str, departure: Departure) -> dict[str, Any]:
        token = self._provider.fetch_access_token(
            redirect_uri=self._callback, code=code, code_verifier=departure.code_verifier
        )
        claims = self._provider.parse_id_token(token, nonce=departure.nonce, leeway=10)
        if claims is None:
            raise SignInFailed()
        return cast(dict[str, Any], claims)

    def _talk(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except (OAuthError, JoseError, ValueError) as error:
            raise SignInFailed() from error
        except httpx.HTTPError as error:
            raise Unavailable() from error
