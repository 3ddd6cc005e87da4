"""The event hash of the CBV 2.0: one fingerprint for one event, however it is written. Pure.

The same event as JSON-LD or XML, with its members and lists in any order, with words of the vocabulary bare
or in full and with EPCs as URN or Digital Link has the same hash; its identifier, the time it was recorded, a
comment and a declaration of error count for nothing. Equal to the reference implementation that GS1 names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from portal.epcis.digital_link_rules import canonical_link
from portal.epcis.term_rules import BARE, in_full, in_web_words, qualified

_VERSION = "?ver=CBV2.0"
_ALGORITHMS = MappingProxyType(
    {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512", "sha3-256": "sha3_256"}
)
_DIGITS_OF_FLOAT = 15
_LONG = re.compile(r"[+-]?[\d_]+\.?[\d_]*(?:[eE][+-]?\d+)?")
_NAMED = re.compile(r"ni:///([a-z0-9-]{1,20});([0-9a-fA-F]{1,128})\?ver=CBV2\.0(?:\.\d+)?")


@dataclass(slots=True)
class Part:
    """A member with its value and what is inside of it. is_pair: its parts stay in their order."""

    name: str
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    is_pair: bool = False


Order = tuple[tuple[str, "Order | None"], ...]


def _plain(*names: str) -> Order:
    return tuple((name, None) for name in names)


_EPC: Order = _plain("epc")
_QUANTITY: Order = (("quantityElement", _plain("epcClass", "quantity", "uom")),)
_PLACE: Order = _plain("id")
_METADATA = _plain(
    "time",
    "startTime",
    "endTime",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
)
_REPORT = _plain(
    *("type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time"),
    *("microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue"),
    *("hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"),
    *("uom", "coordinateReferenceSystem"),
)
_ORDER: Order = (
    *_plain("eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID"),
    ("epcList", _EPC),
    ("inputEPCList", _EPC),
    ("childEPCs", _EPC),
    ("quantityList", _QUANTITY),
    ("childQuantityList", _QUANTITY),
    ("inputQuantityList", _QUANTITY),
    ("outputEPCList", _EPC),
    ("outputQuantityList", _QUANTITY),
    *_plain("action", "transformationID", "bizStep", "disposition"),
    ("persistentDisposition", _plain("set", "unset")),
    ("readPoint", _PLACE),
    ("bizLocation", _PLACE),
    ("sensorElementList", (("sensorElement", (("sensorMetadata", _METADATA), ("sensorReport", _REPORT))),)),
)
"""The canonical order of properties. Transactions, sources, destinations, master data and extensions follow,
sorted."""

_UNHASHED = frozenset({"recordTime", "eventID", "type", "errorDeclaration", "@context"})
_COMMENTS = frozenset({"rdfs:comment", "comment"})
_PAIRS = MappingProxyType(
    {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
)
_ELEMENTS = MappingProxyType(
    {
        "epcList": "epc", "inputEPCList": "epc", "outputEPCList": "epc", "childEPCs": "epc",
        "quantityList": "quantityElement", "childQuantityList": "quantityElement",
        "inputQuantityList": "quantityElement", "outputQuantityList": "quantityElement",
        "sensorElementList": "sensorElement",
    }
)  # fmt: skip


def event_hash(event: Mapping[str, Any], prefixes: Mapping[str, str], algorithm: str = "sha-256") -> str:
    """The ``ni:`` address of an event as JSON-LD has it, whose extensions have these prefixes."""
    digest = hashlib.new(_ALGORITHMS[algorithm], pre_hash(event, prefixes).encode()).hexdigest()
    return f"ni:///{algorithm};{digest}{_VERSION}"


def declared_as_hashed(event_id: str, event: Mapping[str, Any], prefixes: Mapping[str, str]) -> bool:
    """Whether an identifier that says it is a hash is this event's; True for any other identifier."""
    if not event_id.startswith("ni:"):
        return True
    found = _NAMED.fullmatch(event_id)
    if found is None or found[1] not in _ALGORITHMS:
        return False
    return event_hash(event, prefixes, found[1]) == f"ni:///{found[1]};{found[2].lower()}{_VERSION}"


def pre_hash(event: Mapping[str, Any], prefixes: Mapping[str, str]) -> str:
    """The text that is hashed."""
    parts = _Reading(prefixes).parts_of(event, "")
    rest = [part for part in parts if part.name not in _UNHASHED]
    kind = qualified(str(event.get("type", "")), prefixes)
    return f"eventType={kind}" + _in_order(rest, _ORDER) + _in_any_order(rest)


