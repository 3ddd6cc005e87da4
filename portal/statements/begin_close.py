"""Begin to close a month: nothing is posted in it any more, and every dealer is due a statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Forbidden
from portal.ledger import period_lock
from portal.statements import rules
from portal.statements.vocabulary import StatementAction, StatementRight


@dataclass(frozen=True, slots=True)
class Begun:
    """A closing under way, and for how many dealers."""

    period: str
    dealers: int


_TASKS = text("INSERT INTO close_task (dealer_id, period) SELECT id, :period FROM dealer ORDER BY id")


def begin_close(session: Session, *, actor: Actor, period: str, today: date, at: datetime) -> Begun:
    """Shut a period that is over; jobs then issue the statements (topic ``statements.close``).

    A posting under way is waited for and counts; one that comes later counts in the next month. Raises
    Invalid, Conflict when the month is not the next to close, Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    if actor.region_ids is not None:
        raise Forbidden("all_regions_needed", N_("A month is closed for all regions, and you see only some."))
    period_lock.shut_gate(session)
    rules.require_closable(period, period_lock.states(session), today)
    period_lock.set_closing(session, period=period, actor=actor, at=at)
    dealers = rows_changed(session, _TASKS, {"period": period})
    audit.record(
        session,
        StatementAction.PERIOD_CLOSING,
        period,
        actor=actor,
        dealer_id=None,
        after={"dealers": dealers},
    )
    outbox.add(session, "statements.close", dealer_id=None, period=period)
    return Begun(period, dealers)
