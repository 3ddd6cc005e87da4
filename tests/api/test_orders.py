"""Orders through the API: what is understood, what is answered, and what is read back."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.builders import Terms
from tests.orders.acts import decided
from tests.orders.test_standing import agreed
from tests.races import together

GOOD = {"sku": "GLOVES", "quantity": 1}


def order(*lines, **header):
    return {"lines": list(lines) or [GOOD], **header}


def test_a_sku_that_stands_twice_is_one_line(huadong):
    placed = kept(
        huadong.post(
            "/orders", order({"sku": "SYRINGE", "quantity": 10}, GOOD, {"sku": "syringe", "quantity": 20})
        )
    )
    assert [(line["sku"], line["quantity"]) for line in placed["lines"]] == [("SYRINGE", 30), ("GLOVES", 1)]


def test_five_hundred_lines_are_an_order(huadong, owner, given):
    products = [given.a_product(price="1.00") for _ in range(500)]
    owner.execute(
        text(
            "INSERT INTO stock_level (warehouse_id, product_id, on_hand)"
            " SELECT :w, unnest(CAST(:ids AS bigint[])), 10"
        ),
        {"w": cast.shanghai_warehouse.id, "ids": [product.id for product in products]},
    )
    placed = kept(
        huadong.post("/orders", order(*({"sku": product.sku, "quantity": 2} for product in products)))
    )
    assert (len(placed["lines"]), placed["total"]) == (500, "800.00")


def test_a_byte_order_mark_does_no_harm(huadong):
    data = b"\xef\xbb\xbf" + json.dumps(order()).encode()
    kept(huadong.request("POST", "/orders", data=data, content_type="application/json; charset=utf-8"))


def test_a_parcel_that_may_not_leave_is_not_picked_either(hq, given, owner):
    number = given.an_order({cast.gloves: 1}).number
    found = faults(hq.post("/hq/shipments", {"order": number, "carrier": "", "tracking_no": "?"}))
    assert found == {"/carrier": "carrier", "/tracking_no": "tracking_no"}
    assert owner.execute(text("SELECT count(*) FROM shipment")).scalar() == 0
    assert owner.execute(text("SELECT status FROM sales_order")).scalar() == "confirmed"


def test_an_order_says_where_it_can_be_read(huadong):
    answer = huadong.post("/orders", order())
    placed = kept(answer)
    assert answer.headers["Location"] == f"/api/v1/orders/{placed['number']}"
    assert (
        kept(huadong.get(f"/orders/{placed['number']}"))["lines"][0]["unit_price"]
        == placed["lines"][0]["unit_price"]
        == "20.00"
    )


def test_a_line_says_what_was_taken_off_it_and_whether_it_is_a_gift(huadong, given):
    number = given.an_order({cast.syringe: 60, cast.gloves: 2, cast.gauze: 5}).number
    given.on_terms(number, {1: Terms(((60, "2.50"),), discount="0.35"), 2: Terms(gift=True)})
    lines = kept(huadong.get(f"/orders/{number}"))["lines"]
    assert [
        (line["unit_price"], line["discount"], line["amount"], line["tax"], line["gift"])
        for line in lines[:2]
    ] == [("2.50", "0.35", "149.65", "17.22", False), ("0.00", "0.00", "0.00", "0.00", True)]
    assert lines[1]["list_price"] == "25.00"
    assert (lines[2]["discount"], lines[2]["gift"]) == ("0.00", False)


@pytest.mark.only_asks
def test_a_check_writes_nothing(huadong, owner):
    assert kept(huadong.post("/orders/validation", order(purchase_order_no="P1")))["total"] == "20.00"
    assert (
        owner.execute(
            text("SELECT (SELECT count(*) FROM sales_order) + (SELECT sum(reserved) FROM stock_level)")
        ).scalar()
        == 0
    )


def test_an_order_keeps_what_was_sent(huadong):
    sent = order(
        purchase_order_no="采购 4711",
        requested_date=cast.TODAY.isoformat(),
        ship_to="main",
        warehouse="WH-GZ",
    )
    seen = kept(huadong.get(f"/orders/{kept(huadong.post('/orders', sent))['number']}"))
    assert (
        seen["purchase_order_no"],
        seen["requested_date"],
        seen["ship_to"]["code"],
        seen["warehouse"],
    ) == (
        "采购 4711",
        cast.TODAY.isoformat(),
        "main",
        "WH-GZ",
    )
    assert (seen["channel"], seen["backordered" if "backordered" in seen else "status"]) == (
        "api",
        "confirmed",
    )


def test_an_order_beyond_the_credit_is_held(huadong, given):
    given.credit_limit_of(cast.huadong, "19.99")
    assert (kept(huadong.post("/orders", order())) | {"number": ""})["holds"] == ["credit"]


def test_the_last_unit_goes_to_one_of_eight(huadong, owner):
    answers = together(8, lambda _: huadong.post("/orders", order({"sku": "LAST", "quantity": 1})))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201 and set(statuses[1:]) <= {409, 422}
    assert all(
        {fault["code"] for fault in answer.json["errors"]} == {"stock_short"}
        for answer in answers
        if answer.status_code != 201
    )
    assert (
        owner.execute(
            text("SELECT on_hand - reserved FROM stock_level WHERE product_id = :p"),
            {"p": cast.last_suture.id},
        ).scalar()
        == 0
    )


def test_orders_are_listed_page_by_page_the_newest_first(huadong):
    numbers = [kept(huadong.post("/orders", order(purchase_order_no=f"P{n}")))["number"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = kept(huadong.get(f"/orders?limit=2&cursor={cursor}" if cursor else "/orders?limit=2"))
        seen += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == numbers[::-1]


def test_orders_are_found_by_status_and_by_number(huadong):
    first, second = (
        kept(huadong.post("/orders", order(purchase_order_no=name)))["number"] for name in ("FIRST", "SECOND")
    )
    kept(huadong.post(f"/orders/{first}/cancellation", {"reason": "ordered twice"}))
    assert [item["number"] for item in kept(huadong.get("/orders?status=cancelled"))["items"]] == [first]
    assert [item["number"] for item in kept(huadong.get("/orders?q=secon"))["items"]] == [second]
    assert kept(huadong.get(f"/orders/{first}"))["cancel_reason"] == "ordered twice"


def test_an_order_that_is_being_picked_is_not_cancelled_by_its_dealer(huadong, given):
    number = kept(huadong.post("/orders", order()))["number"]
    given.a_parcel_of(number)
    refused(huadong.post(f"/orders/{number}/cancellation"), 409, "already_picking")


def test_headquarters_ships_a_parcel_that_was_picked_at_the_desk(huadong, hq, given):
    number = kept(huadong.post("/orders", order()))["number"]
    shipment = given.a_parcel_of(number)
    assert kept(hq.get("/hq/orders?status=picking"))["items"][0]["shipment"] == shipment
    sent = kept(hq.post("/hq/shipments", {"shipment": shipment, "carrier": "SF", "tracking_no": "SF1"}))
    assert (sent["shipment"], sent["order_status"]) == (shipment, "shipped")
    refused(
        hq.post("/hq/shipments", {"shipment": shipment, "carrier": "SF", "tracking_no": "SF1"}),
        409,
        "already_shipped",
    )


def test_headquarters_chooses_lots_and_scans_serials(huadong, hq):
    lines = [{"sku": "SYRINGE", "quantity": 20}, {"sku": "STENT", "quantity": 2}]
    number = kept(huadong.post("/orders", order(*lines)))["number"]
    chosen = [{"line": 1, "lot": "SY-LATE", "quantity": 20, "reason": "asked for by the hospital"}]
    both = [{"line": 1, "quantity": 20}, {"line": 2, "quantity": 2}]
    parcel = {"order": number, "carrier": "SF", "tracking_no": "SF1", "lots": chosen, "quantities": both}
    wrong = parcel | {"serials": [{"line": 2, "lot": "ST-1", "serials": ["S1"]}]}
    assert faults(hq.post("/hq/shipments", wrong)) == {"/serials/0/serials": "serial_count"}
    sent = kept(
        hq.post("/hq/shipments", parcel | {"serials": [{"line": 2, "lot": "ST-1", "serials": ["S1", "S2"]}]})
    )
    found = {
        line["line"]: (line["lot"], line["serials"])
        for line in kept(huadong.get(f"/shipments/{sent['shipment']}"))["lines"]
    }
    assert found == {1: ("SY-LATE", []), 2: ("ST-1", ["S1", "S2"])}


def test_headquarters_ships_part_of_an_order_and_then_the_rest(huadong, hq):
    number = kept(huadong.post("/orders", order({"sku": "GLOVES", "quantity": 5})))["number"]
    parcel = {"order": number, "carrier": "SF", "tracking_no": "SF1"}
    part = kept(hq.post("/hq/shipments", parcel | {"quantities": [{"line": 1, "quantity": 2}]}))
    assert (part["order_status"], part["gross"]) == ("partially_shipped", "40.00")
    assert (
        kept(hq.post("/hq/shipments", parcel))["order_status"],
        len(kept(huadong.get(f"/orders/{number}/shipments"))["items"]),
    ) == ("shipped", 2)


def test_a_line_that_is_named_twice_ships_the_sum(huadong, hq):
    number = kept(
        huadong.post("/orders", order({"sku": "GLOVES", "quantity": 50}, {"sku": "STENT", "quantity": 3}))
    )["number"]
    parcel = {"order": number, "carrier": "SF", "tracking_no": "SF1"}
    named = [
        {"line": 1, "quantity": 10},
        {"line": 2, "quantity": 3},
        {"line": 1, "quantity": 7},
        {"line": 1, "quantity": 1},
    ]
    scanned = [
        {"line": 2, "lot": "ST-1", "serials": ["S1", "S2"]},
        {"line": 2, "lot": "ST-1", "serials": ["S3"]},
    ]
    sent = kept(hq.post("/hq/shipments", parcel | {"quantities": named, "serials": scanned}))
    lines = kept(huadong.get(f"/shipments/{sent['shipment']}"))["lines"]
    assert sum(line["quantity"] for line in lines if line["line"] == 1) == 18
    assert [(line["quantity"], line["serials"]) for line in lines if line["line"] == 2] == [
        (3, ["S1", "S2", "S3"])
    ]
    over = [{"line": 9, "quantity": 1}, {"line": 1, "quantity": 30}, {"line": 1, "quantity": 3}]
    answer = hq.post("/hq/shipments", parcel | {"quantities": over})
    assert faults(answer) == {
        "/quantities/0/quantity": "quantity_out_of_range",
        "/quantities/1/quantity": "quantity_out_of_range",
    }


def test_lots_without_quantities_ship_what_they_name_and_nothing_else(huadong, hq):
    number = kept(
        huadong.post("/orders", order({"sku": "SYRINGE", "quantity": 60}, {"sku": "STENT", "quantity": 2}))
    )["number"]
    named = [
        {"line": 1, "lot": lot, "quantity": 10, "reason": "asked for"}
        for lot in ("SY-LATE", "SY-EARLY", "SY-LATE")
    ]
    parcel = {"order": number, "carrier": "SF", "tracking_no": "SF1"}
    sent = kept(hq.post("/hq/shipments", parcel | {"lots": named}))
    lines = kept(huadong.get(f"/shipments/{sent['shipment']}"))["lines"]
    assert {(line["line"], line["lot"]): line["quantity"] for line in lines} == {
        (1, "SY-LATE"): 20,
        (1, "SY-EARLY"): 10,
    }
    assert sent["order_status"] == "partially_shipped"


@pytest.mark.parametrize("quantity", [0, -5])
def test_no_entry_takes_away_from_another_of_its_line(huadong, hq, quantity):
    number = kept(huadong.post("/orders", order({"sku": "GLOVES", "quantity": 10})))["number"]
    named = [{"line": 1, "quantity": 9}, {"line": 1, "quantity": quantity}]
    answer = hq.post(
        "/hq/shipments", {"order": number, "carrier": "SF", "tracking_no": "SF1", "quantities": named}
    )
    assert faults(answer) == {"/quantities/1/quantity": "quantity_not_positive"}


def test_a_wrong_lot_is_named_at_its_place_in_the_body(huadong, hq):
    number = kept(huadong.post("/orders", order({"sku": "GLOVES", "quantity": 10})))["number"]
    named = [{"line": 1, "lot": lot, "quantity": 1, "reason": "asked for"} for lot in ("NONE", "GZ-EXPIRED")]
    answer = hq.post("/hq/shipments", {"order": number, "carrier": "SF", "tracking_no": "SF1", "lots": named})
    assert {fault["pointer"] for fault in refused(answer, 422)["errors"]} == {"/lots/0/lot", "/lots/1/lot"}


def test_a_receipt_is_confirmed_once_and_answered_as_often_as_asked(huadong, given):
    shipment = given.a_delivery_of(kept(huadong.post("/orders", order()))["number"]).shipment_number
    first = kept(huadong.post(f"/shipments/{shipment}/receipt"))
    assert kept(huadong.post(f"/shipments/{shipment}/receipt")) == first


def test_an_order_tells_what_holds_it_and_what_was_warned_of_as_placing_it_did(
    huadong, hq, given, database, owner
):
    given.credit_limit_of(cast.huadong, "0.00")
    agreed(owner, min_amount=Decimal("1000.00"))
    decided(database, "min_amount", "warning")
    placed = kept(huadong.post("/orders", order(hospital="H-RUIJIN")))
    assert [[one["code"] for one in placed[told]] for told in ("held_by", "warnings")] == [
        ["credit"],
        ["min_amount"],
    ]
    read = kept(huadong.get(f"/orders/{placed['number']}"))
    assert (read["held_by"], read["warnings"]) == (placed["held_by"], placed["warnings"])
    assert read["hospital"] == "H-RUIJIN"


def test_the_words_of_an_employee_are_not_for_the_dealer(huadong, hq, given):
    number = given.an_order({cast.gloves: 1}).number
    kept(hq.post(f"/hq/orders/{number}/holds", {"kind": "price", "reason": "looks like fraud"}))
    answer = huadong.get(f"/orders/{number}")
    assert (kept(answer)["holds"], kept(answer)["held_by"]) == (["price"], [])
    assert "fraud" not in answer.text
