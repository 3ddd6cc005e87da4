"""What the checks found, for the operators' page, and what is to be done next, for the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.checks import rules
from portal.checks.rules import Result
from portal.kernel.errors import Forbidden, N_
from portal.kernel.actor import Actor
from portal.checks.vocabulary import CheckRight
from portal.ledger.vocabulary import LedgerRight


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was made. differences: how many are told in its results."""

    started_at: datetime
    finished_at: datetime
    asked_by: str
    differences: int
    results: tuple[Result, ...]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()


_RUNS = text(
    """
    SELECT started_at, finished_at, asked_by, differences, results FROM check_run
     WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT :limit
    """
)
_WAITING = text("SELECT id FROM check_run WHERE finished_at IS NULL ORDER BY id LIMIT 1")
_LAST = text("SELECT max(started_at) FROM check_run")


_READERS = (CheckRight.READ, LedgerRight.READ)


def require_reader(actor: Actor) -> None:
    """Raise Forbidden unless the actor may see what concerns every dealer: auditors and finance, without a limit of regions."""
    actor.require(*_READERS)
    if actor.region_ids is not None:
        raise Forbidden("every_region", N_("The checks cover all regions."))


def runs(session: Session, *, limit: int = 14) -> list[Run]:
    """The latest runs, the last one first."""
    return [_run(row) for row in session.execute(_RUNS, {"limit": limit})]


def last_run(session: Session, *, actor: Actor) -> Run | None:
    """The last run, if the actor may see it and there is one."""
    may_see = actor.region_ids is None and any(actor.may(right) for right in _READERS)
    return next(iter(runs(session, limit=1)), None) if may_see else None


def waiting(session: Session) -> int | None:
    """Id of a run that somebody asked for and that is not made yet."""
    return session.scalar(_WAITING)


def last_started(session: Session) -> datetime | None:
    """When the last run began."""
    return session.scalar(_LAST)


def _run(row: Row) -> Run:
    results = tuple(rules.result_of(kept) for kept in row.results)
    return Run(row.started_at, row.finished_at, row.asked_by, row.differences, results)
