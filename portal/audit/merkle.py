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
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """What else the root is reckoned from beside the leaf at `place`, from below (RFC 6962, 2.1.1)."""
    level, found = list(leaves), list[bytes]()
    while len(level) > 1:
        if (beside := place ^ 1) < len(level):  # the odd one has nothing beside it and goes up as it is
            found.append(level[beside])
        level, place = _above(level), place >> 1
    return found


def root_by(content: bytes, place: int, count: int, beside: Sequence[bytes]) -> bytes | None:
    """The root over `count` leaves that has this one at `place`; None where `beside` is no path to it."""
    if not 0 <= place < count:
        return None
    here, rest, last = content, list(beside), count - 1
    while last:
        if place & 1 or place < last:
            if not rest:
                return None
            other = rest.pop(0)
            here = _node(other, here) if place & 1 else _node(here, other)
        place, last = place >> 1, last >> 1
    return None if rest else here


def _above(level: list[bytes]) -> list[bytes]:
    """The next level; an odd one goes up as it is: the tree splits at the largest power of two."""
    pairs = [_node(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) & ~1 :]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
