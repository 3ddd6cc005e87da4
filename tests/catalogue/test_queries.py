"""The catalogue as one dealer sees it: found, priced, counted, in one statement a page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.catalogue import queries
from portal.db import transaction
from portal.dealers.queries import load_dealer
from portal.errors import Invalid, NotFound
from portal.stock.queries import availability
from tests import cast


def asked(database, person, act):
    with transaction(database.dealer_session(person.actor())) as session:
        return act(session, load_dealer(session, person.dealer_id))


def search(database, person=cast.huadong.buyer, **query):
    return asked(database, person, lambda s, dealer: queries.search(s, dealer=dealer, at=cast.NOW, today=cast.TODAY, **query))


def found(database, q: str) -> set[str]:
    return {offer.sku for offer in search(database, q=q).items}


@pytest.mark.parametrize("q", ["注射器", "无菌 注射", "syringe", "SYRINGE", "06901234510027", "4510027", "５ ml 带针"])
def test_a_product_is_found_by_name_code_gtin_and_part_of_them(database, q):
    assert cast.syringe.sku in found(database, q)


def test_every_word_must_occur(database):
    assert found(database, "手套 100") == {cast.gloves.sku}
    assert cast.gloves.sku not in found(database, "注射器 100")


def test_a_slip_of_the_finger_still_finds_the_nearest(database):
    assert cast.stent.sku in found(database, "药物洗脱冠状支架")


def test_nonsense_finds_nothing(database):
    assert found(database, "zzzzqqqq") == set()


def test_withdrawn_products_are_not_listed(database):
    assert cast.withdrawn_catheter.sku not in {offer.sku for offer in search(database, limit=200).items}


def test_a_category_holds_what_is_below_it(database):
    assert {offer.sku for offer in search(database, category="T").items} == {cast.gloves.sku, cast.southern_mask.sku}


def test_pages_follow_each_other_without_gap_or_repetition(database):
    seen, cursor = [], None
    while True:
        page = search(database, limit=2, cursor=cursor)
        seen += [offer.sku for offer in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [offer.sku for offer in search(database, limit=200).items]
    assert len(seen) == len(set(seen)) == 9


def test_turning_back_shows_the_page_before(database):
    first = search(database, limit=3)
    second = search(database, limit=3, cursor=first.next_cursor)
    assert (first.previous_cursor, search(database, limit=3, cursor=second.previous_cursor).items) == (None, first.items)


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "WyJhIiwgIm5vIl0"])
def test_a_foreign_cursor_is_refused(database, cursor):
    with pytest.raises(Invalid) as refusal:
        search(database, cursor=cursor)
    assert refusal.value.faults[0].code == "bad_cursor"


def test_a_page_with_prices_and_stock_is_one_statement(database, count_statements):
    with count_statements() as counted:
        search(database, limit=24)
    assert len(counted) == 2, counted  # the dealer, the page


def test_each_dealer_sees_its_own_price_and_its_own_warehouses(database):
    def seen(person):
        offer = search(database, person, q=cast.gloves.sku).items[0]
        return offer.price(1, asked(database, person, lambda _s, dealer: dealer)).unit_price, [level.warehouse_id for level in offer.stock]

    assert seen(cast.huadong.buyer) == (Decimal("20.00"), [cast.shanghai_warehouse.id, cast.guangzhou_warehouse.id])
    assert seen(cast.suzhou.buyer) == (Decimal("21.25"), [cast.shanghai_warehouse.id])
    assert seen(cast.yuegang.buyer) == (Decimal("22.50"), [cast.guangzhou_warehouse.id])


def test_an_unknown_product_does_not_exist(database):
    with pytest.raises(NotFound):
        asked(database, cast.huadong.buyer, lambda s, d: queries.product(s, dealer=d, sku="NO", at=cast.NOW, today=cast.TODAY))


def test_a_product_page_knows_its_category_and_control(database):
    detail = asked(
        database, cast.huadong.buyer, lambda s, d: queries.product(s, dealer=d, sku=cast.stent.sku, at=cast.NOW, today=cast.TODAY)
    )
    assert (detail.serial_controlled, detail.implantable, detail.category_en) == (True, True, "Vascular and cardiac prostheses")
    assert detail.certificates == ()


def test_stock_shows_only_the_warehouses_that_serve_and_zero_where_there_is_none(database):
    rows = asked(database, cast.huadong.buyer, lambda s, d: availability(s, dealer=d, skus=[cast.southern_mask.sku, "NO"], today=cast.TODAY))
    assert [(row.warehouse, row.available) for row in rows] == [("WH-SH", 0), ("WH-GZ", 1000)]


def test_categories_count_what_is_in_and_below(database):
    counted = {category.code: category.products for category in asked(database, cast.huadong.buyer, lambda s, _d: queries.categories(s))}
    assert (counted["T"], counted["T01"]) == (2, 1)
