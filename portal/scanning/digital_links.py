"""GS1 Digital Links: addresses of anybody's that say a device's number, such as
``https://id.gs1.org/01/06901234510027/10/AB?17=280131``.

Read by biip. What it lets pass is decided here: an identifier said twice, of which it takes the last, and
identifiers of the path (lot, serial number) in the query, which the standard forbids.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from portal.kernel.errors import N_, Invalid
from portal.kernel.searching import GTIN_LENGTHS
from portal.scanning.element_strings import is_identifier, require_sound
from portal.scanning.rules import LOT, NUMBER, SERIAL, Element, refusal

_SCHEME = re.compile(r"(?:https?|HTTPS?)://")
_OF_ADDRESSES = re.compile(r"[!#-;=?-\[\]_a-z~]*")
_NUMBER = re.compile(r"/01/([^/]*)")
_OF_THE_PATH = frozenset({NUMBER, LOT, SERIAL, "22", "235"})


def is_address(text: str) -> bool:
    """Whether a text is the address of a page."""
    return re.match(r"https?://", text, re.IGNORECASE) is not None


def digital_link(text: str) -> tuple[Element, ...]:
    """Elements in a Digital Link. Raises Invalid."""
    if not (_SCHEME.match(text) and _OF_ADDRESSES.fullmatch(text)):
        raise _no_device()
    try:
        _require_sound(urlsplit(text))
        found = GS1DigitalLinkURI.parse(text).element_strings
    except (ParseError, ValueError):
        raise _no_device() from None
    return tuple(map(require_sound, found))


def _require_sound(address: SplitResult) -> None:
    number = _NUMBER.search(address.path)
    if number and len(number[1]) not in GTIN_LENGTHS:
        raise _no_device()
    named: set[str] = set()
    for pair in address.query.split("&"):
        name, assigned, value = pair.partition("=")
        if not (assigned and name.isdecimal()):
            continue
        if name in named or name in _OF_THE_PATH or not value or not is_identifier(name):
            raise refusal(
                "malformed_link",
                N_("%(name)s is no identifier that may stand there, once and with a value."),
                name=name,
            )
        named.add(name)


def _no_device() -> Invalid:
    return refusal("no_device_in_address", N_("This address names no device in the way GS1 prescribes."))
