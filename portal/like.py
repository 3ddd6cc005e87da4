"""Searching for a part of a text with SQL's LIKE."""

from __future__ import annotations

_LENGTH_MAX = 100


def containing(q: str) -> str:
    """Pattern of the texts that contain what somebody typed (its first 100 characters), to the letter: ``%`` and ``_`` mean themselves."""
    words = q.strip()[:_LENGTH_MAX]
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
