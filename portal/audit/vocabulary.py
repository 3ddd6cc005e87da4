"""The names that others use of the audit: its right, and what it tells of itself."""

from __future__ import annotations

from enum import StrEnum


class AuditRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "hq:audit"


class AuditAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    EXPORTED = "audit:exported"
