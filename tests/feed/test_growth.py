"""What a dealer's feed costs does not grow with the entries there are."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.feed import queries
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import cast, servers
from tests.conftest import owner_engine
from tests.query_plans import rows_read_for

ENTRIES = 20_000
BUYER = cast.huadong.buyer

# A tenth for everybody, others by area and tier, most for dealers and regions that are not ours; one in a
# thousand has to be acknowledged.
_ENTRIES = text(
    """
    INSERT INTO feed_entry (number, kind, title_zh, title_en, text_zh, text_en, link, created_by,
                            created_by_label, created_at, state, shown_from, must_acknowledge, valid_until)
    SELECT 'N' || n, 'notice', 'Notice ' || n, 'Notice ' || n, 'Text', 'Text', '', 'x', 'x', now(),
           'published', now() - make_interval(mins => n), n % 1000 = 0, now() + make_interval(days => 30)
      FROM generate_series(1, :entries) n
    """
)
_ADDRESSES = text(
    """
    INSERT INTO feed_address (entry_id, place, dealer_id, region_id, tier, shown_from, demands)
    SELECT id, 1, CASE WHEN id % 10 BETWEEN 5 AND 9 THEN 102 END,
           CASE id % 10 WHEN 1 THEN 11 WHEN 2 THEN 12 END, CASE id % 10 WHEN 3 THEN 'S' WHEN 4 THEN 'B' END,
           shown_from, must_acknowledge
      FROM feed_entry
    """
)
_ACKNOWLEDGED = text(
    """
    INSERT INTO feed_acknowledgement (dealer_id, entry_id, reader, reader_label, acknowledged_at)
    SELECT 101, id, 'user:1', 'x', now() FROM feed_entry WHERE must_acknowledge
    """
)


@pytest.fixture(scope="module")
def grown(cluster, template):
    """A database with many entries."""
    name = cluster.create("many_entries", template=template)
    engine = owner_engine(cluster, name)
    with engine.begin() as connection:
        for statement in (_ENTRIES, _ADDRESSES, _ACKNOWLEDGED):
            connection.execute(statement, {"entries": ENTRIES} if statement is _ENTRIES else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) feed_entry, feed_address, feed_acknowledgement"))
    engine.dispose()
    database = servers.database(cluster.app_url(name))
    yield database
    database.dispose()
    cluster.drop(name)


def test_a_page_of_the_feed_reads_as_much_as_it_shows(grown):
    actor = BUYER.actor()
    pages = []
    with transaction(grown.session_for(actor)) as session:
        cursor = None
        for _ in range(4):
            page = queries.entries(session, actor=actor, at=clock.now(), cursor=cursor)
            pages.append(cursor)
            cursor = page.next_cursor
    for cursor in (pages[0], pages[3]):
        read = rows_read_for(
            grown,
            BUYER,
            lambda session, c=cursor: queries.entries(session, actor=actor, at=clock.now(), cursor=c),
        )
        assert read < 3000, read  # seven parties of fifty-one addresses, each with its entry


def test_an_entry_is_found_by_its_number(grown):
    actor = BUYER.actor()
    with transaction(grown.session_for(actor)) as session:
        newest = queries.entries(session, actor=actor, at=clock.now(), limit=1).items[0].number
    read = rows_read_for(
        grown,
        BUYER,
        lambda session: queries.entry(session, actor=actor, number=newest, at=clock.now()),
    )
    assert read < 60, read
