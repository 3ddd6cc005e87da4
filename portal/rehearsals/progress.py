"""Where a rehearsal stands: taken up, told, finished. Whoever takes it up again begins anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import clock
from portal.rehearsals.perform import Asked, months_before

ERROR_MAX = 500


def take_up(session: Session, *, rehearsal_id: int, zone: ZoneInfo) -> Asked | None:
    """Begin, or begin anew after a killed worker; None when it has come to its end."""
    row = session.execute(_TAKE_UP, {"id": rehearsal_id}).one_or_none()
    if row is None:
        return None
    since = months_before(clock.business_date(row.asked_at, zone), row.months)
    return Asked(row.policy_id, row.revision, since)


def tell(session: Session, *, rehearsal_id: int, done: int, total: int) -> None:
    """How far it is, in order lines."""
    session.execute(_TELL, {"id": rehearsal_id, "done": min(done, total), "total": total})


def finish(session: Session, *, rehearsal_id: int, result: dict[str, Any], at: datetime) -> None:
    """Keep the result."""
    session.execute(_FINISH, {"id": rehearsal_id, "result": orjson.dumps(result).decode(), "at": at})


def fail(session: Session, *, rehearsal_id: int, error: str, at: datetime) -> None:
    """Say that it came to nothing, and why; another may be asked for."""
    session.execute(_FAIL, {"id": rehearsal_id, "error": error[:ERROR_MAX], "at": at})


_TAKE_UP = text(
    """
    UPDATE rehearsal SET state = 'running', done = 0, total = 0
     WHERE id = :id AND state IN ('waiting', 'running')
    RETURNING policy_id, revision, months, asked_at
    """
)
_TELL = text("UPDATE rehearsal SET done = :done, total = :total WHERE id = :id AND state = 'running'")
_FINISH = text(
    """
    UPDATE rehearsal SET state = 'done', result = CAST(:result AS jsonb), finished_at = :at, done = total
     WHERE id = :id AND state = 'running'
    """
)
_FAIL = text(
    "UPDATE rehearsal SET state = 'failed', error = :error, finished_at = :at"
    " WHERE id = :id AND state = 'running'"
)
