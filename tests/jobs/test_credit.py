"""What the clock does for credit, and how a letter reaches the dealer's finance."""

from __future__ import annotations

from sqlalchemy import text

from jobs import credit, dunning
from tests import cast
from tests.credit.acts import DAY, stopped
from tests.dunning.acts import letter, letters_of, owing, policy_is, released
from tests.jobs.test_mail import body
from tests.ledger.acts import no_books_yet


def test_a_stop_that_runs_out_ends_by_itself_and_its_orders_go_on(given, database, owner, letters):
    number = stopped(database, until=cast.TODAY)
    order = given.an_order({cast.gloves: 1}).number
    credit.turn()
    query = text("SELECT status FROM sales_order WHERE number = :n")
    assert owner.execute(query, {"n": order}).scalar_one() == "on_hold", "through its last day"
    owner.execute(text("UPDATE dealer_stop SET until = :day"), {"day": cast.TODAY - DAY})
    for _ in range(2):
        credit.turn()
        letters(cast.huadong.finance)
    assert owner.execute(query, {"n": order}).scalar_one() == "confirmed"
    ended = text("SELECT ended_by FROM dealer_stop WHERE number = :n")
    assert owner.execute(ended, {"n": number}).scalar_one() == "system"


def test_letters_are_proposed_once_a_day_and_sent_when_released(given, database, owner, letters):
    no_books_yet(owner)
    policy_is(database)
    owing(given, database, days_late=10)
    for _ in range(2):
        dunning.propose()
    [run] = owner.execute(text("SELECT number FROM dunning_run WHERE state = 'proposed'")).scalars()
    released(database, run)
    letters(cast.hq_finance)
    [number] = [one.number for one in letters_of(database, run)]
    found = letter(database, number)
    assert found.head.state == "sent"
    [mail] = [one for one in letters(cast.huadong.finance) if number in one["Subject"]]
    assert found.papers["zh"] in body(mail) and f"/dunning-letters/{number}" in body(mail)
    assert not [one for one in letters(cast.yuegang.finance) if number in one["Subject"]]
    dunning.propose()
    assert (
        owner.execute(text("SELECT count(*) FROM dunning_run WHERE day = :d"), {"d": cast.TODAY}).scalar_one()
        == 1
    )
