"""A real worker is killed in the middle of a settlement, its rows written, not committed: another goes on,
and nobody is paid twice.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from rq import Queue
from sqlalchemy import text

from jobs import resources
from jobs.queue import HIGH
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import cast
from tests.checks.acts import found
from tests.jobs.conftest import listening, until
from tests.ledger.acts import delivered
from tests.rebates.acts import published, reckoned
from tests.servers import kill
from tests.settlements.acts import decided, proposed

LAST = clock.previous_period(clock.period_of(cast.TODAY))
SETTLED = text("SELECT count(*) FROM rebate_settlement WHERE source = :run")
NOTES = text("SELECT count(*), count(DISTINCT dealer_id) FROM rebate_note WHERE source = :run")
IN_THE_WAY = text(
    "INSERT INTO rebate_settlement (dealer_id, programme_id, first_day, period, kind, source, accrued,"
    " guaranteed, carried_in, advanced, carried_out, cut, paid, settled_at, settled_by_label)"
    " SELECT :dealer, programme_id, first_day, period, 'final', number, 0, 0, 0, 0, 0, 0, 0, now(), 'x'"
    " FROM rebate_run WHERE number = :run"
)
WAITS = text(
    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE a.datname = current_database() AND NOT l.granted"
)


@pytest.fixture
def run(given, database, owner, at_work) -> str:
    """An approved settlement of last month for two dealers, and what it draws on."""
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer, on=clock.last_day(LAST))
    days = {"valid_from": clock.first_day(LAST), "valid_to": clock.last_day(LAST)}
    _, number = published(database, budget=Decimal(9999), **days)
    reckoned(database)
    with transaction(database.system_session()) as session:
        ensure_programme_pot(session, programme=number)
    run = proposed(database, number, LAST)
    decided(database, run)
    return run


def resume() -> None:
    """What the schedule does."""
    Queue(HIGH, connection=resources.valkey()).enqueue("jobs.settlements.resume", result_ttl=0)


def test_a_settlement_goes_on_behind_the_dealer_at_which_its_worker_was_killed(database, owner, run, worker):
    def count(statement) -> tuple[int, ...]:
        return tuple(owner.execute(statement, {"run": run}).one())

    with owner.engine.connect() as other, worker() as first:
        other.execute(IN_THE_WAY, {"dealer": cast.suzhou.id, "run": run})
        listening()
        resume()
        until(lambda: count(SETTLED) == (1,) and count(WAITS) == (1,), "no dealer was settled")
        kill(first)
        other.rollback()
    until(lambda: count(WAITS) == (0,), "the killed worker still waits")
    assert count(SETTLED) == (1,) and count(NOTES) == (1, 1)
    state = text("SELECT state FROM rebate_run WHERE number = :run")
    with worker():
        listening()
        resume()
        resume()
        until(lambda: count(state) == ("settled",), "nobody went on")
    assert count(SETTLED) == (2,) and count(NOTES) == (2, 2)
    assert found(database) == {}
