"""What a cell of somebody else's books says: an amount, a day, a side, a document's number. Pure.

Amounts are whole fen.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.kernel import cells
from portal.kernel.cells import plain, without_dashes

FEN = Decimal("0.01")
FEN_MAX = 10**14
_YUAN_MAX = Decimal(FEN_MAX) / 100
_PLAIN_MONEY = re.compile(r"-?[0-9]{1,3}(?:(?:,[0-9]{3}){1,3}|[0-9]{0,9})(?:\.[0-9]{1,2})?")
_TOKEN = re.compile(r"[A-Za-z]{1,8}[-_]?[0-9][0-9A-Za-z]*(?:[-/_][0-9A-Za-z]+)*|[0-9]{8,24}")
_TOKEN_MIN = 6  # characters of a document's number in a sentence
_DEBIT, _CREDIT, _EVEN = (
    {"借", "借方", "dr", "debit", "d", "付", "付款", "支付", "减", "减少"},
    {"贷", "贷方", "cr", "credit", "c", "增", "增加"},
    {"平", "-", ""},
)


def fen_of(text: str) -> int | None:
    """An amount in fen; None for what is none. A hyphen alone, or nothing, is none."""
    if _PLAIN_MONEY.fullmatch(text):  # as most are
        whole, _, part = text.replace(",", "").partition(".")
        fen = int(whole.lstrip("-") + part.ljust(2, "0"))
        return -fen if whole.startswith("-") else fen
    value = cells.amount_of(text)
    if value is None or abs(value) > _YUAN_MAX:
        return None
    return int(value.quantize(FEN, ROUND_HALF_UP) * 100)


@lru_cache(maxsize=4096)
def day_of(text: str, zone: ZoneInfo) -> date | None:
    """A calendar day of `zone`; None for what is none, or lies in no year of anybody's books."""
    return cells.day_of(text, zone, short_years=True)


def side_of(text: str) -> int | None:
    """1 for a debit, -1 for a credit, 0 for a balance of nothing; None for what is no side."""
    said = plain(text).lower()
    if said in _DEBIT:
        return 1
    if said in _CREDIT:
        return -1
    return 0 if said in _EVEN else None


def numbers_in(text: str) -> list[str]:
    """What looks like numbers of documents in a sentence, in their order."""
    return [found for found in _TOKEN.findall(plain(text)) if len(found) >= _TOKEN_MIN]


def key_of(number: str) -> str:
    """A document's number as two books' spellings of it agree."""
    return "".join(without_dashes(plain(number)).split()).upper()
