"""Secrets of webhooks: shown once, kept sealed under a key of the application secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.kernel.opaque import Sealer
from portal.webhooks.vocabulary import SECRETS


class SecretLost(Exception):
    """A secret was sealed under another application secret: only a new one helps."""


def sealed(sealer: Sealer, secret: str) -> str:
    """As it is kept."""
    return sealer.seal(SECRETS[0].purpose, [secret])


def opened(sealer: Sealer, kept: str) -> str:
    """The secret. Raises SecretLost."""
    try:
        return str(sealer.open(SECRETS[0].purpose, kept)[0])
    except ValueError:
        raise SecretLost from None


def good_secrets(
    sealer: Sealer, secret: str, former: str | None, former_until: datetime | None, at: datetime
) -> Sequence[str]:
    """Those that sign at a moment: the secret, and for a day the one before it. Raises SecretLost."""
    both = [opened(sealer, secret)]
    if former is not None and former_until is not None and at < former_until:
        both.append(opened(sealer, former))
    return both
