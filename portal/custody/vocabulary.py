"""The rights of custody."""

from __future__ import annotations

from enum import StrEnum


class TraceRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "trace:read"
    HEADQUARTERS = "hq:trace"
