"""Document numbers that say nothing about how many documents there are.

A sequential order number lets a dealer count its rivals' orders by buying twice. So a number is prefix, year
and month, eight random Crockford characters (40 bits) and a check character: ``SO2611-7K3F9Q2MA``. The check
character (Luhn mod 32) catches every single wrong character and most swaps when it is read over the phone.
Uniqueness is a constraint of each table.
"""

from __future__ import annotations

import secrets
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_BODY = 8


def new_number(prefix: str, day: date) -> str:
    """A fresh number such as ``SO2611-7K3F9Q2MA``."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_BODY))
    return f"{prefix}{day:%y%m}-{body}{check_character(body)}"


def new_token() -> str:
    """An unguessable key for one form: a second click sends it again and gets the first answer."""
    return secrets.token_urlsafe(16)


def check_character(body: str) -> str:
    """Luhn mod 32 over the Crockford alphabet."""
    total, factor = 0, 2
    for character in reversed(body):
        addend = factor * ALPHABET.index(character)
        total += addend // 32 + addend % 32
        factor = 3 - factor
    return ALPHABET[-total % 32]
