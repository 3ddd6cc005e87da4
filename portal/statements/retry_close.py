"""Try the statements again that could not be issued, once their cause is removed."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Conflict
from portal.statements.vocabulary import StatementAction, StatementRight

_RETRY = text(
    "UPDATE close_task SET state = 'waiting', attempts = 0 WHERE period = :period AND state = 'failed'"
)


def retry_close(session: Session, *, actor: Actor, period: str) -> int:
    """Let every failed statement of a closing wait again; how many.

    Raises Conflict when none failed, Forbidden.
    """
    actor.require(StatementRight.CLOSE)
    count = rows_changed(session, _RETRY, {"period": period})
    if not count:
        raise Conflict("nothing_failed", N_("No statement of %(period)s has failed."), period=period)
    audit.record(
        session,
        StatementAction.PERIOD_RETRIED,
        period,
        actor=actor,
        dealer_id=None,
        after={"statements": count},
    )
    outbox.add(session, "statements.close", dealer_id=None, period=period)
    return count
