"""The stage itself: what the fixtures promise."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from portal.dealers.queries import load_dealer
from portal.kernel import clock
from tests import cast
from tests.builders import a_lot, percent_off
from tests.invariants import broken_promises
from tests.races import failures, together


def test_the_cast_stands_on_a_fresh_database(owner):
    assert owner.execute(text("SELECT count(*) FROM dealer")).scalar_one() == len(cast.dealers)


def test_a_dealers_session_sees_its_own_dealer_only(database):
    with database.session_for(cast.huadong.buyer.actor()) as session:
        assert session.execute(text("SELECT id FROM dealer")).scalars().all() == [cast.huadong.id]
        assert load_dealer(session, cast.huadong.id, day=cast.TODAY).region_path == (
            cast.east.id,
            cast.shanghai.id,
        )


def test_settings_name_this_tests_own_servers(settings):
    assert "tonglu_test_" in settings.database_url.get_secret_value()


def test_given_sets_a_scene_and_places_an_order(given, owner, database, count_statements):
    product = given.a_product(price="10.00")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 3), a_lot("B", 4))
    given.a_policy(percent_off({1: 10, 5: 50}, product=product, dealer=cast.huadong))
    with count_statements() as counted:
        placed = given.an_order({product: 5})
    assert placed.answer["total"] == "25.00"
    assert counted.scopes == 1 and len(counted) <= 4, counted
    level = owner.execute(
        text("SELECT on_hand, reserved FROM stock_level WHERE product_id = :id"), {"id": product.id}
    )
    assert level.one() == (7, 5)


def test_acts_that_run_together_return_what_they_returned_or_raised():
    outcomes = together(8, lambda place: 10 // (place - 3))
    assert [type(failure) for failure in failures(outcomes)] == [ZeroDivisionError]


def test_the_stage_breaks_no_promise(owner, given):
    given.an_order({cast.gloves: 3, cast.syringe: 20})
    assert broken_promises(owner) == {}


def test_given_tells_a_month_from_order_to_statement(owner, given):
    last_month = cast.TODAY.replace(day=1) - timedelta(days=1)
    shipped = given.a_delivery_of(given.an_order({cast.gloves: 3}).number, on=last_month)
    given.a_receipt_of(shipped.shipment_number, by=cast.huadong.buyer)
    given.a_payment_by(cast.huadong, "10.00", on=last_month)
    given.a_parcel_of(given.an_order({cast.syringe: 20}).number)
    numbers = given.a_closed_month(clock.period_of(last_month))
    closing = owner.execute(
        text("SELECT closing FROM statement WHERE number = :number"), {"number": numbers[cast.huadong.id]}
    )
    assert closing.scalar_one() == shipped.gross - 10
    assert broken_promises(owner) == {}
