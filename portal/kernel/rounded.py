"""Numbers that are names (of units, lots, orders, accounts) and were rounded as if they were amounts. Pure.

Excel keeps 15 digits of a number and shows a long one as ``8.93901E+18``; the rest is gone, in the workbook
as in the CSV saved from it. Whoever expects a name refuses what looks so. Readers of workbooks write a number
of more digits in this form too, so that there is one rule for every kind of file.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from portal.kernel.errors import N_, Fault

DIGITS_MAX = 15
"""Of a number; Excel keeps no more."""
MESSAGE = N_("Excel has rounded %(code)s; nobody can tell which number it was.")
FIX = N_("Format the column as text, enter the numbers again and export the file once more.")
_SHOWN_MAX = 40

# A lot may be called 3E45; nobody's is called 3E+45, nor 8.93E45.
_ROUNDED = re.compile(r"[+-]?(?:[0-9]+[.,][0-9]+E\+?|[0-9]+E\+)[0-9]{1,3}", re.IGNORECASE | re.ASCII)


def is_rounded(said: str) -> bool:
    """Whether a cell shows what Excel left of a number."""
    if "E" not in said and "e" not in said and said.isascii():
        return False
    return _ROUNDED.fullmatch(unicodedata.normalize("NFKC", said).strip()) is not None


def rounded_faults(pointer: str, said: str, code: str = "rounded") -> list[Fault]:
    """A fault for a name that is none any more. pointer: of its field or cell."""
    if not is_rounded(said):
        return []
    return [Fault(pointer, code, MESSAGE, FIX, {"code": said.strip()[:_SHOWN_MAX]})]


def is_long(value: Decimal) -> bool:
    """Whether a number has more digits before its point than Excel keeps."""
    return value.adjusted() >= DIGITS_MAX


def long_number(value: Decimal) -> str:
    """A number of which digits are gone, as Excel shows it: ``8.93901010235848E+18``."""
    mantissa, _, exponent = f"{value:.{DIGITS_MAX - 1}E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{int(exponent):+03d}"
