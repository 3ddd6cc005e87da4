"""What a batch of the audit is sealed with: its head, and the signature under it. Pure.

Each head holds the hash of the one before, so the newest vouches for everything since the first event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIRST_PREVIOUS = bytes(32).hex()
"""What the first batch names as the one before."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed of a batch. Hashes and keys are lower-case hexadecimal, moments ISO 8601 in UTC.

    after, last: the batch holds the events whose id is greater than the one and not greater than the other,
    of which there are `events`. root: of `portal.audit.merkle` over them in the order of their ids.
    previous: `digest` of the batch before. key: the public key (Ed25519, RFC 8032).
    """

    number: int
    after: int
    last: int
    events: int
    first_at: str
    last_at: str
    root: str
    previous: str
    sealed_at: str
    key: str

    def content(self) -> bytes:
        """The bytes that are signed: JSON with sorted members and no blanks."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    def digest(self) -> str:
        """SHA-256 of them: the root of the audit up to this batch."""
        return hashlib.sha256(self.content()).hexdigest()

    def is_signed_by(self, signature: str) -> bool:
        """Whether the key that it names has signed it."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(signature), self.content())
        except (InvalidSignature, ValueError):
            return False
        return True


def head_of(members: Mapping[str, Any]) -> Head:
    """The head as it was written. Raises ValueError for any other members, or for others of their kinds."""
    kinds = {each.name: int if each.type == "int" else str for each in fields(Head)}
    if members.keys() != kinds.keys() or any(type(members[name]) is not kinds[name] for name in kinds):
        raise ValueError("not the head of a batch")
    return Head(**members)
