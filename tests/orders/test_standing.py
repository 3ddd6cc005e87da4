"""What else judges an order: debts, agreed terms, severities, papers, and the day the goods were made."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text

from portal.kernel.errors import Conflict
from portal.orders.models import OrderTerm
from tests import cast
from tests.builders import a_lot
from tests.orders.acts import decided
from tests.orders.test_place_order import place, refused
from tests.races import failures, together
from tests.shipping.acts import cancelled, picked

TODAY, NOW = cast.TODAY, cast.NOW
BUYER = cast.huadong.buyer


def agreed(owner, *, product=None, dealer=cast.huadong, **terms) -> None:
    """A term of a dealer, since yesterday."""
    with owner.engine.begin() as connection:
        connection.execute(
            insert(OrderTerm),
            [
                {
                    "dealer_id": dealer.id,
                    "product_id": product and product.id,
                    "valid_from": TODAY - timedelta(days=1),
                    **terms,
                }
            ],
        )


def changed(owner, statement: str, **values) -> None:
    with owner.engine.begin() as connection:
        connection.execute(text(statement), values)


def kept(owner, number: str):
    return owner.execute(
        text("SELECT status, holds, verdict FROM sales_order WHERE number = :n"), {"n": number}
    ).one()


def warned(placed) -> list[str]:
    return [told["code"] for told in placed.answer["warnings"]]


# Debts


def a_debt_due(given, owner, on: date) -> None:
    delivery = given.a_delivery_of(given.an_order({cast.gloves: 1}).number)
    changed(
        owner,
        "ALTER TABLE journal_entry DISABLE TRIGGER USER;"
        f"UPDATE journal_entry SET due_on = '{on}' WHERE document_no = '{delivery.invoice_number}';"
        "ALTER TABLE journal_entry ENABLE TRIGGER USER",
    )


@pytest.mark.parametrize(("days", "holds"), [(30, []), (31, ["overdue"]), (300, ["overdue"])])
def test_a_debt_overdue_beyond_the_days_of_grace_holds_an_order(given, database, owner, days, holds):
    a_debt_due(given, owner, TODAY - timedelta(days=days))
    placed = place(database, BUYER, (cast.gloves, 1))
    assert placed.answer["holds"] == holds == list(kept(owner, placed.number).holds)


def test_a_debt_that_is_paid_holds_nothing(given, database, owner):
    a_debt_due(given, owner, TODAY - timedelta(days=90))
    given.a_payment_by(cast.huadong, "20.00")
    assert place(database, BUYER, (cast.gloves, 1)).answer["holds"] == []


def test_a_new_debt_beside_the_old_one_is_not_overdue_but_the_old_one_is(given, database, owner):
    given.a_delivery_of(given.an_order({cast.gloves: 3}).number)
    a_debt_due(given, owner, TODAY - timedelta(days=90))
    given.a_payment_by(cast.huadong, "20.00")  # settles the old one first
    assert place(database, BUYER, (cast.gloves, 1)).answer["holds"] == []


def test_another_dealer_s_debt_is_its_own(given, database, owner):
    a_debt_due(given, owner, TODAY - timedelta(days=90))
    assert place(database, cast.suzhou.buyer, (cast.gloves, 1)).answer["holds"] == []


# Severities


def test_headquarters_decides_what_a_debt_does(given, database, owner):
    a_debt_due(given, owner, TODAY - timedelta(days=90))
    decided(database, "overdue", "warning")
    placed = place(database, BUYER, (cast.gloves, 1))
    assert (placed.answer["status"], warned(placed)) == ("confirmed", ["overdue"])
    decided(database, "overdue", "error", seen=1)
    assert refused(database, BUYER, (cast.gloves, 1)) == {"": "overdue"}


def test_a_decision_for_later_does_not_count_yet(given, database, owner):
    agreed(owner, min_amount=Decimal("1000.00"))
    decided(database, "min_amount", "warning", valid_from=NOW + timedelta(days=1))
    assert refused(database, BUYER, (cast.gloves, 1)) == {"": "min_amount"}


def test_a_hold_by_the_law_is_kept_with_the_order(given, database, owner):
    given.licences_of(cast.huadong)
    decided(database, "licence", "hold")
    placed = place(database, BUYER, (cast.syringe, 10), language="en")
    order = kept(owner, placed.number)
    assert (order.status, list(order.holds)) == ("on_hold", ["compliance"])
    assert [entry["code"] for entry in order.verdict] == ["licence"]
    assert placed.answer["held_by"][0]["message"].startswith("No licence in force for class")


# Terms


@pytest.mark.parametrize(
    ("terms", "quantity", "fault"),
    [
        ({"min_quantity": 5}, 4, "min_quantity"),
        ({"max_quantity": 5}, 6, "max_quantity"),
        ({"quota": 5, "quota_days": 30}, 6, "quota"),
    ],
)
def test_a_line_beyond_what_was_agreed_is_refused_at_its_quantity(database, owner, terms, quantity, fault):
    agreed(owner, product=cast.gloves, **terms)
    assert refused(database, BUYER, (cast.gloves, quantity)) == {"/lines/0/quantity": fault}
    assert place(database, BUYER, (cast.gloves, 5)).answer["status"] == "confirmed"


def test_terms_that_have_ended_or_are_another_dealer_s_do_not_count(database, owner):
    agreed(owner, product=cast.gloves, dealer=cast.suzhou, max_quantity=1)
    agreed(owner, product=cast.gloves, max_quantity=1, valid_from=TODAY - timedelta(9), valid_to=TODAY)
    assert place(database, BUYER, (cast.gloves, 5)).answer["status"] == "confirmed"


def test_a_quota_is_not_spent_twice_by_orders_in_the_same_instant(database, owner):
    agreed(owner, product=cast.gloves, quota=3, quota_days=30)
    outcomes = together(6, lambda _: place(database, BUYER, (cast.gloves, 1)))
    assert len(failures(outcomes)) == 3
    ordered = owner.execute(text("SELECT sum(quantity) FROM order_line")).scalar_one()
    assert ordered == 3


def test_what_was_cancelled_does_not_use_the_quota(given, database, owner):
    agreed(owner, product=cast.gloves, quota=3, quota_days=30)
    cancelled(database, given.an_order({cast.gloves: 3}).number)
    assert place(database, BUYER, (cast.gloves, 3)).answer["status"] == "confirmed"


def test_goods_that_do_not_keep_as_agreed_are_told(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("SOON", 5, expires_on=TODAY + timedelta(days=60)))
    assert warned(place(database, BUYER, (product, 1))) == []
    agreed(owner, shelf_life_days=180)
    assert warned(place(database, BUYER, (product, 1))) == ["shelf_life"]


def test_terms_cost_no_statement_more(database, owner, count_statements):
    with count_statements() as before:
        place(database, BUYER, (cast.gloves, 1))
    agreed(owner, product=cast.gloves, quota=99, quota_days=30, shelf_life_days=1)
    with count_statements() as after:
        place(database, BUYER, (cast.gloves, 1))
    assert len(before) == len(after)


# Papers


def registered(owner, product, start: date, end: date, renewal: date | None = None) -> None:
    changed(
        owner,
        "UPDATE product SET registration_from = :start, registration_to = :until,"
        " registration_renewal_asked_on = :renewal WHERE id = :id",
        start=start,
        until=end,
        renewal=renewal,
        id=product.id,
    )


def made(owner, product, on: date | None) -> None:
    changed(owner, "UPDATE lot SET produced_on = :day WHERE product_id = :id", day=on, id=product.id)


LAPSED = TODAY - timedelta(days=10)


@pytest.mark.parametrize(
    ("made_on", "lawful"),
    [
        (LAPSED, True),
        (LAPSED + timedelta(days=1), False),
        (date(2019, 1, 1), False),
        (None, False),
    ],
)
def test_goods_made_while_the_registration_ran_stay_lawful(given, database, owner, made_on, lawful):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 5))
    registered(owner, product, date(2020, 1, 1), LAPSED)
    made(owner, product, made_on)
    if not lawful:
        assert refused(database, BUYER, (product, 1)) == {"/lines/0/sku": "registration"}
        return
    placed = place(database, BUYER, (product, 5))
    assert picked(database, placed.number).units == 5


def test_more_than_was_made_in_time_is_not_sold(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 5))
    registered(owner, product, date(2020, 1, 1), LAPSED)
    made(owner, product, LAPSED)
    assert refused(database, BUYER, (product, 6))["/lines/0/sku"] == "registration"


def test_the_pick_takes_no_lot_that_was_made_outside_the_registration(given, database, owner):
    product = given.a_product()
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("LATE", 5, expires_on=TODAY + timedelta(days=90)),
        a_lot("OLD", 5, expires_on=TODAY + timedelta(days=400)),
    )
    registered(owner, product, date(2020, 1, 1), LAPSED)
    made(owner, product, LAPSED)
    changed(
        owner,
        "UPDATE lot SET produced_on = :d WHERE lot_no = 'LATE' AND product_id = :id",
        d=TODAY,
        id=product.id,
    )
    number = place(database, BUYER, (product, 5)).number
    picked(database, number)
    lots = owner.execute(text("SELECT DISTINCT lot_no FROM shipment_line")).scalars().all()
    assert lots == ["OLD"]


def test_what_was_made_too_late_is_not_picked_for_want_of_other_lots(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 5))
    registered(owner, product, date(2020, 1, 1), LAPSED)
    made(owner, product, LAPSED)
    number = place(database, BUYER, (product, 5)).number
    made(owner, product, TODAY)
    with pytest.raises(Conflict) as refusal:
        picked(database, number)
    assert "registration" in {fault.code for fault in refusal.value.faults}


def test_a_registration_whose_renewal_is_undecided_runs_on(given, database, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 5))
    registered(owner, product, date(2020, 1, 1), LAPSED, renewal=LAPSED - timedelta(days=200))
    made(owner, product, TODAY)
    assert picked(database, place(database, BUYER, (product, 5)).number).units == 5


def test_a_licence_whose_renewal_is_undecided_counts_as_renewed(given, database, owner):
    changed(
        owner,
        "UPDATE dealer_licence SET valid_to = :day WHERE dealer_id = :id",
        day=LAPSED,
        id=cast.huadong.id,
    )
    assert refused(database, BUYER, (cast.syringe, 10)) == {"/lines/0/sku": "licence"}
    changed(
        owner,
        "UPDATE dealer_licence SET renewal_asked_on = :d WHERE dealer_id = :id",
        d=LAPSED,
        id=cast.huadong.id,
    )
    number = place(database, BUYER, (cast.syringe, 10)).number
    assert picked(database, number).units == 10


def restricted(owner, **columns) -> None:
    for column, codes in columns.items():
        changed(
            owner,
            f"UPDATE dealer_authorisation SET {column} = :codes WHERE dealer_id = :id",
            codes=codes,
            id=cast.huadong.id,
        )


def test_a_product_line_outside_the_contract_is_refused_also_at_the_pick(given, database, owner):
    number = given.an_order({cast.gloves: 1}).number
    restricted(owner, category_codes=["ZZ"])
    assert refused(database, BUYER, (cast.gloves, 1)) == {"/lines/0/sku": "line_not_authorised"}
    with pytest.raises(Conflict) as refusal:
        picked(database, number)
    assert {fault.code for fault in refusal.value.faults} == {"line_not_authorised"}


def test_a_contract_for_hospitals_wants_one_of_them_named(database, owner):
    restricted(owner, hospitals=["H-RUIJIN"])
    assert refused(database, BUYER, (cast.gloves, 1)) == {"/lines/0/sku": "hospital_not_authorised"}
    assert refused(database, BUYER, (cast.gloves, 1), hospital="H-OTHER") == {
        "/lines/0/sku": "hospital_not_authorised"
    }
    number = place(database, BUYER, (cast.gloves, 1), hospital="H-RUIJIN").number
    assert picked(database, number).units == 1


def test_a_line_keeps_what_entitled_the_dealer_to_it(database, owner):
    place(database, BUYER, (cast.syringe, 10))
    proof = owner.execute(text("SELECT proof FROM order_line")).scalar_one()
    assert proof["licence"] == "huadong-filing" and proof["registered"] == "certificate"
    assert proof["authorisation"] in (cast.shanghai.id, cast.east.id) and proof["on"] == TODAY.isoformat()
