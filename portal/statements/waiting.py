"""The work of the month close: which month is over, and which statements could not be issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.statements.rules import next_to_close
from portal.statements.vocabulary import StatementRight

_MONTHS = text(
    """
    SELECT a.period, a.state,
           CASE WHEN a.state = 'closing'
             THEN (SELECT count(*) FROM close_task t WHERE t.period = a.period AND t.state = 'failed') ELSE 0
           END AS failed
      FROM accounting_period a
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """The month to close, and statements that somebody has to look after."""
    if not actor.may(StatementRight.CLOSE) or actor.region_ids is not None:
        return
    months = session.execute(_MONTHS).all()
    period = next_to_close({month.period: month.state for month in months}, today)
    if period is not None:
        yield Waiting(N_("Month to close: %(period)s"), 1, "closing.index", params={"period": period})
    for month in months:
        label = N_("Statements of %(period)s that could not be issued")
        values = {"period": month.period}
        yield Waiting(label, month.failed, "closing.show", values, values, is_urgent=True)
