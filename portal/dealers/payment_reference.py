"""The reference that a dealer writes on its transfers, and which matches them by itself. Pure.

``T``, the dealer's code, and a check character of ISO 7064 mod 37,36 over both: ``TD00017``. It catches every
single wrong character and nearly every swap, so that what somebody mistyped is nobody's reference rather than
another dealer's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_36

MARK = "T"
_PLAIN = re.compile(r"[0-9A-Z]+")
_BETWEEN = r"[\s\-_.]*"
_CANDIDATE = re.compile(rf"(?<![0-9A-Z]){MARK}{_BETWEEN}([0-9A-Z](?:{_BETWEEN}[0-9A-Z]){{2,23}})(?![0-9A-Z])")


def reference_of(code: str) -> str:
    """The reference of a dealer: ``TD00017`` of ``D0001``. Its marks and blanks do not count."""
    key = _key(code)
    return f"{MARK}{key}{mod_37_36.calc_check_digit(MARK + key)}" if key else ""


def grouped(reference: str) -> str:
    """In groups of four, as people read it out."""
    return " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))


def codes_in(text: str) -> Iterator[str]:
    """Keys of dealers whose reference stands in a text, checked; each once."""
    plain = unicodedata.normalize("NFKC", text).upper()
    seen: set[str] = set()
    for found in _CANDIDATE.finditer(plain):
        for said in _readings(found[0]):
            if mod_37_36.is_valid(said) and said[1:-1] not in seen:
                seen.add(said[1:-1])
                yield said[1:-1]
                break


def key_of(code: str) -> str:
    """A dealer's code as references hold it."""
    return _key(code)


def _readings(candidate: str) -> Iterator[str]:
    """What may be meant by characters with blanks between: all of them, or those before each blank."""
    pieces = re.split(r"[\s\-_.]+", candidate)
    for end in range(len(pieces), 0, -1):
        said = "".join(pieces[:end])
        if len(said) >= 4 and _PLAIN.fullmatch(said):
            yield said


def _key(code: str) -> str:
    return "".join(_PLAIN.findall(unicodedata.normalize("NFKC", code).upper()))
