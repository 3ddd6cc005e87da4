"""Where a dealer stands, and what it has to pay by when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.ledger import queries
from portal.ledger.post_credit_note import Returned
from tests import cast
from tests.builders import net
from tests.ledger.acts import delivered, paid, returned, reversed_

THIS_MONTH = clock.period_of(cast.TODAY)
DAY = timedelta(days=1)


def asked(database, question, *, by=cast.huadong.finance, dealer=cast.huadong, **how):
    with transaction(database.session_for(by.actor())) as session:
        return getattr(queries, question)(session, **({"dealer_id": dealer.id} | how))


def open_items(database):
    return [(item.document_no, item.amount) for item in asked(database, "settlement").items]


@pytest.fixture
def three_invoices(given, database):
    """Of ¥100 each, shipped one day after the other."""
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    return [
        delivered(given, database, {cast.gloves: 1}, on=cast.TODAY - days * DAY).invoice_number
        for days in (3, 2, 1)
    ]


def test_the_position_is_balance_open_orders_and_what_credit_is_left(given, database, three_invoices):
    order = given.an_order({cast.syringe: 20})
    position = asked(database, "position")
    assert position.balance == 300
    assert position.open_orders == Decimal(order.answer["total"])
    assert position.exposure == 300 + Decimal(order.answer["total"])
    assert position.available == cast.huadong.credit_limit - position.exposure


def test_a_rival_is_not_found(database):
    with pytest.raises(NotFound):
        asked(database, "position", by=cast.yuegang.finance)


def test_a_rival_has_nothing_to_pay_for_others(database, three_invoices):
    assert asked(database, "settlement", by=cast.yuegang.finance).items == ()


def test_payments_settle_the_oldest_first(database, three_invoices):
    paid(database, "150.00")
    assert open_items(database) == [(three_invoices[1], Decimal(50)), (three_invoices[2], Decimal(100))]


def test_a_credit_note_settles_like_a_payment(database, three_invoices):
    returned(database, three_invoices[2], Returned(1, 1))
    assert open_items(database) == [(three_invoices[1], Decimal(100)), (three_invoices[2], Decimal(100))]


def test_a_reversed_payment_settles_nothing_and_is_no_debt_of_its_own(database, three_invoices):
    reversed_(database, paid(database, "150.00").document_no)
    assert open_items(database) == [(number, Decimal(100)) for number in three_invoices]


def test_credit_beyond_the_debts_is_unallocated(database, three_invoices):
    paid(database, "350.00")
    settled = asked(database, "settlement")
    assert (settled.items, settled.unallocated) == ((), Decimal(-50))


def test_money_paid_back_is_owed_like_any_debt_once_there_is_none_to_its_credit(database):
    paid(database, "50.00", on=cast.TODAY - DAY)
    paid(database, "-50.00")
    settled = asked(database, "settlement")
    assert (settled.items, settled.unallocated) == ((), 0)


def test_a_month_has_its_entries_between_two_balances(database, three_invoices):
    paid(database, "150.00")
    month = asked(database, "month", period=THIS_MONTH)
    earlier = asked(database, "month", period=clock.previous_period(THIS_MONTH))
    assert month.opening == earlier.closing
    assert month.closing == month.opening + sum(entry.receivable for entry in month.entries) == 150


def test_a_month_is_in_the_order_of_its_documents(database, three_invoices):
    paid(database, "1.00", on=cast.TODAY - 2 * DAY)
    entries = [
        *asked(database, "month", period=clock.previous_period(THIS_MONTH)).entries,
        *asked(database, "month", period=THIS_MONTH).entries,
    ]
    assert [entry.occurred_on for entry in entries] == sorted(entry.occurred_on for entry in entries)


def test_a_month_without_any_entry_is_zero(database):
    month = asked(database, "month", period=THIS_MONTH)
    assert (month.opening, month.closing, month.entries, month.settlement.items) == (0, 0, (), ())


def test_a_month_after_all_is_paid_still_knows_the_credit(database):
    paid(database, "80.00", on=clock.last_day(clock.previous_period(THIS_MONTH)))
    month = asked(database, "month", period=THIS_MONTH)
    assert (month.opening, month.closing, month.settlement.unallocated) == (-80, -80, -80)
