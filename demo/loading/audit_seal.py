"""The audit of the past put into the order of time and sealed, day by day, as workers would have done it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice

import psycopg

from demo.world.business_days import local_date
from portal.audit import merkle
from portal.audit.lines import LINE
from portal.audit.seal import EVENTS_MAX, head_over, row_of
from portal.audit.seals import Head
from portal.audit.signing import AuditKey

_SOONEST = timedelta(minutes=1)

_EVENT = (
    "at, actor, actor_label, dealer_id, action, subject_kind, subject, request_id, address, before, after,"
    " reason, database_user, on_behalf_of"
)

# Parts write their acts one after the other; who reads them goes by time, and so do the ids of a portal that
# has lived.
_ORDERED = f"""
CREATE TEMPORARY TABLE told AS SELECT row_number() OVER (ORDER BY at, id) AS id, {_EVENT} FROM audit_event;
ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only;
TRUNCATE audit_event RESTART IDENTITY;
INSERT INTO audit_event (id, {_EVENT}) SELECT id, {_EVENT} FROM told ORDER BY id;
ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only;
DROP TABLE told;
SELECT setval(pg_get_serial_sequence('audit_event', 'id'), coalesce(max(id), 0) + 1, false) FROM audit_event;
"""

# Each statement tells the root that was the newest when it was issued.
_ON_PAPER = """
ALTER TABLE statement DISABLE TRIGGER USER;
UPDATE statement s
   SET snapshot = s.snapshot || jsonb_build_object('audit_root', encode(b.digest, 'hex'))
  FROM audit_batch b
 WHERE b.number = (SELECT max(o.number) FROM audit_batch o WHERE o.sealed_at <= s.issued_at);
ALTER TABLE statement ENABLE TRIGGER USER;
"""


def seal_history(connection: psycopg.Connection, key: AuditKey, now: datetime) -> None:
    """Seal every event there is, none later than a minute before `now`."""
    connection.execute(_ORDERED)
    last: Head | None = None
    with connection.cursor() as cursor:
        for events in _batches(connection):
            last = _seal(cursor, events, last, key, now)
    if last:
        connection.execute("UPDATE audit_horizon SET last = %s", [last.last])
    connection.execute(_ON_PAPER)
    connection.commit()
    connection.autocommit = True  # as VACUUM needs
    connection.execute("VACUUM ANALYZE audit_event, audit_batch, statement")


def _seal(
    cursor: psycopg.Cursor, events: list[tuple], before: Head | None, key: AuditKey, now: datetime
) -> Head:
    leaves = [merkle.leaf(line.encode()) for _, _, line in events]
    moments = [at for _, at, _ in events]
    head = head_over(
        leaves,
        moments,
        after=before.last if before else 0,
        last=events[-1][0],
        previous=(before.number, bytes.fromhex(before.digest())) if before else None,
        key=key.public,
        at=min(max(moments) + _SOONEST, now),
    )
    row = row_of(head, key.sign(head.content()), leaves)
    names = ", ".join(row)
    cursor.execute(
        f"INSERT INTO audit_batch ({names}) VALUES ({', '.join('%s' for _ in row)})", list(row.values())
    )
    return head


def _batches(connection: psycopg.Connection) -> Iterator[list[tuple]]:
    """The events of each day, `EVENTS_MAX` at most at once: id, moment, line."""
    with connection.cursor(name="events") as rows:  # of the large data there are millions
        rows.execute(f"SELECT e.id, e.at, {LINE} FROM audit_event e ORDER BY e.id")
        for _, of_day in groupby(rows, key=lambda row: local_date(row[1])):
            while batch := list(islice(of_day, EVENTS_MAX)):
                yield batch
