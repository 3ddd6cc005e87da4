"""Whether a carrier's push is signed with the secret that we share with it. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac

from portal.kernel.errors import N_, DomainError
from portal.tracking.answers.read_answer import Adapter


class Unsigned(DomainError):
    """A push without a good signature."""

    code = "unsigned"
    message = N_("The signature is missing or wrong.")


def require_signature(adapter: Adapter, secret: str, content: bytes, signature: str) -> None:
    """Raise Unsigned unless `signature` is the adapter's own kind over `content`.

    kuaidi100 sends MD5 of the text and the secret, its own choice; AfterShip HMAC-SHA256 in Base64, any other
    HMAC-SHA256 in hexadecimal.
    """
    if not secret or not hmac.compare_digest(
        _signature(adapter, secret, content).casefold().encode(), signature.strip().casefold().encode()
    ):
        raise Unsigned()


def _signature(adapter: Adapter, secret: str, content: bytes) -> str:
    if adapter is Adapter.KUAIDI100:
        return hashlib.md5(content + secret.encode(), usedforsecurity=False).hexdigest()
    digest = hmac.new(secret.encode(), content, hashlib.sha256)
    return base64.b64encode(digest.digest()).decode() if adapter is Adapter.AFTERSHIP else digest.hexdigest()
