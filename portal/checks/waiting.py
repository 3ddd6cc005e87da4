"""What operators have to look into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.checks.queries import concerning
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """A check that failed, and what the last one with a result found."""
    begun, finished = concerning(session, actor=actor)
    if begun is not None and begun.failed_at is not None:
        yield Waiting(N_("System check that failed"), 1, "checks.index", is_urgent=True)
    if finished is not None and finished.differences is not None:
        label = N_("Differences found by the last system check")
        yield Waiting(label, finished.differences, "checks.index", is_urgent=True)
