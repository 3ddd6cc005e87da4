"""What time brings about: clauses that confirm statements, and a month that is over."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError, Unavailable
from portal.statements.clause import carry_out_clause, due_by_clause
from portal.statements.document import InconsistentStatement
from portal.statements.propose_close import propose_close

_log = structlog.get_logger("jobs.clauses")


def carry_out() -> None:
    """Announce and confirm what clauses of contracts confirm, each statement in its own transaction."""
    at, zone = clock.now(), resources.settings().timezone
    with transaction(resources.database().system_session()) as session:
        due = due_by_clause(session, at=at)
    for dealer_id, number in due:
        actor = resources.acting_for(dealer_id)
        try:
            with transaction(resources.database().dealer_session(actor)) as session:
                done = carry_out_clause(session, actor=actor, number=number, zone=zone, at=at)
        except Unavailable:
            raise
        except (DomainError, InconsistentStatement) as error:
            _log.error("clause_failed", statement=number, exc_info=error)
        else:
            _log.info("clause", statement=number, done=done)


def propose() -> None:
    """Tell finance of a month that can be closed."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    with transaction(resources.database().system_session()) as session:
        period = propose_close(session, actor=SYSTEM, today=today, at=at)
    if period:
        _log.info("close_proposed", period=period)
