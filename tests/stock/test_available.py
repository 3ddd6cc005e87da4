"""What may be sold follows from the day: whatever reads it says the same before the job has retired a lot
and after.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.orders.offered import offered
from portal.orders.place_order import place_order
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import OrderLimits, OrderTerms
from portal.pricing import catalogue
from portal.pricing.queries import offers
from portal.stock.queries import availability
from portal.stock.reservations import lock_available
from tests import cast
from tests.builders import a_lot
from tests.shipping.acts import cancelled, differences, level, lots, picked, released, retired, shipped

DUE, GOOD = 29, 21
MARGINS = (0, 1, 30)


@pytest.fixture(params=MARGINS)
def margin_days(request) -> int:
    return request.param


@pytest.fixture
def settings(settings, margin_days):
    """A portal that sells a lot until so many days before its expiry."""
    return settings.model_copy(update={"saleable_days_before_expiry": margin_days})


@pytest.fixture
def product(given, margin_days):
    """50 units, of which 29 lie in a lot that sold until yesterday and that no job has retired yet."""
    product = given.a_product(sku="TURNED", price="10.00")
    ran_out = cast.TODAY + timedelta(days=margin_days)
    given.stock_of(
        product, cast.shanghai_warehouse, a_lot("DUE", DUE, expires_on=ran_out), a_lot("GOOD", GOOD)
    )
    return product


def order(database, units: int, margin_days: int):
    person = cast.huadong.buyer
    with transaction(database.dealer_session(person.actor())) as session:
        return place_order(
            session,
            actor=person.actor(),
            dealer_id=person.dealer_id,
            request=OrderRequest([Wanted("TURNED", units, "/lines/0")]),
            terms=OrderTerms(OrderLimits(100, 1_000_000, margin_days), "CNY", cast.ZONE),
        )


def test_every_page_and_call_shows_what_may_be_sold(product, sign_in, api):
    buyer, program = sign_in(cast.huadong.buyer), api(cast.huadong.system)
    pages = (
        "/catalogue?q=TURNED",
        "/catalogue/TURNED",
        "/catalogue/stock?sku=TURNED",
        "/catalogue/stock?sku=TURNED&sheet",
    )
    shown = {
        page: re.findall(r'stock-count num">([\d,]+)<', buyer.get(page).get_data(as_text=True))[0]
        for page in pages
    }
    assert shown == dict.fromkeys(pages, str(GOOD))
    listed = program.get("/products?q=TURNED").json["items"][0]["stock"]
    told = [
        program.get("/stock?sku=TURNED").json["items"][0]["warehouses"],
        listed,
        program.get("/products/TURNED").json["stock"],
    ]
    assert [one[0]["available"] for one in told] == [GOOD] * 3


def test_what_is_shown_is_what_can_be_ordered(product, sign_in, api):
    program = api(cast.huadong.system)
    more, all_of_it = ({"lines": [{"sku": "TURNED", "quantity": units}]} for units in (GOOD + 1, GOOD))
    for call in ("/orders/validation", "/orders"):
        [fault] = program.post(call, more).json["errors"]
        assert (fault["code"], fault["pointer"]) == ("stock_short", "/lines/0/quantity")
    buyer = sign_in(cast.huadong.buyer)
    buyer.post("/cart", {"sku": "TURNED", "quantity": str(GOOD + 1)})
    assert (
        str(GOOD)
        in re.search(
            r'id="errors.*?</ul>|TURNED.*?21', buyer.get("/cart").get_data(as_text=True), re.DOTALL
        ).group()
    )
    assert program.post("/orders/validation", all_of_it).json.get("errors", []) == []
    assert program.post("/orders", all_of_it).status_code == 201
    assert (
        program.post("/orders", {"lines": [{"sku": "TURNED", "quantity": 1}]}).json["errors"][0]["code"]
        == "stock_short"
    )


def test_what_was_ordered_can_be_picked_and_shipped_and_all_adds_up(product, database, owner, margin_days):
    number = order(database, GOOD, margin_days).number
    assert differences(database) == []
    parcel = picked(database, number, margin_days=margin_days).shipment_number
    shipped(database, parcel, margin_days=margin_days)
    assert differences(database) == []
    assert (level(owner, product), lots(owner, product)["DUE"]) == ((DUE, 0), (DUE, 0, "saleable"))
    assert retired(database, margin_days=margin_days).orders_held == ()
    assert (level(owner, product), differences(database)) == ((0, 0), [])


def test_the_reservation_itself_refuses_what_the_page_promised_a_moment_ago(
    product, database, margin_days, monkeypatch
):
    """The assessment is made before the locks; what was true then is decided once more where the units are
    taken.
    """
    monkeypatch.setattr("portal.orders.assess.offered", _offers_of_yesterday(margin_days))
    with pytest.raises(Conflict) as refusal:
        order(database, GOOD + 1, margin_days)
    assert refusal.value.code == "stock_short"
    assert differences(database) == []


def _offers_of_yesterday(margin_days: int):
    def asked(session, *, today: date, margin_days: int, **about):
        return offered(session, today=today - timedelta(days=1), margin_days=margin_days, **about)

    return asked


@pytest.mark.parametrize("margin_days", [1, 30])
def test_a_release_reserves_only_what_may_be_sold(given, database, owner, margin_days):
    product, ran_out = given.a_product(), cast.TODAY + timedelta(days=margin_days)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 10, expires_on=ran_out), a_lot("GOOD", 4))
    number = given.an_order({product: 4}).number
    held = given.an_order({product: 6}).number
    retired(database, margin_days=margin_days)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("LATE", 6, expires_on=ran_out))
    with pytest.raises(Conflict) as refusal:
        released(database, held, margin_days=margin_days)
    assert (refusal.value.code, refusal.value.faults[0].params["missing"]) == ("stock_short", 6)
    cancelled(database, number)
    assert released(database, held, margin_days=margin_days, cancel_missing=True).units_cancelled == 2
    assert level(owner, product) == (10, 4)
    assert differences(database) == []


MIDNIGHT = datetime(2031, 3, 2, tzinfo=cast.ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        (MIDNIGHT - timedelta(seconds=1), 12),
        (MIDNIGHT, 5),
        (MIDNIGHT + timedelta(minutes=16), 5),
        (MIDNIGHT + timedelta(days=1), 2),
    ],
)
def test_the_answer_changes_at_midnight_where_the_business_is(given, database, margin_days, moment, left):
    product, turn = given.a_product(), date(2031, 3, 2) + timedelta(days=margin_days)
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("FIRST", 7, expires_on=turn),
        a_lot("SECOND", 3, expires_on=turn + timedelta(days=1)),
        a_lot("ANY", 2, expires_on=None),
        a_lot("BLOCKED", 40, state="blocked"),
        a_lot("EXPIRED", 50, expires_on=turn, state="expired"),
    )
    when = {"today": clock.business_date(moment, cast.ZONE), "margin_days": margin_days}
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        dealer = load_dealer(session, cast.huadong.id, day=cast.TODAY)
        offer = offers(session, dealer=dealer, skus=[product.sku], at=moment, **when)[product.sku]
        listed = catalogue.search(session, dealer=dealer, at=moment, q=product.sku, **when).items[0]
        detail = catalogue.product(session, dealer=dealer, at=moment, sku=product.sku, **when).offer
        stock = availability(session, dealer=dealer, skus=[product.sku], **when)
        locked = lock_available(
            session, warehouse_id=cast.shanghai_warehouse.id, products=[product.id], **when
        )
    assert [one.stock[0].available for one in (offer, listed, detail)] == [left] * 3
    assert (stock[0].available, locked) == (left, {product.id: left})


def test_what_is_promised_beyond_what_may_be_sold_leaves_nothing_and_never_less(given, database):
    product, tomorrow = given.a_product(), cast.TODAY + timedelta(days=1)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 8, expires_on=tomorrow), a_lot("NEW", 2))
    given.an_order({product: 9})
    with transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        dealer = load_dealer(session, cast.huadong.id, day=cast.TODAY)
        assert availability(session, dealer=dealer, skus=[product.sku], today=cast.TODAY)[0].available == 0


@pytest.mark.parametrize("written", ["lot_stock", "lot"])
def test_the_expiry_beside_the_units_is_the_lots_own(given, owner, written):
    product, day = given.a_product(), date(2040, 1, 31)
    [lot] = given.stock_of(product, cast.shanghai_warehouse, a_lot("ONE", 1, expires_on=date(2041, 1, 1)))
    owner.execute(
        text(f"UPDATE {written} SET expires_on = :day WHERE {'id' if written == 'lot' else 'lot_id'} = :lot"),
        {"day": day, "lot": lot.id},
    )
    both = owner.execute(
        text(
            "SELECT l.expires_on, k.expires_on FROM lot l JOIN lot_stock k ON k.lot_id = l.id"
            " WHERE l.id = :lot"
        ),
        {"lot": lot.id},
    )
    assert set(both.one()) == {day if written == "lot" else date(2041, 1, 1)}
