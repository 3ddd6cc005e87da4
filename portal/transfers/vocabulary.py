"""The names that others use of transfers: the right and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class TransferRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    TRANSFER = "hq:transfers"


class TransferAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    MADE = "transfer:made"
    CANCELLED = "transfer:cancelled"
    DISPATCHED = "transfer:dispatched"
    RECEIVED = "transfer:received"
    SETTLED = "transfer:settled"
