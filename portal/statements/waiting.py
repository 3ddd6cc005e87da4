"""Work with statements: the month to close and what could not be issued; what a dealer has to confirm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.ledger.vocabulary import LedgerRight
from portal.statements.fragments import ANSWERED
from portal.statements.rules import first_to_confirm, next_to_close
from portal.statements.vocabulary import StatementRight

_TO_DECIDE = text(
    """
    SELECT count(*) FROM (
      SELECT FROM statement_correction WHERE state = 'proposed' AND proposed_by <> :actor LIMIT :most) met
    """
)
_MONTHS = text(
    """
    SELECT a.period, a.state,
           CASE WHEN a.state = 'closing'
             THEN (SELECT count(*) FROM close_task t WHERE t.period = a.period AND t.state = 'failed') ELSE 0
           END AS failed
      FROM accounting_period a
    """
)

# A dealer has one a month: in its session they are few.
_UNCONFIRMED = text(
    f"""
    SELECT count(*)
      FROM (SELECT FROM statement s
              {ANSWERED}
             WHERE coalesce(a.state, 'issued') IN ('issued', 'resolved') AND s.period >= :first
             LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting | Tally]:
    """The month to close, and statements that somebody has to look after; a dealer's to confirm."""
    if not actor.is_staff:
        if actor.may(StatementRight.CONFIRM):
            asked = {"most": COUNTED_MAX + 1, "first": first_to_confirm(today)}
            count = session.execute(_UNCONFIRMED, asked).scalar_one()
            yield Waiting(N_("Statements to confirm"), count, "statements.index", {"status": "open"})
        return
    if actor.may(LedgerRight.APPROVE):
        waiting = Waiting(N_("Corrected statements to approve"), 0, "statement_corrections.index")
        yield Tally(waiting, _TO_DECIDE)
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
