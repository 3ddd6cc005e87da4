"""Tell finance, once, that a month is over and can be closed. A person closes it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.ledger import period_lock
from portal.notifications.tell import announce
from portal.statements import rules
from portal.statements.vocabulary import StatementRight

PROPOSED = "close.proposed"


def propose_close(session: Session, *, actor: Actor, today: date, at: datetime) -> str | None:
    """The month that finance was told of now; None where there is none, or it was told before."""
    actor.require(StatementRight.CLOSE)
    period = rules.next_to_close(period_lock.states(session), today)
    if period is None or not rows_changed(session, _PROPOSE, {"period": period, "at": at}):
        return None
    announce(session, event=PROPOSED, dealer_id=None, path="/hq/closes", facts={"period": period})
    return period


_PROPOSE = text(
    "INSERT INTO close_proposal (period, proposed_at) VALUES (:period, :at) ON CONFLICT DO NOTHING"
)
