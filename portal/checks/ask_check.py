"""Have the checks made soon, without waiting for the night."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.checks.models import CheckRun
from portal.checks.queries import require_reader, waiting
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict


def ask_check(session: Session, *, actor: Actor, at: datetime) -> None:
    """Leave the wish for the schedule. Raises Conflict when one waits already, Forbidden."""
    require_reader(actor)
    if waiting(session) is not None:
        raise Conflict("check_waiting", N_("A check is asked for already and begins within a minute."))
    session.execute(insert(CheckRun).values(asked_at=at, asked_by=actor.label))
