"""What a person typed, read: whole quantities, amounts of money, percentages, days and moments. Pure.

Plain digits or groups of three, ``1234567.89`` or ``1,234,567.89``. A Chinese keyboard's full-width
``１２，．－￥％：`` are the same characters; blanks around are nothing. Anything else is refused with the
reason and never guessed at: what somebody meant by ``10.000,00`` or ``1e3`` only they can say.
`static/js/forms.js` reads quantities by the same rules in the browser.

`strict` is for what programs send: no other width, no groups, no currency, no blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from portal.kernel.errors import N_, Fault

T = TypeVar("T")

LENGTH_MAX = (
    40  # characters with blanks around; a field that takes more cannot cut a long number into a short one
)
DIGITS_MAX = (
    12  # before the point: below the largest amount a column holds, and far above the largest quantity
)
PLACES_MAX = 2
YEARS = range(1970, 3000)  # beyond them the arithmetic of dates and zones ends

_SAME = str.maketrans(
    "０１２３４５６７８９，．－￥％：　", "0123456789,.-¥%: "
)  # by name: NFKC would also read 2² as 22 and ③ as 3
_NUMBER = re.compile(r"-?([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.(?P<places>[0-9]+))?")
_STRICT_NUMBER = re.compile(r"-?[0-9]+(\.(?P<places>[0-9]+))?")
_FOREIGN = re.compile(r"[^0-9,.-]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHEET_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_SHEET_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WORKBOOK_DAY = re.compile(r"[0-9]{5}")
_WORKBOOK_BEGINS = date(1899, 12, 30)  # day 0 of workbooks
_SECONDS = r":[0-9]{2}(\.[0-9]{1,6})?"
_OFFSET = r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})"
_MOMENT = re.compile(rf"{_DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}({_SECONDS})?{_OFFSET}?")
_STRICT_MOMENT = re.compile(rf"{_DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}{_SECONDS}{_OFFSET}")  # RFC 3339
_OURS = re.compile(r"[0-9]{1,18}")


class Misread(ValueError):
    """What was typed is no such value.

    `code` says which kind was expected, `message` why it is none, `fix` how to write one.
    """

    def __init__(self, code: str, message: str, fix: str, **params: object) -> None:
        self.code, self.message, self.fix, self.params = code, message, fix, params
        super().__init__(f"{code}: {message % params if params else message}")

    def beside(self, pointer: str) -> Fault:
        """The fault of the field."""
        return Fault(pointer, self.code, self.message, self.fix, self.params)


def field(read: Callable[[Any], T], value: object, pointer: str, faults: list[Fault]) -> T | None:
    """What `read` makes of a field; None, with the fault added, where it refuses."""
    try:
        return read(value)
    except Misread as misread:
        faults.append(misread.beside(pointer))
        return None


def quantity(value: object) -> int:
    """A whole number, negative ones too. An integer is one already; true and 1.0 are none. Raises Misread."""
    if type(value) is int:
        return value
    return int(_digits(_folded(value), _QUANTITY, places=0))


def money(value: object, *, strict: bool = False) -> Decimal:
    """An amount with at most two places, of either sign; ``¥`` before or ``元`` after it are allowed.

    Raises Misread.
    """
    if strict:
        return _decimal(_digits(_text(value), _MONEY, pattern=_STRICT_NUMBER), _MONEY)
    return _decimal(_digits(_without_currency(_folded(value)), _MONEY), _MONEY)


def percent(value: object) -> Decimal:
    """A percentage with at most two places, ``12.5`` ``12.5%`` or ``12.5 %``: 12.5. Raises Misread."""
    return _decimal(_digits(_folded(value).removesuffix("%").rstrip(), _PERCENT), _PERCENT)


def celsius(value: object) -> Decimal:
    """A temperature in °C with at most one place, ``4.5`` ``-18`` or ``4.5 ℃``. Raises Misread."""
    plain = _folded(value).removesuffix("℃").removesuffix("°C").rstrip()
    return _decimal(_digits(plain, _CELSIUS, places=1), _CELSIUS)


def day(value: object, *, strict: bool = False) -> date:
    """A calendar date, ``2026-12-31``. Raises Misread."""
    plain = _text(value) if strict else _folded(value)
    try:
        if _DAY.fullmatch(plain) and int(plain[:4]) in YEARS:
            return date.fromisoformat(plain)
    except ValueError:
        pass
    raise Misread("not_a_date", N_("Enter a valid date."), N_("Write it like 2026-10-31."))


def sheet_day(value: object) -> date:
    """A day however a sheet writes it: ``2026-1-5``, ``2026/1/5``, ``20260105``, ``2026年1月5日``, or the
    number that a workbook keeps. Raises Misread.
    """
    plain = _folded(value).replace(" ", "").replace("／", "/")
    if _WORKBOOK_DAY.fullmatch(plain):
        plain = (_WORKBOOK_BEGINS + timedelta(days=int(plain))).isoformat()
    elif found := _SHEET_DAY.fullmatch(plain) or _SHEET_DIGITS.fullmatch(plain):
        plain = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
    return day(plain)


def moment(value: object, zone: ZoneInfo) -> datetime:
    """A point in time, UTC.

    ``2026-12-31T08:30`` in `zone`, or with an offset of its own, which then counts.

    Raises Misread.
    """
    return _moment(_folded(value), _MOMENT, zone)


def strict_moment(value: object) -> datetime:
    """A point in time, UTC, as RFC 3339 writes it, with seconds and offset. Raises Misread."""
    return _moment(_text(value), _STRICT_MOMENT, None)


def _moment(plain: str, pattern: re.Pattern[str], zone: ZoneInfo | None) -> datetime:
    found = pattern.fullmatch(plain)
    try:
        if found:
            parsed = datetime.fromisoformat(plain.upper())
            utc = (parsed if found["offset"] else parsed.replace(tzinfo=zone)).astimezone(UTC)
            if utc.year in YEARS:
                return utc
    except (ValueError, OverflowError):
        pass
    raise Misread("not_a_moment", N_("Enter a valid date and time."), N_("Write it like 2026-10-31 08:30."))


def own_number(text: str | None) -> int | None:
    """A number that the portal wrote into a form or an address itself: an id, a revision, a place.

    None for anything else.
    """
    return int(text) if text and _OURS.fullmatch(text) else None


_QUANTITY = ("quantity_not_whole", N_("Enter 1 or more, without decimals."))
_MONEY = ("not_money", N_("Write it like 1234.50 or 1,234.50."))
_PERCENT = ("not_a_percentage", N_("Write it like 12.5."))
_CELSIUS = ("not_a_temperature", N_("Write it like 4.5, in °C."))


def _text(value: object) -> str:
    """What is no text at all reads like nothing entered: a float never stood for money."""
    return value if isinstance(value, str) else ""


def _folded(value: object) -> str:
    text = _text(value)
    return text.translate(_SAME).strip() if len(text) <= LENGTH_MAX else text


def _without_currency(text: str) -> str:
    """``-¥5`` and ``¥ -5`` are ``-5``, ``5 元`` is ``5``; a sign of money elsewhere stays, and is refused."""
    if text.endswith("元"):
        return text[:-1].rstrip()
    before, _, amount = text.rpartition("¥")
    return before + amount.lstrip() if before in ("", "-") else text


def _decimal(digits: str, kind: tuple[str, str]) -> Decimal:
    value = Decimal(digits) + 0  # -0 is 0
    if value.adjusted() >= DIGITS_MAX:
        raise Misread(kind[0], N_("At most %(digits)s digits before the point."), kind[1], digits=DIGITS_MAX)
    return value


def _digits(
    plain: str, kind: tuple[str, str], *, places: int = PLACES_MAX, pattern: re.Pattern[str] = _NUMBER
) -> str:
    """The number without its commas. Raises Misread."""
    code, fix = kind
    found = pattern.fullmatch(plain) if len(plain) <= LENGTH_MAX else None
    if found is None:
        message, params = _why_none(plain)
        raise Misread(code, message, fix, **params)
    if len(found["places"] or "") > places:
        message = (
            N_("An amount has at most %(places)s decimal places.")
            if places
            else N_("A quantity is a whole number.")
        )
        raise Misread(code, message, fix, places=places)
    return plain.replace(",", "")


def _why_none(plain: str) -> tuple[str, dict[str, object]]:
    """What keeps a text from being a number, to be said to whoever typed it."""
    if not plain:
        return N_("Nothing has been entered."), {}
    if len(plain) > LENGTH_MAX:
        return N_("At most %(max_length)s characters."), {"max_length": LENGTH_MAX}
    if foreign := _FOREIGN.search(plain):
        character = foreign[0]
        if character.isspace():
            return N_("A number has no spaces within."), {}
        return N_("A number has no “%(character)s”."), {
            "character": character if character.isprintable() else f"U+{ord(character):04X}"
        }
    if "-" in plain[1:]:
        return N_("One minus sign, before the number."), {}
    if "," in plain:
        return N_("Commas stand only before groups of three digits."), {}
    return N_("This is not a number."), {}
