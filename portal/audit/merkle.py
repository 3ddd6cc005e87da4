"""A tree of SHA-256 over a sequence, as certificate transparency has it (RFC 6962, 2.1). Pure.

Leaves and nodes are hashed under different first bytes, so that no node passes for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf(content: bytes) -> bytes:
    """The hash of one member, 32 bytes."""
    return hashlib.sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of the whole sequence, 32 bytes: another one for every other content, length or order.

    leaves: as `leaf` makes them.
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = level[len(level) & ~1 :]  # goes up as it is: the tree splits at the largest power of two
        level = [
            hashlib.sha256(b"\x01" + level[place] + level[place + 1]).digest()
            for place in range(0, len(level) - 1, 2)
        ] + odd
    return level[0]
