"""The page of the region's stock: text, map and figures that refresh themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.regions.tiles import TILES
from portal.web.warehouse_map import Mark, warehouse_map
from tests import cast
from tests.stock.test_region_stock import in_transit
from tests.workbooks import csv_of


def text_of(answer) -> str:
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def part(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end, page.index(start))]


def test_warehouses_are_told_as_text_and_drawn_with_the_same_numbers(sign_in):
    page = text_of(sign_in(cast.huadong.buyer).get("/stock"))
    overview = part(page, 'id="warehouses"', "</section>")
    assert "上海市的首选供货仓" in overview and "上海市的第 2 供货仓" in overview
    assert "1 种产品在途，共 200 件" in overview and "无在途" in overview
    assert f"{cast.TODAY + timedelta(days=14)}：200 件" in overview
    drawn = part(page, "<svg", "</svg>")
    assert re.findall(r'map-rank-text"[^>]*>(\d)<', drawn) == ["1", "2"]
    assert drawn.count("map-arriving") == 1 and drawn.count("map-road") == 1
    assert drawn.count("<rect") == len(TILES) == 34
    assert 'role="img"' in drawn and "style" not in drawn


@pytest.mark.parametrize("person", [cast.yuegang.buyer, cast.suzhou.buyer], ids=["rival", "neighbour"])
@pytest.mark.parametrize("address", ["/stock", "/stock/levels", "/stock?export=csv", "/stock?warehouse={}"])
def test_nobody_sees_a_warehouse_that_does_not_serve_it(sign_in, person, address):
    serves = {cast.yuegang.buyer: cast.guangzhou_warehouse, cast.suzhou.buyer: cast.shanghai_warehouse}
    [other] = {*cast.warehouses} - {serves[person]}
    page = text_of(sign_in(person).get(address.format(other.code)))
    assert other.name_zh not in page
    assert other.code not in page or other.code in address.format(other.code)  # as it was typed
    assert not re.search(rf'id="\w+-{other.id}-', page)
    assert serves[person].name_zh in page


def test_the_figures_follow_the_warehouse_without_the_page(sign_in, owner):
    buyer, product = sign_in(cast.huadong.buyer), cast.gloves
    page = text_of(buyer.get("/stock?q=GLOVES&sort=-sku"))
    [address] = re.findall(r'hx-get="([^"]+)" hx-trigger="every 15s, focus from:window"', page)
    for table in ("stock_level", "lot_stock"):
        owner.execute(
            text(f"UPDATE {table} SET on_hand = 7 WHERE product_id = :p AND warehouse_id = :w"),
            {"p": product.id, "w": cast.shanghai_warehouse.id},
        )
    in_transit(owner, product, cast.shanghai_warehouse, 35, cast.TODAY + timedelta(days=5))
    fragment = text_of(buyer.fragment(address.replace("&amp;", "&")))
    ids = re.findall(r'id="([\w-]+)" hx-swap-oob="true"', fragment)
    assert set(ids) == set(re.findall(r'id="((?:supply|available|transit|arrival)-[^"]+|warehouses)"', page))
    place = f"{cast.shanghai_warehouse.code}-{product.sku}"
    shown = {
        one: part(fragment, f'id="{one}-{place}"', "</span>") for one in ("supply", "available", "transit")
    }
    assert "库存紧张" in shown["supply"] and ">7" in shown["available"] and ">35" in shown["transit"]
    assert str(cast.TODAY + timedelta(days=5)) in part(fragment, f'id="arrival-{place}"', "</span>")
    assert "<html" not in fragment and "截至" in fragment


def test_the_figures_are_those_of_the_page_that_is_shown(sign_in, monkeypatch):
    for module in ("portal.web.listing.page", "portal.blueprints.region_stock"):
        monkeypatch.setattr(f"{module}.PAGE_ROWS", 3)
    buyer = sign_in(cast.huadong.buyer)
    onward = re.search(r'rel="next" href="([^"]+)"', text_of(buyer.get("/stock")))[1].replace("&amp;", "&")
    page = text_of(buyer.get(onward))
    [address] = re.findall(r'hx-get="(/stock/levels[^"]*)"', page)
    fragment = text_of(buyer.fragment(address.replace("&amp;", "&")))
    figures = re.compile(r'id="(available-[^"]+)"')
    assert figures.findall(fragment) == figures.findall(page) and len(figures.findall(page)) == 3


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("short=1&arriving=1", {"SOLD-OUT"}),
        ("q=gloves", {"GLOVES"}),
        ("category=T01&warehouse=WH-SH", None),
        ("warehouse=NOWHERE&q=gloves", {"GLOVES"}),
    ],
)
def test_a_file_holds_what_the_filter_shows(sign_in, query, skus):
    buyer = sign_in(cast.huadong.buyer)
    head, *rows = csv_of(buyer.get(f"/stock?{query}&export=csv").data)
    found = {row[head.index("SKU")] for row in rows}
    page = text_of(buyer.get(f"/stock?{query}"))
    assert found == set(re.findall(r'<span class="code">([\w-]+)</span>', page)) and found
    if skus == {"SOLD-OUT"}:
        assert found == {cast.sold_out_scale.sku}
    elif skus:
        assert found == skus


@pytest.mark.parametrize(
    "address",
    [f"/catalogue/{cast.sold_out_scale.sku}", f"/catalogue/stock?sku={cast.sold_out_scale.sku}&sheet=1"],
)
def test_a_product_says_by_warehouse_what_arrives_when(sign_in, address):
    page = text_of(sign_in(cast.huadong.buyer).get(address))
    sheet = part(page, f'id="stock-{cast.sold_out_scale.sku}"', "</table>")
    assert cast.shanghai_warehouse.name_zh in sheet and cast.guangzhou_warehouse.name_zh in sheet
    assert ">200<" in sheet and str(cast.TODAY + timedelta(days=14)) in sheet


@pytest.mark.parametrize(
    ("home", "marks"),
    [("31", []), ("zz", [Mark("31", 1, False)]), ("31", [Mark("31", 1, False), Mark("abroad", 2, False)])],
    ids=["no warehouse", "no such province", "a warehouse that has no place"],
)
def test_a_map_that_would_say_less_than_the_text_is_not_drawn(app, home, marks):
    with app.test_request_context():
        assert warehouse_map(home, marks) is None


def test_the_nearest_of_two_warehouses_in_a_province_is_marked(app):
    with app.test_request_context():
        drawn = warehouse_map("310000", [Mark("32", 1, True), Mark("32", 2, False), Mark("31", 3, False)])
    marked = [(tile.short, tile.mark.rank) for tile in drawn.tiles if tile.mark]
    assert sorted(rank for _, rank in marked) == [1, 3] and len(drawn.roads) == 1
