"""Real workers on a real Valkey, killed in the middle of a closing: nothing is lost, nothing is done
twice.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import redis
from rq import Queue
from sqlalchemy import make_url, text

from jobs import resources, statements
from jobs.queue import HIGH
from jobs.worker import _PAUSE_SECONDS, PortalWorker
from launch.valkey import Valkey
from tests import cast
from tests.builders import Given
from tests.invariants import broken_promises
from tests.jobs.conftest import PATIENCE, listening, many_dealers, until
from tests.ledger.acts import no_books_yet, paid
from tests.servers import kill
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, state

pytestmark = pytest.mark.timeout(300)  # workers start, are killed and start again

DEALERS = 64


@pytest.fixture(autouse=True)
def books(at_work, database, owner):
    """More dealers wait for last month's statement than one job issues."""
    no_books_yet(owner)
    many_dealers(owner, DEALERS - len(cast.dealers))
    paid(database, "10.00", on=LAST_DAY)


def issued(owner) -> int:
    return owner.execute(text("SELECT count(*) FROM statement")).scalar_one()


def close() -> None:
    """Begin as a request would, with its signal."""
    begun(resources.database())


def whole(owner) -> None:
    """Everybody has one statement, one paper, one line in the audit; the month is closed once."""
    until(lambda: state(owner) == "closed", f"only {issued(owner)} of {DEALERS} statements")
    counts = "SELECT count(*), count(DISTINCT dealer_id), (SELECT count(*) FROM statement_pdf) FROM statement"
    assert owner.execute(text(counts)).one() == (DEALERS, DEALERS, DEALERS)
    audits = "SELECT count(*) FROM audit_event WHERE action = 'statement:issued'"
    assert owner.execute(text(audits)).scalar_one() == DEALERS
    assert audited(owner, LAST_MONTH) == ["period:closing", "period:closed"]
    assert broken_promises(owner) == {}


def test_two_workers_close_a_month_between_them(owner, worker):
    with worker(), worker():
        listening(2)
        close()
        whole(owner)


def test_a_killed_child_is_replaced_by_its_worker(owner, worker):
    with worker() as process:
        listening()
        close()
        until(lambda: issued(owner) >= 5, "no statement was issued")
        for child in process.children():
            child.kill()
        whole(owner)


def test_a_killed_worker_is_replaced_by_another(owner, worker):
    with worker() as first:
        listening()
        close()
        until(lambda: issued(owner) >= 5, "no statement was issued")
        kill(first)
    left = issued(owner)
    assert 5 <= left < DEALERS
    statements.sweep()
    with worker():
        whole(owner)


def test_what_every_child_needs_is_there_before_it_is_forked_and_no_more(worker):
    with worker():
        job = Queue(HIGH, connection=resources.valkey()).enqueue("tests.jobs.handling.begins_with")
        until(lambda: job.get_status() == "finished", "the job was not done")
    assert job.return_value() == (True, False)


def test_a_worker_told_to_stop_ends_in_good_order(worker):
    with worker() as process:
        listening()
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_a_worker_without_a_database_says_so_and_ends(settings, worker):
    nowhere = make_url(settings.database_url.get_secret_value()).set(database="no_such_database")
    with worker(DATABASE_URL=nowhere.render_as_string(hide_password=False)) as process:
        assert process.wait(PATIENCE) == 1


def test_a_worker_is_there_five_seconds_after_valkey(settings, worker):
    """Whether it began without Valkey or lost it at work."""
    assert _PAUSE_SECONDS + PortalWorker.max_connection_wait_time < 5
    with Valkey(durable=False) as valkey:
        high = Queue(HIGH, connection=redis.from_url(valkey.url))
        valkey.stop()
        with worker(REDIS_URL=valkey.url) as process:
            _asked_in_vain(urlsplit(valkey.url).path)
            for _ in range(2):
                assert process.is_running()
                valkey.start()
                began = time.monotonic()
                job = high.enqueue("time.time", result_ttl=60)
                until(lambda job=job: job.get_status() == "finished", "the worker did not come back")
                assert time.monotonic() - began < 10  # five where nothing else is at work
                valkey.kill()
            process.terminate()
            assert process.wait(PATIENCE) == 0


def _asked_in_vain(path: str) -> None:
    """Wait until somebody looks for a Valkey where there is none."""
    with closing(socket.socket(socket.AF_UNIX)) as nobody:
        nobody.settimeout(PATIENCE)
        nobody.bind(path)
        nobody.listen()
        nobody.accept()[0].close()
    os.unlink(path)


def test_an_orders_effects_are_carried_out_by_a_worker(owner, worker):
    with worker():
        listening()
        Given(owner, resources.database()).an_order({cast.gloves: 1})
        until(
            lambda: (
                not owner.execute(
                    text("SELECT count(*) FROM outbox WHERE dispatched_at IS NULL")
                ).scalar_one()
            ),
            "the outbox stays full",
        )
