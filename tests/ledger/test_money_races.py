"""Money that moves in the same instant: two payments of one invoice; what is posted while a month closes."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger.ageing import open_on
from portal.ledger.ageing_rules import AsOf, buckets_of
from portal.ledger.snapshots import balance_at
from tests import cast
from tests.builders import net
from tests.checks.acts import found
from tests.invariants import broken_promises
from tests.ledger.acts import delivered, no_books_yet, paid, reversed_
from tests.races import failures, together
from tests.statements.acts import LAST_MONTH, begun, finished, worked_off

LAST_DAY = clock.last_day(LAST_MONTH)


def test_two_payments_of_one_invoice_at_once_settle_it_once(given, database, owner):
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    number = delivered(given, database, {cast.gloves: 1}).invoice_number
    outcomes = together(2, lambda place: paid(database, "100.00", reference=f"R{place}", settles=(number,)))
    assert failures(outcomes) == []
    with transaction(database.system_session()) as session:
        items = open_on(session, dealer_id=cast.huadong.id, as_of=AsOf(cast.TODAY))
    assert [item.amount for item in items] == [Decimal(-100)]
    assert items[0].document_no in {one.document_no for one in outcomes}
    assert broken_promises(owner) == {}


def test_what_is_posted_while_a_month_closes_is_in_it_wholly_or_not_at_all(given, database, owner):
    no_books_yet(owner)
    dealers = (cast.huadong, cast.yuegang, cast.suzhou)
    booked = [paid(database, "20.00", dealer=dealer, on=LAST_DAY).document_no for dealer in dealers]
    for dealer in dealers:
        given.a_policy(net("100.00", product=cast.gloves, dealer=dealer))
    delivered(given, database, {cast.gloves: 1}, on=LAST_DAY)

    def act(place: int) -> object:
        if place == 0:
            return begun(database)
        dealer = dealers[place % 3]
        if place < 4:
            return reversed_(database, booked[place % 3], dealer=dealer, on=LAST_DAY)
        return paid(database, f"{place}.00", dealer=dealer, on=LAST_DAY)

    assert failures(together(8, act)) == []
    worked_off(database)
    assert finished(database)
    paid(database, "7.00")
    statements = owner.execute(text("SELECT * FROM statement")).all()
    with transaction(database.system_session()) as session:
        for one in statements:
            about = {"dealer_id": one.dealer_id, "as_of": AsOf(LAST_DAY)}
            aged = buckets_of(open_on(session, **about), LAST_DAY)
            assert (one.closing, one.closing) == (balance_at(session, **about), aged.balance)
            assert (one.current_due, one.unallocated) == (aged.current, aged.unallocated)
            assert one.days_1_30 + one.days_31_60 + one.days_61_90 + one.days_over_90 == aged.overdue
    assert found(database) == {} == broken_promises(owner)
