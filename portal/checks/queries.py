"""What the checks found, for the operators' page, and what is to be done next, for the schedule."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.vocabulary import AuditRight
from portal.checks import rules
from portal.checks.rules import Run
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Forbidden
from portal.ledger.vocabulary import LedgerRight

_COLUMNS = (
    "id, asked_at, asked_by, attempts, started_at, failed_at, last_error, finished_at, differences, results"
)
_BEGUN = text(
    f"SELECT {_COLUMNS} FROM check_run WHERE started_at IS NOT NULL"
    " ORDER BY started_at DESC, id DESC LIMIT :limit"
)
_FINISHED = text(
    f"SELECT {_COLUMNS} FROM check_run WHERE finished_at IS NOT NULL"
    " ORDER BY started_at DESC, id DESC LIMIT 1"
)
_WAITING = text(f"SELECT {_COLUMNS} FROM check_run WHERE started_at IS NULL ORDER BY id LIMIT 1")

READERS = (AuditRight.READ, LedgerRight.READ)


def require_reader(actor: Actor) -> None:
    """Raise Forbidden unless the actor may see what concerns every dealer.

    Auditors and finance, without a limit of regions.
    """
    actor.require(*READERS)
    if actor.region_ids is not None:
        raise Forbidden("every_region", N_("The checks cover all regions."))


def runs(session: Session, *, limit: int = 14) -> list[Run]:
    """The runs that were begun last, the very last one first."""
    return [_run(row) for row in session.execute(_BEGUN, {"limit": limit})]


def latest(session: Session) -> Run | None:
    """The run that was begun last."""
    return next(iter(runs(session, limit=1)), None)


def finished(session: Session) -> Run | None:
    """The last run that has a result."""
    return _run(row) if (row := session.execute(_FINISHED).first()) else None


def waiting(session: Session) -> Run | None:
    """The run that somebody asked for first of those that have not begun."""
    return _run(row) if (row := session.execute(_WAITING).first()) else None


def concerning(session: Session, *, actor: Actor) -> tuple[Run | None, Run | None]:
    """The run that was begun last and the last one that has a result.

    None for an actor who may not see them.
    """
    may_see = actor.region_ids is None and any(actor.may(right) for right in READERS)
    return (latest(session), finished(session)) if may_see else (None, None)


def _run(row: Record) -> Run:
    kept = dict(row._mapping)
    return Run(**kept | {"results": tuple(rules.result_of(result) for result in kept["results"] or ())})
