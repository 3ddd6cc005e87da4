"""What a cell of somebody else's books says: an amount, a day, a side, a document's number. Pure.

Amounts are whole fen. Accounting software writes them as numbers or as texts, with ￥, thousands and full
width; days as ``2026/1/4``, ``20260104``, ``2026年1月4日`` or as the serial number of Excel.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

FEN = Decimal("0.01")
FEN_MAX = 10**14
_WHOLE_MAX, _DIGITS_MAX = 13, 26  # digits before the point; characters that count
YEARS = range(1990, 2100)  # any other is a slip
_MONEY = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?")
_PLAIN_MONEY = re.compile(r"-?[0-9]{1,3}(?:(?:,[0-9]{3}){1,3}|[0-9]{0,9})(?:\.[0-9]{1,2})?")
_SIGNS = re.compile(r"^(?:rmb|cny|¥|人民币)+|(?:元|rmb|cny)$")
_DASHES = str.maketrans("－−–—﹣", "-----")
_DAY = re.compile(r"([0-9]{4}|[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T].*)?")
_PLAIN_DAY = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"([2-7][0-9]{4})(?:\.[0-9]+)?")
_FIRST_SERIAL = date(1899, 12, 30)
_TOKEN = re.compile(r"[A-Za-z]{1,8}[-_]?[0-9][0-9A-Za-z]*(?:[-/_][0-9A-Za-z]+)*|[0-9]{8,24}")
_TOKEN_MIN = 6  # characters of a document's number in a sentence
_DEBIT, _CREDIT, _EVEN = (
    {"借", "借方", "dr", "debit", "d", "付", "付款", "支付", "减", "减少"},
    {"贷", "贷方", "cr", "credit", "c", "增", "增加"},
    {"平", "-", ""},
)


def plain(text: str) -> str:
    """Without width and blanks around."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def fen_of(text: str) -> int | None:
    """An amount in fen; None for what is none. A hyphen alone, or nothing, is none."""
    if _PLAIN_MONEY.fullmatch(text):  # as most are
        whole, _, part = text.replace(",", "").partition(".")
        fen = int(whole.lstrip("-") + part.ljust(2, "0"))
        return -fen if whole.startswith("-") else fen
    said = plain(text).translate(_DASHES).replace(" ", "").lower()
    if not said:
        return None
    negative = said.startswith("(") and said.endswith(")")
    said = said[1:-1] if negative else said
    if said.endswith("-") and len(said) > 1:
        negative, said = not negative, said[:-1]
    sign = said[:1] if said[:1] in ("-", "+") else ""
    said = sign + _SIGNS.sub("", said[len(sign) :])
    if not _MONEY.fullmatch(said):
        return None
    negative, plainly = negative != said.startswith("-"), said.lstrip("+-").replace(",", "").lstrip("0")
    if len(plainly.partition(".")[0]) > _WHOLE_MAX:
        return None
    plainly = plainly if plainly.strip(".") else "0"
    fen = int(Decimal(plainly[:_DIGITS_MAX]).quantize(FEN, ROUND_HALF_UP) * 100)
    return None if abs(fen) > FEN_MAX else -fen if negative else fen


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """A calendar day; None for what is none, or lies in no year of anybody's books."""
    day = _calendar_day(plain(text))
    return day if day is not None and day.year in YEARS else None


def _calendar_day(said: str) -> date | None:
    try:
        if found := _DAY.fullmatch(said):
            year = int(found[1])
            return date(year if year > 99 else 2000 + year, int(found[2]), int(found[3]))
        if found := _PLAIN_DAY.fullmatch(said):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _SERIAL.fullmatch(said):
            return _FIRST_SERIAL + timedelta(days=int(found[1]))
    except ValueError:
        pass
    return None


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
    return "".join(plain(number).translate(_DASHES).split()).upper()
