"""The page of running the portal: what waits, what failed, and trying it again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from rq import SimpleWorker
from sqlalchemy import text

from jobs import nodes
from jobs.queue import DEFAULT, connect, queue
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.operations.record_backup import record_backup
from portal.operations.rules import BackupKind
from tests import cast

PAGE = "/hq/operations"
GIVEN_UP = (
    "INSERT INTO outbox (topic, payload, dealer_id, attempts, last_error)"
    " VALUES ('order.placed', '{}', :dealer, 12, 'ValueError: no paper') RETURNING id"
)


def english(visitor):
    visitor.post("/locale/en")
    return visitor


def shown(visitor) -> str:
    answer = visitor.get(PAGE)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.fixture
def operator(sign_in):
    return english(sign_in(cast.administrator))


@pytest.fixture
def valkey(settings):
    connection = connect(settings.redis_url.get_secret_value())
    yield connection
    connection.close()


def test_what_runs_and_what_is_kept_safe_is_shown(operator, database, valkey):
    now = clock.now()
    nodes.say("web", valkey, began_at=now.isoformat())
    with transaction(database.system_session()) as session:
        for kind, days in ((BackupKind.FULL, 0), (BackupKind.DRILL, 1)):
            at = now - timedelta(days=days)
            record_backup(session, actor=SYSTEM, kind=kind, name="b", began_at=at, at=at, note="0 rows lost")
    page = shown(operator)
    assert "0 rows lost" in page and nodes.nodes(valkey)[0].host in page
    assert "There is no backup of the last day." not in page
    assert "Nobody receives the log of the database" in page
    assert "No schedule is heard of." in page and "Needs attention" in page


def test_without_a_backup_or_after_a_failed_one_the_page_says_so(operator, database):
    now = clock.now()
    with transaction(database.system_session()) as session:
        full = BackupKind.FULL
        record_backup(session, actor=SYSTEM, kind=full, name="b", began_at=now, at=now, error="disk is full")
    page = shown(operator)
    assert "disk is full" in page and "There is no backup of the last day." in page


def test_an_effect_that_was_given_up_is_tried_again_and_the_audit_says_who(operator, owner):
    effect = owner.execute(text(GIVEN_UP), {"dealer": cast.huadong.id}).scalar_one()
    page = shown(operator)
    assert "ValueError: no paper" in page and "1 given up" in page and f">{effect}<" not in page
    sealed = re.search(r'name="effect" value="([^"]+)"', page)[1]
    assert operator.post(PAGE + "/effects", data={"effect": sealed}).status_code == 303
    tried = "SELECT attempts, last_error, not_before <= now() FROM outbox WHERE id = :id"
    assert tuple(owner.execute(text(tried), {"id": effect}).one()) == (0, None, True)
    told = owner.execute(
        text(
            "SELECT actor_label, dealer_id, before, after FROM audit_event"
            " WHERE action = 'effect:tried_again'"
        )
    ).one()
    assert told.dealer_id == cast.huadong.id and told.after == {"attempts": 0}
    assert told.before == {"attempts": 12, "error": "ValueError: no paper"}
    again = operator.post(PAGE + "/effects", data={"effect": sealed}, follow_redirects=True)
    assert "This has been carried out, or is being tried right now." in again.get_data(as_text=True)


@pytest.mark.parametrize("forged", ["", "1", "x" * 32])
def test_no_effect_is_tried_by_a_number_somebody_made_up(operator, forged):
    assert operator.post(PAGE + "/effects", data={"effect": forged}).status_code == 404


def test_a_job_that_failed_is_queued_again_by_a_worker_and_the_audit_says_who(operator, valkey, owner):
    job = queue(DEFAULT, valkey).enqueue("jobs.upkeep.no_such", failure_ttl=60)
    SimpleWorker([queue(DEFAULT, valkey)], connection=valkey).work(burst=True)
    page = shown(operator)
    assert "jobs.upkeep.no_such" in page and job.id in page
    assert operator.post(PAGE + "/jobs", data={"job": job.id}).status_code == 303
    assert queue(DEFAULT, valkey).job_ids == []  # a worker does that
    effect = owner.execute(text("SELECT topic, payload FROM outbox WHERE topic = 'job.retry'")).one()
    assert effect.payload == {"job": job.id, "queue": DEFAULT}
    told = owner.execute(
        text("SELECT subject FROM audit_event WHERE action = 'job:tried_again'")
    ).scalar_one()
    assert told == f"jobs.upkeep.no_such/{job.id}"
    assert operator.post(PAGE + "/jobs", data={"job": "made-up"}).status_code == 404


@pytest.mark.parametrize("person", ["quality", "hq_finance", "order_desk", "east_manager"])
def test_nobody_else_of_headquarters_comes_there(sign_in, person):
    visitor = sign_in(getattr(cast, person))
    assert visitor.get(PAGE).status_code == 403
    assert visitor.post(PAGE + "/effects", data={"effect": "x"}).status_code == 403


def test_an_administrator_of_some_regions_is_told_that_it_concerns_all(sign_in, owner):
    owner.execute(
        text(
            "UPDATE user_account SET all_regions = false, region_ids = ARRAY[(SELECT min(id) FROM region)]"
            " WHERE email = :email"
        ),
        {"email": cast.administrator.email},
    )
    visitor = sign_in(cast.administrator)
    assert visitor.get(PAGE).status_code == 403


def test_the_page_is_there_while_valkey_is_away(operator, app, monkeypatch):
    from redis.exceptions import ConnectionError

    def away(*_: object, **__: object):
        raise ConnectionError

    monkeypatch.setattr(app.valkey, "pipeline", away)
    assert "Valkey does not answer." in shown(operator)


def test_the_page_asks_little_however_much_failed(operator, owner, count_statements):
    owner.execute(
        text(
            "INSERT INTO outbox (topic, payload, attempts, last_error)"
            " SELECT 'order.placed', '{}', 3, 'x' FROM generate_series(1, 300)"
        )
    )
    with count_statements() as counted:
        shown(operator)
    assert len(counted) <= 12, counted
