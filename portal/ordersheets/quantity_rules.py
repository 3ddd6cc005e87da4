"""A quantity as order sheets write it: ``10``, ``1,000``, ``１２ 盒``, ``1.5万``. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from portal.catalogue.unit_rules import UNITS_BY_WORD
from portal.kernel import typed
from portal.kernel.errors import N_, Fault

_WITH_UNIT = re.compile(
    r"(?P<number>(?>.*[0-9０-９]))\s*+(?P<ten_thousands>[万萬])?+\s*+(?P<unit>[^\s0-9０-９.,，．]*+)"
)
_PLAIN = re.compile(r"[0-9]{1,9}", re.A)
_TEN_THOUSANDS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?", re.A)


class Counted(NamedTuple):
    """A quantity that was read. unit: as the trade writes it, empty where none stands there."""

    quantity: int
    unit: str = ""


def quantity_of(text: str, pointer: str, unit: str = "") -> Counted | Fault:
    """The quantity that a text says, in `unit` where it names none itself; or why it is none."""
    found = _WITH_UNIT.fullmatch(text)
    number = found["number"] if found else text
    word = (found["unit"] if found else "") or unit
    known = unit_of(word) if word else ""
    try:
        read = _ten_thousands if found and found["ten_thousands"] else typed.quantity
        quantity = read(number)
    except typed.Misread as misread:
        return misread.beside(pointer)
    if known is None:
        message, fix = N_("The unit “%(unit)s” is unknown."), N_("Enter the number alone.")
        return Fault(pointer, "unknown_unit", message, fix, {"unit": word[:20], "quantity": quantity})
    return Counted(quantity, known)


def unit_of(word: str) -> str | None:
    """A unit as the trade writes it, ``盒`` for ``Boxes``; None for a word that is none."""
    return UNITS_BY_WORD.get(unicodedata.normalize("NFKC", word).strip(" .").casefold())


def is_unit(text: str) -> bool:
    """Whether a text is a unit and nothing else."""
    return bool(text) and unit_of(text) is not None


def is_quantity(text: str) -> bool:
    """Whether a text says how many, and nothing else."""
    if _PLAIN.fullmatch(text):
        return True
    return bool(text) and isinstance(quantity_of(text, ""), Counted)


def _ten_thousands(number: str) -> int:
    """``1.5`` ten thousands are 15,000. Raises Misread for what is no whole number of units."""
    plain = unicodedata.normalize("NFKC", number).strip()
    value = Decimal(plain) * 10_000 if _TEN_THOUSANDS.fullmatch(plain) else Decimal("0.5")
    if value != value.to_integral_value():
        raise typed.Misread(
            "quantity_not_whole", N_("This is not a number."), N_("Enter 1 or more, without decimals.")
        )
    return int(value)
