"""What recurs is enqueued, by one schedule or by several."""

from __future__ import annotations

import pytest
from rq import Queue
from sqlalchemy import text

from jobs import resources, schedule, upkeep
from jobs.queue import DEFAULT, HIGH
from portal.kernel.db import transaction
from portal.kernel.outbox import add
from tests import cast
from tests.jobs.conftest import PATIENCE, until


@pytest.fixture(autouse=True)
def _(at_work):
    pass


def names(queue: str) -> list[str]:
    return sorted(job.func_name for job in Queue(queue, connection=resources.valkey()).jobs)


def test_everything_that_recurs_is_due_at_the_start():
    schedule.scheduler().enqueue_jobs()
    assert names(HIGH) == ["jobs.outbox.sweep", "jobs.statements.sweep"]
    assert names(DEFAULT) == [
        "jobs.check.sweep",
        "jobs.claims.announce_reminders",
        "jobs.clauses.carry_out",
        "jobs.clauses.propose",
        "jobs.complaints.warn",
        "jobs.credit.turn",
        "jobs.dunning.propose",
        "jobs.epcis.take_up",
        "jobs.files.sweep",
        "jobs.maintenance.make_due",
        "jobs.notifications.announce_digests",
        "jobs.notifications.sweep",
        "jobs.own_ledgers.forget",
        "jobs.own_ledgers.take_up",
        "jobs.papers.remind",
        "jobs.planning.advise",
        "jobs.purchasing.run_recurring_orders",
        "jobs.rebates.reckon",
        "jobs.recalls.remind",
        "jobs.repairs.tend",
        "jobs.seal_audit.seal",
        "jobs.sellout.decide",
        "jobs.service.close_resolved",
        "jobs.service.escalate",
        "jobs.settlements.liability",
        "jobs.settlements.print_notes",
        "jobs.settlements.resume",
        "jobs.settlements.use_kept",
        "jobs.snapshots.sweep",
        "jobs.supply.request",
        "jobs.upkeep.fill_waiting_orders",
        "jobs.upkeep.forget",
        "jobs.upkeep.retire_expired",
        "jobs.webhooks.forget",
    ]


def test_two_schedules_do_everything_once(database, owner):
    for _ in range(2):
        schedule.scheduler().enqueue_jobs()
    with transaction(database.system_session()) as session:
        add(session, "notification.mail", dealer_id=cast.huadong.id, id=0)
    for queue in (HIGH, DEFAULT):
        for job in Queue(queue, connection=resources.valkey()).jobs:
            job.func()
    assert owner.execute(text("SELECT count(*), count(dispatched_at) FROM outbox")).one() == (1, 1)


def test_the_schedule_runs_as_a_process_and_stops_when_told(worker):
    with worker("jobs.schedule") as process:
        until(lambda: names(HIGH), "nothing was enqueued")
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_a_schedule_waits_for_valkey(worker):
    with (
        worker("jobs.schedule", REDIS_URL="redis://127.0.0.1:1/0") as process,
        pytest.raises(Exception, match="timeout"),
    ):
        process.wait(3)


def test_old_keys_and_effects_are_forgotten_and_young_ones_kept(owner):
    owner.execute(
        text(
            "INSERT INTO idempotency_key (actor, key, fingerprint, status, body, created_at)"
            " VALUES ('user:1', 'old', '', 201, '{}', now() - interval '8 days'),"
            " ('user:1', 'young', '', 201, '{}', now());"
            "INSERT INTO outbox (topic, payload, dispatched_at)"
            " VALUES ('old', '{}', now() - interval '31 days'), ('young', '{}', now()),"
            " ('waiting', '{}', NULL)"
        )
    )
    upkeep.forget()
    assert owner.execute(text("SELECT key FROM idempotency_key")).scalars().all() == ["young"]
    assert owner.execute(text("SELECT topic FROM outbox ORDER BY id")).scalars().all() == ["young", "waiting"]


def test_expired_lots_leave_the_sale(owner):
    owner.execute(
        text("UPDATE lot SET expires_on = '2020-01-01' WHERE id = :l"), {"l": cast.gauze_lot_fresh.id}
    )
    upkeep.retire_expired()
    state = owner.execute(
        text("SELECT state FROM lot_stock WHERE lot_id = :l"), {"l": cast.gauze_lot_fresh.id}
    ).scalar_one()
    assert state == "expired"
