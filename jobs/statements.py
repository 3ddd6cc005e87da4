"""Close a month: many jobs, each issuing a bounded number of statements, one transaction a dealer.

The work list is in the database. Whoever works on it claims the next dealer; a killed worker's claim is free
again at once. A batch that has found work puts a spare one into the queue, so every worker that is free, or
comes later, takes part, and the work of a killed one goes on. When the queue itself was lost, the schedule
begins anew.
"""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session

from jobs import resources
from jobs.queue import spare_batch
from portal.kernel import clock, outbox
from portal.kernel.actor import SYSTEM
from portal.kernel.db import rescope, transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import Effect
from portal.statements.close_tasks import claim_next, closings_under_way, record_failure
from portal.statements.ensure_pdf import lacking_papers, make_papers
from portal.statements.finish_close import finish_close
from portal.statements.issue_statement import issue_statement

BATCH = 50  # statements a job, so that its process ends and others get their turn

_log = structlog.get_logger("jobs.statements")


def start(effect: Effect) -> None:
    """Send for a worker: somebody began to close a month."""
    spare_batch(resources.valkey(), effect.payload["period"])


def close_batch(period: str) -> int:
    """Issue up to `BATCH` statements; how many dealers were handled."""
    for handled in range(BATCH):
        if not _issue_next(period):
            _finish(period)
            return handled
        if handled == 0:
            spare_batch(resources.valkey(), period)
    spare_batch(resources.valkey(), period)
    return BATCH


def sweep() -> None:
    """Take up every closing again that waits for nobody, and finish those that are through."""
    for period, waiting in _closings():
        if waiting:
            spare_batch(resources.valkey(), period)
        else:
            _finish(period)


def paper(effect: Effect) -> None:
    """Make the papers of a statement that somebody asked for and that only a worker may sign."""
    _make_papers(_dealer_of(effect), str(effect.payload["number"]))


def papers(effect: Effect) -> None:
    """Make the papers in the other languages of a month that is closed, some at a time."""
    period = str(effect.payload["period"])
    if resources.signer() is None:  # made by whoever asks for them
        return
    with transaction(resources.database().system_session()) as session:
        lacking = lacking_papers(session, period=period, limit=BATCH)
    for dealer_id, number in lacking:
        _make_papers(dealer_id, number)
    if len(lacking) == BATCH:
        with transaction(resources.database().system_session()) as session:
            outbox.add(session, "statements.papers", dealer_id=None, period=period)


def _make_papers(dealer_id: int, number: str) -> None:
    actor = resources.acting_for(dealer_id)
    with transaction(resources.database().dealer_session(actor)) as session:
        made = make_papers(
            session,
            number=number,
            signer=resources.signer(),
            at=clock.now(),
            verify=resources.issuer().verify,
        )
    _log.info("papers_made", statement=number, papers=made)


def _dealer_of(effect: Effect) -> int:
    if effect.dealer_id is None:
        raise ValueError("this is about one dealer's business")
    return effect.dealer_id


def _issue_next(period: str) -> bool:
    """Issue the statement of one dealer; False when no dealer is free.

    The claim needs to see every dealer's task, the work after it only this dealer's rows: the transaction
    narrows.
    """
    claimed = None
    try:
        with transaction(resources.database().system_session()) as session:
            claimed = claim_next(session, period=period, at=clock.now())
            if claimed is None:
                return False
            _issue(session, claimed, period)
    except Unavailable:
        raise  # the database is away: RQ tries the job again, and the task still waits
    except Exception as error:
        if claimed is None:
            raise
        _note_failure(claimed, period, error)
    return True


def _issue(session: Session, dealer_id: int, period: str) -> None:
    actor = resources.acting_for(dealer_id)
    rescope(session, actor)
    issue_statement(
        session,
        actor=actor,
        dealer_id=dealer_id,
        period=period,
        issuer=resources.issuer(),
        at=clock.now(),
        signer=resources.signer(),
    )


def _note_failure(dealer_id: int, period: str, error: Exception) -> None:
    _log.error("statement_failed", dealer_id=dealer_id, period=period, exc_info=error)
    message = f"{type(error).__name__}: {error}"
    with transaction(resources.database().dealer_session(resources.acting_for(dealer_id))) as session:
        record_failure(session, dealer_id=dealer_id, period=period, error=message, at=clock.now())


def _finish(period: str) -> None:
    with transaction(resources.database().system_session()) as session:
        if finish_close(session, actor=SYSTEM, period=period, at=clock.now()):
            _log.info("period_closed", period=period)


def _closings() -> list[tuple[str, bool]]:
    with transaction(resources.database().system_session()) as session:
        return closings_under_way(session)
