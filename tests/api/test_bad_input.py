"""Everything that can be wrong with what is sent, told at once, at its place, with the way out."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests import cast
from tests.api.contract import faults, refused

GOOD = {"sku": "GLOVES", "quantity": 1}


def order(*lines, **header):
    return {"lines": list(lines) or [GOOD], **header}


@pytest.fixture(autouse=True)
def nothing_is_written(owner):
    """A refused order leaves no trace."""
    yield
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0
    assert owner.execute(text("SELECT sum(reserved) FROM stock_level")).scalar() == 0
    assert owner.execute(text("SELECT count(*) FROM idempotency_key")).scalar() == 0


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        ({"sku": "NO-SUCH", "quantity": 1}, "/lines/0/sku", "unknown_sku"),
        ({"sku": "GLOVES", "quantity": 0}, "/lines/0/quantity", "quantity_not_positive"),
        ({"sku": "GLOVES", "quantity": -1}, "/lines/0/quantity", "quantity_not_positive"),
        ({"sku": "GLOVES", "quantity": 1.5}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": 1.0}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": "5"}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": True}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": None}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": [1]}, "/lines/0/quantity", "quantity_not_whole"),
        ({"sku": "GLOVES", "quantity": 10**9}, "/lines/0/quantity", "quantity_too_large"),
        ({"sku": "GLOVES", "quantity": 10**40}, "/lines/0/quantity", "quantity_too_large"),
        ({"sku": "GLOVES"}, "/lines/0/quantity", "missing"),
        ({"quantity": 1}, "/lines/0/sku", "missing"),
        ({"sku": "", "quantity": 1}, "/lines/0/sku", "missing"),
        ({"sku": 7, "quantity": 1}, "/lines/0/sku", "not_text"),
        ({"sku": None, "quantity": 1}, "/lines/0/sku", "not_text"),
        ({"sku": "X" * 65, "quantity": 1}, "/lines/0/sku", "too_long"),
        ({"sku": "GLO\x00VES", "quantity": 1}, "/lines/0/sku", "unreadable_text"),
        ({"sku": "GLO\ud800VES", "quantity": 1}, "/lines/0/sku", "unreadable_text"),
        ({"sku": "GLOVES", "quantity": 1, "qty": 2}, "/lines/0/qty", "unknown_field"),
        ({"sku": "SYRINGE", "quantity": 15}, "/lines/0/quantity", "pack_multiple"),
        ({"sku": "WITHDRAWN", "quantity": 1}, "/lines/0/sku", "withdrawn"),
        ({"sku": "UNPRICED", "quantity": 1}, "/lines/0/sku", "no_price"),
        ({"sku": "LAPSED", "quantity": 1}, "/lines/0/sku", "registration"),
        ({"sku": "LAST", "quantity": 2}, "/lines/0/quantity", "stock_short"),
        ({"sku": "SOLD-OUT", "quantity": 1}, "/lines/0/quantity", "stock_short"),
        ("GLOVES", "/lines/0", "not_an_object"),
        (None, "/lines/0", "not_an_object"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/orders", "/orders/validation"])
def test_a_wrong_line_is_named_at_its_place(huadong, path, line, pointer, code):
    assert faults(
        huadong.request("POST", path, data=json.dumps(order(line)), content_type="application/json")
    ) == {pointer: code}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("header", "pointer", "code"),
    [
        ({"purchase_order_no": 4711}, "/purchase_order_no", "not_text"),
        ({"purchase_order_no": "X" * 65}, "/purchase_order_no", "too_long"),
        ({"purchase_order_no": "line\nbreak"}, "/purchase_order_no", "purchase_order_no"),
        ({"purchase_order_no": "采购 🏥 7"}, "/purchase_order_no", "unprintable"),
        ({"requested_date": "31.12.2026"}, "/requested_date", "not_a_date"),
        ({"requested_date": "2026-02-30"}, "/requested_date", "not_a_date"),
        ({"requested_date": 20261231}, "/requested_date", "not_a_date"),
        ({"requested_date": "20261231"}, "/requested_date", "not_a_date"),
        ({"requested_date": "9999-12-31"}, "/requested_date", "not_a_date"),
        ({"requested_date": "2001-01-01"}, "/requested_date", "requested_date"),
        ({"ship_to": "nowhere"}, "/ship_to", "unknown_address"),
        ({"ship_to": ["main"]}, "/ship_to", "not_text"),
        ({"warehouse": "WH-XX"}, "/warehouse", "unknown_warehouse"),
        ({"backorder": "yes"}, "/backorder", "not_true_or_false"),
        ({"po": "typo"}, "/po", "unknown_field"),
        ({"lines": []}, "/lines", "no_lines"),
        ({"lines": None}, "/lines", "not_a_list"),
        ({"lines": {"sku": "GLOVES", "quantity": 1}}, "/lines", "not_a_list"),
        ({"lines": [GOOD] * 1001}, "/lines", "too_many_lines"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_wrong_header_is_named_at_its_place(huadong, header, pointer, code):
    assert faults(huadong.post("/orders", order() | header)) == {pointer: code}


@pytest.mark.only_asks
def test_all_faults_of_form_and_of_business_come_at_once_from_top_to_bottom(huadong):
    body = order(
        {"sku": "NO-SUCH", "quantity": 1.5},
        {"sku": "SYRINGE", "quantity": 15, "x": 1},
        {"quantity": 2},
        {"sku": "WITHDRAWN", "quantity": 1},
        purchase_order_no=1,
        requested_date="2001-01-01",
        surprise=1,
    )
    answer = huadong.post("/orders", body)
    assert faults(answer) == {
        "/lines/0/quantity": "quantity_not_whole",
        "/lines/0/sku": "unknown_sku",
        "/lines/1/quantity": "pack_multiple",
        "/lines/1/x": "unknown_field",
        "/lines/2/sku": "missing",
        "/lines/3/sku": "withdrawn",
        "/purchase_order_no": "not_text",
        "/requested_date": "requested_date",
        "/surprise": "unknown_field",
    }
    pointers = [fault["pointer"] for fault in answer.json["errors"]]
    assert [p for p in pointers if p.startswith("/lines")] == sorted(
        p for p in pointers if p.startswith("/lines")
    )
    assert answer.json["code"] == "order_refused"


@pytest.mark.only_asks
def test_the_fix_says_what_may_be_ordered_instead(huadong):
    (fault,) = huadong.post(
        "/orders", order({"sku": "SYRINGE", "quantity": 15}), headers={"Accept-Language": "en"}
    ).json["errors"]
    assert fault["fix"] == "Order 10 or 20."


@pytest.mark.only_asks
def test_five_hundred_wrong_lines_are_five_hundred_faults(huadong):
    found = faults(huadong.post("/orders", order(*({"sku": f"NONE-{n}", "quantity": 1} for n in range(500)))))
    assert len(found) == 500 and set(found.values()) == {"unknown_sku"}


def test_a_product_that_was_withdrawn_meanwhile_is_refused(huadong, given):
    assert huadong.post("/orders/validation", order()).status_code == 200
    given.a_withdrawn(cast.gloves)
    assert faults(huadong.post("/orders", order())) == {"/lines/0/sku": "withdrawn"}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "not_json"),
        (b"", "missing"),
        (b"lines=GLOVES", "not_json"),
        (b'{"lines": [{"sku": "GLOVES", "quantity": NaN}]}', "not_json"),
        (b'{"lines": [{"sku": "GLOVES", "quantity": ' + b"9" * 5000 + b"}]}", "not_json"),
        (b"[" * 50_000, "not_json"),
        (b'{"lines": [], "lines": [{"sku": "GLOVES", "quantity": 1}]}', "repeated_member"),
        (b'{"lines": [{"sku": "GLOVES", "quantity": 1, "quantity": 2}]}', "repeated_member"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "repeated_member"),
        ('{"purchase_order_no": "采购单", "lines": []}'.encode("gbk"), "not_utf8"),
        ('{"lines": []}'.encode("utf-16"), "not_utf8"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_is_no_json_in_utf8_is_told_where_it_breaks(huadong, data, code):
    answer = huadong.request("POST", "/orders", data=data, content_type="application/json")
    problem = refused(answer, 422 if code == "missing" else 400, None if code == "missing" else code)
    assert [fault["code"] for fault in problem["errors"]] == [code]


@pytest.mark.only_asks
@pytest.mark.parametrize("value", [[], "order", 7, None, True])
def test_a_body_that_is_no_object_is_refused(huadong, value):
    assert faults(
        huadong.request("POST", "/orders", data=json.dumps(value), content_type="application/json")
    ) == {"": "not_an_object"}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_anything_but_json_is_unsupported(huadong, content_type):
    refused(huadong.request("POST", "/orders", data=json.dumps(order()), content_type=content_type), 415)


@pytest.mark.only_asks
def test_a_body_beyond_the_limit_is_too_large(huadong):
    answer = huadong.request("POST", "/orders", data=b" " * (2**20 + 1), content_type="application/json")
    assert "1 MB" in refused(answer, 413)["detail"]


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "/limit", "limit"),
        ("limit=201", "/limit", "limit"),
        ("limit=-1", "/limit", "limit"),
        ("limit=ten", "/limit", "limit"),
        ("limit=1.5", "/limit", "limit"),
        ("limit=", "/limit", "limit"),
        ("limit=１", "/limit", "limit"),
        ("limit=1&limit=2", "/limit", "repeated_parameter"),
        ("cursor=abc", "/cursor", "bad_cursor"),
        ("cursor=%00", "/cursor", "unreadable_text"),
        ("cursor=W10", "/cursor", "bad_cursor"),
        ("cursor=WyJcdWQ4MDAiLCAxXQ", "/cursor", "bad_cursor"),
        ("cursor=" + "W1tb" * 300, "/cursor", "too_long"),
        ("cursor=" + "W1tb" * 250, "/cursor", "bad_cursor"),
        ("q=%00", "/q", "unreadable_text"),
        ("q=" + "x" * 201, "/q", "too_long"),
        ("colour=red", "/colour", "unknown_field"),
    ],
)
def test_a_wrong_parameter_is_named(huadong, query, pointer, code):
    assert faults(huadong.get(f"/products?{query}")) == {pointer: code}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("path", "pointer", "code"),
    [
        ("/orders?status=lost", "/status", "unknown_value"),
        ("/orders?cursor=abc", "/cursor", "bad_cursor"),
        ("/ledger?from=yesterday", "/from", "not_a_date"),
        ("/invoices?to=2026-13-01", "/to", "not_a_date"),
        ("/statements?period=2026-13", "/period", "not_a_period"),
        ("/statements?period=9999-12", "/period", "not_a_period"),
        ("/stock", "/sku", "missing"),
        ("/stock?sku=", "/sku/0", "missing"),
    ],
)
def test_a_wrong_filter_is_named(huadong, path, pointer, code):
    assert faults(huadong.get(path)) == {pointer: code}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "path",
    [
        "/orders/%00",
        "/products/%00",
        "/products/%ED%A0%80",
        "/statements/%00.pdf",
        "/shipments/x%00y",
        "/orders/" + "9" * 5000,
    ],
    ids=lambda path: path[:30],
)
def test_an_impossible_number_does_not_exist(huadong, path):
    refused(huadong.get(path), 404)


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-10-31", "not_a_moment"),
        ("2026-10-31T08:00:00", "not_a_moment"),
        (1793000000, "not_a_moment"),
        ("9999-12-31T23:59:59Z", "not_a_moment"),
        ("0001-01-01T00:00:00+14:00", "not_a_moment"),
        ("2026-10-31T25:00:00Z", "not_a_moment"),
    ],
)
def test_a_quote_needs_a_moment_with_its_zone(huadong, at, code):
    assert faults(huadong.post("/price-quotes", {"lines": [GOOD], "at": at})) == {"/at": code}


@pytest.mark.only_asks
def test_a_quote_names_everything_wrong_at_once(huadong):
    body = {"lines": [{"sku": "NO-SUCH", "quantity": 1.5}, {"sku": "SYRINGE", "quantity": 15}], "at": "soon"}
    assert faults(huadong.post("/price-quotes", body)) == {
        "/at": "not_a_moment",
        "/lines/0/quantity": "quantity_not_whole",
        "/lines/0/sku": "unknown_sku",
        "/lines/1/quantity": "pack_multiple",
    }


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"amount": 10.5}, "/amount", "not_money"),
        ({"amount": "10.555"}, "/amount", "not_money"),
        ({"amount": "1e3"}, "/amount", "not_money"),
        ({"amount": "NaN"}, "/amount", "not_money"),
        ({"amount": "１０"}, "/amount", "not_money"),
        ({"amount": "0.00"}, "/amount", "amount"),
        ({"received_on": "2999-01-01"}, "/received_on", "in_future"),
        ({"method": "  "}, "/method", "method_missing"),
        ({"reference": "x" * 141}, "/reference", "too_long"),
        ({"dealer": ""}, "/dealer", "missing"),
    ],
)
def test_a_wrong_payment_is_not_booked(hq, owner, change, pointer, code):
    body = {"dealer": "huadong", "amount": "10.00", "received_on": cast.TODAY.isoformat(), "method": "bank"}
    assert faults(hq.post("/hq/payments", body | change)) == {pointer: code}
    assert owner.execute(text("SELECT count(*) FROM payment")).scalar() == 0


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"carrier": "SF", "tracking_no": "1"}, 422),
        ({"order": "SO1", "shipment": "SH1", "carrier": "SF", "tracking_no": "1"}, 422),
        (
            {
                "shipment": "SH1",
                "carrier": "SF",
                "tracking_no": "1",
                "lots": [{"line": 1, "lot": "A", "quantity": 1, "reason": "x"}],
            },
            422,
        ),
        ({"order": "SO1", "carrier": "SF", "tracking_no": "1"}, 404),
        ({"shipment": "SH1", "carrier": "SF", "tracking_no": "1"}, 404),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_shipment_names_one_thing_that_exists(hq, body, status):
    refused(hq.post("/hq/shipments", body), status)
