"""Documents of EPCIS that tests send."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from portal.epcis.document_rules import Found, Outline, events, outline
from portal.epcis.term_rules import CONTEXT

REFERENCE = Path(__file__).with_name("reference")
EXAMPLE = {"example": "https://ns.example.com/epcis/"}


def an_event(**members: Any) -> dict[str, Any]:
    """A shipment of one serial number."""
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-11-02T09:30:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    } | members


def a_document(*captured: dict[str, Any], context: Any = None, **members: Any) -> bytes:
    """A document with some events."""
    whole = {
        "@context": [CONTEXT, EXAMPLE] if context is None else context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-02T10:00:00Z",
        "epcisBody": {"eventList": list(captured)},
    }
    return json.dumps(whole | members, ensure_ascii=False).encode()


def in_pieces(content: bytes, size: int) -> list[bytes]:
    """A document as it comes through the network."""
    return [content[at : at + size] for at in range(0, len(content), size)]


def read(content: bytes, *, is_xml: bool = False, size: int = 4096) -> tuple[Outline, list[Found]]:
    """What a document says of itself, and its events."""
    pieces = in_pieces(content, size)
    whole = outline(lambda: pieces, is_xml=is_xml)
    found = [] if whole.faults else list(events(lambda: pieces, whole, is_xml=is_xml))
    return whole, found


def reference_files() -> Iterable[Path]:
    """The events with reference hashes."""
    return sorted(path for path in REFERENCE.iterdir() if path.suffix in (".jsonld", ".xml"))
