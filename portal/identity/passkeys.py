"""Passkeys: what the browser is asked, and what it answers, by the library `webauthn`.

They are bound to the host of the portal's own address, so a page of another host that looks like ours gets
nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

ANSWER_MAX = 20_000  # characters
_FAULTS = (WebAuthnException, ValueError, KeyError, TypeError)


class PasskeyRefused(Exception):
    """The answer of the browser does not prove a passkey."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class RelyingHost:
    """Whom passkeys are for. base_url: the portal's own address; name: of the company."""

    base_url: str
    name: str

    @property
    def host(self) -> str:
        """Host that passkeys are bound to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers say them."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


def new_challenge() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def creation_options(
    host: RelyingHost, *, challenge: str, handle: str, account: str, name: str, known: Sequence[str]
) -> str:
    """JSON for the browser to make a passkey by. handle: opaque, of the person; known: of its passkeys."""
    options = webauthn.generate_registration_options(
        rp_id=host.host,
        rp_name=host.name,
        user_id=handle.encode(),
        user_name=account,
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_described(known),
    )
    return webauthn.options_to_json(options)


def request_options(host: RelyingHost, *, challenge: str, known: Sequence[str]) -> str:
    """JSON for the browser to prove a passkey by."""
    options = webauthn.generate_authentication_options(
        rp_id=host.host,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def made_passkey(host: RelyingHost, *, challenge: str, answer: str) -> NewPasskey:
    """The passkey that a browser made. Raises PasskeyRefused."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer[:ANSWER_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host.host,
            expected_origin=host.origin,
        )
    except _FAULTS as error:
        raise PasskeyRefused() from error
    return NewPasskey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def named_passkey(answer: str) -> str:
    """Id of the passkey that an answer is by; empty where it cannot be read."""
    try:
        return webauthn.helpers.parse_authentication_credential_json(answer[:ANSWER_MAX]).id
    except _FAULTS:
        return ""


def proved_count(
    host: RelyingHost, *, challenge: str, answer: str, public_key: bytes, sign_count: int
) -> int:
    """The passkey's count after it was proved. Raises PasskeyRefused, also where the count went back."""
    try:
        proved = webauthn.verify_authentication_response(
            credential=answer[:ANSWER_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host.host,
            expected_origin=host.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except _FAULTS as error:
        raise PasskeyRefused() from error
    return proved.new_sign_count


def _described(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]
