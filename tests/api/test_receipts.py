"""A dealer's program confirms what arrived, with differences and twice."""

from __future__ import annotations

import pytest

from portal.shipping.vocabulary import ShippingRight
from tests import cast
from tests.api.contract import kept, refused
from tests.shipping.acts import picked, shipped

SHORT = {
    "lines": [{"sku": "GAUZE", "lot": "GZ-SHORT", "received": 14, "damaged": 1}],
    "signed_by": "仓库 王",
}


@pytest.fixture
def address(given, database) -> str:
    """Of the receipt of a shipment of 15 units of gauze."""
    number = picked(database, given.an_order({cast.gauze: 15}).number).shipment_number
    shipped(database, number)
    return f"/shipments/{number}/receipt"


def test_differences_open_cases_that_the_answer_names(address, huadong):
    answer = kept(huadong.post(address, SHORT))
    assert answer["order_status"] == "received" and len(answer["cases"]) == 2
    for again in (SHORT, {}):
        assert kept(huadong.post(address, again)) == answer


@pytest.mark.parametrize(
    "line",
    [
        {"sku": "GAUZE", "lot": "GZ-SHORT", "received": 15},
        {"sku": "GAUZE", "lot": "GZ-SHORT", "received": 14, "damaged": 0},
        {"sku": "GAUZE", "lot": "OTHER", "received": 1},
    ],
)
def test_other_quantities_than_the_first_are_a_conflict(address, huadong, line):
    kept(huadong.post(address, SHORT))
    refused(huadong.post(address, {"lines": [line]}), 409, "received_otherwise")


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"sku": "GAUZE", "lot": "GZ-SHORT", "received": -1}, "/lines/0/received"),
        ({"sku": "GAUZE", "lot": "GZ-SHORT", "received": "15"}, "/lines/0/received"),
        ({"sku": "GAUZE", "lot": "GZ-SHORT", "received": 1, "damaged": 2}, "/lines/0/damaged"),
        ({"sku": "GLOVES", "lot": "GZ-SHORT", "received": 1}, "/lines/0/sku"),
        ({"sku": "GAUZE", "lot": "x" * 41, "received": 1}, "/lines/0/lot"),
        ({"sku": "GAUZE", "received": 1}, "/lines/0/lot"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_member(address, huadong, line, pointer):
    answer = refused(huadong.post(address, {"lines": [line]}), 422)
    assert pointer in [fault["pointer"] for fault in answer["errors"]]


def test_a_lot_named_twice_is_refused(address, huadong):
    lines = [{"sku": "GAUZE", "lot": "GZ-SHORT", "received": 7}] * 2
    answer = refused(huadong.post(address, {"lines": lines}), 422)
    assert [fault["pointer"] for fault in answer["errors"]] == ["/lines/1/lot"]


def test_a_program_of_the_warehouse_needs_one_scope_and_may_do_nothing_else(address, system):
    warehouse = system(ShippingRight.RECEIVE, dealer=cast.huadong)
    assert kept(warehouse.post(address, SHORT))["cases"]
    refused(warehouse.get("/orders"), 403)


def test_a_rivals_shipment_does_not_exist(address, rival):
    refused(rival.post(address, SHORT), 404)
