"""The work of non-conforming goods: what quality has to decide on, what somebody has to see destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.nonconforming.rules import ReportState
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight

_TO_DECIDE = text(
    "SELECT count(*) FROM nonconforming_report WHERE state = 'reported' AND reported_by <> :actor"
)
_TO_WITNESS = text(
    "SELECT count(*) FROM nonconforming_report WHERE state = 'to_destroy' AND decided_by <> :actor"
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What another person has reported or decided."""
    if actor.may(QualityRight.DECIDE):
        count = session.execute(_TO_DECIDE, {"actor": actor.key}).scalar_one()
        values = {"status": str(ReportState.REPORTED)}
        yield Waiting(N_("Goods for quality to decide on"), count, "nonconforming.index", values)
    if actor.may(QualityRight.DECIDE) or actor.may(NonconformingRight.REPORT):
        count = session.execute(_TO_WITNESS, {"actor": actor.key}).scalar_one()
        values = {"status": str(ReportState.TO_DESTROY)}
        yield Waiting(N_("Goods to be destroyed before a witness"), count, "nonconforming.index", values)
