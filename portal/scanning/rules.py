"""What the parts of a device's code say, and which of them may stand together. Pure.

Whatever is not said beyond doubt is refused: a wrong lot in the books is worse than a second scan.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from portal.kernel.errors import N_, Fault, Invalid

TEXT_MAX = 400
"""Characters of a code. The longest on a device, with an address in it, has some 200."""

POINTER = "/data"
ASK_AGAIN = N_("Scan it again, or type the GTIN that is printed below the code.")
SEPARATORS_LOST = N_("The code was read without its separators and can mean several things.")

NUMBER, CONTENT, SERIAL, LOT = "01", "02", "21", "10"
PRODUCED, EXPIRES, EXPIRES_AT = "11", "17", "7003"
_MEASURES = re.compile(r"(3[1-69][0-9])[0-9]")  # the fourth digit says where the decimal point is
# What contradicts the number of an article, and what is nothing without a serial number (GS1 General
# Specifications, 4.13 and 4.14).
_NOT_BESIDE_NUMBER = frozenset({CONTENT, "03", "37"})
_SIGNATURE = "8030"


class Issuer(StrEnum):
    """Who gives device identifiers out in China."""

    GS1 = "GS1"
    MA = "MA"


class Element(NamedTuple):
    """An application identifier and what stands behind it."""

    identifier: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code says. di: of GS1 the GTIN with 14 digits, of MA everything before its production part."""

    issuer: Issuer
    di: str
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    production: date | None = None


def refusal(code: str, message: str, fix: str = ASK_AGAIN, **params: object) -> Invalid:
    """A code that is not read, with the one fault it has."""
    return Invalid(code, message, faults=[Fault(POINTER, code, message, fix, params)], fix=fix, **params)


def reading_of(elements: Collection[Element], today: date) -> Reading:
    """What the elements of a code of GS1 say together. Raises Invalid."""
    said = _once(elements)
    if NUMBER not in said:
        raise refusal(
            "no_article_number",
            N_("This code carries no GTIN (01)."),
            N_("Scan the code that names the article; this one may be of a carton or a pallet."),
        )
    _require_article(said[NUMBER])
    beside = sorted(_NOT_BESIDE_NUMBER & set(said)) or (
        [_SIGNATURE] if _SIGNATURE in said and SERIAL not in said else []
    )
    if beside:
        raise refusal(
            "contradiction",
            N_("(01) and (%(other)s) do not go together in one code."),
            other=beside[0],
        )
    return Reading(
        Issuer.GS1,
        said[NUMBER],
        lot=said.get(LOT),
        serial=said.get(SERIAL),
        expiry=_expiry(said, today),
        production=_day_of(said, PRODUCED, today),
    )


def article(number: str) -> Reading:
    """What the number of a trade item, 14 digits with a right check digit, says. Raises Invalid."""
    _require_article(number)
    return Reading(Issuer.GS1, number)


def several_readings(readings: Iterable[str]) -> Invalid:
    """The separators are lost, and nobody but the person with the label can say where they were."""
    fix = N_("Compare it with the label, then send the reading that is right, with its brackets.")
    faults = [
        Fault(POINTER, "possible_reading", N_("It may say %(actual)s."), fix, {"actual": reading})
        for reading in readings
    ]
    return Invalid("separators_lost", SEPARATORS_LOST, faults=faults, fix=fix)


def bracketed(elements: Iterable[Element]) -> str:
    """Elements as they are printed: ``(01)06901234510027(10)AB``, a bracket in a value behind ``\\``."""
    return "".join(f"({one.identifier}){one.value.replace('(', chr(92) + '(')}" for one in elements)


def day_of(digits: str, today: date) -> date:
    """A date of six digits (YYMMDD), its day 00 being the last of the month. Raises ValueError.

    The year is within 49 years past and 50 to come (GS1 General Specifications, 7.12).
    """
    year, month, day = (int(digits[place : place + 2]) for place in (0, 2, 4))
    century, now = divmod(today.year, 100)
    ahead = year - now
    century += (ahead <= -50) - (ahead >= 51)
    year += century * 100
    return date(year, month, day or monthrange(year, month)[1])


def _once(elements: Collection[Element]) -> dict[str, str]:
    """Each identifier with its value. One that comes twice says the same both times."""
    said: dict[str, str] = {}
    measured: dict[str, str] = {}
    for one in elements:
        found = _MEASURES.fullmatch(one.identifier)
        first = measured.setdefault(found[1], one.identifier) if found else one.identifier
        if said.setdefault(one.identifier, one.value) != one.value or first != one.identifier:
            raise refusal(
                "contradiction_within",
                N_("(%(identifier)s) is in the code twice and says different things."),
                identifier=one.identifier,
            )
    return said


def _require_article(number: str) -> None:
    if not number.strip("0"):
        raise refusal("no_article", N_("The GTIN is all zeros and names no product."))


def _expiry(said: dict[str, str], today: date) -> date | None:
    day, moment = _day_of(said, EXPIRES, today), _day_of(said, EXPIRES_AT, today)
    if day and moment and day != moment:
        raise refusal("two_expiries", N_("The code names two different days of expiry."))
    return day or moment


def _day_of(said: dict[str, str], identifier: str, today: date) -> date | None:
    if identifier not in said:
        return None
    try:
        return day_of(said[identifier][:6], today)
    except ValueError:
        raise refusal(
            "no_such_day",
            N_("(%(identifier)s)%(value)s is no day of the calendar."),
            identifier=identifier,
            value=said[identifier],
        ) from None
