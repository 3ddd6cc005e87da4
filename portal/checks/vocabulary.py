"""The rights of the checks, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class CheckRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "hq:audit"
