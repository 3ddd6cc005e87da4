"""The events of an EPCIS document in XML, one after the other, as its bytes come. Pure.

A document type is refused before anything of it is read, so that nothing is expanded or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from portal.epcis.json_rules import DEPTH_MAX, EVENT_MAX, too_deep, too_large
from portal.epcis.term_rules import EVENT_TYPES
from portal.epcis.xml_rules import Element, Prefixes, event_of
from portal.kernel.errors import N_, Fault, Unreadable

_ROOTS = frozenset({"EPCISDocument", "EPCISQueryDocument", *EVENT_TYPES})
_LIST = "EventList"
_VERSIONS = re.compile(r"[12]\.\d")
XmlEvent = tuple[dict[str, Any], Mapping[str, str], int]
"""An event as JSON-LD says it, the prefixes it is written by, and about how many bytes it takes."""


class XmlEvents:
    """Iterates over the events as JSON-LD says them. prefixes, ignored, faults: what the document says of
    itself, whole at the end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.prefixes = Prefixes()
        self.ignored: list[str] = []
        self._names: list[str] = []
        self._event: list[Element] = []
        self._size = 0
        self._root: str | None = None
        self._version = ""
        self._found: list[XmlEvent] = []
        self._has_list = False
        self._parser = self._made()

    def _made(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartNamespaceDeclHandler = self.prefixes.declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        return parser

    def __iter__(self) -> Iterator[XmlEvent]:
        """The events. Raises Unreadable."""
        for chunk in self._chunks:
            self._parse(chunk, is_last=False)
            yield from self._taken()
        self._parse(b"", is_last=True)
        yield from self._taken()

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the document around its events."""
        if self._root not in _ROOTS:
            message = N_("This is neither an EPCISDocument nor an EPCISQueryDocument nor an event.")
            yield Fault("", "not_a_document", message, N_("Send one of the three."))
        elif not self._has_list:
            message = N_("The document has no list of events.")
            yield Fault("", "no_events", message, N_("Send its events in an EventList."))
        elif self._version and not _VERSIONS.match(self._version):
            message = N_("The version %(version)s of EPCIS is not known here.")
            fix = N_("Send schemaVersion 2.0.")
            yield Fault("", "unknown_version", message, fix, {"version": self._version[:20]})

    def _parse(self, chunk: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as error:
            message = N_("Line %(line)s: the XML breaks off or is damaged.")
            raise Unreadable(
                "broken_xml", message, fix=N_("Let a library write it."), line=error.lineno
            ) from None

    def _taken(self) -> list[XmlEvent]:
        found, self._found = self._found, []
        return found

    def _refuse_doctype(self, *_: object) -> None:
        message = N_("Line %(line)s: the file declares a document type, as no document of this kind does.")
        raise Unreadable("document_type", message, line=self._parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if self._root is None:
            self._root, self._version = local, attributes.get("schemaVersion", "")
        if len(self._names) + len(self._event) >= DEPTH_MAX:
            raise too_deep()
        if self._event or self._is_event(local):
            self._has_list = True
            self._grow(len(name) + sum(map(len, attributes.values())))
            element = Element(_braced(name), {_braced(key): value for key, value in attributes.items()})
            if self._event:
                self._event[-1].parts.append(element)
            self._event.append(element)
            return
        if local == _LIST:
            self._has_list = True
        if self._names and self._names[-1] == "ignoreFields":
            self.ignored.append(_braced(name))
        self._names.append(local)

    def _is_event(self, local: str) -> bool:
        """Whether an element begins an event: any in the list, but for what only wraps one."""
        inside = [name for name in self._names if name != "extension"]
        if not inside:
            return local in EVENT_TYPES and not self._names
        return inside[-1] == _LIST and local != "extension"

    def _end(self, _name: str) -> None:
        if not self._event:
            self._names.pop()
            return
        element = self._event.pop()
        if not self._event:
            self._found.append((*event_of(element, self.prefixes), self._size))
            self._size = 0

    def _text(self, said: str) -> None:
        if self._event:
            self._grow(len(said))
            self._event[-1].texts.append(said)

    def _grow(self, size: int) -> None:
        self._size += size + 64
        if self._size > EVENT_MAX:
            raise too_large()


def _braced(name: str) -> str:
    """A name as expat gives it, its namespace in braces."""
    space, blank, local = name.rpartition(" ")
    return f"{{{space}}}{local}" if blank else local
