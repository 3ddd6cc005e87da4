"""What the portal says to a provider and what it believes of the answers: discovery, codes, tokens.

Every address is asked by the guard that webhooks use, within seconds and up to a size, and never while
anything of ours is locked: whoever calls this has left the database.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from cachetools import LRUCache

from portal.identity.remote_keys import KeysUnreachable, RemoteKeys
from portal.kernel import http_out
from portal.kernel.out_addresses import Private
from portal.providers.metadata import (
    BASIC,
    NONE,
    POST,
    WELL_KNOWN,
    Metadata,
    may_be_asked,
    object_of,
    read_metadata,
)
from portal.providers.refusals import NotLetIn, Why
from portal.providers.signed_tokens import LogoutToken, read_id_token, read_logout_token

SCOPE = "openid profile email"
_TIMEOUT_SECONDS = 5.0
_ANSWER_MAX = 256 * 1024
_FRESH_SECONDS = 600.0
_HURRY_SECONDS = 5.0
_KNOWN_MAX = 512


@dataclass(frozen=True, slots=True)
class Registration:
    """What the portal is at a provider. private: networks within which it may stand."""

    issuer: str
    client_id: str
    client_secret: str
    private: Private = False

    @property
    def plain(self) -> bool:
        """Whether it may be asked by http, on this machine."""
        return bool(self.private)


@dataclass(frozen=True, slots=True)
class Begun:
    """What is remembered of a sign-in until the person comes back."""

    state: str
    nonce: str
    code_verifier: str

    def as_dict(self) -> dict[str, str]:
        """For the session of the browser."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider said of somebody. hint: the ID token itself, to sign out there."""

    claims: dict[str, Any]
    hint: str
    end_session_endpoint: str


@dataclass(slots=True)
class _Known:
    metadata: Metadata | None = None
    refusal: NotLetIn | None = None
    asked_at: float = 0.0


