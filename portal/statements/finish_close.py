"""A month is closed when every dealer has its statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.ledger import period_lock
from portal.statements.vocabulary import StatementAction, StatementRight

# The row lock lets one transaction win; the others find the period closed. A task that is being worked on
# still counts as waiting for everybody else, so the last one to commit finds none.
_CLOSE = text(
    f"{period_lock.CLOSE} AND NOT EXISTS (SELECT FROM close_task WHERE period = :period AND state <> 'done')"
)


def finish_close(session: Session, *, actor: Actor, period: str, at: datetime) -> bool:
    """Close a period for which no statement waits or failed; whether this call was the one that closed it.

    Call it in a transaction of its own, after the last statement is committed. Raises Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    if rows_changed(session, _CLOSE, {"period": period, "at": at}) == 0:
        return False
    audit.record(session, StatementAction.PERIOD_CLOSED, period, actor=actor, dealer_id=None)
    outbox.add(session, "statements.papers", dealer_id=None, period=period)
    return True
