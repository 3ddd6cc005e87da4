"""Searching for a part of a text with SQL's LIKE."""

from __future__ import annotations

from portal.kernel.numbering import ALPHABET
from portal.kernel.searching import ALIKE, ALIKE_DIGITS, code_key, gtin_14, gtin_in, search_key

_LENGTH_MAX = 100
_MONTH_END = 6  # of a number such as SO2611-7K3F9Q2MA; there the dash stands


def product_in(q: str) -> str | None:
    """The identifier of the product that was typed or scanned, as products keep it; None without one."""
    number = gtin_in(q)
    return gtin_14(number) if number else None


def containing(q: str) -> str:
    """Pattern of the folded texts (`search_fold`) that contain what somebody typed.

    Its first 100 characters count.
    """
    return _pattern(search_key(q.strip()[:_LENGTH_MAX]))


def containing_text(q: str) -> str:
    """Pattern of the texts that contain what somebody typed, to the letter; for ILIKE.

    Its first 100 characters count.
    """
    return _pattern(q.strip()[:_LENGTH_MAX])


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


def number_beginning(kind: str, q: str) -> str | None:
    """How a number of a kind begins that begins as somebody typed it: ``so2611 7k`` is ``SO2611-7K``.

    None if no number of that kind (``SO``) does.
    """
    code, head = code_key(q.strip()[:_LENGTH_MAX]), code_key(kind)
    body = code[len(head) :].upper()
    if not code.startswith(head) or not set(body) <= set(ALPHABET):
        return None
    number = kind + body
    return number[:_MONTH_END] + f"-{number[_MONTH_END:]}" * (len(number) > _MONTH_END)


def begins_with(column: str, parameter: str) -> str:
    """SQL: a column begins with a parameter, as an index on it reads it; nothing does if that is NULL."""
    beginning = f"CAST(:{parameter} AS text)"
    return f"{column} >= {beginning} AND {column} < {beginning} || chr(1114111)"


def _pattern(part: str) -> str:
    """To the letter: ``%`` and ``_`` mean themselves."""
    return "%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
