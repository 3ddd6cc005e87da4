"""How much a page costs somebody who comes for the first time: bytes on the wire, and HTML of the longest
list.
"""

from __future__ import annotations

import pytest

from launch.precompress import precompress
from tests import cast
from tests.browser.acts import fill_cart

PAGE_MAX = 250_000
PAGE_WITH_CHART_MAX = 450_000
# Bytes of HTML before packing: 24 rows and what is around them stay below 65,000.
ROW_MAX = 2_200
FRAME_MAX = 13_500  # an entry of the menu has some 300


@pytest.fixture(scope="module", autouse=True)
def packed_files():
    precompress()


@pytest.fixture
def weigh(open_page):
    """``weigh(person, address)``: bytes that came over the wire for one page, everything it loads
    included.
    """

    def weigh(person, address):
        page = open_page(person)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes = []
        devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(address, wait_until="networkidle")
        return sum(sizes)

    return weigh


@pytest.mark.parametrize(
    ("person", "address"),
    [
        (cast.huadong.buyer, "/catalogue"),
        (cast.huadong.buyer, "/cart"),
        (cast.huadong.buyer, "/orders"),
        (cast.huadong.finance, "/statements"),
        (cast.order_desk, "/hq/orders"),
        (cast.national_manager, f"/hq/policies/{cast.policy_draft}"),
        (cast.hq_finance, "/hq/closes"),
    ],
)
def test_a_page_costs_little_the_first_time(weigh, database, person, address):
    fill_cart(database, cast.huadong.buyer, {cast.gloves: 2})
    assert 10_000 < weigh(person, address) <= PAGE_MAX


@pytest.mark.parametrize(("person", "address"), [(cast.huadong.buyer, "/"), (cast.order_desk, "/hq/")])
def test_a_page_with_a_chart_costs_the_drawing_as_well(weigh, person, address):
    assert weigh(person, address) <= PAGE_WITH_CHART_MAX


def test_the_catalogue_is_short_before_it_is_packed(open_page):
    page = open_page(cast.huadong.buyer)
    answer = page.goto("/catalogue")
    rows = page.locator(".table-products > tbody > tr")
    source = answer.text()
    table = source[source.index("<tbody>") : source.index("</tbody>")]
    assert len(table.encode()) / rows.count() < ROW_MAX
    assert len(source.encode()) - len(table.encode()) < FRAME_MAX
    assert source.count('name="csrf_token"') <= 3  # the list, the language, the way out
    assert answer.headers["content-encoding"] in ("br", "gzip")
