"""Headquarters' lots: every one once, whatever way one pages, and a page reads no more than it shows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.stock.holdings import SoughtLots, held_lots
from tests import cast
from tests.query_plans import rows_read_for

LOTS = 10_000
PAGE = 50
EVERYTHING = SoughtLots()

_LOTS = text(
    """
    WITH made AS (
      INSERT INTO lot (product_id, lot_no, expires_on)
      SELECT :product, 'N' || n, DATE '2090-01-01' + n % 3000 FROM generate_series(1, :lots) AS n
      RETURNING id, product_id, expires_on
    )
    INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand, quarantined, expires_on)
    SELECT :warehouse, id, product_id, 0, 1 + id % 3, expires_on FROM made
    """
)


def pages(database, limit: int, sought: SoughtLots = EVERYTHING) -> list[str]:
    found, cursor = [], None
    while True:
        with transaction(database.session_for(cast.order_desk.actor())) as session:
            page = held_lots(
                session, actor=cast.order_desk.actor(), sought=sought, limit=limit, cursor=cursor
            )
        found.append(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_every_lot_is_shown_once_the_first_to_expire_first_and_back_again(database):
    [whole] = pages(database, 200)
    few = pages(database, 3)
    assert [lot for page in few for lot in page.items] == list(whole.items)
    days = [lot.expires_on for lot in whole.items]
    assert days == sorted((day for day in days if day), key=str) + [None] * days.count(None)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        back = held_lots(
            session,
            actor=cast.order_desk.actor(),
            sought=EVERYTHING,
            limit=3,
            cursor=few[1].previous_cursor,
        )
    assert back.items == few[0].items


@pytest.mark.parametrize("sought", [EVERYTHING, SoughtLots(apart="quarantined")])
def test_a_page_of_ten_thousand_lots_reads_no_more_than_it_shows(database, owner, sought):
    about = {"product": cast.gauze.id, "warehouse": cast.guangzhou_warehouse.id, "lots": LOTS}
    owner.execute(_LOTS, about)
    owner.execute(text("ANALYZE lot, lot_stock"))

    def ask(session):
        return held_lots(session, actor=cast.order_desk.actor(), sought=sought, limit=PAGE)

    assert rows_read_for(database, cast.order_desk, ask) < 10 * PAGE
