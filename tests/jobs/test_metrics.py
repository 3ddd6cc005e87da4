"""What Prometheus reads: how the portal stands, for few statements and for nobody without a token."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rq import SimpleWorker
from sqlalchemy import text

from jobs import nodes, queued, resources
from jobs.exposition import Exposition
from jobs.metrics import server
from jobs.queue import DEFAULT, HIGH, OUTGOING, queue
from portal.audit.record import record
from portal.checks.attempts import begin_run
from portal.kernel import clock, outbox
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.operations.queries import standing
from portal.operations.record_backup import record_backup
from portal.operations.rules import BackupKind
from portal.operations.vocabulary import OperationsAction

TOKEN = "a-token-that-only-prometheus-knows"


@pytest.fixture
def read(at_work):
    """``read()``: every sample by its name and labels, made anew."""

    def samples() -> dict[tuple[str, ...], float]:
        said = Exposition("").text().decode()
        return {
            (one.name, *one.labels.values()): one.value
            for family in text_string_to_metric_families(said)
            for one in family.samples
        }

    return samples


def test_what_waits_and_what_failed_is_told(read, database, owner):
    now = clock.now()
    with transaction(database.system_session()) as session:
        record(session, OperationsAction.JOB_TRIED_AGAIN, "x", actor=SYSTEM, dealer_id=None)
        outbox.add(session, "job.retry", dealer_id=None, job="x", queue="high")
        outbox.add(session, "job.retry", dealer_id=None, job="y", queue="high")
        for kind, hours in ((BackupKind.FULL, 30), (BackupKind.INCREMENTAL, 2)):
            at = now - timedelta(hours=hours)
            record_backup(session, actor=SYSTEM, kind=kind, name="b", began_at=at, at=at)
    owner.execute(
        text("UPDATE outbox SET not_before = :then WHERE payload->>'job' = 'x'"),
        {"then": now - timedelta(minutes=7)},
    )
    owner.execute(text("UPDATE outbox SET attempts = 12 WHERE payload->>'job' = 'y'"))
    found = read()
    assert found["tonglu_database_up",] == found["tonglu_valkey_up",] == found["tonglu_schema_current",] == 1
    assert found["tonglu_outbox_waiting",] >= 2
    assert (found["tonglu_outbox_failing",], found["tonglu_outbox_given_up",]) == (1, 1)
    assert 420 <= found["tonglu_outbox_late_seconds",] < 480
    assert 0 < found["tonglu_seal_age_seconds",] < 60
    assert (
        7000 < found["tonglu_backup_age_seconds", "incremental"] < 7400
        and found["tonglu_backup_failed",] == 0
    )
    assert 108000 <= found["tonglu_backup_age_seconds", "full"] < 108400


def test_what_is_put_off_to_a_later_moment_is_not_late(read, owner, database):
    owner.execute(text("UPDATE outbox SET dispatched_at = now()"))
    owner.execute(
        text("INSERT INTO outbox (topic, payload, not_before) VALUES ('x', '{}', now() + interval '1 hour')")
    )
    found = read()
    assert (found["tonglu_outbox_waiting",], found["tonglu_outbox_late_seconds",]) == (1, 0)
    with transaction(database.system_session()) as session:
        stands = standing(session, actor=SYSTEM, at=clock.now(), attempts_max=12)
    assert stands.waits.due_since is None


def test_a_backup_and_a_check_that_failed_are_told(read, database):
    now = clock.now()
    with transaction(database.system_session()) as session:
        record_backup(session, actor=SYSTEM, kind=BackupKind.FULL, name="b", began_at=now, at=now, error="no")
        begin_run(session, actor=SYSTEM, at=now, zone=resources.settings().timezone)
        session.execute(
            text(
                "INSERT INTO check_run (asked_at, asked_by, attempts, started_at, failed_at)"
                " VALUES (now(), 'x', 1, now(), now())"
            )
        )
    found = read()
    assert (found["tonglu_backup_failed",], found["tonglu_check_failed",]) == (1, 1)
    assert ("tonglu_backup_age_seconds", "full") not in found


def test_queues_nodes_and_the_schedule_are_told(read):
    connection = resources.valkey()
    for name in (HIGH, DEFAULT):
        queue(name, connection).enqueue("jobs.upkeep.forget")
    nodes.say("web", connection, began_at=clock.now().isoformat())
    found = read()
    assert [found["tonglu_queue_jobs", name] for name in (HIGH, DEFAULT, OUTGOING)] == [1, 1, 0]
    assert 0 <= found["tonglu_queue_oldest_seconds", HIGH] < 60
    assert [found["tonglu_nodes", kind] for kind in nodes.KINDS] == [1, 0, 0]


def test_reading_costs_seven_statements_however_much_waits_and_none_again(at_work, count_statements, owner):
    owner.execute(
        text(
            "INSERT INTO outbox (topic, payload, attempts) SELECT 'x', '{}', 3 FROM generate_series(1, 12000)"
        )
    )
    exposition = Exposition("")
    with count_statements() as counted:
        said = exposition.text()
        assert exposition.text() == said
    assert len(counted) <= 7, counted
    assert b"tonglu_outbox_waiting 10001.0" in said


def test_no_dealer_is_named(read, given, owner):
    labels = {label for name, *labels in read() for label in labels}
    codes = set(owner.execute(text("SELECT code FROM dealer UNION SELECT name_en FROM dealer")).scalars())
    assert not labels & codes


def test_the_rest_is_told_while_the_database_is_away(at_work, settings):
    away = settings.model_copy(
        update={"database_url": type(settings.redis_url)("postgresql+psycopg://x@/x?host=/nowhere")}
    )
    at_work.setattr(resources, "settings", lambda: away)
    resources.database.cache_clear()
    said = Exposition("").text().decode()
    assert "tonglu_database_up 0.0" in said and "tonglu_valkey_up 1.0" in said
    assert "tonglu_outbox_waiting" not in said and "tonglu_queue_jobs" in said


def test_a_failed_job_is_told_without_unpickling_it(at_work, monkeypatch):
    connection = resources.valkey()
    job = queue(DEFAULT, connection).enqueue("jobs.upkeep.no_such", failure_ttl=60)
    SimpleWorker([queue(DEFAULT, connection)], connection=connection).work(burst=True)
    monkeypatch.setattr("pickle.loads", None)
    (failed,) = queued.failed_jobs(connection)
    assert (failed.id, failed.name, failed.queue) == (job.id, "jobs.upkeep.no_such", DEFAULT)
    assert "no_such" in failed.error and "Traceback" not in failed.error


@pytest.fixture(params=["", TOKEN], ids=["no token", "token"])
def address(request) -> Iterator[str]:
    class Nothing:
        def text(self) -> bytes:
            return b"x 1\n"

    listening = server("127.0.0.1", 0, Nothing(), request.param)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_only_who_shows_the_token_reads(address, request):
    has_token = "no token" not in request.node.name
    assert httpx.get(address + "/metrics").status_code == (401 if has_token else 200)
    wrong = httpx.get(address + "/metrics", headers={"Authorization": "Bearer é".encode()})
    assert wrong.status_code == (401 if has_token else 200)
    welcome = httpx.get(address + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (welcome.status_code, welcome.text) == (200, "x 1\n")
    assert re.match("text/plain", welcome.headers["Content-Type"])
    assert httpx.get(address + "/").status_code == 404 and httpx.post(address + "/metrics").status_code == 501


def test_nobody_beyond_this_machine_is_answered_without_a_token():
    with pytest.raises(ValueError, match="TONGLU_METRICS_TOKEN"):
        server("0.0.0.0", 0, Exposition(""), "")
