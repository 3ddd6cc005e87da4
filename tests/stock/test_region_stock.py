"""The stock of a dealer's region: its own warehouses and no others, filtered, sorted, paged by indexes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, text

from portal.dealers.queries import load_dealer
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.stock import region_stock as queries
from portal.stock.region_stock import Arrival, StockFilter
from portal.stock.rules import Supply, supply
from tests import cast
from tests.builders import a_lot
from tests.query_plans import plan_of_page

SHANGHAI, GUANGZHOU = cast.shanghai_warehouse.code, cast.guangzhou_warehouse.code


def asked(database, act, person=cast.huadong.buyer):
    with transaction(database.dealer_session(person.actor())) as session:
        return act(session, dealer=load_dealer(session, person.dealer_id, day=cast.TODAY))


def page(database, person=cast.huadong.buyer, limit=500, sort="", cursor=None, **wanted):
    how = {"wanted": StockFilter(**wanted), "today": cast.TODAY, "limit": limit, "sort": sort}
    return asked(database, partial(queries.region_stock, cursor=cursor, **how), person)


def shown(database, *args, **how) -> list[tuple[str, str]]:
    return [(row.sku, row.warehouse) for row in page(database, *args, **how).items]


def in_transit(owner, product, warehouse, units: int, day) -> None:
    owner.execute(
        text(
            "INSERT INTO stock_level (warehouse_id, product_id, on_hand, in_transit, next_arrival)"
            " VALUES (:w, :p, 0, :units, :day) ON CONFLICT (warehouse_id, product_id)"
            " DO UPDATE SET in_transit = excluded.in_transit, next_arrival = excluded.next_arrival"
        ),
        {"w": warehouse.id, "p": product.id, "units": units, "day": day},
    )


@pytest.mark.parametrize(
    ("person", "warehouses"),
    [
        (cast.huadong.buyer, {SHANGHAI, GUANGZHOU}),
        (cast.suzhou.buyer, {SHANGHAI}),
        (cast.yuegang.buyer, {GUANGZHOU}),
    ],
    ids=lambda one: getattr(one, "key", None),
)
def test_a_dealer_sees_every_product_in_its_own_warehouses_only(database, person, warehouses):
    rows = shown(database, person)
    assert {warehouse for _, warehouse in rows} == warehouses
    assert len(rows) == len(set(rows)) == 8 * len(warehouses)  # of nine, one has no certificate any more
    assert cast.withdrawn_catheter.sku not in {sku for sku, _ in rows}
    for foreign in {SHANGHAI, GUANGZHOU} - warehouses:
        assert shown(database, person, warehouse=foreign) == []


def test_the_nearest_warehouse_comes_first_with_what_may_be_sold_there(database):
    rows = page(database, q=cast.southern_mask.sku).items
    assert [(row.warehouse, row.rank, row.available, row.supply) for row in rows] == [
        (SHANGHAI, 1, 0, Supply.OUT),
        (GUANGZHOU, 2, 1000, Supply.ENOUGH),
    ]


def test_what_expires_too_soon_does_not_count(database, given):
    product = given.a_product(sku="SHORT-LIVED")
    given.stock_of(
        product,
        cast.shanghai_warehouse,
        a_lot("OLD", 30, expires_on=cast.TODAY),
        a_lot("NEW", 12),
    )
    assert page(database, q="SHORT-LIVED").items[0].available == 12


@pytest.mark.parametrize(
    ("available", "pack", "word"),
    [(0, 1, "out"), (1, 1, "low"), (19, 1, "low"), (20, 1, "enough"), (199, 10, "low"), (200, 10, "enough")],
)
def test_what_is_short_is_what_the_badge_calls_so(database, given, available, pack, word):
    product = given.a_product(sku="BADGED", pack_multiple=pack)
    given.stock_of(product, cast.shanghai_warehouse, *([a_lot("A", available)] if available else []))
    [row] = page(database, q="BADGED", warehouse=SHANGHAI).items
    assert (row.supply, supply(available, pack)) == (word, word)
    assert bool(page(database, q="BADGED", warehouse=SHANGHAI, short=True).items) == (word != "enough")


def test_the_filters_narrow_together(database, owner):
    in_transit(owner, cast.gloves, cast.guangzhou_warehouse, 60, cast.TODAY + timedelta(days=3))
    assert shown(database, in_transit=True) == [
        one
        for one in shown(database)
        if one in {(cast.gloves.sku, GUANGZHOU), (cast.sold_out_scale.sku, SHANGHAI)}
    ]
    assert shown(database, in_transit=True, short=True) == [(cast.sold_out_scale.sku, SHANGHAI)]
    assert shown(database, in_transit=True, warehouse=GUANGZHOU) == [(cast.gloves.sku, GUANGZHOU)]
    assert shown(database, in_transit=True, category="T") == [(cast.gloves.sku, GUANGZHOU)]
    assert shown(database, q="glove", warehouse=SHANGHAI) == [(cast.gloves.sku, SHANGHAI)]
    assert shown(database, q="zzzzqqqq") == []


@pytest.mark.parametrize("q", [cast.syringe.udi_di, "注射器", "syringe", "zhusheqi", "SYRINGE"])
def test_a_product_is_found_as_in_the_catalogue(database, q):
    assert (cast.syringe.sku, SHANGHAI) in shown(database, q=q)


@pytest.mark.parametrize("sort", ["", "-name", "sku", "-sku", "next_arrival", "-next_arrival"])
def test_pages_follow_each_other_without_gap_or_repetition_there_and_back(database, owner, sort):
    for days, product in enumerate((cast.gauze, cast.gloves, cast.stent)):
        in_transit(owner, product, cast.shanghai_warehouse, 5, cast.TODAY + timedelta(days=days))
    whole, cursor, seen, pages = shown(database, sort=sort), None, [], []
    while True:
        one = page(database, limit=4, sort=sort, cursor=cursor)
        pages.append([(row.sku, row.warehouse) for row in one.items])
        seen += pages[-1]
        if one.next_cursor is None:
            break
        cursor = one.next_cursor
    assert seen == whole and len(seen) == 16
    back = page(database, limit=4, sort=sort, cursor=one.previous_cursor)
    assert [(row.sku, row.warehouse) for row in back.items] == pages[-2]


def test_a_cursor_is_of_one_order_and_one_dealer(database):
    cursor = page(database, limit=2).next_cursor
    for person, sort in ((cast.huadong.buyer, "sku"), (cast.yuegang.buyer, "")):
        with pytest.raises(Invalid):
            page(database, person, sort=sort, cursor=cursor)


def test_what_arrives_is_summed_by_warehouse_and_day_and_only_where_one_is_served(database, owner):
    soon, later = cast.TODAY + timedelta(days=2), cast.TODAY + timedelta(days=14)
    in_transit(owner, cast.gloves, cast.shanghai_warehouse, 60, soon)
    in_transit(owner, cast.gauze, cast.shanghai_warehouse, 40, soon)
    in_transit(owner, cast.stent, cast.shanghai_warehouse, 7, None)
    in_transit(owner, cast.withdrawn_catheter, cast.shanghai_warehouse, 99, soon)
    in_transit(owner, cast.gloves, cast.guangzhou_warehouse, 11, later)
    of_shanghai = (Arrival(soon, 100, 2), Arrival(later, 200, 1), Arrival(None, 7, 1))
    of_guangzhou = (Arrival(later, 11, 1),)
    assert asked(database, queries.arrivals) == {
        cast.shanghai_warehouse.id: of_shanghai,
        cast.guangzhou_warehouse.id: of_guangzhou,
    }
    assert asked(database, queries.arrivals, cast.yuegang.buyer) == {
        cast.guangzhou_warehouse.id: of_guangzhou
    }


@pytest.mark.parametrize(
    "wanted", [{}, {"short": True}, {"in_transit": True}, {"q": "glove"}, {"category": "T"}]
)
def test_the_count_is_the_number_of_rows(database, wanted):
    counted = asked(
        database, partial(queries.count_region_stock, wanted=StockFilter(**wanted), today=cast.TODAY)
    )
    assert counted == len(shown(database, **wanted))


@pytest.mark.parametrize(
    ("sort", "index"),
    [("", "ix_product_listing"), ("-name", "ix_product_listing"), ("sku", "uq_product_sku")],
)
def test_a_page_is_read_in_its_order_by_an_index(database, count_statements, sort, index):
    values = {
        "limit": "51",
        "region_id": "21",
        "too_near": "'2031-01-01'",
        "today": "DATE '2030-12-01'",
        "category": "''",
        "warehouse": "''",
        "short": "false",
        "in_transit": "false",
        "low_packs": "20",
    }
    person = cast.huadong.buyer
    with transaction(database.dealer_session(person.actor())) as session:
        dealer = load_dealer(session, person.dealer_id, day=cast.TODAY)
        ask = partial(queries.region_stock, dealer=dealer, wanted=StockFilter(), today=cast.TODAY, sort=sort)
        with count_statements() as counted:
            plan = plan_of_page(session, counted, ask, **values)
    assert f"using {index}" in plan or f"Backward using {index}" in plan, plan
    assert "Seq Scan on product" not in plan and "Seq Scan on stock_level" not in plan, plan


def test_what_is_sought_is_found_by_indexes(database, owner):
    owner.execute(text("DROP INDEX ix_product_listing, ix_product_category_listing"))
    person, statements = cast.huadong.buyer, []
    with transaction(database.dealer_session(person.actor())) as session:
        dealer = load_dealer(session, person.dealer_id, day=cast.TODAY)
        event.listen(database.engine, "before_cursor_execute", lambda *said: statements.append(said[2:4]))
        wanted = StockFilter(q="glove")
        queries.region_stock(session, dealer=dealer, wanted=wanted, today=cast.TODAY)
        [(statement, parameters)] = statements
        say = session.connection().exec_driver_sql
        say("SET LOCAL enable_seqscan = off")
        say("SET LOCAL enable_indexscan = off")
        plan = "\n".join(say(f"EXPLAIN (COSTS OFF) {statement}", parameters).scalars())
    for index in ("ix_product_sku_key", "ix_product_search_grams"):
        assert f" on {index}\n" in plan, plan
