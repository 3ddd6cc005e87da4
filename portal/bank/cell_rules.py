"""What a cell of a bank's table says: an amount, a day, a direction, or nothing. Pure.

Whatever is not plainly one of them is None for whoever asked, who tells the row; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

_EMPTY = re.compile(r"[-–—/\\*.\s]*")
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<number>(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)")
_MONEY_MARKS = re.compile(r"(?:CNY|RMB|USD|EUR|HKD|人民币|[¥￥$€元]|\s)+", re.IGNORECASE)
_MASKED = re.compile(r".*[xX*].*")
_DATE = re.compile(
    r"([0-9]{4})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})\s*日?(?:[T\s].*|[0-9:]{5,})?"
)
_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[\sT]*[0-9:.]*)?")
_SERIAL = re.compile(r"([0-9]{5})(\.[0-9]+)?")
_FIRST_SERIAL = date(1899, 12, 30)  # the day 0 of workbooks
_YEARS = range(1990, 2100)
_IN = frozenset(
    re.split(
        " ",
        "贷 贷cr 贷方 贷c 收 收入 收款 转入 汇入 存入 进 进账 入 入账 来账 来帐 c cr credit in crdt",
    )
)
_OUT = frozenset(
    re.split(
        " ",
        "借 借dr 借方 借d 支 支出 支取 付 付款 转出 汇出 出 出账 往账 往帐 d dr debit out dbit",
    )
)
_CURRENCIES = {"人民币": "CNY", "人民币元": "CNY", "rmb": "CNY", "cny": "CNY", "本币": "CNY", "钞": "CNY"}
_CURRENCIES |= {"美元": "USD", "欧元": "EUR", "港币": "HKD", "日元": "JPY", "英镑": "GBP"}


def plain(text: str) -> str:
    """A cell in one width, without blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blanks, or the dashes that stand for it."""
    return _EMPTY.fullmatch(plain(text)) is not None


def amount_of(text: str) -> Decimal | None:
    """The amount of a cell with its sign, ``(12.00)`` is negative; None where it is none."""
    said = plain(text).replace("−", "-").replace("，", ",")
    negative = said.startswith("(") and said.endswith(")")
    bare = _MONEY_MARKS.sub("", said.strip("()") if negative else said)
    found = _NUMBER.fullmatch(bare)
    if found is None:
        return None
    value = Decimal(found["number"].replace(",", "").rstrip(".") or "0")
    return -value if negative or found["sign"] == "-" else value


def is_masked(text: str) -> bool:
    """Whether the bank has blotted out what would stand here."""
    said = plain(text)
    return (
        bool(said) and not is_empty(said) and amount_of(said) is None and _MASKED.fullmatch(said) is not None
    )


def day_of(text: str) -> date | None:
    """The day of a cell, with or without a time: ``2026-01-31 12:00:00``, ``20260131``, a serial number."""
    said = plain(text)
    if found := _SERIAL.fullmatch(said):
        day = _FIRST_SERIAL + timedelta(days=int(found[1]))
        return day if day.year in _YEARS else None
    found = _DATE.fullmatch(said) or _PLAIN.fullmatch(said)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def looks_like_day(text: str) -> bool:
    """Whether a cell was meant as a day, though no calendar may have it."""
    said = plain(text)
    return _DATE.fullmatch(said) is not None or _PLAIN.fullmatch(said) is not None


def direction_of(text: str) -> int | None:
    """1 for money in, -1 for money out, None where a cell says neither."""
    word = re.sub(r"[\s()（）/]+", "", plain(text)).casefold()
    if word in _IN:
        return 1
    return -1 if word in _OUT else None


def currency_of(text: str) -> str:
    """``CNY`` for 人民币; empty where nothing is said."""
    word = plain(text).casefold()
    if not word or is_empty(word):
        return ""
    return _CURRENCIES.get(word, word.upper()[:3])
