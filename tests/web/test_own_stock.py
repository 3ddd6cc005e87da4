"""The pages of the dealer's own stock: reported by hand, as a text, as a file and by scan."""

from __future__ import annotations

import io
import re

import pytest

from tests import cast
from tests.formulas import a_workbook_of
from tests.played import played

LOT = cast.syringe_lot_early.lot_no
SKU = cast.syringe.sku
EMPTY = {"kind": "sold", "as_of": cast.TODAY.isoformat(), "token": "t"}


@played
def received(given, database, owner):
    """Huadong received 20 syringes."""
    delivery = given.a_delivery_of(given.an_order({cast.syringe: 20}).number)
    given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)


@pytest.fixture
def buyer(received, sign_in):
    """The buyer of whom received it."""
    return sign_in(cast.huadong.buyer)


def held(visitor) -> str:
    page = visitor.get("/own-stock?show=all").get_data(as_text=True)
    [cell] = re.findall(rf"{LOT}.*?<td[^>]*data-label=\"持有数量\"[^>]*>\s*(-?\d+)", page, re.DOTALL)
    return cell


def sent(visitor, **fields):
    return visitor.post("/own-stock/report", data=EMPTY | fields)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"code": SKU, "lot": LOT, "count": "3"}, "17"),
        ({"code": f"(01){cast.syringe.udi_di}(17)980131(10){LOT}"}, "19"),
        ({"pasted": f"{SKU} {LOT} 4\n{SKU} {LOT} 2"}, "14"),
        ({"pasted": f"批号,数量,产品编码\n{LOT},5,{SKU}"}, "15"),
        ({"kind": "stock", "pasted": f"{SKU}\t{LOT}\t0"}, "0"),
        ({"file": (io.BytesIO(f"sku,lot,qty\n{SKU},{LOT},8".encode()), "sold.csv")}, "12"),
    ],
)
def test_stock_is_reported_in_every_way(buyer, fields, left):
    answer = sent(buyer, **fields)
    assert answer.status_code == 303
    page = buyer.get(answer.location).get_data(as_text=True)
    assert LOT in page
    assert held(buyer) == left


@pytest.mark.parametrize(
    "row",
    [
        [SKU, LOT, "=4", cast.TODAY.isoformat()],
        [SKU, f"={LOT}", "4", cast.TODAY.isoformat()],
        [f"={SKU}", LOT, "4", cast.TODAY.isoformat()],
        [SKU, LOT, "4", "="],
        [SKU, LOT, "4", cast.TODAY.isoformat(), "=Renji"],
        [SKU, LOT, "#", cast.TODAY.isoformat()],
    ],
)
def test_what_a_workbook_reckons_is_not_reported(buyer, row):
    content = a_workbook_of(["sku", "lot", "qty", "date", "customer"], [SKU, LOT, "1"], row)
    answer = sent(buyer, file=(io.BytesIO(content), "sold.xlsx"))
    assert answer.status_code == 422 and "第 3 行" in answer.get_data(as_text=True)
    assert held(buyer) == "20"


def test_the_form_is_empty_and_of_today(buyer):
    page = buyer.get("/own-stock/report").get_data(as_text=True)
    assert f'value="{cast.TODAY.isoformat()}"' in page and 'name="pasted"' in page


def test_a_second_click_is_the_same_report_and_another_text_is_another(buyer):
    first = sent(buyer, pasted=f"{SKU} {LOT} 4")
    assert sent(buyer, pasted=f"{SKU} {LOT} 4").location == first.location
    assert held(buyer) == "16"
    assert sent(buyer, pasted=f"{SKU} {LOT} 5").location != first.location
    assert held(buyer) == "11"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SKU} {LOT} 4\n{SKU} {LOT} two", "第 2 行"),
        (f"{SKU} {LOT} 0", "第 1 行"),
        (f"{SKU}\t{LOT}\t1\t2099-01-01", "第 1 行"),
        ("(01)06901234510042", "第 1 行"),
        ("", "<main"),
    ],
)
def test_a_text_that_cannot_be_read_comes_back_as_it_was(buyer, text, said):
    answer = sent(buyer, pasted=text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page and "notice" in page
    assert text.split("\n")[-1].split("\t")[0] in page
    assert held(buyer) == "20"


def test_what_is_to_be_reordered_goes_into_the_quick_order(buyer):
    sent(buyer, pasted=f"{SKU} {LOT} 20")
    page = buyer.get("/own-stock").get_data(as_text=True)
    [pasted] = re.findall(r'<textarea name="pasted" hidden>(.*?)</textarea>', page, re.DOTALL)
    sku, quantity = pasted.strip().split("\t")
    assert sku == SKU and int(quantity) % cast.syringe.pack_multiple == 0
    order = buyer.post("/quick-order", data={"pasted": pasted}).get_data(as_text=True)
    assert f'value="{quantity}"' in order


def test_who_may_only_read_is_offered_no_report(sign_in, received):
    finance = sign_in(cast.huadong.finance)
    assert "/own-stock/report" not in finance.get("/own-stock").get_data(as_text=True)
    assert finance.get("/own-stock/report").status_code == 403


@pytest.mark.parametrize("path", ["/own-stock?show=all", "/inventory-reports"])
def test_a_page_asks_as_often_for_many_lots_as_for_one(buyer, given, path, count_statements):
    def asked() -> int:
        with count_statements() as made:
            assert buyer.get(path).status_code == 200
        return len(made)

    sent(buyer, pasted=f"{SKU} {LOT} 1")
    asked()
    few = asked()
    for product in (cast.gloves, cast.gauze, cast.stent):
        delivery = given.a_delivery_of(given.an_order({product: 1}).number)
        given.a_receipt_of(delivery.shipment_number, by=cast.huadong.buyer)
        sent(buyer, pasted=f"{product.sku} X 1")
    assert asked() == few
