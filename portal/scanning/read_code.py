"""From what a reader sent, or somebody typed or pasted, to what it says. Pure.

A reader that is set to it sends three characters before the data (ISO/IEC 15424): ``]d2`` is a Data Matrix
whose data are elements of GS1. Without them the text itself has to say what it is.
"""

from __future__ import annotations

import re
from datetime import date

from portal.kernel.errors import N_, Invalid
from portal.kernel.searching import GTIN_LENGTHS, gtin_14, with_right_check_digit
from portal.scanning.digital_links import digital_link, is_address
from portal.scanning.element_strings import FNC1, element_string, from_brackets, other_readings
from portal.scanning.ma_rules import ma_code, ma_reading
from portal.scanning.rules import (
    TEXT_MAX,
    Element,
    Reading,
    article,
    bracketed,
    reading_of,
    refusal,
    several_readings,
)

_SYMBOLOGY = re.compile(r"\](?=[A-Za-z][0-9A-Za-z])")
# Among them Data Matrix with extended rectangles (d8, dB), which are printed on tubes and needles.
_ELEMENTS = frozenset({"C1", "d2", "d5", "d8", "dB", "Q3", "Q4", "J1", "J4", "e0", "e1", "e2", "e3"})
_DIGITS_OF = {"E0": 13, "E4": 8, "I1": 14}  # EAN-13 and UPC-A, EAN-8, ITF with its check digit
_COMPOSITE = "|]e0"  # between the linear code and the one above it
_NUMBER_FIRST = re.compile(r"01[0-9]{14}")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x241D: FNC1}


def read_code(data: str, *, today: date, symbology: str = "") -> Reading:
    """What a code says.

    symbology: the reader's identifier, ``]d2`` or ``d2``, where it does not stand before the data.

    Raises Invalid, with the readings that are possible where separators are lost (`several_readings`).
    """
    mark, text = _marked(_plain(data), symbology)
    if mark in _ELEMENTS:
        return _of_elements(text, today)
    if mark in _DIGITS_OF:
        return _of_linear(mark, text, today)
    code = ma_code(text)
    if code is not None:
        return ma_reading(code, today)
    if is_address(text):
        return reading_of(digital_link(text), today)
    if mark or text.startswith("[)>"):
        raise _no_code()  # the reader says that these are no data of GS1, or the label of ISO/IEC 15434 does
    digits = text.replace(" ", "").replace("-", "")
    if digits.isascii() and digits.isdecimal() and len(digits) in GTIN_LENGTHS:
        return article(gtin_14(_checked(digits)))
    return _of_unmarked(text, today)


def as_typed(data: str, symbology: str = "") -> str:
    """A code as one sees it and can type it: elements in brackets instead of control characters, all else as
    it is, without the identifier of the symbology. Raises Invalid.
    """
    mark, text = _marked(_plain(data), symbology)
    if mark in _ELEMENTS or (not mark and FNC1 in text):
        return bracketed(element_string(text))
    number, composed, above = text.partition(_COMPOSITE)
    if mark in _DIGITS_OF and composed:
        return bracketed((Element("01", gtin_14(number)), *element_string(above)))
    return text


def without_mark(data: str) -> str:
    """What a reader sent, without the identifier of the symbology before it."""
    text = data.strip()
    return text[3:] if _SYMBOLOGY.match(text) else text


def _plain(data: str) -> str:
    """Without what readers and keyboards add: ends of lines, blanks around, characters of full width."""
    if len(data) > TEXT_MAX:
        raise refusal("too_long", N_("A code has at most %(most)s characters."), most=TEXT_MAX)
    text = data.strip(" \t\r\n").translate(_WIDE).strip(" ")
    if not text:
        raise refusal("empty", N_("There is no code."), N_("Scan a code, or type an SKU or GTIN."))
    return text


def _marked(text: str, symbology: str) -> tuple[str, str]:
    """The identifier of the symbology, empty without, and the data behind it."""
    said = symbology.removeprefix("]")
    if not _SYMBOLOGY.match(text):
        return said, text
    mark, data = text[1:3], text[3:]
    if said not in ("", mark):
        fix = N_("Send it once: before the data, or beside them.")
        message = N_("The data begin with ]%(mark)s, and the symbology is said to be %(said)s.")
        raise refusal("two_symbologies", message, fix, mark=mark, said=said[:10])
    return mark, data


def _of_elements(text: str, today: date) -> Reading:
    others = [elements for elements in other_readings(text) if _stands(elements, today)]
    try:
        elements = element_string(text)
        reading = reading_of(elements, today)
    except Invalid:
        if others:
            raise several_readings(map(bracketed, others)) from None
        raise
    if others:
        raise several_readings(map(bracketed, (elements, *others)))
    return reading


def _of_linear(mark: str, text: str, today: date) -> Reading:
    """A number alone, or with the elements of a composite code."""
    number, composed, above = text.partition(_COMPOSITE)
    if not (number.isascii() and number.isdecimal() and len(number) == _DIGITS_OF[mark]):
        raise refusal(
            "malformed_number",
            N_("A code of this kind has %(digits)s digits."),
            digits=_DIGITS_OF[mark],
        )
    first = Element("01", gtin_14(_checked(number)))
    return reading_of((first, *element_string(above)) if composed else (first,), today)


def _of_unmarked(text: str, today: date) -> Reading:
    """Nothing says that these are elements, so they have to look like it, or be some without a doubt."""
    if text.startswith("("):
        return reading_of(from_brackets(text), today)
    if FNC1 in text or _NUMBER_FIRST.match(text):
        return _of_elements(text, today)
    try:
        return _of_elements(text, today)
    except Invalid as refused:
        if refused.code == "separators_lost":
            raise
        raise _no_code() from None


def _stands(elements: tuple[Element, ...], today: date) -> bool:
    try:
        reading_of(elements, today)
    except Invalid:
        return False
    return True


def _checked(digits: str) -> str:
    right = with_right_check_digit(digits)
    if right != digits:
        raise refusal(
            "wrong_check_digit",
            N_("The check digit of GTIN %(number)s is wrong."),
            N_("Scan or type it again: with these digits it would end in %(digit)s (%(right)s)."),
            number=digits,
            right=right,
            digit=right[-1],
        )
    return digits


def _no_code() -> Invalid:
    return refusal(
        "no_code",
        N_("This is neither a code of a device nor a GTIN."),
        N_("Scan the code on the label, or type SKU or GTIN."),
    )
