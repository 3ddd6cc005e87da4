"""Have tried again what failed: an effect of the outbox, or a job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.operations.queries import require_operator
from portal.operations.vocabulary import OperationsAction, OperationsRight

RETRY = "job.retry"
"""Effect: a job that failed is queued again."""


def try_effect_again(session: Session, *, actor: Actor, effect_id: int, at: datetime) -> str:
    """Have an effect carried out that failed, as if it were new; its topic.

    Raises Conflict when it is being carried out, was by now or did not fail, Forbidden.
    """
    actor.require(OperationsRight.OPERATE)
    require_operator(actor)
    failed = outbox.try_again(session, effect_id=effect_id, at=at)
    if failed is None:
        raise Conflict("effect_not_failed", N_("This has been carried out, or is being tried right now."))
    record(
        session,
        OperationsAction.EFFECT_TRIED_AGAIN,
        f"{failed.topic}/{effect_id}",
        actor=actor,
        dealer_id=failed.dealer_id,
        before={"attempts": failed.attempts, "error": failed.last_error},
        after={"attempts": 0},
    )
    return failed.topic


def try_job_again(
    session: Session, *, actor: Actor, job_id: str, name: str, queue: str, error: str, at: datetime
) -> None:
    """Have a job queued again that failed. name, queue, error: as the queue tells of it. Raises Forbidden.

    A worker does that: whoever answers people reads nothing of a job but its name.
    """
    actor.require(OperationsRight.OPERATE)
    require_operator(actor)
    record(
        session,
        OperationsAction.JOB_TRIED_AGAIN,
        f"{name}/{job_id}",
        actor=actor,
        dealer_id=None,
        before={"error": error},
        after={"queue": queue, "at": at.isoformat()},
    )
    outbox.add(session, RETRY, dealer_id=None, job=job_id, queue=queue)
