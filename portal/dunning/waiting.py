"""A run of letters that somebody has to review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dunning.rules import RunState
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight

_WAITING = text("SELECT count(*) FROM dunning_run WHERE state = 'proposed'")


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """The run that waits, at most one."""
    if actor.is_staff and actor.may(LedgerRight.POST) and actor.region_ids is None:
        label, status = N_("Runs of dunning letters to review"), {"status": str(RunState.PROPOSED)}
        yield Tally(Waiting(label, 0, "dunning.index", status), _WAITING)
