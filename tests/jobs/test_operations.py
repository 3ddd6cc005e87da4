"""A job that failed is queued again when an operator asks, once."""

from __future__ import annotations

from rq import SimpleWorker

from jobs import outbox, resources
from jobs.queue import DEFAULT, queue
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.operations.try_again import try_job_again


def asked(job_id: str) -> None:
    with transaction(resources.database().system_session()) as session:
        try_job_again(
            session,
            actor=SYSTEM,
            job_id=job_id,
            name="jobs.upkeep.no_such",
            queue=DEFAULT,
            error="x",
            at=outbox.clock.now(),
        )


def test_a_failed_job_is_back_in_its_queue_once_however_often_it_is_asked_for(at_work):
    connection = resources.valkey()
    job = queue(DEFAULT, connection).enqueue("jobs.upkeep.no_such", failure_ttl=60)
    SimpleWorker([queue(DEFAULT, connection)], connection=connection).work(burst=True)
    asked(job.id)
    asked(job.id)
    asked("not-kept-any-more")
    outbox.sweep()
    assert queue(DEFAULT, connection).job_ids == [job.id]
