"""Quantities are whole numbers, whoever typed them."""

from __future__ import annotations

import unicodedata


def whole(value: object) -> int | None:
    """An integer from an integer or from digits somebody typed (１２ too); None for anything else, also for 1.5 and true."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        digits = unicodedata.normalize("NFKC", value).strip()
        negative = digits.startswith("-")
        digits = digits.removeprefix("-")
        if digits.isascii() and digits.isdecimal() and len(digits) <= 18:
            return -int(digits) if negative else int(digits)
    return None
