"""Placing an order: priced, reserved, exposed, announced; refused as a whole or done as a whole."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.kernel.errors import Invalid, NotFound, in_both
from portal.orders.answer import Idempotency, Placed
from portal.orders.place_order import place_order
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import OrderLimits, OrderTerms
from portal.pricing import receipts, rules
from tests import cast

TERMS = OrderTerms(OrderLimits(lines_max=1000, quantity_max=1_000_000), "CNY", cast.ZONE)


def wanted(*lines: tuple[object, object]) -> list[Wanted]:
    return [
        Wanted(getattr(sku, "sku", sku), quantity, f"/lines/{i}") for i, (sku, quantity) in enumerate(lines)
    ]


def place(database: Database, person, *lines, key: Idempotency | None = None, **more) -> Placed:
    with transaction(database.dealer_session(person.actor())) as session:
        return place_order(
            session,
            actor=person.actor(),
            dealer_id=person.dealer_id,
            request=OrderRequest(wanted(*lines), **more),
            terms=TERMS,
            idempotency=key,
        )


def refused(database: Database, person, *lines, **more) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        place(database, person, *lines, **more)
    return {fault.pointer: fault.code for fault in refusal.value.faults}


def level(owner: Connection, warehouse, product) -> tuple[int, int]:
    row = owner.execute(
        text("SELECT on_hand, reserved FROM stock_level WHERE warehouse_id = :w AND product_id = :p"),
        {"w": warehouse.id, "p": product.id},
    ).one()
    return row.on_hand, row.reserved


def test_an_order_is_confirmed_priced_by_tier_and_reserved(database, owner):
    before = level(owner, cast.shanghai_warehouse, cast.syringe)
    placed = place(database, cast.huadong.buyer, (cast.syringe, 20), purchase_order_no="PO-1")
    assert placed.answer["status"] == "confirmed"
    expected = rules.apply("percent_off", Decimal(20), cast.syringe.price)
    assert placed.answer["lines"] == [
        {
            "sku": cast.syringe.sku,
            "quantity": 20,
            "reserved": 20,
            "elsewhere": [],
            "backordered": 0,
            "promised_on": None,
            "unit_price": str(expected),
            "discounts": [],
            "gift": False,
            "amount": str(expected * 20),
        }
    ]
    assert level(owner, cast.shanghai_warehouse, cast.syringe) == (before[0], before[1] + 20)


def test_every_line_can_prove_its_price(database, owner):
    place(database, cast.huadong.buyer, (cast.syringe, 20), (cast.gloves, 10))
    for row in owner.execute(
        text("SELECT receipt, unit_price, amount, quantity, tax, tax_rate FROM order_line")
    ):
        assert receipts.replay(row.receipt) == row.unit_price
        assert row.amount == row.unit_price * row.quantity


def test_everything_that_follows_from_an_order_is_written_with_it(database, owner):
    number = place(database, cast.huadong.buyer, (cast.syringe, 20)).number
    counts = owner.execute(
        text(
            "SELECT (SELECT count(*) FROM stock_movement"
            " WHERE document = :n AND kind = 'reservation' AND reserved_delta = 20),"
            " (SELECT count(*) FROM audit_event WHERE subject = :n AND action = 'order:placed'),"
            " (SELECT count(*) FROM outbox WHERE payload ->> 'number' = :n),"
            " (SELECT open_orders = (SELECT total FROM sales_order WHERE number = :n) FROM dealer_account"
            " WHERE dealer_id = :d)"
        ),
        {"n": number, "d": cast.huadong.id},
    ).one()
    assert tuple(counts) == (1, 1, 1, True)


def test_an_order_costs_three_statements_whatever_its_size(database, count_statements):
    with count_statements() as counted:
        place(database, cast.huadong.buyer, (cast.syringe, 20), (cast.gloves, 10), (cast.gauze, 1))
    assert len(counted) == 3, counted  # standing, offers, write


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (0, "quantity_not_positive"),
        (-1, "quantity_not_positive"),
        (1.5, "quantity_not_whole"),
        ("1.5", "quantity_not_whole"),
        ("", "quantity_not_whole"),
        (None, "quantity_not_whole"),
        (True, "quantity_not_whole"),
        ("=1+1", "quantity_not_whole"),
        (10**9, "quantity_too_large"),
        (10**30, "quantity_too_large"),
        ("9" * 400, "quantity_not_whole"),
        (15, "pack_multiple"),
    ],
)
def test_a_quantity_that_cannot_be_sold_is_told_at_its_line(database, quantity, code):
    assert refused(database, cast.huadong.buyer, (cast.syringe, quantity)) == {"/lines/0/quantity": code}


def test_all_faults_come_at_once(database):
    faults = refused(
        database,
        cast.huadong.buyer,
        ("NO-SUCH-SKU", 1),
        (cast.syringe, 15),
        (cast.withdrawn_catheter, 1),
        (cast.lapsed_pump, 1),
        purchase_order_no="x" * 65,
    )
    assert faults == {
        "/purchase_order_no": "purchase_order_no",
        "/lines/0/sku": "unknown_sku",
        "/lines/1/quantity": "pack_multiple",
        "/lines/2/sku": "withdrawn",
        "/lines/3/sku": "registration",
    }


def test_an_order_refused_reserves_nothing(database, owner):
    before = level(owner, cast.shanghai_warehouse, cast.syringe)
    refused(database, cast.huadong.buyer, (cast.syringe, 20), ("NO-SUCH-SKU", 1))
    assert level(owner, cast.shanghai_warehouse, cast.syringe) == before
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 0


def test_the_same_sku_twice_becomes_one_line(database):
    placed = place(database, cast.huadong.buyer, (cast.syringe, 20), (cast.syringe.sku.lower(), "１０"))
    assert [(line["sku"], line["quantity"]) for line in placed.answer["lines"]] == [(cast.syringe.sku, 30)]


def test_a_repeated_key_gets_the_first_answer_and_no_second_order(database, owner):
    key = Idempotency("k-1", "body")
    first = place(database, cast.huadong.buyer, (cast.syringe, 20), key=key)
    again = place(database, cast.huadong.buyer, (cast.syringe, 20), key=key)
    assert again.replayed and json.dumps(again.answer) == json.dumps(first.answer)  # to the byte
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 1


def test_a_key_with_another_body_is_refused(database):
    place(database, cast.huadong.buyer, (cast.syringe, 20), key=Idempotency("k-1", "body"))
    with pytest.raises(Invalid) as refusal:
        place(database, cast.huadong.buyer, (cast.syringe, 30), key=Idempotency("k-1", "another body"))
    assert refusal.value.code == "idempotency_key_reused"


def test_a_key_means_nothing_to_somebody_else(database):
    mine = place(database, cast.huadong.buyer, (cast.syringe, 20), key=Idempotency("k-1", "body"))
    theirs = place(database, cast.yuegang.buyer, (cast.syringe, 20), key=Idempotency("k-1", "body"))
    assert not theirs.replayed and theirs.number != mine.number


def test_an_order_above_the_credit_limit_is_held_not_lost(database, owner):
    owner.execute(
        text("UPDATE dealer_account SET credit_limit = 1 WHERE dealer_id = :d"), {"d": cast.huadong.id}
    )
    placed = place(database, cast.huadong.buyer, (cast.syringe, 20))
    assert (placed.answer["status"], placed.answer["holds"]) == ("on_hold", ["credit"])


def test_a_foreign_delivery_address_does_not_exist(database):
    assert refused(database, cast.huadong.buyer, (cast.syringe, 20), ship_to="nowhere") == {
        "/ship_to": "unknown_address"
    }


def test_a_licence_that_ended_blocks_class_three(database):
    assert refused(database, cast.suzhou.buyer, (cast.stent, 1)) == {"/lines/0/sku": "licence"}


def test_500_lines_are_one_order_and_1001_are_refused(database):
    faults = refused(database, cast.huadong.buyer, *[(f"NO-{i}", 1) for i in range(500)])
    assert len(faults) == 500
    assert refused(database, cast.huadong.buyer, *[(f"NO-{i}", 1) for i in range(1001)]) == {
        "/lines": "too_many_lines"
    }


def test_nobody_orders_for_another_dealer(database):
    with pytest.raises(NotFound), transaction(database.dealer_session(cast.huadong.buyer.actor())) as session:
        place_order(
            session,
            actor=cast.huadong.buyer.actor(),
            dealer_id=cast.yuegang.id,
            request=OrderRequest(wanted((cast.syringe, 20))),
            terms=TERMS,
        )


_IN_GUANGZHOU = {
    **in_both("here", cast.shanghai_warehouse.name_zh, cast.shanghai_warehouse.name_en),
    **in_both("there", cast.guangzhou_warehouse.name_zh, cast.guangzhou_warehouse.name_en),
}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        # Gloves lie in both warehouses and come from Shanghai, masks only in Guangzhou.
        (
            ((cast.gloves, 400), (cast.southern_mask, 5)),
            {**_IN_GUANGZHOU, "available": 0, "units": 1000, "most": 1000},
        ),
        (
            ((cast.southern_mask, 2000),),
            {**_IN_GUANGZHOU, "available": 0, "units": 1000, "most": 1000},
        ),
        (((cast.gloves, 501),), {"available": 500, "most": 500}),
        (((cast.sold_out_scale, 1),), {"available": 0, "most": 0}),
    ],
)
def test_goods_that_lie_in_another_warehouse_are_not_called_out_of_stock(database, lines, told):
    with pytest.raises(Invalid) as refusal:
        place(database, cast.huadong.buyer, *lines)
    [fault] = refusal.value.faults
    assert fault.code == "stock_short"
    assert fault.params == told | {"sku": lines[-1][0].sku}


def test_who_is_served_by_one_warehouse_is_told_of_no_other(database):
    with pytest.raises(Invalid) as refusal:
        place(database, cast.suzhou.buyer, (cast.southern_mask, 1))
    assert "there" not in refusal.value.faults[0].params
