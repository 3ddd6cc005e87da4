"""GS1 element strings cut into their elements, by biip's table of application identifiers.

biip knows which identifiers there are, what each may hold, and the check digits of the numbers. What it lets
pass is decided here: a value longer than it may be, whose rest biip reads as another element; a value that
is empty; brackets with text around them; separators that were lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_element_strings import GS1ElementString

from portal.kernel.errors import N_, Invalid
from portal.scanning.rules import ASK_AGAIN, SEPARATORS_LOST, Element, refusal

FNC1 = "\x1d"
"""What a reader sends for the separator, the function character 1 of the symbol."""

READINGS_MAX = 6
"""How many readings of a code without separators are told."""

_TRIES_MAX = 4_000
"""Elements that are tried at most, some 80 ms; a label of a device takes fewer than 100."""

_BRACKETS = re.compile(r"\(([0-9]{2,4})\)\s*((?:[^(\\]|\\.)*)", re.DOTALL)

# Where a lost separator is looked for: what labels of devices carry beside and behind lot and serial number.
# Internal identifiers (90 to 99), variants and counts (20, 22, 30) are left out, since their two digits are
# in every other lot, and a question that is asked at every scan is answered without looking.
_BEHIND_LOST = ("01", "10", "11", "13", "15", "16", "17", "21", "240", "241", "7003", "8200")
_LOST_BEFORE = re.compile("|".join(f"(?={identifier})" for identifier in _BEHIND_LOST))


def element_string(text: str) -> tuple[Element, ...]:
    """Elements of what a reader sent, separated by FNC1 where their length is not fixed. Raises Invalid."""
    segments = text.removeprefix(FNC1).removesuffix(FNC1).split(FNC1)
    return tuple(element for segment in segments for element in _segment(segment))


def from_brackets(text: str) -> tuple[Element, ...]:
    """Elements as they are printed, each identifier in brackets. Raises Invalid."""
    found, end = [], 0
    for match in _BRACKETS.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        found.append(_alone(match[1], re.sub(r"\\(.)", r"\1", match[2].rstrip(" "))))
    if end != len(text):
        raise refusal(
            "malformed_brackets",
            N_("An identifier of two to four digits is expected in brackets, such as (01): %(part)s."),
            N_("Write a bracket that belongs to a lot or serial number with \\ before it."),
            part=text[end : end + 40],
        )
    return tuple(found)


def other_readings(text: str) -> list[tuple[Element, ...]]:
    """What a text could say besides, if it lost separators; empty if it has one, or needs none.

    At most `READINGS_MAX`. Raises Invalid for a text that was made to be tried for ever.
    """
    if FNC1 in text:
        return []
    try:
        as_it_stands = element_string(text)
    except Invalid:
        as_it_stands = ()
    possible = (
        reading
        for reading in _readings(text, frozenset(), iter(range(_TRIES_MAX)))
        if reading != as_it_stands
    )
    return list(islice(possible, READINGS_MAX))


def require_sound(found: GS1ElementString) -> Element:
    """An element of biip's whose numbers have the right check digits. Raises Invalid."""
    if found.gtin_error or found.gln_error or found.sscc_error:
        raise refusal(
            "wrong_check_digit",
            N_("The check digit of (%(identifier)s)%(number)s is wrong."),
            identifier=found.ai.ai,
            number=found.value,
        )
    if not found.value:
        raise _malformed(found.ai.ai, "")
    return Element(found.ai.ai, found.value)


def is_identifier(text: str) -> bool:
    """Whether a text is an application identifier."""
    try:
        return GS1ApplicationIdentifier.extract(text).ai == text
    except ParseError:
        return False


def _segment(text: str) -> Iterator[Element]:
    """Elements between two separators: all but the last have a length of their own."""
    if not text:
        raise refusal("empty_element", N_("Two separators follow each other, or nothing was read."))
    rest = text
    while rest:
        found = _first(rest)
        end = len(found.ai) + len(found.value)
        if rest[end:] and found.ai.separator_required:
            raise _malformed(found.ai.ai, rest[len(found.ai) :])
        yield Element(found.ai.ai, found.value)
        rest = rest[end:]


def _first(text: str) -> GS1ElementString:
    identifier = _identifier(text)
    if not text.isascii():
        raise _malformed(identifier, text[len(identifier) :])
    try:
        found = GS1ElementString.extract(text)
    except ParseError:
        raise _malformed(identifier, text[len(identifier) :]) from None
    require_sound(found)
    return found


def _alone(identifier: str, value: str) -> Element:
    """An element that ends where its value does."""
    if not is_identifier(identifier):
        raise _unknown(identifier)
    found = _first(identifier + value)
    if found.value != value:
        raise _malformed(identifier, value)
    return Element(identifier, value)


def _identifier(text: str) -> str:
    try:
        return GS1ApplicationIdentifier.extract(text).ai
    except ParseError:
        raise _unknown(text[:4]) from None


def _unknown(identifier: str) -> Invalid:
    message = N_("%(identifier)s is no application identifier of GS1.")
    return refusal("unknown_identifier", message, ASK_AGAIN, identifier=identifier)


def _malformed(identifier: str, value: str) -> Invalid:
    message = N_("(%(identifier)s) cannot be followed by %(value)s.")
    return refusal("malformed_element", message, ASK_AGAIN, identifier=identifier, value=value[:90])


def _readings(text: str, before: frozenset[str], tries: Iterator[int]) -> Iterator[tuple[Element, ...]]:
    """Every way to cut a text into elements, none of which it has twice."""
    try:
        identifier = GS1ApplicationIdentifier.extract(text)
    except ParseError:
        return
    if identifier.ai in before:
        return
    behind = len(identifier.ai)
    for end in _ends(text, behind):
        if next(tries, None) is None:
            raise refusal("separators_lost", SEPARATORS_LOST)
        try:
            element = _alone(identifier.ai, text[behind:end])
        except Invalid:
            continue
        if end == len(text):
            yield (element,)
        else:
            for rest in _readings(text[end:], before | {identifier.ai}, tries):
                yield (element, *rest)


def _ends(text: str, behind: int) -> Iterator[int]:
    """Where the first element of a text could end, the end of all first."""
    yield len(text)
    for match in _LOST_BEFORE.finditer(text, behind + 1):
        yield match.start()
