"""The work of non-conforming goods: what quality has to decide on, what somebody has to see destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.nonconforming.rules import ReportState
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM nonconforming_report
             WHERE state = 'reported' AND reported_by <> :actor LIMIT :most) met) AS to_decide,
           (SELECT count(*) FROM (SELECT FROM nonconforming_report
             WHERE state = 'to_destroy' AND decided_by <> :actor LIMIT :most) met) AS to_witness
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What another person has reported or decided."""
    if not (actor.may(QualityRight.DECIDE) or actor.may(NonconformingRight.REPORT)):
        return
    counts = session.execute(_COUNTS, {"actor": actor.key, "most": COUNTED_MAX + 1}).one()
    if actor.may(QualityRight.DECIDE):
        values = {"status": str(ReportState.REPORTED)}
        yield Waiting(N_("Goods for quality to decide on"), counts.to_decide, "nonconforming.index", values)
    values = {"status": str(ReportState.TO_DESTROY)}
    label = N_("Goods to be destroyed before a witness")
    yield Waiting(label, counts.to_witness, "nonconforming.index", values)
