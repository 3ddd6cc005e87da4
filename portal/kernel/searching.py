"""What somebody typed into a search field, and what it is compared with, in one writing. Pure.

Width and compatibility forms (NFKC: ``ＡＢ`` is ``ab``), case, and traditional characters, which are searched
as simplified ones; O is 0, I and L are 1, since nobody can tell them apart on a label; in codes blanks and
dashes are nothing. The database folds what it keeps by the same rules (`search_fold` and `code_key`, which
the migrations make from this module's tables).
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from stdnum import ean

LENGTH_MAX = 200  # characters of a query that are looked at


def _pairs() -> tuple[str, str]:
    lines = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return pairs[::2], pairs[1::2]


TRADITIONAL, SIMPLIFIED = _pairs()
"""Traditional characters and, at the same places, the simplified ones."""

SEPARATORS = " -‐‒–—―−_./"
"""What codes are written with or without."""

ALIKE, ALIKE_DIGITS = "oil", "011"
"""Letters that look like digits, and the digits."""

_SIMPLIFY = str.maketrans(TRADITIONAL, SIMPLIFIED)
_WITHOUT_SEPARATORS = str.maketrans("", "", SEPARATORS)
_AS_DIGITS = str.maketrans(ALIKE, ALIKE_DIGITS)


def folded(text: str) -> str:
    """A text in the one writing in which it is searched."""
    # Letter by letter, as the database does it: Σ is σ, also at the end of a word.
    return "".join(map(str.lower, unicodedata.normalize("NFKC", text))).translate(_SIMPLIFY)


def search_key(text: str) -> str:
    """Names and numbers as lists look for a part of them."""
    return as_digits(folded(text))


def code_key(text: str) -> str:
    """A code (order number, SKU, GTIN) as it is compared: ``ＰＯ－Ｏ1`` and ``po 01`` are the same."""
    return search_key(text).translate(_WITHOUT_SEPARATORS)


def as_digits(word: str) -> str:
    """A folded word with 0 for o and 1 for i and l."""
    return word.translate(_AS_DIGITS)


# Numbers of trade items, GTIN-8, -12, -13 and -14, as they are typed and as a reader gives them out of a GS1
# element string.

_SENT_MAX = 400  # characters
GTIN_LENGTHS = (8, 12, 13, 14)
_FNC1 = "\x1d"
_SYMBOLOGY = re.compile(r"\](?:C1|d[25]|Q[34]|e[0-3]|J[14])")
_SYMBOLOGY_OF_NUMBER = re.compile(r"\](?:E[04]|I1)")  # EAN-13 and UPC-A, EAN-8, ITF-14: a number alone
_GTIN_14 = re.compile(r"[0-9]{14}")
_UNANNOUNCED = re.compile(r"0[12]([0-9]{14})")
_BRACKETED = re.compile(r"\(0[12]\)\s*([0-9]{14})(?![0-9])")
_DIGITAL_LINK = re.compile(r"https?://[^?#]*/01/([0-9]{8,14})(?![0-9])", re.IGNORECASE)
_OF_TRADE_ITEM = ("01", "02")  # application identifiers: of the item itself, of those in a case
# How many characters follow the first two of an identifier that needs no separator after it (GS1 General
# Specifications, 7.8.5).
_FIXED = {
    "00": 18,
    "01": 14,
    "02": 14,
    "03": 14,
    "04": 16,
    **{str(n): 6 for n in range(11, 20)},
    "20": 2,
    **{str(n): 8 for n in range(31, 37)},
    "41": 14,
}


def gtin_in(q: str) -> str | None:
    """The trade item number that was typed or scanned, with as many digits as it has there.

    Its check digit may be wrong. None for more than a reader sends at once.
    """
    if len(q) > _SENT_MAX:
        return None
    scanned = _scanned(unicodedata.normalize("NFKC", q))
    if scanned:
        return scanned
    digits = code_key(_SYMBOLOGY_OF_NUMBER.sub("", q.strip(), count=1))
    return digits if digits.isascii() and digits.isdigit() and len(digits) in GTIN_LENGTHS else None


def gtin_14(number: str) -> str:
    """A trade item number as products keep it."""
    return number.zfill(14)


def with_right_check_digit(number: str) -> str:
    """The number as it would be if only its last digit were wrong; the same if it is right."""
    return number[:-1] + ean.calc_check_digit(number[:-1])


def _scanned(text: str) -> str | None:
    """The GTIN of an element string or a GS1 Digital Link."""
    string = text.strip(" ")
    found = _BRACKETED.search(string) or _DIGITAL_LINK.match(string)
    if found:
        return found[1]
    mark = _SYMBOLOGY.match(string)
    if mark or _FNC1 in string:
        return _element(string[mark.end() if mark else 0 :])
    # Nothing says that this came from a reader: a sound number in the first place does.
    found = _UNANNOUNCED.match(string)
    return found[1] if found and with_right_check_digit(found[1]) == found[1] else None


def _element(string: str) -> str | None:
    """The trade item's number in an element string, None without one."""
    while string := string.lstrip(_FNC1):
        identifier, length = string[:2], _FIXED.get(string[:2])
        if length is None:
            string = string.partition(_FNC1)[2]
            continue
        value, string = string[2 : 2 + length], string[2 + length :]
        if identifier in _OF_TRADE_ITEM and _GTIN_14.fullmatch(value):
            return value
    return None
