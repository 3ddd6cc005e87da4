"""The key that seals the audit: Ed25519, in a PEM file that only workers read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


class SealingUnavailable(Exception):
    """The audit cannot be sealed with what is set: why, for the log."""


class AuditKey:
    """A private key. public: the public one, in hexadecimal."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(*_RAW).hex()

    def sign(self, content: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(content)


def load_key(file: str) -> AuditKey | None:
    """The key in a file; None where none is named.

    Raises SealingUnavailable for one that is missing, of another kind, or open to others than its owner.
    """
    if not file:
        return None
    path = Path(file)
    try:
        if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
            raise ValueError(f"{path} can be read by others: chmod 600")
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise SealingUnavailable(f"{type(error).__name__}: {error}") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise SealingUnavailable(f"{path} holds no Ed25519 key")
    return AuditKey(found)
