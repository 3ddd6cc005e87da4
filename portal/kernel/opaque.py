"""Serial numbers as text that tells nothing.

Encrypted and authenticated, so that nobody counts, guesses or forges them. A database id counts everybody's
rows: two of them, subtracted, are the rivals' business in between. So none leaves the portal. What has no
name or number of its own (a place in a list, an account, a letter) is sealed here.

AES-SIV (RFC 5297): the same values give the same text, so that an ETag holds and a subject stays itself. It
tells whether two texts mean the same, and nothing else; the length is padded. A new application secret makes
new texts; those of one that is still accepted open (docs/operations.md, The secret key).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 64
_BLOCK = 16


class Sealer:
    """Seals and opens values under keys derived from application secrets.

    The first one seals; what the others have sealed opens too. Without one, for as long as the process lives.
    """

    def __init__(self, *application_secrets: str) -> None:
        materials = [one.encode() for one in application_secrets] or [secrets.token_bytes(_KEY_BYTES)]
        self._ciphers = [
            AESSIV(HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=b"tonglu opaque").derive(material))
            for material in materials
        ]

    def seal(self, purpose: str, values: Sequence[Any]) -> str:
        """Values that JSON knows as URL-safe text, good for one purpose."""
        plain = orjson.dumps(list(values))
        padded = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
        sealed = self._ciphers[0].encrypt(padded, [purpose.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, purpose: str, sealed: str) -> list[Any]:
        """What was sealed for the purpose. Raises ValueError for anything else."""
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        for cipher in self._ciphers:
            with suppress(InvalidTag):
                values: list[Any] = orjson.loads(cipher.decrypt(raw, [purpose.encode()]))
                return values
        raise ValueError("not sealed here, or for another purpose")
