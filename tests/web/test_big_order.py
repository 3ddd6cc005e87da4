"""A page of an order with 500 lines stays small and asks as little as one of a single line."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import a_lot

LINES = 500
PAGE_MAX = 200_000  # bytes before they are packed


@pytest.fixture
def big(given) -> str:
    """The number of an order with 500 lines."""
    products = [given.a_product(price="1.00") for _ in range(LINES)]
    for product in products:
        given.stock_of(product, cast.shanghai_warehouse, a_lot("L1", 10))
    return given.an_order(dict.fromkeys(products, 3)).number


@pytest.mark.parametrize(
    ("person", "address"),
    [(cast.huadong.buyer, "/orders/{}"), (cast.hq_finance, "/hq/orders/{}")],
    ids=["dealer", "headquarters"],
)
def test_a_page_of_five_hundred_lines_is_small(sign_in, count_statements, given, big, person, address):
    small = given.an_order({cast.gloves: 1}).number
    visitor = sign_in(person)
    visitor.get(address.format(small))  # what is the same for everybody is remembered
    with count_statements() as of_one:
        assert visitor.get(address.format(small)).status_code == 200
    with count_statements() as of_many:
        page = visitor.get(address.format(big))
    assert page.status_code == 200 and 100 <= page.get_data().count(b"<tr>") < 120
    assert len(of_many) == len(of_one)
    assert len(page.get_data()) < PAGE_MAX


def test_every_line_is_in_one_part_and_a_part_that_is_none_is_the_first(sign_in, big):
    visitor = sign_in(cast.huadong.buyer)

    def shown(lines: str) -> str:
        return visitor.get(f"/orders/{big}", query_string={"lines": lines}).get_data(as_text=True)

    found: list[str] = []
    for first in (1, 101, 201, 301, 401):
        part = shown(str(first))
        assert f'aria-current="page">{first}–{first + 99}<' in part
        found += re.findall(r'href="/catalogue/(SKU-\d+)"', part)
    assert len(found) == len(set(found)) == LINES
    for odd in ("0", "2", "501", "-1", "abc", "１"):
        assert 'aria-current="page">1–100<' in shown(odd), odd
