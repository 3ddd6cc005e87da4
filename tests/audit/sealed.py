"""A sealed audit made of nothing but values, and its export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit import merkle
from portal.audit.seal import head_over
from portal.audit.seals import Head
from portal.audit.signing import AuditKey
from portal.audit.verify import FORMAT

KEY = AuditKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ANOTHER_KEY = AuditKey(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
BEGUN = datetime(2026, 3, 1, 2, 3, 4, 5, UTC)


@dataclass(frozen=True)
class Event:
    id: int
    at: datetime
    line: str


@dataclass
class Sealed:
    """A batch that can be taken apart."""

    head: Head
    lines: list[str]
    leaves: list[str]
    signature: str

    def written(self) -> list[str]:
        end = {"batch": asdict(self.head), "leaves": self.leaves, "signature": self.signature}
        return [*self.lines, json.dumps(end)]


def event(number: int) -> Event:
    """An event as PostgreSQL would write it."""
    at = BEGUN + timedelta(minutes=number)
    line = {
        "at": at.isoformat(),
        "id": number,
        "after": {"total": f"{number}.50", "name": "苏北医疗"},
        "action": "order:placed",
        "subject": f"SO2603-{number:04d}",
    }
    return Event(number, at, json.dumps(line, ensure_ascii=False))


def batches_of(sizes: Sequence[int], key: AuditKey = KEY) -> list[Sealed]:
    """Batches of so many events each, one after the other."""
    made, after = list[Sealed](), 0
    for size in sizes:
        events = [event(after + place) for place in range(1, size + 1)]
        before = made[-1].head if made else None
        head = head_over(
            [merkle.leaf(one.line.encode()) for one in events],
            [one.at for one in events],
            after=after,
            last=after + size,
            previous=(before.number, bytes.fromhex(before.digest())) if before else None,
            key=key.public,
            at=events[-1].at + timedelta(minutes=1),
        )
        lines = [one.line for one in events]
        leaves = [merkle.leaf(one.encode()).hex() for one in lines]
        made.append(Sealed(head, lines, leaves, key.sign(head.content()).hex()))
        after += size
    return made


def export_of(batches: Sequence[Sealed]) -> list[str]:
    """The lines of an export of them."""
    first, last = batches[0].head, batches[-1].head
    header = {
        "audit": FORMAT,
        "exported_at": "2026-04-01T00:00:00+00:00",
        "first": first.number,
        "last": last.number,
        "root": last.digest(),
    }
    return [json.dumps(header), *(line for one in batches for line in one.written())]
