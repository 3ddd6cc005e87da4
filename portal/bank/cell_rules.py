"""What a cell of a bank's table says besides amounts and days: a direction, a currency, or nothing. Pure.

Whatever is not plainly one of them is None for whoever asked, who tells the row; nothing is guessed.
"""

from __future__ import annotations

import re

from portal.kernel.cells import amount_of, plain

_EMPTY = re.compile(r"[-–—/\\*.\s]*")
_MASKED = re.compile(r".*[xX*].*")
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


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blanks, or the dashes that stand for it."""
    return _EMPTY.fullmatch(plain(text)) is not None


def is_masked(text: str) -> bool:
    """Whether the bank has blotted out what would stand here."""
    said = plain(text)
    return (
        bool(said) and not is_empty(said) and amount_of(said) is None and _MASKED.fullmatch(said) is not None
    )


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
