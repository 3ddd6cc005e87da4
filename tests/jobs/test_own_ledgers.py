"""Comparing a ledger is a job of its own; a killed worker leaves nothing half done, and another begins anew,
not for ever.
"""

from __future__ import annotations

import pytest
from rq import Queue
from sqlalchemy import text

from jobs import outbox, own_ledgers, resources
from jobs.queue import DEFAULT
from portal.own_ledgers.ask_match import Reading
from portal.own_ledgers.attempts import ATTEMPTS_MAX
from tests import cast
from tests.jobs.conftest import listening, until
from tests.own_ledgers.acts import COLUMNS, a_file, asked, differences, looked_at, uploaded
from tests.servers import kill


@pytest.fixture(autouse=True)
def _(at_work):
    at_work.setattr(outbox, "_GATHER_SECONDS", 0)


def waiting() -> list[tuple]:
    return [tuple(job.args) for job in Queue(DEFAULT, connection=resources.valkey()).jobs]


def grown_old(owner) -> None:
    """Nobody has worked at it for a while."""
    owner.execute(
        text(
            "UPDATE own_ledger SET asked_at = asked_at - interval '1 h', tried_at = tried_at - interval '1 h'"
        )
    )


def waits_for_the_table(owner) -> bool:
    """Whether somebody has begun and waits for a lock."""
    held = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
    begun = owner.execute(text("SELECT attempts FROM own_ledger")).scalar_one()
    return bool(begun and owner.execute(held).scalar_one())


def test_what_a_killed_worker_left_is_begun_anew(database, owner, worker):
    number = uploaded(database, a_file([(cast.TODAY, "FK-000077", "12.00")]))
    with worker() as process:
        listening()
        with owner.engine.begin() as holding:
            holding.execute(text("LOCK TABLE own_ledger_difference"))
            outbox.sweep()
            until(lambda: waits_for_the_table(owner), "nobody began")
            kill(process)
    assert (looked_at(database, number).state, differences(database, number)) == ("running", [])
    own_ledgers.take_up()
    assert waiting() == [], "somebody may be about to begin"
    grown_old(owner)
    for _ in range(2):
        own_ledgers.take_up()
    assert waiting() == [(cast.huadong.id, number)]
    for _ in range(2):
        own_ledgers.compare(cast.huadong.id, number)
    assert looked_at(database, number).state == "done" and len(differences(database, number)) == 1
    own_ledgers.take_up()
    assert owner.execute(text("SELECT attempts FROM own_ledger")).scalar_one() == 2


def test_what_breaks_off_again_and_again_is_given_up_and_can_be_tried_anew(database, owner):
    number = uploaded(database, a_file([(cast.TODAY, "FK-000077", "12.00")]))
    owner.execute(text("UPDATE own_ledger SET attempts = :n"), {"n": ATTEMPTS_MAX})
    own_ledgers.compare(cast.huadong.id, number)
    failed = looked_at(database, number)
    assert failed.state == "failed" and failed.error and failed.error[0]["code"] == "broke_off"
    asked(database, number, Reading(COLUMNS), revision=failed.revision)
    own_ledgers.compare(cast.huadong.id, number)
    assert looked_at(database, number).state == "done"


def test_an_error_nobody_thought_of_is_said_at_once(database, at_work):
    number = uploaded(database, a_file([]))
    at_work.setattr("portal.own_ledgers.compare._compared", lambda *_: 1 / 0)
    own_ledgers.compare(cast.huadong.id, number)
    failed = looked_at(database, number)
    assert failed.state == "failed" and failed.error and failed.error[0]["code"] == "unexpected"


def test_what_never_came_to_a_result_is_forgotten_and_the_rest_kept(database, owner):
    old, young = (uploaded(database, a_file([]), starts=False) for _ in range(2))
    ago = text("UPDATE own_ledger SET uploaded_at = uploaded_at - interval '91 days' WHERE number = :n")
    owner.execute(ago, {"n": old})
    own_ledgers.forget()
    assert [looked_at(database, one).state for one in (old, young)] == ["discarded", "draft"]
    assert (
        owner.execute(text("SELECT octet_length(content) FROM own_ledger ORDER BY id LIMIT 1")).scalar_one()
        == 0
    )
