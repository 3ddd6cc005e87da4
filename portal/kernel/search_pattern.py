"""Searching for a part of a text with SQL's LIKE."""

from __future__ import annotations

from portal.kernel.searching import ALIKE, ALIKE_DIGITS, code_key, search_key

_LENGTH_MAX = 100


def containing(q: str) -> str:
    """Pattern of the folded texts (`search_fold`) that contain what somebody typed.

    Its first 100 characters count.
    """
    return _pattern(search_key(q.strip()[:_LENGTH_MAX]))


def containing_code(q: str) -> str | None:
    """Pattern of the codes (`code_key`) that contain what somebody typed.

    None, which no code is like, if those are separators only.
    """
    code = code_key(q.strip()[:_LENGTH_MAX])
    return _pattern(code) if code else None


def number_key(column: str) -> str:
    """SQL: the `code_key` of a column of the portal's own numbers.

    They are plain capitals, digits and dashes.
    """
    return f"translate(lower({column}), '{ALIKE}-', '{ALIKE_DIGITS}')"


def _pattern(part: str) -> str:
    """To the letter: ``%`` and ``_`` mean themselves."""
    return "%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
