"""Programs name substitutes, and are told them where a line cannot be served."""

from __future__ import annotations

import pytest

from portal.catalogue.vocabulary import CatalogueRight
from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.api.contract import faults, kept, refused

PATH = "/hq/products/SOLD-OUT/substitutes"
ORDER = {"lines": [{"sku": "SYRINGE", "quantity": 10}, {"sku": "SOLD-OUT", "quantity": 2}]}


@pytest.fixture
def named(hq):
    """What was named for a product that is sold out."""
    body = {"substitutes": ["GAUZE", "gloves", "STENT"]}
    assert kept(hq.request("PUT", PATH, json=body))["substitutes"] == ["GAUZE", "GLOVES", "STENT"]
    return hq


def proposals(caller, path="/orders/validation", order=ORDER):
    problem = refused(caller.post(path, order), 422, "order_refused")
    [short] = [fault for fault in problem["errors"] if fault["code"] == "stock_short"]
    return short["pointer"], short["proposals"]


def test_what_is_named_is_read_back_and_taken_away(named):
    assert kept(named.get(PATH)) == {"sku": "SOLD-OUT", "substitutes": ["GAUZE", "GLOVES", "STENT"]}
    assert kept(named.request("PUT", PATH, json={"substitutes": []}))["substitutes"] == []
    assert kept(named.get(PATH))["substitutes"] == []


def test_every_wrong_one_is_told_in_its_place(named):
    answer = named.request("PUT", PATH, json={"substitutes": ["GLOVES", "NO-SUCH", "SOLD-OUT", "GLOVES"]})
    assert faults(answer) == {
        "/substitutes/1": "unknown_sku",
        "/substitutes/2": "same_product",
        "/substitutes/3": "named_twice",
    }
    refused(named.get("/hq/products/NO-SUCH/substitutes"), 404)


@pytest.mark.parametrize("path", ["/orders", "/orders/validation"])
def test_the_fault_of_a_line_carries_what_may_be_ordered_instead(named, huadong, path):
    pointer, offered = proposals(huadong, path)
    assert pointer == "/lines/1/quantity"
    assert offered[1] == {"sku": "GLOVES", "quantity": 2, "available": 500, "unit_price": "20.00"}


def test_each_dealer_is_told_its_own_price_and_its_own_warehouses(named, huadong, rival):
    only = {"lines": [{"sku": "SOLD-OUT", "quantity": 2}]}
    mine, theirs = (
        next(one for one in proposals(caller, order=only)[1] if one["sku"] == "GLOVES")
        for caller in (huadong, rival)
    )
    assert (mine["unit_price"], mine["available"]) == ("20.00", 500)
    assert (theirs["unit_price"], theirs["available"]) == ("22.50", 300)


def test_a_program_that_may_see_no_prices_is_told_none(named, system):
    blind = system(OrderRight.WRITE, dealer=cast.huadong)
    assert all("unit_price" not in one for one in proposals(blind)[1])
    [row] = kept(blind.post("/order-sheets", {"text": "SOLD-OUT\t2"}))["rows"]
    assert row["proposals"] and all("unit_price" not in one for one in row["proposals"])


def test_a_row_of_a_sheet_is_proposed_the_same(named, huadong):
    [row] = kept(huadong.post("/order-sheets", {"text": "SOLD-OUT\t2"}))["rows"]
    assert row["proposals"] == proposals(huadong)[1]


def test_what_can_be_served_proposes_nothing(named, huadong):
    refusal = refused(huadong.post("/orders", {"lines": [{"sku": "NO-SUCH", "quantity": 1}]}), 422)
    assert "proposals" not in refusal["errors"][0]


def test_it_costs_a_statement_more_only_where_something_is_short(named, huadong, count_statements):
    served = {"lines": [{"sku": "SYRINGE", "quantity": 10}, {"sku": "GLOVES", "quantity": 2}]}
    short = {
        "lines": [*ORDER["lines"], {"sku": "LAST", "quantity": 9}, {"sku": "SOUTHERN", "quantity": 9999}]
    }
    counts = []
    for order in (served, ORDER, short):
        huadong.post("/orders/validation", order)
        with count_statements() as counted:
            huadong.post("/orders/validation", order)
        counts.append(len(counted))
    assert counts == [counts[0], counts[0] + 1, counts[0] + 1]


@pytest.mark.parametrize("scope", [CatalogueRight.HEADQUARTERS, OrderRight.DESK])
def test_another_scope_names_none(system, scope):
    program = system(scope)
    refused(program.get(PATH), 403)
    refused(program.request("PUT", PATH, json={"substitutes": []}), 403)
