"""From the request to the credit note: stock, money and counts agree, whoever acts at the same moment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.files.store import store_at
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.post_credit_note import Returned
from portal.returns.receive_return import Arrived
from tests import cast
from tests.builders import a_lot
from tests.coldchain.acts import made_cold
from tests.files.acts import upload_photo
from tests.invariants import broken_promises
from tests.ledger.acts import delivered, returned
from tests.races import failures, together
from tests.returns.acts import (
    approved,
    arrived,
    asked,
    inspected,
    judged,
    rejected,
    requested,
    temperature_record,
    withdrawn,
)
from tests.shipping.acts import differences, level, picked, shipped

BUYER, RIVAL = cast.huadong.buyer, cast.yuegang.buyer


@pytest.fixture
def product(given):
    one = given.a_product(price="125.00")  # 100.00 for the dealer's tier
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 50))
    return one


@pytest.fixture
def parcel(given, database, product) -> str:
    """Ten units that have left."""
    return delivered(given, database, {product: 10}).shipment_number


def counts(owner, product) -> tuple[int, int]:
    """Returned and asked back."""
    found = owner.execute(
        text("SELECT returned, asked_back FROM shipment_line WHERE product_id = :p"), {"p": product.id}
    ).one()
    return tuple(found)


def apart(owner, product) -> tuple[int, int, int]:
    """On hand, in inspection, in quarantine."""
    found = owner.execute(
        text("SELECT on_hand, inspecting, quarantined FROM lot_stock WHERE product_id = :p"),
        {"p": product.id},
    ).one()
    return tuple(found)


def credit(owner) -> Decimal:
    return owner.execute(text("SELECT coalesce(sum(gross), 0) FROM invoice")).scalar_one()


def test_what_is_asked_back_cannot_be_asked_back_again(database, owner, product, parcel):
    assert requested(database, parcel, asked(product, 7)).units == 7
    assert counts(owner, product) == (0, 7)
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(product, 4))
    assert [(f.pointer, f.params["left"]) for f in refusal.value.faults] == [("/lines/0/quantity", 3)]
    requested(database, parcel, asked(product, 3))


def test_of_many_who_ask_at_once_no_unit_is_promised_twice(database, owner, product, parcel):
    outcomes = together(5, lambda _: requested(database, parcel, asked(product, 3)))
    assert len(failures(outcomes)) == 2
    assert counts(owner, product) == (0, 9)


@pytest.mark.parametrize("end", [rejected, withdrawn])
def test_what_does_not_come_back_may_be_asked_back_again(database, owner, product, parcel, end):
    number = requested(database, parcel, asked(product, 10)).number
    approved(database, number)
    end(database, number)
    assert counts(owner, product) == (0, 0)
    requested(database, parcel, asked(product, 10))


def test_a_return_comes_is_judged_and_is_paid_back(database, owner, product, parcel):
    number = requested(database, parcel, asked(product, 10)).number
    approved(database, number)
    arrived(database, number, [Arrived(product.sku, "A", 9, "/lines/0")])
    assert (counts(owner, product), apart(owner, product)) == ((0, 9), (40, 9, 0))
    assert level(owner, product) == (40, 0), "what waits for its inspection is not sold"
    done = inspected(
        database,
        number,
        judged(product, "A", 4),
        judged(product, "A", 2, "quarantine", 1),
        judged(product, "A", 1, "scrap", 2),
        judged(product, "A", 2, "refused", 3),
    )
    assert (counts(owner, product), apart(owner, product)) == ((7, 0), (44, 0, 3))
    assert done.credit_note.gross == Decimal("-700.00")
    assert credit(owner) == Decimal("300.00")
    assert differences(database) == []
    assert broken_promises(owner) == {}


def test_all_that_was_paid_comes_back_to_the_fen_in_parts(given, database, owner):
    product = given.a_product(price="33.33")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 50))
    parcel = delivered(given, database, {product: 7}).shipment_number
    for units in (3, 1, 3):
        number = requested(database, parcel, asked(product, units)).number
        approved(database, number)
        arrived(database, number)
        inspected(database, number, judged(product, "A", units))
    assert credit(owner) == 0


def test_a_price_that_changed_since_changes_nothing_of_what_is_paid_back(
    given, database, owner, product, parcel
):
    owner.execute(text("UPDATE list_price SET unit_price = 1 WHERE product_id = :p"), {"p": product.id})
    number = requested(database, parcel, asked(product, 2)).number
    approved(database, number)
    arrived(database, number)
    assert inspected(database, number, judged(product, "A", 2)).credit_note.gross == Decimal("-200.00")


def test_units_that_were_all_refused_are_not_paid(database, owner, product, parcel):
    number = requested(database, parcel, asked(product, 2)).number
    approved(database, number)
    arrived(database, number)
    assert inspected(database, number, judged(product, "A", 2, "refused")).credit_note is None
    assert (counts(owner, product), apart(owner, product)) == ((0, 0), (40, 0, 0))
    assert differences(database) == []


def test_a_lot_that_expired_meanwhile_is_not_sold_again(database, owner, product, parcel):
    number = requested(database, parcel, asked(product, 2)).number
    approved(database, number)
    arrived(database, number)
    owner.execute(
        text("UPDATE lot_stock SET state = 'blocked' WHERE product_id = :p"),
        {"p": product.id},
    )
    inspected(database, number, judged(product, "A", 2))
    assert apart(owner, product) == (40, 0, 2)


def test_each_step_is_taken_once_even_by_two_at_once(database, owner, product, parcel):
    number = requested(database, parcel, asked(product, 5)).number
    for act in (
        lambda _: approved(database, number),
        lambda _: arrived(database, number),
        lambda _: inspected(database, number, judged(product, "A", 5)),
    ):
        assert [type(error) for error in failures(together(2, act))] == [Conflict]
    assert (counts(owner, product), apart(owner, product)) == ((5, 0), (45, 0, 0))
    assert credit(owner) == Decimal("500.00")


def test_a_withdrawal_and_the_arrival_exclude_each_other(database, owner, product, parcel):
    number = requested(database, parcel, asked(product, 5)).number
    approved(database, number)
    acts = (lambda: withdrawn(database, number), lambda: arrived(database, number))
    assert len(failures(together(2, lambda place: acts[place]()))) == 1
    assert counts(owner, product)[1] == apart(owner, product)[1]


def test_a_credit_note_by_hand_does_not_take_what_is_on_its_way(database, owner, product, parcel):
    requested(database, parcel, asked(product, 8))
    invoice = owner.execute(text("SELECT number FROM invoice")).scalar_one()
    with pytest.raises(Invalid) as refusal:
        returned(database, invoice, Returned(1, 3))
    assert refusal.value.faults[0].params["left"] == 2
    returned(database, invoice, Returned(1, 2))


def test_above_the_limit_whoever_approved_does_not_inspect(database, product, parcel):
    number = requested(database, parcel, asked(product, 5)).number
    approved(database, number)
    arrived(database, number)
    with pytest.raises(Forbidden) as refusal:
        inspected(database, number, judged(product, "A", 5), alone_max=Decimal("499.99"))
    assert refusal.value.code == "same_person"
    inspected(database, number, judged(product, "A", 5), by=cast.quality, alone_max=Decimal("499.99"))


def test_serials_come_back_one_by_one_and_keep_one_place(given, database, owner):
    product = given.a_product(serial_controlled=True)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 3))
    order = given.an_order({product: 3}).number
    parcel = picked(database, order).shipment_number
    shipped(database, parcel, serials={(1, "A"): ["S1", "S2", "S3"]})
    number = requested(database, parcel, asked(product, 2, "A", 0, "damaged", "S1", "S3")).number
    approved(database, number)
    with pytest.raises(Invalid):
        arrived(database, number, [Arrived(product.sku, "A", 2, "/lines/0", ("S1", "X"))])
    arrived(database, number)
    with pytest.raises(Invalid) as refusal:
        inspected(database, number, judged(product, "A", 1), judged(product, "A", 1, "refused", 1))
    assert refusal.value.faults[0].code == "serials_missing"
    inspected(
        database,
        number,
        judged(product, "A", 1, serials=("S3",)),
        judged(product, "A", 1, "refused", 1, serials=("S1",)),
    )
    assert places_of_serials(owner) == {"S1": "shipped", "S2": "shipped", "S3": "saleable"}
    requested(database, parcel, asked(product, 1, "A", 0, "damaged", "S1"))


def places_of_serials(owner) -> dict[str, str]:
    return dict(owner.execute(text("SELECT serial, state FROM serial_unit")).all())


def test_units_of_two_products_with_serials_are_judged_in_any_order(given, database, owner):
    products = [given.a_product(serial_controlled=True) for _ in range(2)]
    for product in products:
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 1))
    parcel = picked(database, given.an_order(dict.fromkeys(products, 1)).number).shipment_number
    shipped(database, parcel, serials={(1, "A"): ["S1"], (2, "A"): ["S2"]})
    asks = [
        asked(product, 1, "A", place, "damaged", f"S{place + 1}") for place, product in enumerate(products)
    ]
    number = requested(database, parcel, *asks).number
    approved(database, number)
    arrived(database, number)
    last, first = products[1], products[0]
    inspected(database, number, judged(last, "A", 1, "scrap"), judged(first, "A", 1, place=1))
    assert places_of_serials(owner) == {"S1": "saleable", "S2": "quarantined"}


def test_a_named_unit_of_a_lot_that_is_blocked_meanwhile_is_set_apart(given, database, owner):
    product = given.a_product(serial_controlled=True)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 1))
    parcel = picked(database, given.an_order({product: 1}).number).shipment_number
    shipped(database, parcel, serials={(1, "A"): ["S1"]})
    number = requested(database, parcel, asked(product, 1, "A", 0, "damaged", "S1")).number
    approved(database, number)
    arrived(database, number)
    owner.execute(text("UPDATE lot_stock SET state = 'blocked' WHERE product_id = :p"), {"p": product.id})
    inspected(database, number, judged(product, "A", 1))
    assert (apart(owner, product), places_of_serials(owner)) == ((0, 0, 1), {"S1": "quarantined"})


@pytest.mark.parametrize(("refused_line", "paid"), [(1, "0.00"), (2, "-300.00")])
def test_of_a_paid_and_a_free_line_of_one_lot_the_inspection_says_which(
    given, database, owner, product, refused_line, paid
):
    given.a_promotion("gift", goods=[product], gift=(product, 1, 1))
    parcel = delivered(given, database, {product: 3}).shipment_number
    before = credit(owner)
    number = requested(database, parcel, asked(product, 6, "A")).number
    approved(database, number)
    arrived(database, number)
    with pytest.raises(Invalid) as refusal:
        inspected(database, number, judged(product, "A", 3), judged(product, "A", 3, "refused", 1))
    assert {fault.code for fault in refusal.value.faults} >= {"which_line"}
    kinds = {line_no: "refused" if line_no == refused_line else "saleable" for line_no in (2, 1)}
    inspected(
        database,
        number,
        *(judged(product, "A", 3, kind, place, line_no=no) for place, (no, kind) in enumerate(kinds.items())),
    )
    assert credit(owner) - before == Decimal(paid)


def test_a_rival_finds_neither_the_shipment_nor_the_return(database, product, parcel):
    number = requested(database, parcel, asked(product, 1)).number
    with pytest.raises(NotFound):
        requested(database, parcel, asked(product, 1), by=RIVAL)
    with pytest.raises(NotFound):
        withdrawn(database, number, by=RIVAL)


def test_goods_that_have_not_left_are_not_returned(given, database, product):
    order = given.an_order({product: 2}).number
    parcel = picked(database, order).shipment_number
    with pytest.raises(Conflict) as refusal:
        requested(database, parcel, asked(product, 1))
    assert refusal.value.code == "not_shipped"


def test_who_files_for_a_dealer_does_not_approve(database, product, parcel):
    number = requested(database, parcel, asked(product, 1), by=cast.order_desk).number
    with pytest.raises(Forbidden):
        approved(database, number)


def test_cold_goods_come_back_with_their_temperatures_which_stay_with_the_return(
    database, owner, tmp_path, product, parcel
):
    made_cold(owner, product)
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(product, 2))
    assert [fault.code for fault in refusal.value.faults] == ["temperatures_missing"]
    file = upload_photo(database, store_at(tmp_path.as_uri()), BUYER.actor())
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(product, 2), files=[file])
    assert [fault.code for fault in refusal.value.faults] == ["temperatures_missing"], "a photo is no record"
    read = temperature_record(tmp_path, file)
    number = requested(database, parcel, asked(product, 2), files=[file], temperatures=read).number
    kept = owner.execute(text("SELECT owner_kind, owner_number, state FROM stored_file")).one()
    assert tuple(kept) == ("return", number, "kept")


def test_a_rivals_file_is_not_attached(database, tmp_path, product, parcel):
    file = upload_photo(database, store_at(tmp_path.as_uri()), RIVAL.actor())
    with pytest.raises(Invalid) as refusal:
        requested(database, parcel, asked(product, 2), files=[file])
    assert [fault.pointer for fault in refusal.value.faults] == ["/files/0"]


def test_a_gift_that_is_defective_comes_back_for_nothing_and_takes_nothing_from_what_was_paid(
    given, database, owner, product
):
    given.a_promotion("gift", goods=[product], gift=(product, 1, 2))
    parcel = delivered(given, database, {product: 4}).shipment_number
    number = requested(database, parcel, asked(product, 6, reason="defective")).number
    approved(database, number)
    arrived(database, number, [Arrived(product.sku, "A", 2, "/lines/0", line_no=2)])
    assert inspected(database, number, judged(product, "A", 2, "scrap")).credit_note.gross == 0
    assert credit(owner) == Decimal("400.00")
    later = requested(database, parcel, asked(product, 4)).number
    approved(database, later)
    arrived(database, later)
    assert inspected(database, later, judged(product, "A", 4)).credit_note.gross == Decimal("-400.00")
    assert (credit(owner), differences(database), broken_promises(owner)) == (0, [], {})


@pytest.mark.parametrize("first", [1, 2, 5])
def test_a_promotion_is_shared_by_what_comes_back_of_the_paid_goods(given, database, owner, product, first):
    """Seven units less 10 %, in two returns: each its share, together all of it."""
    given.a_promotion(goods=[product], reward_percent=10)
    parcel = delivered(given, database, {product: 7}).shipment_number
    paid = []
    for units in (first, 7 - first):
        number = requested(database, parcel, asked(product, units, reason="defective")).number
        approved(database, number)
        arrived(database, number)
        paid.append(inspected(database, number, judged(product, "A", units)).credit_note.gross)
    assert paid == [Decimal(-90) * first, Decimal(-90) * (7 - first)]
    assert credit(owner) == 0