class Providers:
    """What this process knows of providers. Thread-safe."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._known: LRUCache[tuple[str, bool], _Known] = LRUCache(_KNOWN_MAX)
        self._keys = RemoteKeys(now)

    def metadata(self, registration: Registration, *, anew: bool = False) -> Metadata:
        """What a provider publishes, at most ten minutes old; one that is away is asked every five seconds.

        Raises NotLetIn.
        """
        name = (registration.issuer, registration.plain)
        with self._lock:
            known = self._known.get(name, _Known())
        age = self._now() - known.asked_at
        if not anew and known.metadata is not None and age < _FRESH_SECONDS:
            return known.metadata
        if not anew and known.refusal is not None and age < _HURRY_SECONDS:
            raise NotLetIn(known.refusal.why, known.refusal.detail)
        found = _Known(asked_at=self._now())
        try:
            body = _ask(f"{registration.issuer.rstrip('/')}{WELL_KNOWN}", registration)
            found.metadata = read_metadata(body, issuer=registration.issuer, plain=registration.plain)
        except NotLetIn as refusal:
            found.refusal = refusal
            raise
        finally:
            with self._lock:
                self._known[name] = found
        return found.metadata

    def begin(
        self, registration: Registration, *, callback: str, anew: bool = False, **more: str
    ) -> tuple[str, Begun]:
        """Where to send somebody to sign in, and what to remember meanwhile. more: of the request."""
        metadata = self.metadata(registration, anew=anew)
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        challenge = hashlib.sha256(begun.code_verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": callback,
            "scope": SCOPE,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            **{name: value for name, value in more.items() if value},
        }
        return _with_query(metadata.authorization_endpoint, query), begun

    def finish(
        self,
        registration: Registration,
        *,
        callback: str,
        answer: Mapping[str, str],
        begun: Begun,
        at: datetime,
    ) -> Told:
        """What a provider says of whoever came back with `answer`. Raises NotLetIn."""
        metadata = self.metadata(registration)
        named = answer.get("iss")
        if named != metadata.issuer and (named is not None or metadata.names_itself):
            raise NotLetIn(Why.MIX_UP, f"iss is {str(named)[:100]!r}")
        if "error" in answer:
            raise NotLetIn(Why.ERROR, f"{answer['error'][:60]}: {answer.get('error_description', '')[:200]}")
        if not answer.get("code"):
            raise NotLetIn(Why.STATE)
        told = _redeem(metadata, registration, callback, answer["code"], begun)
        hint = told.get("id_token")
        claims = read_id_token(
            hint,
            keys=lambda kid: self._keys_of(metadata, registration, kid),
            issuer=metadata.issuer,
            client_id=registration.client_id,
            nonce=begun.nonce,
            now=at.timestamp(),
        )
        if "email" not in claims and metadata.userinfo_endpoint:
            claims = _user_info(metadata, registration, told.get("access_token"), claims["sub"]) | claims
        return Told(claims, str(hint), metadata.end_session_endpoint)

    def signed_out(self, registration: Registration, token: object, *, at: datetime) -> LogoutToken:
        """Whom a logout token signs out. Raises NotLetIn."""
        metadata = self.metadata(registration)
        return read_logout_token(
            token,
            keys=lambda kid: self._keys_of(metadata, registration, kid),
            issuer=metadata.issuer,
            client_id=registration.client_id,
            now=at.timestamp(),
        )

    def _keys_of(self, metadata: Metadata, registration: Registration, kid: object) -> list[Any]:
        def fetch() -> bytes:
            try:
                return _ask(metadata.jwks_uri, registration)
            except NotLetIn as refusal:
                raise KeysUnreachable() from refusal

        return self._keys.of(metadata.jwks_uri, kid, fetch)


def leaving_address(end_session_endpoint: str, *, hint: str, client_id: str, back: str) -> str:
    """Where somebody signs out at the provider too (OpenID Connect RP-Initiated Logout)."""
    about = {"id_token_hint": hint, "client_id": client_id, "post_logout_redirect_uri": back}
    return _with_query(end_session_endpoint, {name: value for name, value in about.items() if value})


def _redeem(
    metadata: Metadata, registration: Registration, callback: str, code: str, begun: Begun
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": begun.code_verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    proof = _proof(metadata, registration)
    if proof == BASIC:
        pair = f"{quote_plus(registration.client_id)}:{quote_plus(registration.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = registration.client_id
        if proof == POST:
            form["client_secret"] = registration.client_secret
    answer = _send(metadata.token_endpoint, registration, headers, urlencode(form).encode())
    told = object_of(answer.body)
    if answer.status != 200 or told is None:
        said = str((told or {}).get("error", ""))[:60]
        raise NotLetIn(Why.CODE, f"status {answer.status} {said}")
    return told


def _proof(metadata: Metadata, registration: Registration) -> str:
    """How the portal proves itself: by its secret in the header where the provider takes that."""
    if not registration.client_secret:
        return NONE
    return POST if BASIC not in metadata.methods and POST in metadata.methods else BASIC


def _user_info(
    metadata: Metadata, registration: Registration, access_token: object, subject: str
) -> dict[str, Any]:
    if not isinstance(access_token, str) or not access_token.isascii() or not access_token.isprintable():
        return {}
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = _send(metadata.userinfo_endpoint, registration, headers, None)
    told = object_of(answer.body)
    if answer.status != 200 or told is None or told.get("sub") != subject:
        raise NotLetIn(Why.USERINFO, f"status {answer.status}")
    return told


def _ask(url: str, registration: Registration) -> bytes:
    answer = _send(url, registration, {}, None)
    if answer.status != 200:
        raise NotLetIn(Why.DOWN if answer.status >= 500 else Why.METADATA, f"status {answer.status}")
    return answer.body


def _send(
    url: str, registration: Registration, headers: Mapping[str, str], body: bytes | None
) -> http_out.Answer:
    """Ask a provider. Raises NotLetIn when no whole answer came, or the address may not be asked."""
    if not may_be_asked(url, plain=registration.plain):
        raise NotLetIn(Why.ADDRESS, "only https")
    said = {"Accept": "application/json", **headers}
    limits: dict[str, Any] = {
        "timeout": _TIMEOUT_SECONDS,
        "allow_private": registration.private,
        "max_answer": _ANSWER_MAX,
    }
    try:
        answer = (
            http_out.get(url, said, **limits) if body is None else http_out.post(url, body, said, **limits)
        )
    except http_out.AddressRefused as refused:
        raise NotLetIn(Why.ADDRESS, str(refused.refusal)) from refused
    except http_out.SendingFailed as failed:
        raise NotLetIn(Why.DOWN, failed.reason) from failed
    if answer.is_cut:
        raise NotLetIn(Why.METADATA, "the answer is too large")
    return answer


def _with_query(url: str, query: Mapping[str, str]) -> str:
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}{urlencode(query)}"
