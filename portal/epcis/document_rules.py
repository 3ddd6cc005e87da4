"""An EPCIS document read as it comes, event by event: however large it is, one event is held. Pure.

It is gone through twice: once to see that it is whole, what it says of itself and how many events it has,
then for its events. Depth, the size of one event and of what stands around the list are bounded; a document
type of XML is refused, so that nothing is expanded or fetched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from portal.epcis.json_rules import JsonEvents
from portal.epcis.term_rules import EVENT_TYPES, prefixes_of, qualified
from portal.epcis.xml_events_rules import XmlEvents
from portal.kernel.errors import N_, Fault

Chunks = Callable[[], Iterable[bytes]]
"""The bytes of a document, from its beginning each time it is called."""

BODY = "/epcisBody/eventList"
_TYPES = frozenset({"EPCISDocument", "EPCISQueryDocument"})


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document says of itself, and how many events it has. ignored: members that do not count."""

    count: int
    pointer: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    head: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An event at its place, or why it cannot be read. size: about how many bytes it takes."""

    pointer: str
    event: dict[str, Any]
    prefixes: Mapping[str, str]
    size: int
    faults: tuple[Fault, ...] = ()


def outline(chunks: Chunks, *, is_xml: bool) -> Outline:
    """Go through a whole document. Raises Unreadable for one that is not whole, too deep or too large."""
    return _outline_of_xml(chunks) if is_xml else _outline_of_json(chunks)


def events(chunks: Chunks, of: Outline, *, is_xml: bool) -> Iterator[Found]:
    """The events of a document that was gone through."""
    return _events_of_xml(chunks, of) if is_xml else _events_of_json(chunks, of)


def _outline_of_json(chunks: Chunks) -> Outline:
    scan = JsonEvents(chunks())
    count = sum(1 for _ in scan)
    faults: list[Fault] = []
    head = read_object(scan.head, "", faults)
    if faults:
        return Outline(count, scan.pointer, faults=tuple(faults))
    prefixes = prefixes_of(head.get("@context"), "/@context", faults)
    body = head.get("epcisBody")
    single = _single(head, body)
    if single is not None:
        return Outline(1, single, prefixes, _ignored(head, prefixes), head, tuple(faults))
    faults += _head_faults(head, scan.pointer)
    results = body.get("queryResults") if isinstance(body, dict) else None
    ignored = _ignored(head, prefixes) | _ignored(results, prefixes)
    return Outline(count, scan.pointer, prefixes, ignored, head, tuple(faults))


def _single(head: Mapping[str, Any], body: Any) -> str | None:
    """Where the only event of a document stands: it is the document, or its body has one and no list."""
    if "eventTime" in head or head.get("type") in EVENT_TYPES:
        return ""
    return "/epcisBody/event" if isinstance(body, dict) and isinstance(body.get("event"), dict) else None


def _head_faults(head: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    if head.get("type") not in _TYPES:
        message = N_("This is neither an EPCISDocument nor an EPCISQueryDocument nor an event.")
        yield Fault("/type", "not_a_document", message, N_("Send one of the three."))
    elif not pointer:
        message = N_("The document has no list of events.")
        yield Fault(BODY, "no_events", message, N_("Send its events in epcisBody.eventList."))
    elif "@context" not in head:
        message = N_("The document has no context.")
        yield Fault("/@context", "no_context", message, N_("Send the context of EPCIS 2.0."))
    elif not str(head.get("schemaVersion", "2.0")).startswith("2."):
        message = N_("JSON-LD of EPCIS begins with version 2.0.")
        yield Fault("/schemaVersion", "unknown_version", message, N_("Send schemaVersion 2.0."))


def _ignored(holder: Any, prefixes: Mapping[str, str]) -> frozenset[str]:
    """Names of members that a repository asks to leave out, with their namespaces."""
    if not isinstance(holder, dict):
        return frozenset()
    named = (value for name, value in holder.items() if name.endswith(":ignoreFields"))
    return frozenset(
        qualified(one, prefixes)
        for value in named
        if isinstance(value, list)
        for one in value
        if isinstance(one, str)
    )


def _events_of_json(chunks: Chunks, of: Outline) -> Iterator[Found]:
    if not of.pointer.endswith("List"):
        event = of.head if of.pointer == "" else of.head["epcisBody"]["event"]
        yield _found(dict(event), of.pointer, of, [], 0)
        return
    for place, data in enumerate(JsonEvents(chunks())):
        pointer = f"{of.pointer}/{place}"
        faults: list[Fault] = []
        yield _found(read_object(data, pointer, faults), pointer, of, faults, len(data))


def _found(event: dict[str, Any], pointer: str, of: Outline, faults: list[Fault], size: int) -> Found:
    prefixes = of.prefixes
    if "@context" in event:
        own = event.pop("@context")
        if pointer:
            prefixes = {**prefixes, **prefixes_of(own, f"{pointer}/@context", faults)}
    return Found(pointer, _without(event, of.ignored, prefixes), prefixes, size, tuple(faults))


def _outline_of_xml(chunks: Chunks) -> Outline:
    scan = XmlEvents(chunks())
    count = sum(1 for _ in scan)
    return Outline(count, BODY, scan.prefixes.declared, frozenset(scan.ignored), faults=tuple(scan.faults()))


def _events_of_xml(chunks: Chunks, of: Outline) -> Iterator[Found]:
    scan = XmlEvents(chunks())
    for place, (event, prefixes, size) in enumerate(scan):
        yield Found(f"{BODY}/{place}", _without(event, of.ignored, prefixes), prefixes, size)


def _without(event: dict[str, Any], ignored: frozenset[str], prefixes: Mapping[str, str]) -> dict[str, Any]:
    if not ignored:
        return event
    return {name: value for name, value in event.items() if qualified(name, prefixes) not in ignored}


def read_object(data: bytes, pointer: str, faults: list[Fault]) -> dict[str, Any]:
    """A JSON object, as strictly as RFC 8259 allows; what is wrong with it joins the faults."""
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return found

    try:
        value = json.loads(data, object_pairs_hook=members, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        message = N_("This is no JSON in UTF-8 that can be read.")
        faults.append(Fault(pointer, "not_json", message, N_("Let a library write it.")))
        return {}
    if repeated:
        message = N_("The member %(key)s appears twice in one object.")
        key = repeated[0][:64].encode(errors="replace").decode()
        faults.append(Fault(pointer, "repeated_member", message, N_("Send every member once."), {"key": key}))
    if not isinstance(value, dict):
        faults.append(Fault(pointer, "not_an_object", N_("An object is expected here.")))
        return {}
    if b"\\u" in data and not _can_be_kept(value):
        message = N_("A text holds a character that is none: half of a pair, or zero.")
        faults.append(Fault(pointer, "no_character", message, N_("Let a library write it.")))
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(said: str) -> float:
    number = float(said)
    if not isfinite(number):
        raise ValueError(said)
    return number


def _can_be_kept(value: Any) -> bool:
    """Whether every text of a value is UTF-8 without zero, as the database keeps it."""
    try:
        return b"\x00" not in "".join(_texts(value)).encode()
    except UnicodeEncodeError:
        return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
