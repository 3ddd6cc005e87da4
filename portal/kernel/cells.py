"""What a cell of somebody else's table says: an amount or a day. Pure.

Whatever is not plainly one of them is None for whoever asked, who tells the row; nothing is guessed. Texts
come in any width; programs write amounts with ￥, thousands, brackets or a minus behind, and days as
``2026/1/4``, ``20260104``, ``2026年1月4日``, with a time or as the serial number of Excel.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.kernel.clock import day_of_business

YEARS = range(1990, 2100)  # any other is a slip
_TEXT_MAX = 80  # characters; what is longer is a sentence
_DASHES = str.maketrans("－−–—﹣", "-----")
_MARKS = r"(?:cny|rmb|usd|eur|hkd|jpy|gbp|人民币|[¥$€£元])"
_MARKED = re.compile(rf"(?P<before>[-+]?){_MARKS}*(?P<said>.*?){_MARKS}*(?P<behind>-?)")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?")
_DAY = re.compile(
    r"([0-9]{4}|[0-9]{2})\s*[-./年]\s*([0-9]{1,2})\s*[-./月]\s*([0-9]{1,2})\s*日?(?P<behind>[T\s].*|[0-9:]{5,})?"
)
_PLAIN_DAY = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?P<behind>[\sT]*[0-9:.]*|[\sT]+[0-9:.]+\s*(?:[Zz]|[-+][0-9:]{2,5}))"
)
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_FIRST_SERIAL = date(1899, 12, 30)  # the day 0 of workbooks


def plain(text: str) -> str:
    """A cell in one width, without blanks around."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def without_dashes(text: str) -> str:
    """With a hyphen for whatever dash somebody's keyboard or printer made of it."""
    return text.translate(_DASHES)


def amount_of(text: str) -> Decimal | None:
    """The amount of a cell with its sign and all its places; None where it is none.

    ``(12.00)``, ``12.00-`` and ``-￥12.00`` are negative; two signs are none.
    """
    said = "".join(without_dashes(plain(text)).split()).lower()
    if not said or len(said) > _TEXT_MAX:
        return None
    in_brackets = said.startswith("(") and said.endswith(")")
    found = _MARKED.fullmatch(said[1:-1] if in_brackets else said)
    if found is None or not _NUMBER.fullmatch(found["said"]):
        return None
    sign = found["said"][0] if found["said"][0] in "+-" else ""
    signs = [one for one in (found["before"], sign, found["behind"]) if one]
    if len(signs) > 1:
        return None
    value = Decimal(found["said"].lstrip("+-").replace(",", ""))
    return -value if in_brackets != ("-" in signs) else value


def day_of(text: str, zone: ZoneInfo, *, short_years: bool = False) -> date | None:
    """The day of a cell; None for what no calendar has, or lies in no year of anybody's books.

    A time with an offset is a moment: its day is that of `zone`. short_years: ``26-1-4`` is a day of 2026.
    """
    said, day = plain(text), None
    try:
        if found := _SERIAL.fullmatch(said):
            day = _FIRST_SERIAL + timedelta(days=int(found[1]))
        elif found := _DAY.fullmatch(said) or _PLAIN_DAY.fullmatch(said):
            year = int(found[1])
            if len(found[1]) == 2:
                if not short_years:
                    return None
                year += 2000
            written = date(year, int(found[2]), int(found[3]))
            day = day_of_business(written, found["behind"] or "", zone)
        else:
            return None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None
