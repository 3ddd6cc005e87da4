"""Gifts of returned goods through the API: told before, come back or billed, and shown to nobody else."""

from __future__ import annotations

import pytest

from tests import cast
from tests.api.contract import faults, kept, refused
from tests.builders import a_lot
from tests.ledger.acts import delivered


@pytest.fixture
def sent(given, database):
    """Ten pieces that have left, with two gifts worth ¥40.00 each."""
    goods, gift = given.a_product(price="125.00"), given.a_product(price="50.00")
    for one, lot in ((goods, "A"), (gift, "G")):
        given.stock_of(one, cast.shanghai_warehouse, a_lot(lot, 20))
    given.a_promotion("gift", goods=[goods], gift=(gift, 1, 5))
    return goods, gift, delivered(given, database, {goods: 10})


def test_gifts_are_told_come_back_or_are_billed(huadong, rival, hq, sent):
    goods, gift, parcel = sent
    order = parcel.order_number
    body = {"shipment": parcel.shipment_number}
    body["lines"] = [{"sku": goods.sku, "quantity": 6, "reason": "surplus"}]
    quote = kept(huadong.post(f"/orders/{order}/return-quotes", body))
    assert (quote["credit"], quote["charge"], quote["total"]) == ("600.00", "0.00", "600.00")
    [told] = quote["gifts"]
    assert (told["line"], told["sku"], told["quantity"], told["unit_value"]) == (2, gift.sku, 2, "40.00")
    body["gifts"] = [{"line": 2, "keep": 1}]
    assert kept(huadong.post(f"/orders/{order}/return-quotes", body))["total"] == "560.00"
    refused(rival.post(f"/orders/{order}/return-quotes", body), 404)
    refused(rival.post(f"/orders/{order}/returns", body), 404)
    assert kept(huadong.get("/returns"))["items"] == [], "a quote writes nothing"
    asked = kept(huadong.post(f"/orders/{order}/returns", body))
    assert [(line["line"], line["quantity"], line["gift"]) for line in asked["lines"]] == [
        (1, 6, False),
        (2, 1, True),
    ]
    assert (asked["gifts"][0]["keep"], asked["gifts"][0]["charge"]) == (1, "40.00")
    number = asked["number"]
    kept(hq.post(f"/hq/returns/{number}/approval", {}))
    kept(hq.post(f"/hq/returns/{number}/receipt", {}))
    found = [{"sku": goods.sku, "lot": "A", "quantity": 6, "result": "saleable"}]
    found.append({"sku": gift.sku, "lot": "G", "quantity": 1, "result": "saleable"})
    settled = kept(hq.post(f"/hq/returns/{number}/inspection", {"lines": found}))
    assert [note["amount"] for note in settled["gift_notes"]] == ["40.00"]
    refused(rival.get(f"/returns/{number}"), 404)


@pytest.mark.parametrize(
    ("gifts", "pointer"),
    [
        ([{"line": 2, "keep": 3}], "/gifts/0/keep"),
        ([{"line": 9, "keep": 1}], "/gifts/0/keep"),
        ([{"line": 2, "keep": -1}], "/gifts/0/keep"),
        ([{"line": 2, "keep": 10**9}], "/gifts/0/keep"),
        ([{"line": 0, "keep": 1}], "/gifts/0/line"),
        ([{"line": 2, "keep": "x"}], "/gifts/0/keep"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(huadong, sent, gifts, pointer):
    goods, _, parcel = sent
    body = {"shipment": parcel.shipment_number, "gifts": gifts}
    body["lines"] = [{"sku": goods.sku, "quantity": 6, "reason": "surplus"}]
    for path in ("returns", "return-quotes"):
        answer = huadong.post(f"/orders/{parcel.order_number}/{path}", body)
        assert pointer in faults(answer)
