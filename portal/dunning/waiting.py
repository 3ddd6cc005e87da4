"""A run of letters that somebody has to review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dunning.rules import RunState
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.ledger.vocabulary import LedgerRight

_WAITING = text("SELECT count(*) FROM dunning_run WHERE state = 'proposed'")


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """The run that waits, at most one."""
    if actor.is_staff and actor.may(LedgerRight.POST) and actor.region_ids is None:
        count = session.execute(_WAITING).scalar_one()
        status = {"status": str(RunState.PROPOSED)}
        yield Waiting(N_("Runs of dunning letters to review"), count, "dunning.index", status)
