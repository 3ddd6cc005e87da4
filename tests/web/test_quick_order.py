"""The quick order's page: rows are checked, corrected, taken; what is wrong stands beside its row."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from html import unescape

import pytest

from portal.kernel.db import transaction
from portal.orders import cart
from tests import cast
from tests.orders.acts import decided
from tests.orders.test_standing import agreed

BUYER = cast.huadong.buyer
WAITS = "可以下单；订单将等待总部放行。"
HTMX = {"HX-Request": "true", "HX-Target": "quick-order"}


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(BUYER, locale="zh")
    visitor.get("/quick-order")
    return visitor


def rows_of(answer) -> list[tuple[str, str, str, str]]:
    """Row, line, code and quantity of every row of the page, as its form would send them."""
    page = answer.get_data(as_text=True)
    columns = [
        [unescape(value) for value in re.findall(rf'name="{name}"[^>]*?\svalue="([^"]*)"', page)]
        for name in ("row", "line", "sku", "quantity")
    ]
    return list(zip(*columns, strict=True))


def form_of(answer, **changes) -> dict[str, object]:
    """What the page's form would send."""
    row, line, sku, quantity = zip(*rows_of(answer), strict=True)
    return {"row": list(row), "line": list(line), "sku": list(sku), "quantity": list(quantity), **changes}


def held(database) -> dict[str, object]:
    with transaction(database.session_for(BUYER.actor())) as session:
        return {line.sku: line.quantity for line in cart.lines(session, actor=BUYER.actor())}


def test_pasted_lines_become_rows_with_their_faults(buyer):
    answer = buyer.post("/quick-order", {"pasted": "GLOVES\t3\nSYRINGE\t15\nGLOVEZ\t1\n合计\t\t19"})
    assert answer.status_code == 200
    assert [row[2:] for row in rows_of(answer)] == [
        ("GLOVES", "3"),
        ("SYRINGE", "15"),
        ("GLOVEZ", "1"),
        ("合计", "19"),
    ]
    page = answer.get_data(as_text=True)
    assert re.findall(r'id="trouble-(\d+)"', page) == ["1", "2", "3"]
    assert 'value="1 20"' in page
    assert 'value="2 GLOVES"' in page
    assert "¥60.00" in page


def test_a_proposal_is_taken_and_a_row_removed(buyer):
    first = buyer.post("/quick-order", {"pasted": "GLOVEZ\t1\nSYRINGE\t15\nNONE-SUCH\t1"})
    second = buyer.post("/quick-order", form_of(first, take_sku="0 GLOVES"))
    third = buyer.post("/quick-order", form_of(second, take_quantity="1 20"))
    last = buyer.post("/quick-order", form_of(third, remove="2"))
    assert [row[2:] for row in rows_of(last)] == [("GLOVES", "1"), ("SYRINGE", "20")]
    assert "row-trouble" not in last.get_data(as_text=True)


def test_what_can_be_ordered_goes_into_the_cart_and_the_rest_stays(buyer, database):
    checked = buyer.post("/quick-order", {"pasted": "GLOVES 3\nGLOVES 2\nNONE-SUCH 1\nSTENT 1"})
    answer = buyer.post("/quick-order/cart", form_of(checked), headers=HTMX)
    assert [row[2:] for row in rows_of(answer)] == [("NONE-SUCH", "1")]
    assert held(database) == {"GLOVES": 5, "STENT": 1}
    left = buyer.post("/quick-order/cart", form_of(checked, then="order"), headers=HTMX)
    assert 'href="/cart#field-purchase_order_no"' in left.get_data(
        as_text=True
    )  # what was taken is a click away


def test_all_rows_taken_lead_to_the_order(buyer, database):
    checked = buyer.post("/quick-order", {"pasted": "GLOVES 3\nSTENT 1"})
    answer = buyer.post("/quick-order/cart", form_of(checked, then="order"), headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/cart#field-purchase_order_no"
    assert "portal:sheet-taken" in answer.headers["HX-Trigger"]
    assert held(database) == {"GLOVES": 3, "STENT": 1}


def test_what_nobody_has_seen_checked_is_not_taken(buyer, database):
    checked = buyer.post("/quick-order", {"pasted": "GLOVES 3"})
    answer = buyer.post("/quick-order/cart", form_of(checked, pasted="STENT 1", then="order"))
    assert [row[2:] for row in rows_of(answer)] == [("GLOVES", "3"), ("STENT", "1")]
    assert held(database) == {}


def test_more_than_fits_into_the_cart_is_told_beside_its_row(buyer, database):
    first = buyer.post("/quick-order", {"pasted": "GLOVES 400\nSTENT 1"})
    with transaction(database.session_for(BUYER.actor())) as session:
        cart.put_in_cart(session, actor=BUYER.actor(), sku="GLOVES", quantity=999_700, quantity_max=1_000_000)
    answer = buyer.post("/quick-order/cart", form_of(first))
    assert answer.status_code == 422
    assert re.findall(r'id="trouble-(\d+)"', answer.get_data(as_text=True)) == ["0"]
    assert held(database) == {"GLOVES": 999_700}


def test_an_unreadable_file_loses_nothing_that_was_typed(buyer):
    checked = buyer.post("/quick-order", {"pasted": "GLOVES 3"})
    answer = buyer.post(
        "/quick-order",
        form_of(
            checked,
            pasted="STENT 1",
            code="GAU",
            count="7",
            file=(io.BytesIO(b"PK\x03\x04 no book"), "o.xlsx"),
        ),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "notice tone-red" in page
    assert [row[2:] for row in rows_of(answer)] == [("GLOVES", "3")]
    assert ">STENT 1</textarea>" in page and 'value="GAU"' in page and 'value="7"' in page


def test_everything_new_is_read_together(buyer):
    file = (io.BytesIO("货号;数量\nGAUZE;2".encode("gbk")), "订单.csv")
    answer = buyer.post(
        "/quick-order",
        {"pasted": "STENT 1", "code": "SYRINGE", "count": "10", "file": file},
        content_type="multipart/form-data",
    )
    assert [row[2:] for row in rows_of(answer)] == [("GAUZE", "2"), ("SYRINGE", "10"), ("STENT", "1")]


def test_guessed_columns_can_be_chosen(buyer):
    text = "7,GLOVES,3\n8,STENT,1\n9,SYRINGE,20"
    first = buyer.post("/quick-order", {"pasted": text})
    assert [row[2:] for row in rows_of(first)] == [("GLOVES", "3"), ("STENT", "1"), ("SYRINGE", "20")]
    again = buyer.post(
        "/quick-order",
        form_of(first, source=text, again="1", sku_column="2", quantity_column="1"),
    )
    assert [row[2:] for row in rows_of(again)] == [("GLOVES", "7"), ("STENT", "8"), ("SYRINGE", "9")]


def test_products_are_found_by_name_pinyin_and_gtin(buyer):
    for q in ("GLOV", "医用检查", "yiyong", "06901234510010"):
        assert 'data-sku="GLOVES"' in buyer.fragment(f"/quick-order/products?q={q}").get_data(as_text=True), q


def test_what_would_hold_the_order_and_what_is_told_stands_above_the_rows(buyer, given, database, owner):
    given.credit_limit_of(cast.huadong, "0.00")
    agreed(owner, min_amount=Decimal("1000.00"))
    decided(database, "min_amount", "warning")
    shown = buyer.post("/quick-order", {"pasted": "GLOVES 3\nGAUZE 1\nNO-SUCH 2"}).get_data(as_text=True)
    above = shown[: shown.index('name="sku"')]
    assert above.count(WAITS) == above.count("¥1000.00") == 1
