"""A product as people write it, in a form or a row of a sheet: texts by field, read. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.catalogue.product_fields import COUNTS, DAYS, DEGREES, FIELDS, FLAGS, ProductFields
from portal.catalogue.unit_rules import UNITS_BY_WORD
from portal.catalogue.vocabulary import Origin, ProductState
from portal.kernel import typed
from portal.kernel.errors import N_, Fault
from portal.kernel.searching import GTIN_LENGTHS, gtin_14
from portal.kernel.typed import Misread

_YES = frozenset({"1", "yes", "y", "true", "on", "是", "√"})
_NO = frozenset({"", "0", "no", "n", "false", "off", "否", "×", "-"})
_CLASSES = {"i": 1, "ii": 2, "iii": 3, "一": 1, "二": 2, "三": 3}
_ORIGINS = {
    "国产": Origin.DOMESTIC,
    "境内": Origin.DOMESTIC,
    "进口": Origin.IMPORTED,
    "境外": Origin.IMPORTED,
}
_STATES = {
    "在售": ProductState.ACTIVE,
    "in the range": ProductState.ACTIVE,
    "停售": ProductState.WITHDRAWN,
    "no longer sold": ProductState.WITHDRAWN,
}
_DEGREES = re.compile(r"[-−]?[0-9]{1,3}(\.[0-9])?")


def read_fields(texts: Mapping[str, str], base: ProductFields, faults: list[Fault]) -> ProductFields:
    """`base` with what the texts say of some of its fields.

    What cannot be read is a fault at ``/<field>``.
    """
    read = {
        name: typed.field(_READERS.get(name, _text), text, f"/{name}", faults)
        for name, text in texts.items()
        if name in FIELDS
    }
    wrong = {fault.pointer.strip("/") for fault in faults}
    known: dict[str, Any] = {name: value for name, value in read.items() if name not in wrong}
    return replace(base, **known)


def read_gtin(text: Any) -> str:
    """A trade item number as products keep it; anything else as it was written, to be judged."""
    plain = re.sub(r"[\s-]", "", _plain(text))
    return gtin_14(plain) if plain.isascii() and plain.isdigit() and len(plain) in GTIN_LENGTHS else plain


def _plain(text: Any) -> str:
    return unicodedata.normalize("NFKC", str(text)).strip()


def _text(text: Any) -> str:
    return str(text).replace("\r\n", "\n").strip()


def _day(text: Any) -> date | None:
    return typed.sheet_day(text) if _plain(text) else None


def _flag(text: Any) -> bool:
    word = _plain(text).casefold()
    if word not in _YES | _NO:
        raise Misread("flag", N_("This is neither yes nor no."), N_("Enter yes or no."))
    return word in _YES


def _count(text: Any) -> int | None:
    plain = _plain(text)
    return typed.quantity(plain) if plain else None


def _class(text: Any) -> int | None:
    word = _plain(text).casefold().removeprefix("第").removesuffix("类").removeprefix("class").strip()
    return _CLASSES.get(word) or _count(word)


def _degrees(text: Any) -> Decimal | None:
    plain = _plain(text).replace(" ", "").removesuffix("°C").removesuffix("C")
    if plain and not _DEGREES.fullmatch(plain):
        fix = N_("Write degrees Celsius like 2 or -18.5.")
        raise Misread("temperature", N_("This is no temperature."), fix)
    return Decimal(plain.replace("−", "-")) if plain else None


def _unit(text: Any) -> str:
    plain = _plain(text)
    return UNITS_BY_WORD.get(plain.casefold(), plain)


def _origin(text: Any) -> str:
    plain = _plain(text)
    return str(_ORIGINS.get(plain, plain.casefold()))


def _state(text: Any) -> str:
    plain = _plain(text).casefold()
    return str(_STATES.get(plain, plain)) or ProductState.ACTIVE


def _number(text: Any) -> str:
    """Full-width digits of Chinese keyboards are digits, blanks in a number are nothing."""
    return re.sub(r"\s", "", _plain(text))


_READERS: dict[str, Any] = {
    **dict.fromkeys(DAYS, _day),
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(DEGREES, _degrees),
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(("udi_di", "inner_gtin", "case_gtin", "pallet_gtin"), read_gtin),
    "device_class": _class,
    "unit": _unit,
    "origin": _origin,
    "state": _state,
    "registration_no": _number,
    "category_code": lambda text: _plain(text).upper(),
    "maker_country": lambda text: _plain(text).upper(),
}
