"""Passwords and random secrets, and the only ways they are ever compared.

A password is chosen by a person, so guessing it must be slow: argon2id. A secret (client secret, code,
refresh token, session) is 256 random bits, which nobody guesses, so one SHA-256 is enough and a busy API does
not pay for more.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second profile: 19 MiB and about 20 ms a guess, so that a full set of threads stays within a small
# machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

PASSWORD_MAX = 1024
"""Longest password that is hashed, in characters; more is somebody keeping the processor busy."""


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters and salt."""
    return _HASHER.hash(password)


def password_matches(password: str, stored: str | None) -> bool:
    """Whether `password` belongs to the `stored` hash.

    Without one (unknown mail) it takes as long and is False.
    """
    try:
        _HASHER.verify(stored or _nobody(), password[:PASSWORD_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and len(password) <= PASSWORD_MAX


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's.

    Hash again while the password is at hand.
    """
    return _HASHER.check_needs_rehash(stored)


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 of a random secret, in hex. Never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_matches(secret: str, stored: str) -> bool:
    """Whether `secret` has the `stored` hash, in constant time."""
    return hmac.compare_digest(hash_secret(secret), stored)


@cache
def _nobody() -> str:
    """A hash that no password is compared with in earnest."""
    return _HASHER.hash(secrets.token_hex(16))
