"""Amounts in Chinese capital numerals (大写), as the rules for bills require: 人民币壹万零伍拾元零叁分."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def in_capitals(amount: Decimal) -> str:
    """`amount` of two places in words, without the currency's name.

    ValueError from 10^16 upwards, beyond what an amount column holds.
    """
    yuan, cents = divmod(int(abs(amount) * 100), 100)
    if yuan >= 10**16:
        raise ValueError(f"{amount} is too large to be written in words")
    jiao, fen = divmod(cents, 10)
    words = f"{_integer(yuan)}元" if yuan else ""
    words += _fraction(jiao, fen, follows_yuan=bool(yuan))
    return ("负" if amount < 0 else "") + (words or "零元整")


def _integer(number: int) -> str:
    """Groups of four digits; zeros between two digits are read as one 零, however many they are."""
    words = ""
    for index in range(len(_GROUPS) - 1, -1, -1):
        group = number // 10 ** (4 * index) % 10_000
        if not group:
            continue
        ones_before, thousands = divmod(number // 10 ** (4 * index + 3) % 100, 10)
        if words and not (ones_before and thousands):
            words += "零"
        # 万亿 followed by 亿 says its 亿 once: 壹万贰仟亿, not 壹万亿贰仟亿.
        unit = "万" if index == 3 and number // 10**8 % 10_000 else _GROUPS[index]
        words += _group(group) + unit
    return words


def _group(number: int) -> str:
    words = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += _DIGITS[digit] + _PLACES[place]
        elif words and number % 10**place and not words.endswith("零"):
            words += "零"
    return words


def _fraction(jiao: int, fen: int, *, follows_yuan: bool) -> str:
    if not jiao and not fen:
        return "整" if follows_yuan else ""
    words = f"{_DIGITS[jiao]}角" if jiao else "零" * follows_yuan
    return words + (f"{_DIGITS[fen]}分" if fen else "整")
