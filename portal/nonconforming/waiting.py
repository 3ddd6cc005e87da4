"""The work of non-conforming goods: what quality has to decide on, what somebody has to see destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.nonconforming.rules import ReportState
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight

_TO_DECIDE = text(
    """
    SELECT count(*) FROM (SELECT FROM nonconforming_report
                           WHERE state = 'reported' AND reported_by <> :actor LIMIT :most) met
    """
)
_TO_WITNESS = text(
    """
    SELECT count(*) FROM (SELECT FROM nonconforming_report
                           WHERE state = 'to_destroy' AND decided_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What another person has reported or decided."""
    if not (actor.may(QualityRight.DECIDE) or actor.may(NonconformingRight.REPORT)):
        return
    if actor.may(QualityRight.DECIDE):
        values = {"status": str(ReportState.REPORTED)}
        yield Tally(
            Waiting(N_("Goods for quality to decide on"), 0, "nonconforming.index", values), _TO_DECIDE
        )
    values = {"status": str(ReportState.TO_DESTROY)}
    label = N_("Goods to be destroyed before a witness")
    yield Tally(Waiting(label, 0, "nonconforming.index", values), _TO_WITNESS)
