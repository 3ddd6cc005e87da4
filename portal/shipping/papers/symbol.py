"""GS1 DataMatrix: the elements of a label as a square of modules that any reader of GS1 understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import zxingcpp

from portal.kernel.paper.symbols import Modules, modules_of

Elements = Sequence[tuple[str, str]]
"""Application identifiers with their values, in order."""


def elements_of(di: str, *, expires_on: date | None = None, lot: str = "", serial: str = "") -> Elements:
    """What a label of units says: 01 device identifier, 17 expiry, 10 lot, 21 serial number."""
    expiry = f"{expires_on:%y%m%d}" if expires_on else ""
    found = (("01", di), ("17", expiry), ("10", lot), ("21", serial))
    return [(identifier, value) for identifier, value in found if value]


def printed(elements: Elements) -> str:
    """As it stands below the symbol, identifiers in brackets."""
    return "".join(f"({identifier}){value}" for identifier, value in elements)


def modules(elements: Elements) -> Modules:
    """The symbol, with FNC1 first and between elements where their length is not fixed.

    Raises ValueError for characters that GS1 does not know, such as Chinese ones.
    """
    content = printed([(identifier, value.replace("(", r"\(")) for identifier, value in elements])
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    return modules_of(code)
