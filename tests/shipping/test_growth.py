"""The desk and the overview read as much as they show, however many orders are open and licences are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from portal.insight.queries import dealers_with_expiring_licences
from portal.kernel.db import Database
from portal.orders.queries import COUNTED_MAX, counts_by_status
from portal.shipping.desk import desk_counts, desk_orders
from tests import cast, servers
from tests.conftest import owner_engine
from tests.query_plans import rows_read_for

ORDERS, DEALERS, LICENCES = 12_000, 600, 6_000
ENOUGH = 4_000  # rows: some for each row shown, and a few for each dealer

MANY = (
    f"""
INSERT INTO dealer (id, code, name_zh, name_en, credit_code, city, address, contact_name, contact_phone,
                    payment_terms_days)
SELECT 2000000 + n, 'G' || n, '增长 ' || n, 'Growth ' || n, 'GROWTH' || n, '', '', '', '', 30
  FROM generate_series(1, {DEALERS}) n
""",
    f"""
INSERT INTO dealer_tier (dealer_id, valid_from, tier, assigned_by)
SELECT 2000000 + n, '2020-01-01', 'C', 'system' FROM generate_series(1, {DEALERS}) n
""",
    f"""
INSERT INTO dealer_region (dealer_id, valid_from, region_id, assigned_by)
SELECT 2000000 + n, '2020-01-01', {cast.jiangsu.id}, 'system' FROM generate_series(1, {DEALERS}) n
""",
    f"""
INSERT INTO sales_order (dealer_id, number, status, holds, purchase_order_no, channel, tier, region_id,
                         warehouse_id, ship_to, names, currency, total, tax, placed_at, placed_by,
                         placed_by_label)
SELECT 2000001 + n % {DEALERS}, 'SO' || to_char(now(), 'YYMM') || '-' || lpad(n::text, 9, 'X'),
       CASE WHEN n = {ORDERS} THEN 'on_hold' WHEN n % 4 = 0 THEN 'picking' WHEN n % 4 = 1 THEN 'shipped'
            ELSE 'confirmed' END,
       CASE WHEN n = {ORDERS} THEN ARRAY['credit'] ELSE '{{}}' END, 'buy ' || n, 'portal', 'C',
       {cast.jiangsu.id}, {cast.shanghai_warehouse.id}, '{{}}', '{{}}', 'CNY', 1, 0,
       now() - make_interval(mins => {ORDERS} - n), 'system', 'system'
  FROM generate_series(1, {ORDERS}) n
""",
    f"""
INSERT INTO dealer_licence (dealer_id, number, device_class, valid_from, valid_to)
SELECT 2000001 + n % {DEALERS}, 'L' || n, 2, date '2000-01-01', date '2010-01-01' + n
  FROM generate_series(1, {LICENCES}) n
""",
)


@pytest.fixture(scope="module")
def large(cluster, template) -> Iterator[Database]:
    """A portal with many open orders of many dealers in Jiangsu, one of them on hold, and none in
    Guangdong.
    """
    name = cluster.create("large", template=template)
    engine = owner_engine(cluster, name)
    with engine.begin() as owner:
        for statement in MANY:
            owner.execute(text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        owner.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    database = servers.database(cluster.app_url(name))
    yield database
    database.dispose()
    cluster.drop(name)


PEOPLE = (cast.order_desk, cast.east_manager, cast.south_desk)
FILTERS = [
    {},
    {"statuses": ["on_hold"]},
    {"statuses": ["shipped"]},
    {"statuses": ["received"]},
    {"statuses": ["cancelled", "picking", "shipped"]},
    {"q": "buy 11999"},
    {"q": "BUY 1"},
    {"q": "NO-SUCH"},
    {"q": "SO"},
    {"q": "G123"},
    {"q": "X"},
    {"q": "增长"},
    {"q": "growth 17"},
    {"q": "粤康"},
    {"region_id": cast.guangdong.id},
    {"region_id": cast.east.id},
    {"q": "buy 1", "region_id": cast.south.id},
]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email)
@pytest.mark.parametrize("how", FILTERS, ids=str)
def test_a_page_of_the_desk_reads_no_more_than_it_needs(large, person, how):
    assert rows_read_for(large, person, lambda session: desk_orders(session, **how)) <= ENOUGH


def test_the_second_page_reads_no_more_than_the_first(large):
    def second(session):
        desk_orders(session, cursor=desk_orders(session).next_cursor)

    assert rows_read_for(large, cast.order_desk, second) <= ENOUGH


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email)
def test_the_counts_stop_where_they_are_no_longer_shown(large, person):
    counts: dict[str, int] = {}
    assert (
        rows_read_for(large, person, lambda session: counts.update(desk_counts(session)))
        <= 2 * (COUNTED_MAX + 1) + ENOUGH
    )
    south = person is cast.south_desk
    expected = {
        "on_hold": 1,
        "confirmed": COUNTED_MAX + 1,
        "picking": COUNTED_MAX + 1,
        "partially_shipped": 0,
    }
    assert counts == (dict.fromkeys(expected, 0) if south else expected)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email)
def test_the_licences_that_end_are_found_without_those_that_were_renewed(large, person):
    read = rows_read_for(
        large, person, partial(dealers_with_expiring_licences, today=cast.TODAY + timedelta(days=1))
    )
    assert read <= 2 * DEALERS


def test_the_dealers_own_counts_are_bounded_too(large):
    owner_of_all = cast.order_desk
    assert rows_read_for(large, owner_of_all, partial(counts_by_status, dealer_id=2_000_001)) <= ENOUGH
