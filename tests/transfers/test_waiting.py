"""The overview counts what waits in a warehouse only as far as a page would say."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.counting.waiting import work as counts
from portal.kernel.db import transaction
from portal.kernel.paging import COUNTED_MAX
from portal.nonconforming.waiting import work as reports
from portal.transfers.waiting import work as transfers
from tests import cast

MANY = "SELECT n FROM generate_series(1, :many) n"
BY = "'user:900', 'Somebody', :at"
TRANSFERS = f"""
INSERT INTO stock_transfer (number, from_warehouse_id, to_warehouse_id, state, expected_on, made_by,
                            made_by_label, made_at, received_by)
SELECT 'TR-' || n, :here, :there, :state, :today, {BY}, 'user:900' FROM ({MANY}) m
"""
COUNTS = f"""
INSERT INTO stock_count (number, warehouse_id, scope, state, opened_by, opened_by_label, opened_at,
                         submitted_by)
SELECT 'SC-' || n, :here, '{{}}', :state, {BY}, 'user:900' FROM ({MANY}) m
"""
REPORTS = f"""
INSERT INTO nonconforming_report (number, warehouse_id, product_id, lot_id, quantity, source, reason, serials,
                                  state, reported_by, reported_by_label, reported_at)
SELECT 'NC-' || n, :here, l.product_id, l.id, 1, 'by_hand', 'wet', '[]', :state, {BY}
  FROM ({MANY}) m CROSS JOIN (SELECT id, product_id FROM lot ORDER BY id LIMIT 1) l
"""


@pytest.mark.parametrize(
    ("work", "rows", "state", "who"),
    [
        (transfers, TRANSFERS, "in_transit", cast.order_desk),
        (transfers, TRANSFERS, "differing", cast.order_desk),
        (counts, COUNTS, "counting", cast.order_desk),
        (counts, COUNTS, "submitted", cast.order_desk),
        (reports, REPORTS, "reported", cast.quality),
    ],
)
def test_what_waits_is_counted_as_far_as_a_page_would_say(database, owner, work, rows, state, who):
    about = {"here": cast.shanghai_warehouse.id, "there": cast.guangzhou_warehouse.id}
    about |= {"many": COUNTED_MAX + 20, "state": state, "today": cast.TODAY, "at": cast.NOW}
    owner.execute(text(rows), {name: value for name, value in about.items() if f":{name}" in rows})
    with transaction(database.session_for(who.actor())) as session:
        told = {one.count for one in work(session, who.actor(), cast.NOW, cast.TODAY)}
    assert max(told) == COUNTED_MAX + 1
