"""The links of letters that let somebody in: sealed under the portal's secret, and known by their hash.

A link is sealed from a nonce beside its hash, so that the worker that writes the letter can make it, and who
only reads the database cannot. It names nobody: account and dealer are those of its row.
"""

from __future__ import annotations

import secrets

from portal.kernel.opaque import Sealer

INVITATION, RESET = "invitation", "password reset"
"""What a link is for; one is no use as the other."""
_LENGTH_MAX = 200


def new_nonce() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def link_token(sealer: Sealer, purpose: str, nonce: str) -> str:
    """What the address ends with."""
    return sealer.seal(f"link: {purpose}", [nonce])


def is_link(sealer: Sealer, purpose: str, token: str) -> bool:
    """Whether the portal sealed it for this purpose; who guesses costs no look at the database."""
    try:
        sealer.open(f"link: {purpose}", token[:_LENGTH_MAX])
    except ValueError:
        return False
    return True
