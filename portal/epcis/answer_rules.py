"""Events as the answer to a query, in JSON-LD. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from portal.epcis.term_rules import CONTEXT


def query_document(
    events: Iterable[tuple[Mapping[str, Any], Mapping[str, str]]], *, name: str, at: datetime
) -> dict[str, Any]:
    """Some events, each with its prefixes, as an EPCISQueryDocument.

    A prefix that two events use for two namespaces is declared beside each of them.
    """
    shown = list(events)
    common: dict[str, str] = {}
    for _, prefixes in shown:
        for prefix, space in prefixes.items():
            common.setdefault(prefix, space)
    return {
        "@context": [CONTEXT, common] if common else [CONTEXT],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": moment(at),
        "epcisBody": {
            "queryResults": {
                "queryName": name,
                "resultsBody": {"eventList": [_with_own(event, its, common) for event, its in shown]},
            }
        },
    }


def known_event(content: Mapping[str, Any], event_id: str, record_time: datetime) -> dict[str, Any]:
    """An event with the identifier it is known by and when it was recorded here."""
    return dict(content) | {"eventID": event_id, "recordTime": moment(record_time)}


def moment(at: datetime) -> str:
    """A moment as EPCIS writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _with_own(
    event: Mapping[str, Any], prefixes: Mapping[str, str], common: Mapping[str, str]
) -> Mapping[str, Any]:
    own = {prefix: space for prefix, space in prefixes.items() if common[prefix] != space}
    return {"@context": [own], **event} if own else event