class _Reading:
    """JSON-LD as parts, as XML would have them. Written with these prefixes."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes

    def parts_of(self, members: Mapping[str, Any], inside: str) -> list[Part]:
        found: list[Part] = []
        for name, value in members.items():
            if name in _COMMENTS or value is None or name == "#text":
                continue
            if name in _PAIRS and isinstance(value, list):
                if value:
                    found.append(Part(name, parts=[self._pair(name, entry) for entry in value]))
            elif name in _ELEMENTS and isinstance(value, list):
                entries = [self._part(_ELEMENTS[name], entry, name) for entry in value]
                found.append(Part(name, parts=entries))
            else:
                found += self._member(name, value, inside)
        return found

    def _member(self, name: str, value: Any, inside: str) -> Iterable[Part]:
        whole = qualified(name, self._prefixes)
        if not isinstance(value, list):
            return [self._part(whole, value, inside, name)]
        if whole.startswith("{") and whole.endswith("List"):
            entry = whole.removesuffix("List")
            return [Part(whole, parts=[self._part(entry, each, inside, name) for each in value])]
        return [self._part(whole, each, inside, name) for each in value]

    def _part(self, name: str, value: Any, inside: str, member: str = "") -> Part:
        if isinstance(value, dict):
            return Part(name, self._text(value.get("#text")), self.parts_of(value, member or inside))
        if isinstance(value, list):
            return Part(name, parts=[self._part("", each, inside, member) for each in value])
        text = self._text(value)
        begins = BARE.get((inside, member)) if member else None
        return Part(name, begins + text if begins and text and ":" not in text else text)

    def _pair(self, list_name: str, entry: Any) -> Part:
        """Type and value of one, in this order, however they stand."""
        if not isinstance(entry, dict):
            return Part("", self._text(entry))
        named = _PAIRS[list_name]
        order = [*(name for name in ("type", named) if name in entry)]
        order += sorted(name for name in entry if name not in ("type", named))
        parts = [self._part(qualified(name, self._prefixes), entry[name], list_name, name) for name in order]
        return Part("", parts=parts, is_pair=True)

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return in_full(str(value), self._prefixes).strip()


def _in_order(parts: list[Part], order: Order, *, is_nested: bool = False) -> str:
    """The parts that have a place in an order. They are taken out; what remains inside of them stays."""
    extensions = _extensions(parts) if is_nested and len(parts) > 1 else []
    said = []
    for name, inner in order:
        texts = []
        for part in [part for part in parts if part.name == name]:
            inside = _in_order(part.parts, inner, is_nested=True) if inner else ""
            if text := _value(part) + inside:
                texts.append(part.name + text)
            if not part.parts:
                parts.remove(part)
        said += sorted(texts)
    return "".join(said) + _in_any_order(extensions)


def _extensions(parts: list[Part]) -> list[Part]:
    """Members of others' inside of a standard one: they close it. As in the reference, by a namespace that
    ends with a slash."""
    found = [part for part in parts if "{" in part.name and "/}" in part.name]
    for part in found:
        parts.remove(part)
    return found


def _value(part: Part) -> str:
    if not part.text:
        return ""
    name = part.name.lower()
    if "time" in name and "offset" not in name:
        return "=" + _moment(part.text)
    return "=" + _canonical(part.text)


def _in_any_order(parts: Sequence[Part], *, is_pair: bool = False) -> str:
    texts = []
    for part in parts:
        value = "=" + _canonical(part.text) if part.text else ""
        texts.append(part.name + value + _in_any_order(part.parts, is_pair=part.is_pair))
    return "".join(texts if is_pair else sorted(texts))


def _canonical(text: str) -> str:
    value = _number(in_web_words(text))
    return canonical_link(value) or value


def _number(text: str) -> str:
    """A number without what says nothing: signs and zeros, and digits that a float does not hold. Any other
    text as it is."""
    try:
        number = float(text)
        return str(int(number) if number == int(number) else number)
    except (ValueError, OverflowError):
        return text


def long_numbers(event: Any) -> str:
    """The numbers of an event with more digits than its hash looks at; empty for nearly every event.

    The hash of the CBV takes ``111100001111000011110000`` and ``111100001111000011110001`` for one number.
    Two events that differ in nothing else have one hash, and are still two.
    """
    found = sorted(
        text for text in _values(event) if len(text) > _DIGITS_OF_FLOAT and _LONG.fullmatch(text.strip())
    )
    return " ".join(found)


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str | int):
        yield str(value)


def _moment(text: str) -> str:
    """A moment in UTC to the millisecond, half of one rounded up. What is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    try:
        moment = moment.astimezone(UTC)
        rounded = moment + timedelta(microseconds=500)
    except OverflowError:
        return text
    return f"{rounded:%Y-%m-%dT%H:%M:%S}.{rounded.microsecond // 1000:03d}Z"
