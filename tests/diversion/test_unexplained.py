"""Counts that fall short of the books are questions; nothing is moved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.diversion.unexplained import unexplained
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden
from tests import cast
from tests.builders import a_lot
from tests.dealerstock.acts import counted, reported, sold
from tests.ledger.acts import delivered
from tests.sellout import acts as sellout


@pytest.fixture
def goods(given, database):
    """A hundred of lot A are at the dealer."""
    product = given.a_product(price="12.50")
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 200), a_lot("B", 200))
    delivered(given, database, {product: 100})
    return product


def asked(database, *, by=cast.quality, **narrowed):
    with transaction(database.session_for(by.actor())) as session:
        page = unexplained(session, actor=by.actor(), **narrowed)
        return [(one.dealer, one.lot, one.books, one.told, one.counted, one.missing) for one in page.items]


def test_what_was_told_of_is_explained(database, goods):
    sellout.reported(database, [sellout.line(goods.sku, "A", 40)])
    reported(database, [sold(goods.sku, "A", 10), counted(goods.sku, "A", 44)])
    assert asked(database) == [(cast.huadong.code, "A", 60, 10, 44, 6)]
    reported(database, [counted(goods.sku, "A", 45)])
    assert asked(database) == []


def test_a_tenth_of_the_books_is_no_question(database, goods):
    reported(database, [counted(goods.sku, "A", 90)])
    assert asked(database) == []
    reported(database, [counted(goods.sku, "A", 89)])
    assert [one[-1] for one in asked(database)] == [11]


def test_what_moved_after_the_day_of_the_count_is_not_in_its_books(database, goods):
    before = cast.TODAY - timedelta(days=1)
    reported(database, [counted(goods.sku, "A", 0, before)], as_of=before)
    assert asked(database) == []


def test_it_is_for_the_dealers_of_ones_regions(database, goods):
    reported(database, [counted(goods.sku, "A", 10)])
    assert asked(database, by=cast.south_manager) == []
    assert asked(database, q=cast.huadong.code, region_id=cast.east.id) == asked(database)
    assert asked(database, q="NOBODY") == []
    with pytest.raises(Forbidden):
        asked(database, by=cast.huadong.buyer)
