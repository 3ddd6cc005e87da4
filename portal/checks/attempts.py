"""Begin a run and, if it fails, say so.

In transactions of their own, so that an attempt is known whatever becomes of it.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.vocabulary import AuditRight
from portal.checks import queries, rules
from portal.checks.models import CheckRun
from portal.kernel.actor import Actor

ERROR_MAX = 500  # characters

_ALONE = text("SELECT pg_try_advisory_xact_lock(:key)")
_LOCK = 0x636865636B  # "check"
_GIVE_UP_FORSAKEN = text(
    "UPDATE check_run SET failed_at = :at"
    " WHERE started_at IS NOT NULL AND finished_at IS NULL AND failed_at IS NULL"
)
_BEGIN_AGAIN = text(
    "UPDATE check_run SET attempts = attempts + 1, started_at = :at, failed_at = NULL, last_error = NULL"
    " WHERE id = :id"
)


def take_lock(session: Session) -> bool:
    """Take the lock under which runs are made, until the transaction ends; False while another has it."""
    taken: bool = session.execute(_ALONE, {"key": _LOCK}).scalar_one()
    return taken


def begin_run(session: Session, *, actor: Actor, at: datetime, zone: tzinfo) -> int | None:
    """Begin what somebody asked for, what is to be tried again or what is due tonight.

    The id of the run, None if it is time for none.

    For whoever holds the lock under which runs are made: a run that is at work nevertheless has lost its
    process.
    """
    actor.require(AuditRight.READ)
    session.execute(_GIVE_UP_FORSAKEN, {"at": at})
    latest = queries.latest(session)
    run = queries.waiting(session) or latest
    if run is not None and rules.is_to_be_made(run, at):
        session.execute(_BEGIN_AGAIN, {"at": at, "id": run.id})
        return run.id
    if not rules.is_due(latest.started_at if latest else None, at, zone):
        return None
    tonight = insert(CheckRun).values(asked_at=at, asked_by=actor.label, attempts=1, started_at=at)
    return session.scalar(tonight.returning(CheckRun.id))


def fail_run(session: Session, *, actor: Actor, run_id: int, error: str, at: datetime) -> None:
    """Note why an attempt ended without a result."""
    actor.require(AuditRight.READ)
    unfinished = update(CheckRun).where(CheckRun.id == run_id, CheckRun.finished_at.is_(None))
    session.execute(unfinished.values(failed_at=at, last_error=error[:ERROR_MAX]))
