"""The sealed audit as lines of JSON, which anybody verifies without us (docs/audit.md has the format).

First a line that says what follows; then batch by batch its events, a line each as it was hashed, and behind
them the line of the batch: its head, the hashes of its events and the signature.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.lines import EVENTS
from portal.audit.seal import EVENTS_MAX, head_of_row
from portal.audit.verify import FORMAT

EXPORT_BATCHES_MAX = 200
"""Batches read at once."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which batches an export has. digest: of the last one; unsealed: events after it, not in any export."""

    first: int
    last: int
    digest: str
    unsealed: int


def extent(session: Session, *, since: datetime | None, until: datetime | None) -> Extent | None:
    """The batches with events from one moment on and before another; None when there are none.

    Batches are exported whole, since only whole ones can be verified.
    """
    found = session.execute(_EXTENT, {"since": since, "until": until}).one()
    if found.first is None:
        return None
    return Extent(found.first, found.last, found.digest.hex(), found.unsealed)


def export(session: Session, extent: Extent, *, at: datetime) -> Iterator[str]:
    """The lines of an export, without their ends."""
    header = {
        "audit": FORMAT,
        "exported_at": at.astimezone(UTC).isoformat(),
        "first": extent.first,
        "last": extent.last,
        "root": extent.digest,
    }
    yield json.dumps(header)
    for start in range(extent.first, extent.last + 1, EXPORT_BATCHES_MAX):
        span = {"first": start, "last": min(start + EXPORT_BATCHES_MAX - 1, extent.last)}
        for row in session.execute(_BATCHES, span).all():
            head = head_of_row(row)
            events = {"after": head.after, "last": head.last, "limit": EVENTS_MAX + 1}
            yield from (event.line for event in session.execute(EVENTS, events))
            yield json.dumps(
                {
                    "batch": asdict(head),
                    "leaves": [
                        row.leaves[place : place + 32].hex() for place in range(0, len(row.leaves), 32)
                    ],
                    "signature": row.signature.hex(),
                }
            )


_EXTENT = text(
    """
    SELECT min(b.number) AS first, max(b.number) AS last,
           (array_agg(b.digest ORDER BY b.number DESC))[1] AS digest,
           (SELECT count(*) FROM audit_event e
             WHERE e.id > (SELECT coalesce(max(l.last), 0) FROM audit_batch l)) AS unsealed
      FROM audit_batch b
     WHERE (CAST(:since AS timestamptz) IS NULL OR b.last_at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR b.first_at < :until)
    """
)

_BATCHES = text(
    """
    SELECT number, after, last, events, first_at, last_at, root, previous, sealed_at, key, signature, leaves
      FROM audit_batch WHERE number BETWEEN :first AND :last ORDER BY number
    """
)
