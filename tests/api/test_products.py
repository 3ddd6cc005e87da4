"""Products, prices and stock as one dealer is told of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest

from portal.kernel import clock
from portal.pricing.receipts import replay
from tests import cast
from tests.api.contract import kept
from tests.builders import net, percent_off

FIELDS = {
    "sku",
    "name",
    "specification",
    "udi_di",
    "registration_no",
    "device_class",
    "unit",
    "pack_multiple",
    "price",
    "stock",
}
PRICE = {"unit_price", "list_price", "currency", "tax_rate", "breaks", "policy", "valid_until"}


def item(caller, sku, path="/products?q={sku}"):
    (found,) = [
        product for product in kept(caller.get(path.format(sku=sku)))["items"] if product["sku"] == sku
    ]
    return found


def quoted(caller, sku, quantity, **more):
    (line,) = kept(caller.post("/price-quotes", {"lines": [{"sku": sku, "quantity": quantity}], **more}))[
        "lines"
    ]
    return line


@pytest.mark.only_asks
def test_an_item_has_exactly_the_members_of_the_contract(huadong):
    found = item(huadong, "SYRINGE")
    assert set(found) == FIELDS | {"match"} and set(found["price"]) == PRICE
    assert found["price"] == {
        "unit_price": "2.56",
        "list_price": "3.20",
        "currency": "CNY",
        "tax_rate": "0.13",
        "policy": cast.policy_number,
        "valid_until": None,
        "breaks": [{"min_quantity": 1, "unit_price": "2.56"}],
    }
    assert found["stock"][0] == {
        "region": "31",
        "warehouse": "WH-SH",
        "available": 1000,
        "in_transit": 0,
        "next_arrival": None,
    }
    assert (found["udi_di"], found["device_class"], found["unit"], found["pack_multiple"]) == (
        cast.syringe.udi_di,
        2,
        "支",
        10,
    )


@pytest.mark.only_asks
def test_everybody_is_told_the_own_price(huadong, rival):
    assert (item(huadong, "GLOVES")["price"]["unit_price"], item(rival, "GLOVES")["price"]["unit_price"]) == (
        "20.00",
        "22.50",
    )


@pytest.mark.only_asks
def test_everybody_is_told_of_the_own_warehouses_nearest_first(huadong, rival):
    assert [level["warehouse"] for level in item(huadong, "GLOVES")["stock"]] == ["WH-SH", "WH-GZ"]
    assert [level["warehouse"] for level in item(rival, "GLOVES")["stock"]] == ["WH-GZ"]


@pytest.mark.only_asks
def test_a_warehouse_without_stock_is_there_with_zero(huadong):
    assert [(level["warehouse"], level["available"]) for level in item(huadong, "SOUTHERN")["stock"]] == [
        ("WH-SH", 0),
        ("WH-GZ", 1000),
    ]


@pytest.mark.only_asks
def test_what_is_on_its_way_is_told_with_its_day(huadong):
    (level, _) = item(huadong, "SOLD-OUT")["stock"]
    assert (level["available"], level["in_transit"], level["next_arrival"]) == (
        0,
        200,
        (cast.TODAY + timedelta(days=14)).isoformat(),
    )


def test_the_price_is_that_of_the_smallest_quantity_one_can_order(huadong, given):
    given.a_policy(net({1: "3.00", 10: "2.00", 100: "1.00"}, dealer=cast.huadong, product=cast.syringe))
    price = item(huadong, "SYRINGE")["price"]
    assert (price["unit_price"], [step["unit_price"] for step in price["breaks"]]) == (
        "2.00",
        ["3.00", "2.00", "1.00"],
    )
    assert price["unit_price"] == quoted(huadong, "SYRINGE", 10)["unit_price"]


def test_a_price_says_until_when_it_holds(huadong, given):
    ends = clock.now() + timedelta(days=3)
    given.a_policy(percent_off(50, dealer=cast.huadong, product=cast.gloves), valid_to=ends)
    assert item(huadong, "GLOVES")["price"]["valid_until"] == ends.isoformat().replace("+00:00", "Z")


@pytest.mark.only_asks
def test_a_product_without_a_price_says_so(huadong):
    assert item(huadong, "UNPRICED")["price"] is None


@pytest.mark.only_asks
def test_a_withdrawn_product_is_not_listed_but_can_be_looked_up(huadong):
    assert "WITHDRAWN" not in [
        product["sku"] for product in kept(huadong.get("/products?limit=200"))["items"]
    ]
    assert kept(huadong.get("/products/WITHDRAWN"))["state"] == "withdrawn"


@pytest.mark.only_asks
def test_the_pages_of_the_list_are_the_list(huadong):
    whole = [product["sku"] for product in kept(huadong.get("/products?limit=200"))["items"]]
    seen, cursor = [], ""
    while cursor is not None:
        page = kept(huadong.get("/products?limit=2" + (f"&cursor={cursor}" if cursor else "")))
        seen += [product["sku"] for product in page["items"]]
        cursor = page["next_cursor"]
    assert seen == whole and len(whole) == len(set(whole)) == 8


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=纱布", {"GAUZE"}),
        ("q=gauze", {"GAUZE"}),
        ("q=06901234510065", {"GAUZE"}),
        ("category=P", {"STENT"}),
    ],
)
def test_products_are_found_by_name_number_and_line(huadong, query, found):
    assert {product["sku"] for product in kept(huadong.get(f"/products?{query}"))["items"]} == found


def test_a_published_policy_is_in_the_next_answer(huadong, hq, given):
    before = item(huadong, "GLOVES")["price"]
    draft = given.a_policy(percent_off(40, tier="S", product=cast.gloves), published_at=None, approved=True)
    assert item(huadong, "GLOVES")["price"] == before
    revision = kept(hq.get(f"/hq/policies/{draft}"))["revision"]
    kept(hq.post(f"/hq/policies/{draft}/publication", {"revision": revision}))
    assert item(huadong, "GLOVES")["price"]["unit_price"] == "15.00"


def test_a_draft_that_was_edited_since_is_not_published(hq, given):
    draft = given.a_policy(percent_off(40, tier="S", product=cast.gloves), published_at=None, approved=True)
    revision = kept(hq.get(f"/hq/policies/{draft}"))["revision"]
    assert hq.post(f"/hq/policies/{draft}/publication", {"revision": revision - 1}).status_code == 409


def test_a_quote_proves_its_price(huadong, given):
    given.a_policy(percent_off({1: 10, 50: 33}, dealer=cast.huadong, product=cast.gloves))
    line = quoted(huadong, "GLOVES", 50)
    assert (line["unit_price"], line["amount"]) == ("16.75", "837.50")
    assert [step["rule"] == "list" for step in line["receipt"]] == [True, False]
    assert line["receipt"][1]["effect"] == {"kind": "percent_off", "value": "33.00", "min_quantity": 50}
    assert f"{replay(line['receipt']):.2f}" == line["unit_price"]


def test_a_quote_knows_the_past_and_the_future(huadong, given):
    tomorrow = clock.now() + timedelta(days=1)
    given.a_policy(percent_off(50, dealer=cast.huadong, product=cast.gloves), valid_from=tomorrow)
    moments = {
        "before": cast.PRICES_SINCE - timedelta(days=1),
        "now": clock.now(),
        "then": tomorrow + timedelta(hours=1),
    }
    asked = {name: moment.isoformat() for name, moment in moments.items()}
    assert quoted(huadong, "GLOVES", 1, at=asked["now"])["unit_price"] == "20.00"
    assert quoted(huadong, "GLOVES", 1, at=asked["then"])["unit_price"] == "12.50"
    before = huadong.post(
        "/price-quotes", {"lines": [{"sku": "GLOVES", "quantity": 1}], "at": asked["before"]}
    )
    assert [fault["code"] for fault in before.json["errors"]] == ["no_price"]


@pytest.mark.only_asks
def test_a_quote_adds_up_to_the_fen(huadong):
    quote = kept(
        huadong.post(
            "/price-quotes", {"lines": [{"sku": "SYRINGE", "quantity": 30}, {"sku": "LAST", "quantity": 7}]}
        )
    )
    sums = [str(sum(Decimal(line[name]) for line in quote["lines"])) for name in ("amount", "tax")]
    assert [quote["total"], quote["tax"]] == sums


@pytest.mark.only_asks
def test_stock_answers_in_the_order_asked_and_says_as_of_when(huadong):
    items = kept(huadong.get("/stock?sku=STENT&sku=NO-SUCH&sku=GLOVES&sku=STENT"))["items"]
    assert [(found["sku"], len(found["warehouses"])) for found in items] == [
        ("STENT", 2),
        ("NO-SUCH", 0),
        ("GLOVES", 2),
    ]
    assert items[0]["warehouses"][0]["as_of"].endswith("Z")


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("q", "sku", "match"),
    [
        ("gauze", "GAUZE", "exact"),
        ("(01)06901234510065(10)A", "GAUZE", "exact"),
        ("纱布", "GAUZE", "words"),
        ("glvoes", "GLOVES", "near"),
    ],
)
def test_a_product_says_how_it_matches(huadong, q, sku, match):
    page = kept(huadong.get(f"/products?q={quote(q)}"))
    assert [(product["sku"], product["match"]) for product in page["items"]] == [(sku, match)]
    assert page["hint"] is None
    assert "match" not in kept(huadong.get("/products?limit=1"))["items"][0]


@pytest.mark.only_asks
def test_a_wrong_check_digit_is_told_in_the_readers_language(huadong):
    page = kept(huadong.get("/products?q=06901234510066", headers={"Accept-Language": "zh"}))
    assert page["hint"]["code"] == "wrong_check_digit"
    assert "校验位" in page["hint"]["message"] and "06901234510065" in page["hint"]["fix"]
    assert {product["match"] for product in page["items"]} <= {"near"}
