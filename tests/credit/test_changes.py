"""Limits and terms: proposed by one person, approved by another, in force by their days."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from jobs import outbox
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.checks.acts import found as differing
from tests.credit.acts import (
    DAY,
    approved,
    change,
    in_history,
    proposed,
    recalled,
    rejected,
    turned,
    withdrawn,
)
from tests.jobs.conftest import at_work as at_work
from tests.ledger.acts import delivered
from tests.races import failures, together
from tests.shipping.acts import audited


def limit(owner, dealer=cast.huadong) -> str:
    query = text("SELECT credit_limit FROM dealer_account WHERE dealer_id = :id")
    return f"{owner.execute(query, {'id': dealer.id}).scalar_one():.2f}"


def terms(owner, dealer=cast.huadong) -> int:
    query = text("SELECT payment_terms_days FROM dealer WHERE id = :id")
    return owner.execute(query, {"id": dealer.id}).scalar_one()


def test_a_limit_counts_when_another_person_approves_it(database, owner):
    before = limit(owner)
    number = proposed(database, "777000.00")
    assert limit(owner) == before
    with pytest.raises(Forbidden, match="same_person"):
        approved(database, number, by=cast.hq_finance)
    approved(database, number)
    assert limit(owner) == "777000.00" and "credit/in-force" not in differing(database)
    found = in_history(database)
    assert [f"{one.amount:.2f}" for one in found.changes] == ["777000.00", before]
    assert [one.taken_over for one in found.changes] == [False, True]
    assert (
        found.limit.number == number and found.limit.approved_by_label == cast.finance_colleague.actor().label
    )
    assert audited(owner, number) == [
        "credit_change:proposed",
        "credit_change:approved",
        "credit_change:in_force",
    ]


def test_the_table_itself_refuses_an_approval_by_its_author(database, owner):
    number = proposed(database)
    with pytest.raises(IntegrityError, match="other_person"):
        statement = "UPDATE credit_change SET approved_by = written_by[1] WHERE number = :n"
        owner.execute(text(statement), {"n": number})


def test_a_change_to_come_counts_from_its_day_and_a_temporary_one_until_its_end(database, owner):
    before = limit(owner)
    for_good = proposed(database, "600000.00", since=cast.TODAY + 2 * DAY)
    raised = proposed(database, "900000.00", since=cast.TODAY + 3 * DAY, until=cast.TODAY + 5 * DAY)
    approved(database, for_good)
    approved(database, raised)
    said = []
    for days in range(8):
        today = cast.TODAY + days * DAY
        said.append((turned(database, today), turned(database, today), limit(owner)))
    assert said == [
        (0, 0, before),
        (0, 0, before),
        (1, 0, "600000.00"),
        (1, 0, "900000.00"),
        (0, 0, "900000.00"),
        (0, 0, "900000.00"),
        (1, 0, "600000.00"),
        (0, 0, "600000.00"),
    ]
    assert change(database, raised).stands == "ended"


def test_terms_change_only_later_invoices(given, database, owner):
    first = delivered(given, database, {cast.gloves: 1}).invoice_number
    approved(database, proposed(database, days=10))
    second = delivered(given, database, {cast.gloves: 1}).invoice_number
    due = text("SELECT due_on FROM invoice WHERE number = :n")
    days = [(owner.execute(due, {"n": number}).scalar_one() - cast.TODAY).days for number in (first, second)]
    assert (terms(owner), days) == (10, [cast.huadong.payment_terms_days, 10])


def test_what_is_rejected_or_taken_back_never_counts(database, owner):
    before, first, second = limit(owner), proposed(database), proposed(database)
    rejected(database, first)
    recalled(database, second)
    assert (change(database, first).state, change(database, first).reason) == ("draft", "太高")
    for number in (first, second):
        with pytest.raises(Conflict, match="not_submitted"):
            approved(database, number)
    assert (limit(owner), turned(database, cast.TODAY)) == (before, 0)


def test_a_change_in_force_is_withdrawn_and_the_one_before_it_counts_again(database, owner):
    before, number = limit(owner), proposed(database)
    with pytest.raises(Conflict, match="not_in_force"):
        withdrawn(database, number)
    approved(database, number)
    with pytest.raises(Forbidden, match="same_person"):
        withdrawn(database, number, by=cast.hq_finance)
    withdrawn(database, number)
    assert limit(owner) == before
    first = in_history(database).changes[-1]
    with pytest.raises(Conflict, match="over"):
        withdrawn(database, first.number)


def test_what_was_read_is_what_is_approved(database):
    number = proposed(database)
    with pytest.raises(Conflict, match="edited_meanwhile"):
        approved(database, number, revision=change(database, number).revision + 1)
    late = proposed(database, until=cast.TODAY)
    with pytest.raises(Conflict, match="over"):
        approved(database, late, today=cast.TODAY + DAY)


def test_two_people_who_decide_at_once_are_one_after_the_other(database, owner):
    number = proposed(database, "654000.00")

    def act(place: int) -> None:
        if place:
            rejected(database, number)
        else:
            approved(database, number)

    [lost] = failures(together(2, act)) or [None]
    # Rejected after the approval would be another act: here it is in force at once, which nobody rejects.
    assert isinstance(lost, Conflict)
    state = change(database, number).state
    assert (state, limit(owner) == "654000.00") in [("published", True), ("draft", False)]


def test_dealers_see_what_is_in_force_and_nobody_elses(database):
    number = proposed(database, why="内部说明")
    assert in_history(database, by=cast.huadong.finance).changes == ()
    with pytest.raises(NotFound):
        change(database, number, by=cast.huadong.finance)
    approved(database, number)
    assert in_history(database, by=cast.huadong.finance).limit.number == number
    with pytest.raises(NotFound):
        change(database, number, by=cast.yuegang.finance)
    assert in_history(database, by=cast.yuegang.finance).changes == ()


def test_who_may_not_is_refused_and_bad_input_is_told(database):
    with pytest.raises(Forbidden):
        proposed(database, by=cast.order_desk)
    with pytest.raises(Forbidden):
        proposed(database, by=cast.huadong.finance)
    with pytest.raises(Invalid):
        proposed(database, "-1.00")


def test_orders_go_that_a_raised_limit_covers(given, database, owner, at_work):
    given.credit_limit_of(cast.huadong, "0.00")
    small = given.an_order({cast.gloves: 1}).number
    large = given.an_order({cast.gloves: 30}).number
    approved(database, proposed(database, "500.00"))
    outbox.sweep()
    query = text("SELECT number, status FROM sales_order WHERE dealer_id = :dealer ORDER BY id")
    rows = owner.execute(query, {"dealer": cast.huadong.id}).all()
    assert [tuple(row) for row in rows] == [(small, "confirmed"), (large, "on_hold")]
