"""The acts of lists that the audit tells."""

from __future__ import annotations

from enum import StrEnum


class ListAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    EXPORTED = "list:exported"
