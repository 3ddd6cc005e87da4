"""An event of EPCIS XML as JSON-LD says it. Pure.

One event in both forms is one event: what is kept, hashed and answered is the JSON-LD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from portal.epcis.term_rules import BARE, KNOWN, VOC, bare, sensor_words

XMLNS_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_EPCS = frozenset({"epcList", "childEPCs", "inputEPCList", "outputEPCList"})
_QUANTITIES = frozenset({"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"})
_PAIRS = MappingProxyType(
    {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
)
_WRAPPERS = frozenset({"extension", "baseExtension"})
"""Elements of EPCIS 1.x that say nothing but that a member came later."""
_NUMBERS = frozenset(
    {"quantity", "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"}
)
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(r"[+-]?[0-9]{0,30}\.?[0-9]{1,60}(?:[eE][+-]?[0-9]{1,2})?")
_COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"


@dataclass(slots=True)
class Element:
    """An element. name: with its namespace in braces, if it has one."""

    name: str
    attributes: Mapping[str, str]
    texts: list[str] = field(default_factory=list)
    parts: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says itself."""
        return "".join(self.texts).strip()


class Prefixes:
    """The prefixes by which names of a document's namespaces are written."""

    def __init__(self) -> None:
        self.declared: dict[str, str] = {}
        self._of: dict[str, str] = {space: prefix for prefix, space in KNOWN.items()}

    def declare(self, prefix: str | None, space: str) -> None:
        """An ``xmlns`` of the document; the first name of a namespace stays."""
        if not prefix or space in self._of or space == XMLNS_XSI:
            return
        name = prefix
        while name in KNOWN or self.declared.get(name, space) != space:
            name += "_"
        self.declared[name] = space
        self._of[space] = name

    def shortened(self, name: str) -> str:
        """The name of a member as JSON-LD writes it."""
        if not name.startswith("{"):
            return name
        space, _, local = name[1:].rpartition("}")
        if space not in self._of:
            self.declare("ns", space)
        return f"{self._of[space]}:{local}"

    def others(self, than: frozenset[str]) -> Prefixes:
        """The same namespaces, by other prefixes than some."""
        found = Prefixes()
        for prefix, space in self.declared.items():
            found.declare(f"{prefix}_" if prefix in than else prefix, space)
        return found


def event_of(element: Element, prefixes: Prefixes) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The event that an element of an ``EventList`` is, with the prefixes it is written by.

    A text of XML that happens to begin like a prefix is a text still; in JSON-LD it would be an address.
    """
    members = _Event(prefixes).members(element)
    met = frozenset(text.partition(":")[0] for text in _texts(members) if ":" in text)
    if not met.isdisjoint(prefixes.declared):
        prefixes = prefixes.others(met)
        members = _Event(prefixes).members(element)
    return {"type": prefixes.shortened(element.name)} | members, dict(prefixes.declared)


def _texts(value: Any) -> Iterator[str]:
    """The values of an event, without the names of its members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


class _Event:
    def __init__(self, prefixes: Prefixes) -> None:
        self._prefixes = prefixes
        self._forms: Mapping[str, Callable[[Element], Any]] = {
            **dict.fromkeys(_EPCS, self._texts),
            **dict.fromkeys(_QUANTITIES, self._quantities),
            **dict.fromkeys(_PAIRS, self._pairs),
            "readPoint": self._place,
            "bizLocation": self._place,
            "persistentDisposition": self._persistent,
            "sensorElementList": self._sensors,
            "ilmd": self._own,
            "errorDeclaration": self._error,
        }

    def members(self, event: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in _unwrapped(event):
            if part.name == _COMMENT:
                continue
            form = self._forms.get(part.name)
            if form is not None:
                _merge(found, part.name, form(part))
            elif part.name.startswith("{"):
                _add(found, self._prefixes.shortened(part.name), self._own(part))
            else:
                begins = BARE.get(("", part.name))
                _add(found, part.name, bare(part.text, begins) if begins else part.text)
        return found

    def _texts(self, part: Element) -> list[str]:
        return [one.text for one in part.parts]

    def _quantities(self, part: Element) -> list[dict[str, Any]]:
        return [
            {member.name: _typed(member.name, member.text) for member in _unwrapped(one)}
            for one in part.parts
        ]

    def _pairs(self, part: Element) -> list[dict[str, Any]]:
        return [self._pair(part.name, one) for one in part.parts]

    def _pair(self, list_name: str, one: Element) -> dict[str, Any]:
        kind = one.attributes.get("type")
        said = {} if kind is None else {"type": bare(kind, BARE[list_name, "type"])}
        return said | {_PAIRS[list_name]: one.text}

    def _place(self, part: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in _unwrapped(part):
            _add(found, self._prefixes.shortened(one.name), one.text if one.name == "id" else self._own(one))
        return found

    def _persistent(self, part: Element) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in part.parts:
            begins = BARE.get(("persistentDisposition", one.name), "")
            found.setdefault(one.name, []).append(bare(one.text, begins))
        return found

    def _sensors(self, part: Element) -> list[dict[str, Any]]:
        return [self._sensor(one) for one in part.parts]

    def _sensor(self, element: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in _unwrapped(element):
            if one.name == "sensorReport":
                found.setdefault("sensorReport", []).append(self._report(one))
            elif one.name == "sensorMetadata":
                found["sensorMetadata"] = self._report(one)
            else:
                _add(found, self._prefixes.shortened(one.name), self._own(one))
        return found

    def _report(self, one: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in one.attributes.items():
            begins = BARE.get((one.name, name))
            said = _word(value, begins) if begins else _typed(name, value)
            found[self._prefixes.shortened(name)] = said
        for part in one.parts:
            _add(found, self._prefixes.shortened(part.name), self._own(part))
        return found

    def _error(self, part: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in _unwrapped(part):
            if one.name == "correctiveEventIDs":
                found["correctiveEventIDs"] = self._texts(one)
            elif one.name == "reason":
                found["reason"] = bare(one.text, BARE["errorDeclaration", "reason"])
            else:
                _add(found, self._prefixes.shortened(one.name), self._own(one))
        return found

    def _own(self, part: Element) -> Any:
        """A member of others' making, with its attributes and whatever is inside of it."""
        attributes = {
            self._prefixes.shortened(name): value
            for name, value in part.attributes.items()
            if not name.startswith(f"{{{XMLNS_XSI}}}")
        }
        if not part.parts and not attributes and part.name != "ilmd":
            return part.text
        found: dict[str, Any] = dict(attributes)
        if part.text and not part.parts:
            found["#text"] = part.text
        for one in part.parts:
            _add(found, self._prefixes.shortened(one.name), self._own(one))
        return found


def _unwrapped(element: Element) -> list[Element]:
    found: list[Element] = []
    for part in element.parts:
        found += _unwrapped(part) if part.name in _WRAPPERS else [part]
    return found


def _word(value: str, begins: str) -> str:
    """A word of the vocabulary; one that it does not have keeps its prefix, as a schema of JSON asks."""
    word = bare(value, begins)
    return word if begins != VOC or ":" in word or word in sensor_words() else f"gs1:{word}"


def _merge(found: dict[str, Any], name: str, value: Any) -> None:
    """A list that stands twice is one list."""
    if isinstance(value, list) and isinstance(found.get(name), list):
        found[name] += value
    elif value != [] or name in _EPCS:
        found[name] = value


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    """What stands several times is a list."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _typed(name: str, text: str) -> Any:
    """A number or a truth of the standard's; any other text, and what is no number, as it is."""
    if name in _NUMBERS:
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text
    if name == "booleanValue" and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    return text
