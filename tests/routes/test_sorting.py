"""Every list by every head that sorts it: the same rows in that order, page by page; and their number."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import text

from portal.dealers import directory
from portal.devices import queries as devices
from portal.kernel import paging
from portal.orders import queries as orders
from portal.statements import queries as statements
from portal.stock import region_stock as stock
from portal.web.listing import page as listing_page
from tests import cast
from tests.routes.test_exports import EVERY_LIST, rows_of

_LINK = re.compile(r'<a class="sort-link" href="([^"]+)"')
# one order each, which an index gives
_UNSORTED = {
    "/catalogue",
    "/hq/dealers/huadong/ledger",
    "/inventory-reports",
    "/sell-out",
    "/own-ledger",
    "/hq/own-ledgers",
    "/hq/dealer-stock?told=sold",
    "/hq/purchase-orders",
    "/hq/acceptance-records",
    "/hq/stock",
    f"/hq/trace/lots/{cast.gloves.sku}/{cast.gloves_lot.lot_no}",
    f"/hq/trace/movements/{cast.gloves.sku}/{cast.gloves_lot.lot_no}",
    "/maintenance",
    "/hq/maintenance",
}
KEYS = [key for lists in (orders, directory, statements, stock, devices) for key in lists._SORTED_BY.values()]


def sorts_of(visitor, path: str) -> list[str]:
    """Keys that a list can be sorted by, all its columns shown."""
    page = visitor.get(path).get_data(as_text=True)
    every = "&".join(f"column={key}" for key in re.findall(r'id="column-(\w+)"', page))
    page = visitor.get(f"{path}{'&' if '?' in path else '?'}{every}").get_data(as_text=True)
    said = [re.search(r"[?&]sort=-?(\w+)", unescape(href)) for href in _LINK.findall(page)]
    return [found[1] for found in said if found]


@pytest.fixture
def small_pages(monkeypatch):
    """One row a page."""
    monkeypatch.setattr(listing_page, "PAGE_ROWS", 1)


@pytest.mark.parametrize("path", EVERY_LIST)
def test_a_list_is_sorted_by_its_heads_both_ways(path, client_of, owned_numbers):
    visitor = client_of(EVERY_LIST[path])
    keys = sorts_of(visitor, path)
    assert bool(keys) == (path not in _UNSORTED), keys
    usual = rows_of(visitor, path)
    for key in keys:
        upwards, downwards = (rows_of(visitor, path, sort=f"{sign}{key}") for sign in ("", "-"))
        assert upwards == downwards[::-1], key
        assert sorted(map(str, upwards)) == sorted(map(str, usual)), key
    assert rows_of(visitor, path, sort="made_up") == rows_of(visitor, path, sort="-id; --") == usual


@pytest.mark.parametrize("path", [path for path in EVERY_LIST if path not in _UNSORTED | {"/hq/policies"}])
def test_a_sorted_list_is_paged_to_its_end_in_its_order(path, client_of, owned_numbers, small_pages):
    visitor = client_of(EVERY_LIST[path])
    for key in sorts_of(visitor, path):
        for sort in (key, f"-{key}"):
            address, met = f"{path}{'&' if '?' in path else '?'}sort={sort}", 0
            while address:
                answer = visitor.get(address)
                assert answer.status_code == 200, sort
                page = answer.get_data(as_text=True)
                met += len(re.findall(r'<th scope="row"', page))
                onward = re.search(r'<a class="btn" rel="next" href="([^"]+)"', page)
                address = unescape(onward[1]) if onward else ""
                assert not address or f"sort={sort}" in address
            assert met == len(rows_of(visitor, path)), sort


def test_a_cursor_of_another_order_is_foreign(client_of, owned_numbers, small_pages):
    for path in ("/orders", "/hq/orders?status=all"):
        visitor = client_of(EVERY_LIST[path])
        page = visitor.get(path).get_data(as_text=True)
        onward = unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
        assert visitor.get(onward).status_code == 200
        answers = [visitor.get(f"{onward}&sort={one}") for one in ("placed_at", "-placed_at")]
        assert sorted(answer.status_code for answer in answers) == [200, 422]


@pytest.mark.parametrize("path", EVERY_LIST)
def test_a_list_says_how_many_rows_its_filter_leaves(
    path, client_of, owned_numbers, small_pages, monkeypatch
):
    visitor, address = client_of(EVERY_LIST[path]), f"{path}{'&' if '?' in path else '?'}"
    rows = len(rows_of(visitor, path))
    said = re.compile(r'class="list-count num">\s*([^<]+?)\s*<')
    page = visitor.get(address).get_data(as_text=True)
    assert said.search(page)[1] == f"共 {rows} 条"
    if 'name="q"' in page:
        assert (
            said.search(visitor.get(f"{address}q=nothing-like-this").get_data(as_text=True))[1] == "共 0 条"
        )
    if rows > 1 and path not in ("/hq/policies", "/catalogue"):
        monkeypatch.setattr(paging, "COUNTED_MAX", 1)
        monkeypatch.setattr(listing_page, "COUNTED_MAX", 1)
        assert said.search(visitor.get(address).get_data(as_text=True))[1] == "1 条以上"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.sql)
def test_every_key_has_its_index_or_says_why_it_needs_none(key, everything):
    if key.index.startswith("("):
        return
    definition = everything.execute(
        text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": key.index}
    ).scalar_one()
    assert re.search(rf"\b{key.sql.rpartition('.')[2]}\b", definition), definition
