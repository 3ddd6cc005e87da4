"""Whether an export of the audit is what was sealed, found out offline by someone who does not trust us.

Needs nothing of the portal: no settings, no database, no network. It reads a batch at a time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from portal.audit import merkle
from portal.audit.seals import Head, head_of

FORMAT = "tonglu-audit-1"
_BATCH = '{"batch":'
_EVENTS_MAX = 100_000  # no batch of ours has so many: what goes on without an end is not read on
_LINE_MAX = 2**24


class Forged(Exception):
    """What was found first, as one line."""


@dataclass(frozen=True, slots=True)
class Genuine:
    """What a genuine export holds. keys: public ones that signed it, in the order of their first use."""

    events: int
    batches: int
    first_at: str
    last_at: str
    root: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """An event as it stands in the file. place: its line, from 1."""

    place: int
    text: str

    @property
    def leaf(self) -> str:
        return merkle.leaf(self.text.encode("utf-8", "surrogateescape")).hex()

    def __str__(self) -> str:
        return f"{_event(self.text)}, line {self.place}"


@dataclass(slots=True)
class _State:
    """What is known up to a batch."""

    roots: set[str] = field(default_factory=set)
    keys: dict[str, None] = field(default_factory=dict)
    head: Head | None = None
    first_at: str = ""
    events: int = 0
    batches: int = 0
    last_event: str = ""


def verify(lines: Iterable[str], *, keys: Collection[str] = (), root: str = "") -> Genuine:
    """Read an export line by line. Raises Forged with the first thing that is not as it was sealed.

    keys: public keys one knows of, in hexadecimal; with none, any that fits its signatures is taken, and the
    answer names it. root: what a statement names, which has to be the digest of one of the batches.
    """
    numbered = enumerate((line.rstrip("\r\n") for line in lines), start=1)
    header = _header(next(numbered, (0, ""))[1])
    state, events = _State(), list[_Line]()
    for place, content in numbered:
        if content.startswith(_BATCH):
            _verify_batch(state, _batch(content, place), events, keys, header)
            events = []
        elif content:
            events.append(_Line(place, content))
        if len(events) > _EVENTS_MAX:
            raise Forged(f"altered: no batch ends within {_EVENTS_MAX} lines before line {place}")
    _verify_end(state, events, header, root)
    assert state.head is not None
    return Genuine(
        state.events,
        state.batches,
        state.first_at,
        state.head.last_at,
        state.head.digest(),
        tuple(state.keys),
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    place: int
    head: Head
    leaves: tuple[str, ...]
    signature: str

    def __str__(self) -> str:
        return f"batch {self.head.number}, events {self.head.after + 1} to {self.head.last}"


def _header(line: str) -> dict[str, Any]:
    header = _json(line)
    if not isinstance(header, dict) or header.get("audit") != FORMAT:
        raise Forged(f"no export of the audit: line 1 does not begin one of {FORMAT}")
    if not (isinstance(header.get("first"), int) and isinstance(header.get("last"), int)):
        raise Forged("altered: line 1 does not say which batches follow")
    return header


def _batch(line: str, place: int) -> _Batch:
    content = _json(line)
    try:
        head = head_of(content["batch"])
        leaves = tuple(content["leaves"])
        if not all(isinstance(one, str) for one in leaves):
            raise TypeError
        return _Batch(place, head, leaves, str(content["signature"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Forged(f"altered: line {place} is not the end of a batch any more") from None


def _verify_batch(
    state: _State, batch: _Batch, events: Sequence[_Line], keys: Collection[str], header: dict[str, Any]
) -> None:
    head = batch.head
    _verify_place(state, batch, header)
    if not head.is_signed_by(batch.signature):
        raise Forged(f"altered: {batch}: its head is not what was signed, line {batch.place}")
    if keys and head.key not in keys:
        raise Forged(f"signed by another key: {batch}: {head.key}, line {batch.place}")
    if merkle.root([_bytes(one, batch) for one in batch.leaves]).hex() != head.root:
        raise Forged(
            f"altered: {batch}: the hashes of its events are not those that were sealed, line {batch.place}"
        )
    _verify_events(batch, events)
    state.head, state.first_at = head, state.first_at or head.first_at
    state.events += len(events)
    state.batches += 1
    state.keys.setdefault(head.key)
    state.roots.add(head.digest())
    state.last_event = str(events[-1]) if events else state.last_event


def _verify_place(state: _State, batch: _Batch, header: dict[str, Any]) -> None:
    """Each batch follows the one before, from the first that the header names on."""
    head, before = batch.head, state.head
    expected = before.number + 1 if before else header["first"]
    if head.number > expected:
        first = f"after {state.last_event}" if before else "at the beginning"
        raise Forged(f"deleted: batches {expected} to {head.number - 1}, {first}")
    if head.number < expected:
        raise Forged(
            f"reordered or inserted: {batch} stands where batch {expected} belongs, line {batch.place}"
        )
    if before and (head.previous != before.digest() or head.after != before.last):
        raise Forged(f"altered: {batch} does not follow the batch {before.number} that stands before it")


def _verify_events(batch: _Batch, events: Sequence[_Line]) -> None:
    """Every event is in its place; names the first that is not, and what became of it."""
    found, sealed = [line.leaf for line in events], batch.leaves
    for place, (here, there) in enumerate(zip(found, sealed, strict=False)):
        if here != there:
            raise Forged(_what_happened(batch, events, found, place))
    if len(found) > len(sealed):
        raise Forged(f"inserted: {events[len(sealed)]}, at the end of batch {batch.head.number}")
    if len(found) < len(sealed):
        what = f"event {len(found) + 1} of {batch}"
        raise Forged(f"deleted: {what}, before line {batch.place}")
    if len(found) != batch.head.events:
        raise Forged(f"altered: {batch} says it holds {batch.head.events} events")


def _what_happened(batch: _Batch, events: Sequence[_Line], found: list[str], place: int) -> str:
    """Where line and seal part for the first time: what else is there tells why."""
    sealed, line = batch.leaves, events[place]
    missing, stranger = sealed[place] not in found, found[place] not in sealed
    if missing and stranger:
        return f"altered: {line}, in batch {batch.head.number}"
    if missing:
        return f"deleted: event {place + 1} of {batch}, before {line}"
    if stranger or found.count(found[place]) > 1:
        return f"inserted: {line}, in batch {batch.head.number}"
    return f"reordered: {line}, in batch {batch.head.number}"


def _verify_end(state: _State, events: Sequence[_Line], header: dict[str, Any], root: str) -> None:
    """The file ends with the last batch that the header names, and holds what somebody else was told."""
    end = f"after {state.last_event}" if state.last_event else "from the first event on"
    if events:
        raise Forged(f"cut off: the batch of {events[0]} has no end; whole are the events {end}")
    if state.head is None or state.head.number < header["last"]:
        first = state.head.number + 1 if state.head else header["first"]
        raise Forged(f"cut off: batches {first} to {header['last']}, {end}")
    if state.head.number > header["last"] or state.head.digest() != header.get("root"):
        raise Forged("altered: line 1 names another last batch than the one that stands at the end")
    if root and root not in state.roots:
        raise Forged(
            f"cut off or another history: no batch has the root {root}; the last event is {state.last_event}"
        )


def _event(line: str) -> str:
    """How an event is named: by its id, act and document, as far as they can be read."""
    content = _json(line)
    if not isinstance(content, dict):
        return "an event that cannot be read"
    return "event " + " ".join(_short(content.get(name)) for name in ("id", "action", "subject", "at"))


def _short(value: object) -> str:
    said = str(value)[:60]
    return said if said.isprintable() else ascii(said)


def _bytes(leaf: str, batch: _Batch) -> bytes:
    try:
        return bytes.fromhex(leaf)
    except ValueError:
        raise Forged(f"altered: {batch}: a hash of its events cannot be read, line {batch.place}") from None


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a file, whatever bytes it holds. Raises Forged for one that is endless."""
    while line := file.readline(_LINE_MAX):
        if len(line) == _LINE_MAX:
            raise Forged(f"no export of the audit: it has lines of more than {_LINE_MAX} bytes")
        yield line.decode("utf-8", "surrogateescape")
