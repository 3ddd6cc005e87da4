"""Exchanged goods: what came back is credited, the same is ordered again for the same amount, once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Invalid
from portal.pricing.receipts import replay, replay_amount
from portal.shipping.queries import shipment
from tests import cast
from tests.builders import a_lot
from tests.invariants import broken_promises
from tests.ledger.acts import delivered
from tests.races import failures, together
from tests.returns.acts import asked, come_back, inspected, judged, requested
from tests.shipping.acts import cancelled, differences, level, picked, shipped


@pytest.fixture
def product(given):
    one = given.a_product(price="125.00")  # 100.00 for the dealer's tier
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 20))
    return one


@pytest.fixture
def parcel(given, database, product) -> str:
    """Ten units that have left."""
    return delivered(given, database, {product: 10}).shipment_number


def account(owner) -> tuple[Decimal, Decimal]:
    """Balance and open orders."""
    return tuple(
        owner.execute(
            text("SELECT balance, open_orders FROM dealer_account WHERE dealer_id = :d"),
            {"d": cast.huadong.id},
        ).one()
    )


def lines_of(owner, number):
    return owner.execute(
        text(
            "SELECT l.* FROM order_line l"
            " JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)"
            " WHERE o.number = :n ORDER BY l.line_no"
        ),
        {"n": number},
    ).all()


def sound(database, owner) -> bool:
    return differences(database) == [] and broken_promises(owner) == {}


def test_what_is_exchanged_is_credited_and_ordered_again_for_the_same(database, owner, product, parcel):
    owed, open_before = account(owner)
    number = come_back(database, parcel, asked(product, 3, reason="defective", remedy="exchange"))
    owner.execute(text("UPDATE list_price SET unit_price = 1 WHERE product_id = :p"), {"p": product.id})
    done = inspected(
        database, number, judged(product, "A", 2, "scrap"), judged(product, "A", 1, "refused", 1)
    )
    assert done.credit_note.gross == Decimal("-200.00")
    [line] = lines_of(owner, done.replacement_no)
    assert (line.quantity, line.reserved, line.amount) == (2, 2, Decimal("200.00"))
    assert (replay(line.receipt), replay_amount(line.receipt, 2)) == (line.unit_price, line.amount)
    assert account(owner) == (owed - 200, open_before + 200)
    sent = shipped(database, picked(database, done.replacement_no).shipment_number)
    assert account(owner) == (owed, open_before)
    with database.session_for(cast.huadong.buyer.actor()) as session:
        assert shipment(session, sent.shipment_number).order_number == done.replacement_no
    assert sound(database, owner)


@pytest.mark.parametrize(("price", "ordered", "back"), [("33.33", 7, 5), ("0.07", 9, 8), ("125.00", 3, 3)])
def test_the_replacement_costs_to_the_fen_what_was_paid_back(given, database, owner, price, ordered, back):
    product = given.a_product(price=price)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 50))
    given.a_promotion(goods=[product], reward_percent=7)
    parcel = delivered(given, database, {product: ordered}).shipment_number
    number = come_back(database, parcel, asked(product, back, remedy="exchange"))
    done = inspected(database, number, judged(product, "A", back))
    [line] = lines_of(owner, done.replacement_no)
    assert (line.amount, line.discount) == (-done.credit_note.gross, 0)
    assert replay_amount(line.receipt, back) == line.amount
    again = shipped(database, picked(database, done.replacement_no).shipment_number)
    second = come_back(database, again.shipment_number, asked(product, back))
    assert inspected(database, second, judged(product, "A", back)).credit_note.gross == -line.amount
    assert sound(database, owner)


def test_of_a_paid_and_an_exchanged_lot_of_one_line_each_gets_its_share(given, database, owner):
    product = given.a_product(price="125.00")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 2), a_lot("B", 9))
    parcel = delivered(given, database, {product: 5}).shipment_number
    number = come_back(database, parcel, asked(product, 2, "A"), asked(product, 3, "B", 1, remedy="exchange"))
    done = inspected(database, number, judged(product, "A", 2), judged(product, "B", 3, place=1))
    assert done.credit_note.gross == Decimal("-500.00")
    [line] = lines_of(owner, done.replacement_no)
    assert (line.quantity, line.amount) == (3, Decimal("300.00"))
    assert sound(database, owner)


def test_beside_what_is_exchanged_other_goods_come_back(given, database, owner):
    first, second = given.a_product(price="125.00"), given.a_product(price="10.00")
    for one in (first, second):
        given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 20))
    parcel = delivered(given, database, {first: 4, second: 6}).shipment_number
    number = come_back(database, parcel, asked(first, 2), asked(second, 3, place=1, remedy="exchange"))
    done = inspected(database, number, judged(first, "A", 2), judged(second, "A", 3, place=1))
    [line] = lines_of(owner, done.replacement_no)
    assert (line.sku, line.quantity) == (second.sku, 3)
    assert sound(database, owner)


def test_what_is_promised_to_others_does_not_replace_anything(given, database, owner, product, parcel):
    given.an_order({product: 8})
    number = come_back(database, parcel, asked(product, 5, remedy="exchange"))
    with pytest.raises(Invalid) as refusal:
        inspected(database, number, judged(product, "A", 5))
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code, fault.params["left"]) == (
        "/lines/0/quantity",
        "replacement_short",
        2,
    ), "also where the units that came would do: nobody is sent back what he returned"
    assert level(owner, product) == (10, 8)
    done = inspected(database, number, judged(product, "A", 5), credit_instead=True)
    assert (done.replacement_no, done.credit_note.gross) == (None, Decimal("-500.00"))
    assert sound(database, owner)


def test_a_dealer_whom_the_law_bars_gets_its_money_and_no_goods(database, owner, product, parcel):
    number = come_back(database, parcel, asked(product, 1, remedy="exchange"))
    owner.execute(text("UPDATE dealer SET state = 'suspended' WHERE id = :d"), {"d": cast.huadong.id})
    with pytest.raises(Invalid) as refusal:
        inspected(database, number, judged(product, "A", 1))
    assert "dealer_not_active" in {fault.code for fault in refusal.value.faults}
    assert inspected(database, number, judged(product, "A", 1), credit_instead=True).credit_note


def test_inspected_by_two_at_once_it_is_replaced_once(database, owner, product, parcel):
    number = come_back(database, parcel, asked(product, 4, remedy="exchange"))
    outcomes = together(3, lambda _: inspected(database, number, judged(product, "A", 4)))
    assert [type(error) for error in failures(outcomes)] == [Conflict, Conflict]
    assert owner.execute(text("SELECT sum(l.quantity) FROM order_line l")).scalar_one() == 14
    assert sound(database, owner)


def test_the_last_units_go_to_an_order_or_to_an_exchange_and_not_to_both(
    given, database, owner, product, parcel
):
    number = come_back(database, parcel, asked(product, 10, remedy="exchange"))
    acts = (
        lambda: inspected(database, number, judged(product, "A", 10, "scrap")),
        lambda: given.an_order({product: 10}),
    )
    outcomes = together(2, lambda place: acts[place]())
    assert len(failures(outcomes)) == 1
    assert level(owner, product) == (10, 10)
    assert broken_promises(owner) == {}


def test_two_returns_of_one_shipment_are_never_replaced_by_more_than_came(database, owner, product, parcel):
    first = come_back(database, parcel, asked(product, 6, remedy="exchange"))
    with pytest.raises(Invalid):
        requested(database, parcel, asked(product, 5, remedy="exchange"))
    second = come_back(database, parcel, asked(product, 4, remedy="exchange"))
    numbers = (first, second)
    units = (6, 4)
    outcomes = together(
        2, lambda place: inspected(database, numbers[place], judged(product, "A", units[place], "scrap"))
    )
    assert failures(outcomes) == []
    replaced = owner.execute(
        text(
            "SELECT sum(l.quantity) FROM order_line l JOIN return_request r ON r.dealer_id = l.dealer_id"
            " JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)"
            "  AND o.number = r.replacement_no"
        )
    ).scalar_one()
    assert replaced == 10
    assert sound(database, owner)


def test_units_with_serials_are_replaced_by_others_and_each_is_in_one_place(given, database, owner):
    product = given.a_product(serial_controlled=True)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 2))
    parcel = picked(database, given.an_order({product: 1}).number).shipment_number
    shipped(database, parcel, serials={(1, "A"): ["S1"]})
    number = come_back(database, parcel, asked(product, 1, "A", 0, "defective", "S1", remedy="exchange"))
    done = inspected(database, number, judged(product, "A", 1, "scrap"))
    again = picked(database, done.replacement_no).shipment_number
    shipped(database, again, serials={(1, "A"): ["S2"]})
    places = owner.execute(text("SELECT serial, state, document FROM serial_unit ORDER BY serial")).all()
    assert [(row.serial, row.state) for row in places] == [("S1", "quarantined"), ("S2", "shipped")]
    assert places[1].document == again
    assert sound(database, owner)


def test_a_replacement_that_is_cancelled_leaves_the_credit(database, owner, product, parcel):
    number = come_back(database, parcel, asked(product, 2, remedy="exchange"))
    owed, _ = account(owner)
    done = inspected(database, number, judged(product, "A", 2))
    cancelled(database, done.replacement_no)
    assert account(owner) == (owed - 200, 0)
    assert sound(database, owner)


def test_a_gift_is_exchanged_for_nothing(given, database, owner, product):
    given.a_promotion("gift", goods=[product], gift=(product, 1, 1))
    parcel = delivered(given, database, {product: 3}).shipment_number
    number = come_back(database, parcel, asked(product, 6, remedy="exchange"))
    done = inspected(
        database,
        number,
        judged(product, "A", 3, "refused", line_no=1),
        judged(product, "A", 3, "scrap", 1, line_no=2),
    )
    [line] = lines_of(owner, done.replacement_no)
    assert (line.gift, line.quantity, line.amount, done.credit_note.gross) == (True, 3, 0, 0)
    sent = shipped(database, picked(database, done.replacement_no).shipment_number)
    assert sent.gross == 0
    assert sound(database, owner)


@pytest.mark.parametrize("remedy", ["", "money", "EXCHANGE"])
def test_another_word_is_no_remedy(database, product, parcel, remedy):
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(product, 1, remedy=remedy))
    assert [fault.pointer for fault in refusal.value.faults] == ["/lines/0/remedy"]
