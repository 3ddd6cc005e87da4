"""What the parts of an Office file name that could run, or that its reader would fetch from elsewhere. Pure.

The parts are read as the XML that they are, so that quotes, entities and encodings hide nothing.
"""

from __future__ import annotations

import re

from portal.kernel.archives import TooMuch, parse

_ELEMENTS_MAX = 1_000_000
"""Of one part: more than the longest text has, and read within a second."""
_FIELD_MAX = 500  # characters of a field that are looked at
_PROGRAMS = re.compile(r"macroenabled|vbaproject|vbadata|macrosheet|activex|dialogsheet", re.IGNORECASE)
_DDE = re.compile(r"\s{0,100}DDE(?:AUTO)?\b", re.IGNORECASE)


def runs(name: str, content: bytes) -> bool:
    """Whether a part names what runs or is fetched.

    Raises TooMuch for more than is read, ValueError or ExpatError for what is no plain XML.
    """
    part = _Part(is_list=name.lower().endswith((".rels", "[content_types].xml")))
    parse(content, part.start, part.end, part.text)
    part.end_field()
    return part.is_found


class _Part:
    """is_list: of types or of what the parts refer to, where every value counts."""

    def __init__(self, *, is_list: bool) -> None:
        self.is_found = False
        self._is_list = is_list
        self._elements = 0
        self._field: list[str] = []
        self._length = 0
        self._reads = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _ELEMENTS_MAX:
            raise TooMuch(name)
        if self._is_list:
            self.is_found |= any(map(_PROGRAMS.search, attributes.values())) or _is_fetched(attributes)
        elif name == "instrText":
            self._reads = True
        elif name == "fldChar":
            self.end_field()
        elif name == "fldSimple":
            self.is_found |= any(map(_DDE.match, attributes.values()))
        elif name == "ddeLink":
            self.is_found = True

    def end(self, name: str) -> None:
        if name == "instrText":
            self._reads = False

    def text(self, text: str) -> None:
        """What a field says may be cut into any number of pieces."""
        if self._reads and self._length < _FIELD_MAX:
            self._field.append(text)
            self._length += len(text)

    def end_field(self) -> None:
        """Look at the field that was read."""
        self.is_found |= _DDE.match("".join(self._field)) is not None
        self._field, self._length = [], 0


def _is_fetched(attributes: dict[str, str]) -> bool:
    """A link that somebody follows stays; all else outside the file is fetched as it is opened."""
    if attributes.get("TargetMode", "").strip().casefold() != "external":
        return False
    return attributes.get("Type", "").rpartition("/")[2] != "hyperlink"
