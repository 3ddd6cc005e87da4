"""Capturing a document is a job of its own; whoever is killed leaves what was kept, and another goes on."""

from __future__ import annotations

import pytest
from rq import Queue
from rq.timeouts import JobTimeoutException
from sqlalchemy import text

from jobs import epcis, outbox, resources
from jobs.queue import DEFAULT
from portal.epcis import rules
from portal.epcis.capture_events import ATTEMPTS_MAX
from portal.epcis.rules import Behaviour
from tests import cast
from tests.epcis.acts import found, looked_at, sent
from tests.epcis.documents import a_document, an_event
from tests.jobs.conftest import listening, until
from tests.servers import kill

EVENTS = [an_event(epcList=[f"urn:epc:id:sgtin:4012345.011111.S{each}"]) for each in range(1200)]


@pytest.fixture(autouse=True)
def _(at_work):
    at_work.setattr(outbox, "_GATHER_SECONDS", 0)


def waiting() -> list[tuple]:
    return [tuple(job.args) for job in Queue(DEFAULT, connection=resources.valkey()).jobs]


def grown_old(owner) -> None:
    """Nobody has worked at it for a while."""
    owner.execute(
        text(
            "UPDATE epcis_capture SET created_at = created_at - interval '1 h',"
            " tried_at = tried_at - interval '1 h'"
        )
    )


def kept(owner) -> int:
    return owner.execute(text("SELECT count(*) FROM epcis_event")).scalar_one()


def waits_for_the_table(owner) -> bool:
    """Whether somebody has begun and waits for a lock."""
    held = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
    return bool(owner.execute(held).scalar_one())


@pytest.mark.parametrize("behaviour", list(Behaviour))
def test_what_a_killed_worker_left_goes_on(database, owner, worker, behaviour):
    number = sent(database, a_document(*EVENTS), behaviour=behaviour)
    with worker() as process:
        listening()
        with owner.engine.begin() as holding:
            holding.execute(text("LOCK TABLE epcis_event"))
            outbox.sweep()
            until(lambda: waits_for_the_table(owner), "nobody began")
            kill(process)
    assert (looked_at(database, number).state, kept(owner)) == ("running", 0)
    epcis.take_up()
    assert waiting() == [], "somebody may be about to begin"
    grown_old(owner)
    for _ in range(2):
        epcis.take_up()
    assert waiting() == [(cast.huadong.id, number)]
    for _ in range(2):
        epcis.capture(cast.huadong.id, number)
    done = looked_at(database, number)
    assert (done.state, done.events, done.captured, kept(owner)) == ("done", 1200, 1200, 1200)


def test_it_goes_on_behind_what_was_kept(database, owner, monkeypatch):
    number = sent(database, a_document(*EVENTS), behaviour=Behaviour.PROCEED)
    batches = rules.batches

    def breaks_off(events, schema):
        yield next(batches(events, schema))
        raise JobTimeoutException("the worker's time is up")

    monkeypatch.setattr("jobs.epcis.batches", breaks_off)
    with pytest.raises(JobTimeoutException):
        epcis.capture(cast.huadong.id, number)
    assert (looked_at(database, number).captured, kept(owner)) == (500, 500)
    seen = []

    def counting(events, schema):
        for batch in batches(events, schema):
            seen.append(batch.count)
            yield batch

    monkeypatch.setattr("jobs.epcis.batches", counting)
    epcis.capture(cast.huadong.id, number)
    done = looked_at(database, number)
    assert (seen, done.captured, done.repeated, kept(owner)) == ([500, 200], 1200, 0, 1200)


def test_with_rollback_one_fault_leaves_nothing(database, owner):
    number = sent(database, a_document(*EVENTS, an_event(action="MOVE")))
    epcis.capture(cast.huadong.id, number)
    done = looked_at(database, number)
    assert (done.state, kept(owner), found(database)) == ("failed", 0, [])
    assert [(one["code"], one["pointer"]) for one in done.faults] == [
        ("schema_enum", "/epcisBody/eventList/1200/action")
    ]
    epcis.capture(cast.huadong.id, sent(database, a_document(*EVENTS)))
    assert kept(owner) == 1200


def test_a_large_document_that_breaks_off_is_told(database, owner):
    filler = an_event(**{"example:text": "x" * 1_200_000})
    number = sent(database, a_document(filler)[:-4])
    epcis.capture(cast.huadong.id, number)
    done = looked_at(database, number)
    assert (done.state, done.faults[0]["code"]) == ("failed", "broken_document")


def test_what_breaks_off_again_and_again_is_given_up(database, owner):
    number = sent(database, a_document(an_event()))
    owner.execute(text("UPDATE epcis_capture SET attempts = :n"), {"n": ATTEMPTS_MAX})
    epcis.capture(cast.huadong.id, number)
    assert looked_at(database, number).faults[0]["code"] == "broke_off"


def test_an_error_nobody_thought_of_is_said_at_once(database, monkeypatch):
    number = sent(database, a_document(an_event()))
    monkeypatch.setattr("jobs.epcis.outline", lambda *_, **__: 1 / 0)
    epcis.capture(cast.huadong.id, number)
    assert looked_at(database, number).faults[0]["code"] == "unexpected"
