"""What becomes of a captured document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.epcis.document_rules import Found
from portal.epcis.event_rules import Event, Schema, read_event
from portal.kernel.errors import Fault

SIZE_MAX = 128 * 2**20
"""Bytes of one document."""
FAULTS_TOLD = 100
"""Faults of one capture that are kept; all are counted."""
_EVENTS_AT_ONCE = 500
_BYTES_AT_ONCE = 4 * 2**20


class Behaviour(StrEnum):
    """What a fault of one event means for the others; the words of GS1."""

    ROLLBACK = "rollback"
    PROCEED = "proceed"


class CaptureState(StrEnum):
    """How far a capture is."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events one after the other. count: with those that have faults."""

    events: Sequence[Event]
    faults: Sequence[Fault]
    count: int
    refused: int


def batches(found: Iterable[Found], schema: Schema) -> Iterator[Batch]:
    """The events of a document in handfuls, of which each takes little room."""
    events: list[Event] = []
    faults: list[Fault] = []
    count = size = 0
    for one in found:
        event, its_faults = read_event(one, schema)
        count += 1
        size += one.size
        if event is None:
            faults += its_faults
        else:
            events.append(event)
        if count >= _EVENTS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield Batch(events, faults[:FAULTS_TOLD], count, count - len(events))
            events, faults, count, size = [], [], 0, 0
    if count:
        yield Batch(events, faults[:FAULTS_TOLD], count, count - len(events))


def state_of(*, captured: int, repeated: int, refused: int) -> CaptureState:
    """What a capture that went through all of its events came to."""
    if not refused:
        return CaptureState.DONE
    return CaptureState.PARTLY if captured or repeated else CaptureState.FAILED


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """A fault as it is kept."""
    return {
        "pointer": fault.pointer,
        "code": fault.code,
        "message": fault.message,
        "fix": fault.fix,
        "params": dict(fault.params),
    }


def fault_of_json(kept: Mapping[str, Any]) -> Fault:
    """A fault that was kept."""
    return Fault(kept["pointer"], kept["code"], kept["message"], kept["fix"], kept["params"])
