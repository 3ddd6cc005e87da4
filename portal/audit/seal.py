"""Seal events into batches: hashed, chained to the batch before, signed. No act ever waits for it.

Ids are drawn before transactions end, so a lower id may appear after a higher one was read. Therefore the
last id drawn is noted first, and what lies below it is sealed once every transaction that had begun to write
by then has ended. Two transactions: the one that notes may not have a number before it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit import merkle
from portal.audit.lines import EVENTS
from portal.audit.models import AuditBatch
from portal.audit.seals import FIRST_PREVIOUS, Head
from portal.audit.signing import AuditKey
from portal.kernel.actor import Actor
from portal.kernel.db import Record, rows_changed
from portal.kernel.errors import Forbidden

EVENTS_MAX = 1000
"""How many events a batch holds at most."""

Sign = Callable[[bytes], bytes]


def note_horizon(session: Session) -> bool:
    """Note the last id that was drawn, for the next `seal_batch`; False while the one before is not sealed.

    The session must not have written anything yet.
    """
    last = session.execute(_DRAWN).scalar_one()
    return rows_changed(session, _NOTE, {"last": last}) == 1


def seal_batch(session: Session, *, actor: Actor, key: AuditKey, at: datetime) -> Head | None:
    """Seal the next events, `EVENTS_MAX` at most; None when none are complete, or somebody else seals.

    Raises Forbidden for whoever does not see every dealer.
    """
    if not actor.is_staff or actor.region_ids is not None:
        raise Forbidden()
    if (upto := session.execute(_COMPLETE).scalar()) is None:
        return None
    latest = session.execute(_LATEST).first()
    after = latest.last if latest else 0
    span = {"after": after, "last": upto, "limit": EVENTS_MAX}
    if not (rows := session.execute(EVENTS, span).all()):
        return None
    last = rows[-1].id if len(rows) == EVENTS_MAX else upto
    leaves = [merkle.leaf(row.line.encode()) for row in rows]
    head = head_over(
        leaves,
        [row.at for row in rows],
        after=after,
        last=last,
        previous=latest and (latest.number, latest.digest),
        key=key.public,
        at=at,
    )
    session.execute(insert(AuditBatch).values(row_of(head, key.sign(head.content()), leaves)))
    return head


def head_over(
    leaves: Sequence[bytes],
    moments: Sequence[datetime],
    *,
    after: int,
    last: int,
    previous: tuple[int, bytes] | None,
    key: str,
    at: datetime,
) -> Head:
    """The head of a batch of events.

    leaves, moments: of its events in the order of their ids. previous: number and digest of the last batch.
    """
    return Head(
        number=previous[0] + 1 if previous else 1,
        after=after,
        last=last,
        events=len(leaves),
        first_at=_written(min(moments)),
        last_at=_written(max(moments)),
        root=merkle.root(leaves).hex(),
        previous=previous[1].hex() if previous else FIRST_PREVIOUS,
        sealed_at=_written(at),
        key=key,
    )


def row_of(head: Head, signature: bytes, leaves: Sequence[bytes]) -> dict[str, Any]:
    """The columns of a batch."""
    columns = asdict(head)
    for name in ("root", "previous", "key"):
        columns[name] = bytes.fromhex(columns[name])
    for name in ("first_at", "last_at", "sealed_at"):
        columns[name] = datetime.fromisoformat(columns[name])
    digest = bytes.fromhex(head.digest())
    return columns | {"signature": signature, "digest": digest, "leaves": b"".join(leaves)}


def head_of_row(row: Record) -> Head:
    """The head as it was signed, of a row of `audit_batch`."""
    return Head(
        number=row.number,
        after=row.after,
        last=row.last,
        events=row.events,
        first_at=_written(row.first_at),
        last_at=_written(row.last_at),
        root=row.root.hex(),
        previous=row.previous.hex(),
        sealed_at=_written(row.sealed_at),
        key=row.key.hex(),
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_DRAWN = text("SELECT coalesce(pg_sequence_last_value('audit_event_id_seq'), 0)")

_ENDED = """
(h.transaction <= CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
 OR h.cluster <> (SELECT system_identifier FROM pg_control_system()))
"""

# Once everything up to the horizon is sealed; one that is not yet reached stays, or it would never be.
_NOTE = text(
    f"""
    UPDATE audit_horizon h
       SET last = :last, transaction = CAST(CAST(pg_current_xact_id() AS text) AS bigint),
           cluster = (SELECT system_identifier FROM pg_control_system())
     WHERE {_ENDED}
       AND NOT EXISTS (SELECT FROM audit_event e
                        WHERE e.id > (SELECT coalesce(max(b.last), 0) FROM audit_batch b) AND e.id <= h.last)
    """
)

_COMPLETE = text(f"SELECT h.last FROM audit_horizon h WHERE {_ENDED} FOR UPDATE SKIP LOCKED")

_LATEST = text("SELECT number, last, digest FROM audit_batch ORDER BY number DESC LIMIT 1")
