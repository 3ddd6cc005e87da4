"""The stop list holds new orders, and lets them go at its end."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jobs import outbox
from jobs.credit import stop_ended
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.kernel.outbox import Effect
from portal.orders.hold_order import hold_order
from tests import cast
from tests.credit.acts import DAY, ended, stopped
from tests.jobs.conftest import at_work as at_work
from tests.ledger.acts import paid
from tests.orders.acts import released_together
from tests.races import failures, together


def order(owner, number: str) -> tuple[str, list[str]]:
    row = owner.execute(text("SELECT status, holds FROM sales_order WHERE number = :n"), {"n": number}).one()
    return row.status, row.holds


def lifted(owner, number: str) -> None:
    stop_ended(Effect(1, "dealer.stop_ended", cast.huadong.id, {"number": number}, 0))


def test_new_orders_are_held_and_go_on_at_the_end(given, database, owner, at_work):
    before = given.an_order({cast.gloves: 1}).number
    stop = stopped(database)
    placed = given.an_order({cast.gloves: 1})
    assert (placed.answer["status"], placed.answer["holds"]) == ("on_hold", ["stopped"])
    assert [told["code"] for told in placed.answer["held_by"]] == ["stopped"]
    assert order(owner, before) == ("confirmed", []), "what was confirmed goes on"
    by_hand = given.an_order({cast.gloves: 1}).number
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        hold_order(session, actor=cast.order_desk.actor(), number=by_hand, reason="核价", at=cast.NOW)
    ended(database, stop)
    lifted(owner, stop)
    lifted(owner, stop)
    assert order(owner, placed.number) == ("confirmed", [])
    assert order(owner, by_hand) == ("on_hold", ["manual"])
    assert given.an_order({cast.gloves: 1}).answer["holds"] == []


def test_what_is_paid_while_a_stop_stands_goes_at_its_end(given, database, owner, at_work):
    given.credit_limit_of(cast.huadong, "0.00")
    waited = given.an_order({cast.gloves: 2}).number
    stop = stopped(database)
    placed = given.an_order({cast.gloves: 1})
    assert placed.answer["holds"] == ["credit", "stopped"]
    [by_the_desk] = released_together(database, waited)
    assert by_the_desk.released.proposed, "one person of the desk does not release past a stop"
    paid(database, "60.00")
    outbox.sweep()
    assert order(owner, waited) == ("on_hold", ["credit"])
    ended(database, stop)
    outbox.sweep()
    assert order(owner, waited) == order(owner, placed.number) == ("confirmed", [])


def test_a_stop_that_has_run_out_holds_nothing(given, database, owner):
    stopped(database, until=cast.TODAY)
    statement = "UPDATE dealer_stop SET until = :day"
    owner.execute(text(statement), {"day": cast.TODAY - DAY})
    assert given.an_order({cast.gloves: 1}).answer["holds"] == []


def test_a_stop_and_an_order_at_once_are_one_after_the_other(given, database, owner):
    def act(place: int) -> str:
        return stopped(database) if place else given.an_order({cast.gloves: 1}).number

    outcomes = together(2, act)
    assert not failures(outcomes)
    assert order(owner, outcomes[0]) in [("confirmed", []), ("on_hold", ["stopped"])]


def test_one_stop_at_a_time_by_who_may_with_a_reason(database):
    with pytest.raises(Invalid):
        stopped(database, reason=" ")
    with pytest.raises(Invalid):
        stopped(database, until=cast.TODAY - DAY)
    for person in (cast.order_desk, cast.huadong.finance):
        with pytest.raises(Forbidden):
            stopped(database, by=person)
    outcomes = together(2, lambda _: stopped(database))
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict) and lost.code == "already_stopped"
    [number] = [one for one in outcomes if isinstance(one, str)]
    ended(database, number)
    with pytest.raises(Conflict, match="stop_ended"):
        ended(database, number)
