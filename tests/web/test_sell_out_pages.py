"""The pages of what a dealer sold to hospitals: typed, pasted, uploaded and scanned, and taken back."""

from __future__ import annotations

import io
import re

import pytest

from tests import cast
from tests.played import played

LOT = cast.syringe_lot_early.lot_no
SKU = cast.syringe.sku
EMPTY = {"kind": "sell_out", "day": cast.TODAY.isoformat(), "hospital": "仁济医院", "token": "t"}


@played
def received(given, database, owner):
    """Huadong received 20 syringes."""
    given.a_delivery_of(given.an_order({cast.syringe: 20}).number)


@pytest.fixture
def buyer(received, sign_in):
    """The buyer of whom received it."""
    return sign_in(cast.huadong.buyer)


def sent(visitor, **fields):
    return visitor.post("/sell-out/report", data=EMPTY | fields)


def page_of(visitor, path: str) -> str:
    return visitor.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"code": SKU, "lot": LOT, "count": "3"},
        {"code": f"(01){cast.syringe.udi_di}(17)980131(10){LOT}"},
        {"pasted": f"{SKU} {LOT} 4\n{SKU}\t{LOT}\t2\t{cast.TODAY}\tRuijin"},
        {"pasted": f"批号,数量,产品编码,医院,单据号,行号\n{LOT},5,{SKU},瑞金医院,CK-1,7"},
        {"file": (io.BytesIO(f"sku,lot,qty\n{SKU},{LOT},8".encode()), "sold.csv")},
    ],
)
def test_goods_are_reported_in_every_way(buyer, fields):
    answer = sent(buyer, **fields)
    assert answer.status_code == 303
    page = page_of(buyer, answer.location)
    assert LOT in page and "已认可" in page and "不予通过" not in page
    assert LOT in page_of(buyer, "/sell-out")


def test_what_is_wrong_stands_beside_its_row_and_nothing_typed_is_lost(buyer):
    pasted = f"{SKU} {LOT} 4\n{SKU} {LOT} two\n{SKU} {LOT} 0"
    answer = sent(buyer, pasted=pasted, document="CK-1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    rows = page[page.index('id="rows"') :]
    assert re.findall(r'data-label="行">(\d)</td>', rows) == ["2", "3"] or "two" in rows
    assert f"{SKU} {LOT} two" in page and 'value="CK-1"' in page and 'value="仁济医院"' in page
    assert LOT not in page_of(buyer, "/sell-out")


def test_a_second_click_is_the_same_report(buyer):
    first = sent(buyer, pasted=f"{SKU} {LOT} 4")
    assert sent(buyer, pasted=f"{SKU} {LOT} 4").location == first.location
    assert sent(buyer, pasted=f"{SKU} {LOT} 5").location != first.location


def test_a_line_of_a_document_is_told_to_be_repeated(buyer):
    sent(buyer, pasted=f"{SKU} {LOT} 4", document="CK-1")
    page = page_of(buyer, sent(buyer, pasted=f"{SKU} {LOT} 4", document="CK-1", token="u").location)
    assert "已经上报过" in page


def test_a_line_is_taken_back_with_a_reason(buyer):
    shown = sent(buyer, pasted=f"{SKU} {LOT} 4").location
    refused = buyer.post(f"{shown}/reversal", data={"line": "1", "reason": " "})
    assert refused.status_code == 422 and "<details open" in refused.get_data(as_text=True)
    assert buyer.post(f"{shown}/reversal", data={"line": "1", "reason": "医院填错"}).status_code == 303
    page = page_of(buyer, shown)
    assert "已冲销" in page and "医院填错" in page
    assert buyer.post(f"{shown}/reversal", data={"line": "1", "reason": "again"}).status_code == 409


def test_who_only_reads_is_shown_no_form(received, sign_in):
    finance = sign_in(cast.huadong.finance)
    assert "/sell-out/report" not in page_of(finance, "/sell-out")
    assert finance.get("/sell-out/report").status_code == 403
