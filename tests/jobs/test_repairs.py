"""The schedule's look at repairs: quotes that run out, requests that ended; nothing of the others."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs import repairs
from portal.kernel import clock
from tests import cast
from tests.checks.acts import found
from tests.jobs.test_mail import body
from tests.repairs.acts import (
    LABOUR,
    UNTIL,
    a_request,
    accepted,
    declined,
    offered,
    repaired,
    written,
)
from tests.service import acts as service
from tests.service.acts import seen

BEFORE, AFTER = (datetime.combine(UNTIL + timedelta(days), time(6), cast.ZONE) for days in (0, 1))


@pytest.fixture
def at(at_work):
    """``at(moment)``: the portal's clock says so, and the job runs."""

    def run(moment: datetime) -> None:
        at_work.setattr(clock, "now", lambda: moment)
        repairs.tend()

    return run


def an_offer(database, until=UNTIL) -> str:
    number = a_request(database)
    offered(database, number, (LABOUR,), until=until)
    return number


def about(messages, number: str) -> list:
    return [one for one in messages if number in one["Subject"]]


def states(database, *numbers: str) -> list[tuple[str, str]]:
    return [(repaired(database, one).state, seen(database, one).state) for one in numbers]


def test_quotes_run_out_on_the_day_after_their_last_and_no_others_do(database, letters, at):
    late, longer = an_offer(database), an_offer(database, UNTIL + timedelta(days=1))
    draft, refused = a_request(database), an_offer(database)
    written(database, draft, (LABOUR,))
    declined(database, refused, 1)
    kept = an_offer(database)
    accepted(database, kept, 1)
    others = (longer, draft, refused, kept)
    before = states(database, late, *others)
    before_that = len(about(letters(cast.huadong.service), late))
    at(BEFORE)
    assert states(database, late, *others) == before
    at(AFTER)
    assert states(database, late, *others) == [("quoting", "in_progress"), *before[1:]]
    assert [one.state for one in repaired(database, late).quotes] == ["expired"]
    told = about(letters(cast.huadong.service), late)
    assert len(told) == before_that + 1
    at(AFTER)
    assert len(about(letters(cast.huadong.service), late)) == len(told), "told once"
    assert f"/service-requests/{late}" in body(told[-1])


def test_what_an_ended_request_held_is_let_go_and_what_goes_on_is_kept(database, at):
    ended, going_on = a_request(database), a_request(database)
    for number in (ended, going_on):
        accepted(database, number, offered(database, number))
    service.cancelled(database, ended)
    at(cast.NOW)
    assert repaired(database, ended).state == "cancelled"
    assert [part.reserved for part in repaired(database, going_on).parts] == [2]
    assert sum(part.reserved for part in repaired(database, ended).parts) == 0
    assert not found(database)


def test_a_fault_in_one_repair_stops_no_other_and_is_heard_of(database, owner, at):
    broken, well = an_offer(database), an_offer(database)
    number = repaired(database, broken).number
    repair_id = owner.execute(text("SELECT id FROM repair WHERE number = :n"), {"n": number}).scalar_one()
    fault = f"CHECK (repair_id <> {repair_id} OR state <> 'expired')"
    owner.execute(text(f"ALTER TABLE repair_quote ADD CONSTRAINT broken {fault}"))
    with pytest.raises(DBAPIError, match="broken"):
        at(AFTER)
    assert states(database, broken, well) == [("offered", "waiting"), ("quoting", "in_progress")]
    owner.execute(text("ALTER TABLE repair_quote DROP CONSTRAINT broken"))
    at(AFTER)
    assert states(database, broken, well) == [("quoting", "in_progress")] * 2
