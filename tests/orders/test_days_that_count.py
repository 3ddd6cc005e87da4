"""Right on the day: what ends today, what ended yesterday, and a month that turns between order and
shipment.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.errors import Conflict, Invalid
from tests import cast
from tests.builders import a_lot
from tests.roles import Licence
from tests.shipping.acts import parcel, picked, released, retired, shipped, status

TODAY, DAY = cast.TODAY, timedelta(days=1)


def test_a_licence_serves_on_its_last_day_and_not_after(given):
    given.licences_of(cast.huadong, Licence("filing", 2, TODAY - DAY, TODAY))
    given.an_order({cast.syringe: 10})
    given.licences_of(cast.huadong, Licence("filing", 2, TODAY - 2 * DAY, TODAY - DAY))
    with pytest.raises(Invalid):
        given.an_order({cast.syringe: 10})


def test_a_registration_serves_on_its_last_day_and_not_after(given):
    for last_day, sells in ((TODAY, True), (TODAY - DAY, False)):
        product = given.a_product(registration_to=last_day)
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 5))
        if sells:
            given.a_parcel_of(given.an_order({product: 1}).number)
        else:
            with pytest.raises(Invalid):
                given.an_order({product: 1})


def test_an_authorisation_ends_before_the_day_it_names(given):
    given.authorisation_of(cast.huadong, cast.shanghai, valid_to=TODAY + DAY)
    given.an_order({cast.gloves: 1})
    given.authorisation_of(cast.huadong, cast.shanghai, valid_to=TODAY)
    with pytest.raises(Invalid):
        given.an_order({cast.gloves: 1})


def test_goods_may_be_wanted_today_but_not_yesterday(given):
    given.an_order({cast.gloves: 1}, requested_date=TODAY)
    with pytest.raises(Invalid):
        given.an_order({cast.gloves: 1}, requested_date=TODAY - DAY)


def test_a_lot_that_expires_tomorrow_stays_and_the_next_leaves_today_but_not_tomorrow(given, database, owner):
    product = given.a_product()
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("TOMORROW", 5, expires_on=TODAY + DAY),
        a_lot("AFTER", 5, expires_on=TODAY + 2 * DAY),
    )
    number = given.an_order({product: 6}).number
    with pytest.raises(Conflict):
        picked(database, number)
    retired(database)
    assert status(owner, number) == "on_hold"
    released(database, number, cancel_missing=True)
    shipment = picked(database, number).shipment_number
    assert parcel(owner, shipment) == [(1, "AFTER", 5)]
    with pytest.raises(Conflict):
        shipped(database, shipment, today=TODAY + DAY)
    shipped(database, shipment)


def test_an_order_of_the_last_second_of_a_month_is_billed_in_the_month_it_is_shipped(given, owner):
    first = TODAY.replace(day=1)
    number = given.an_order({cast.gloves: 2}).number
    last_second = clock.start_of(first, cast.ZONE) - timedelta(seconds=1)
    owner.execute(
        text("UPDATE sales_order SET placed_at = :at WHERE number = :number"),
        {"at": last_second, "number": number},
    )
    invoice = given.a_delivery_of(number, on=first).invoice_number
    entry = owner.execute(
        text("SELECT period, occurred_on, late FROM journal_entry WHERE document_no = :number"),
        {"number": invoice},
    )
    assert tuple(entry.one()) == (clock.period_of(first), first, False)
