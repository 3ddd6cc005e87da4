"""Goods are received on a phone, inspected by a colleague, and found again in stock and among the records."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tests import cast
from tests.builders import a_lot
from tests.catalogue.acts import put_package
from tests.receiving.acts import SUPPLIER, a_supplier, decision, inspected, line, ordered, received

LABEL = f"(01){cast.syringe.udi_di}(17)310531(10)AB-7"
STENT_LABEL = f"(01){cast.stent.udi_di}(17)310531(10)S-9(21)"
EMPTY = {
    "sku": [],
    "lot": [],
    "expires_on": [],
    "produced_on": [],
    "quantity": [],
    "serials": [],
    "inspection": [],
    "contract_maker": [],
    "contract_maker_licence": [],
}


def a_row(**said: str) -> dict[str, list[str]]:
    usual = dict.fromkeys(EMPTY, "") | {
        "sku": cast.syringe.sku,
        "lot": "AB-7",
        "expires_on": "2031-05-31",
        "quantity": "12",
        "inspection": "1",
    }
    return {name: [value] for name, value in (usual | said).items()}


def head(**said: str) -> dict[str, str]:
    return {
        "warehouse": cast.shanghai_warehouse.code,
        "supplier": SUPPLIER.code,
        "idempotency_key": "first",
        **said,
    }


def sent(visitor, **said):
    return visitor.post("/hq/goods-receipts/new", head(then="receive") | a_row() | said)


def receipts(owner) -> int:
    return owner.execute(
        text("SELECT count(*) FROM goods_receipt WHERE number <> :past"), {"past": cast.goods_receipt_number}
    ).scalar_one()


def values(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}"[^>]*?value="([^"]*)"', page)


@pytest.fixture
def desk(sign_in, database):
    a_supplier(database)
    return sign_in(cast.order_desk)


def test_a_scanned_label_fills_in_the_row_and_the_next_scan_adds_a_unit(desk):
    first = desk.post("/hq/goods-receipts/new", head(code=LABEL))
    page = first.get_data(as_text=True)
    assert first.status_code == 200
    told = {name: values(page, name) for name in ("sku", "lot", "expires_on", "quantity")}
    assert told == {
        "sku": [cast.syringe.sku],
        "lot": ["AB-7"],
        "expires_on": ["2031-05-31"],
        "quantity": ["1"],
    }
    again = desk.post("/hq/goods-receipts/new", head(code=LABEL) | a_row()).get_data(as_text=True)
    assert values(again, "quantity") == ["13"]


def test_a_scanned_case_adds_all_that_is_in_it(desk, owner):
    put_package(owner, cast.syringe, "case", "16901234510024", 50)
    case = LABEL.replace(cast.syringe.udi_di, "16901234510024")
    page = desk.post("/hq/goods-receipts/new", head(code=case)).get_data(as_text=True)
    assert (values(page, "sku"), values(page, "lot"), values(page, "quantity")) == (
        [cast.syringe.sku],
        ["AB-7"],
        ["50"],
    )
    again = desk.post("/hq/goods-receipts/new", head(code=case) | a_row()).get_data(as_text=True)
    assert values(again, "quantity") == ["62"]


def test_serials_are_scanned_one_by_one_and_none_twice(desk):
    rows = {}
    for serial in ("a1", "a2", "a2"):
        page = desk.post("/hq/goods-receipts/new", head(code=STENT_LABEL + serial) | rows).get_data(
            as_text=True
        )
        [serials] = re.findall(r'name="serials"[^>]*>([^<]*)</textarea>', page)
        [quantity] = values(page, "quantity")
        rows = a_row(sku=cast.stent.sku, lot="S-9", quantity=quantity, serials=serials)
    assert (serials.split(), quantity) == (["a1", "a2"], "2")


def test_a_code_of_nothing_of_ours_is_told_and_the_rows_stay(desk):
    answer = desk.post("/hq/goods-receipts/new", head(code="(01)04012345678901(10)X") | a_row())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="field-code" name="code" type="text"\n      value="(01)04012345678901(10)X"' in page
    assert values(page, "lot") == ["AB-7"]


def test_a_receipt_sent_twice_is_one(desk, owner):
    first, second = sent(desk), sent(desk)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert receipts(owner) == 1
    page = desk.get(first.headers["Location"]).get_data(as_text=True)
    assert SUPPLIER.name in page and "AB-7" in page


def test_a_refused_receipt_keeps_what_was_typed_and_can_be_sent_again_mended(desk, owner):
    answer = sent(desk, expires_on=["2020-01-31"], serials=["x1"], quantity=["1２"])
    page = answer.get_data(as_text=True)
    assert (answer.status_code, receipts(owner)) == (422, 0)
    assert values(page, "expires_on") == ["2020-01-31"]
    assert values(page, "quantity") == ["1２"]
    assert re.findall(r'href="#(field-[a-z_0-9-]+)"', page) == ["field-expires_on-0", "field-serials-0"]
    assert 'id="field-expires_on-0"' in page
    assert sent(desk).status_code == 303


def test_whoever_receives_on_the_page_says_whose_goods_they_are(desk, owner, database):
    assert sent(desk, supplier="").status_code == 422
    ordered(database, "PO-1", [(cast.syringe, 12)])
    page = desk.get("/hq/goods-receipts/new?purchase_order=PO-1").get_data(as_text=True)
    assert (values(page, "sku"), values(page, "quantity")) == ([cast.syringe.sku], ["12"])
    assert sent(desk, supplier="", purchase_order="PO-1").status_code == 303
    order = desk.get("/hq/purchase-orders/PO-1").get_data(as_text=True)
    assert "/hq/goods-receipts/GR" in order


def test_a_colleague_decides_on_the_page_and_what_was_typed_wrong_stays(desk, sign_in, database, owner):
    number = received(
        database,
        line(cast.stent, "S-9", 2, serials=("a1", "a2"), inspection=True),
        actor=cast.order_desk.actor(),
    ).number
    address = f"/hq/goods-receipts/{number}/inspections"
    form = {
        "sku": cast.stent.sku,
        "lot": "S-9",
        "accepted": "1",
        "refused": "1",
        "reason": "",
        "refused_serials": "a2",
    }
    assert desk.post(address, form | {"reason": "破损"}).status_code == 422  # who received does not decide
    quality = sign_in(cast.quality)
    answer = quality.post(address, form)
    assert answer.status_code == 422
    assert values(answer.get_data(as_text=True), "refused") == ["1"]
    assert quality.post(address, form | {"reason": "破损"}).status_code == 303
    page = quality.get("/hq/acceptance-records?q=S-9&result=refused").get_data(as_text=True)
    assert number in page
    told = quality.get("/hq/acceptance-records?q=S-9&export=csv").get_data().decode("utf-8-sig")
    assert all(word in told for word in ("破损", "a2", cast.stent.udi_di, cast.quality.display_name))


def test_lots_are_narrowed_by_warehouse_state_and_expiry(desk, database):
    done = received(database, line(cast.gauze, "G-9", 12, inspection=True))
    inspected(database, done.number, decision(cast.gauze, "G-9", 4, 2))

    def lots(**query: str) -> list[str]:
        page = desk.get("/hq/stock", query_string=query).get_data(as_text=True)
        return re.findall(r'<a href="/hq/stock/[^"]+">([^<]+)</a>', page)

    assert lots(state="inspecting") == lots(q="g-9") == ["G-9"]
    assert lots(state="quarantined") == lots(state="quarantined", q="GAUZE") == ["GZ-EXPIRED", "G-9"]
    assert lots(state="quarantined", warehouse=cast.guangzhou_warehouse.code) == []
    assert lots(state="expired") == ["GZ-EXPIRED"]
    assert "G-9" not in lots(days="90")
    everywhere = lots()
    assert everywhere[-1] == cast.gloves_lot.lot_no, "what never expires comes last"


def test_a_bin_is_written_down_and_a_movement_names_its_document(desk, database, owner):
    number = received(database, line(cast.gauze, "G-9", 12)).number
    address = f"/hq/stock/{cast.shanghai_warehouse.code}/{cast.gauze.sku}"
    assert desk.post(f"{address}/bins", {"lot": "G-9", "location": " Ａ-03-2 "}).status_code == 303
    page = desk.get(address).get_data(as_text=True)
    assert 'value="A-03-2"' in page and number in page
    assert desk.post(f"{address}/bins", {"lot": "G-9", "location": "x" * 31}).status_code == 303
    bins = owner.execute(text("SELECT location FROM lot_stock WHERE location <> ''")).scalars().all()
    assert bins == ["A-03-2"]
    assert desk.post(f"{address}/bins", {"lot": "NEVER", "location": "A"}).status_code == 404


def test_a_product_of_many_lots_is_shown_in_parts_and_a_bin_keeps_its_part(desk, given):
    lots = [a_lot(f"N-{place:03}", 1) for place in range(250)]
    given.stock_of(cast.gauze, cast.guangzhou_warehouse, *lots)
    address = f"/hq/stock/{cast.guangzhou_warehouse.code}/{cast.gauze.sku}"

    def bins(page: str) -> list[str]:
        return values(page, "lot")

    pages = [desk.get(f"{address}?lines={first}").get_data(as_text=True) for first in (1, 101, 201)]
    assert [len(bins(page)) for page in pages] == [100, 100, 50]
    assert len({lot for page in pages for lot in bins(page)}) == 250
    assert bins(desk.get(address).get_data(as_text=True)) == bins(pages[0])
    moved = desk.post(f"{address}/bins?lines=201", {"lot": bins(pages[2])[0], "location": "A-1"})
    assert moved.location.endswith("?lines=201")


def test_what_a_supplier_lacks_is_told_beside_its_field(desk):
    answer = desk.post("/hq/purchase-orders/suppliers", {"code": "SUP-7", "name": " "})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert values(page, "code") == ["SUP-7"]
    assert 'aria-invalid="true"' in page
    assert desk.post("/hq/purchase-orders/suppliers", {"code": "SUP-7", "name": "甲"}).status_code == 303
