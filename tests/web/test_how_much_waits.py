"""The overview counts what waits only as far as a page would say, and says that there is more."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.counting.waiting import work as counts
from portal.kernel.db import transaction
from portal.kernel.paging import COUNTED_MAX
from portal.kernel.tallies import counted
from portal.ledger.waiting import work as corrections
from portal.nonconforming.waiting import work as reports
from portal.purchasing.waiting import work as purchasing
from portal.receiving.waiting import work as receipts
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
RECEIPTS = f"""
INSERT INTO goods_receipt (number, warehouse_id, state, received_at, received_by, received_by_label)
SELECT 'GR-' || n, :here, :state, :at, 'user:900', 'Somebody' FROM ({MANY}) m
"""
CORRECTIONS = f"""
INSERT INTO correction_request (dealer_id, number, kind, subject, amount, reason, content, state, proposed_by,
                                proposed_by_label, proposed_at)
SELECT :dealer, 'CR-' || n, 'reversal', 'P-' || n, 1, 'wrong', '[]', :state, {BY} FROM ({MANY}) m
"""
DRAFTS = f"""
INSERT INTO order_draft (dealer_id, number, state, made_by, made_by_label, made_at, asked_by, asked_by_label,
                         asked_at, total, seen, allowed)
SELECT :dealer, 'OD-' || n, :state, {BY}, {BY}, 1, '', 0 FROM ({MANY}) m
"""
RECURRING = f"""
WITH template AS (
  INSERT INTO order_template (dealer_id, name, updated_at, updated_by_label)
  VALUES (:dealer, 'Usual', :at, 'Somebody') RETURNING id
), made AS (
  INSERT INTO recurring_order (dealer_id, number, template_id, rhythm, day, next_on, act, user_id,
                               made_by_label, made_at)
  SELECT :dealer, 'RO-' || n, t.id, 'weekly', 1, :today, 'draft', :buyer, 'Somebody', :at
    FROM ({MANY}) m CROSS JOIN template t RETURNING id
)
INSERT INTO recurring_run (dealer_id, recurring_id, due_on, outcome, run_at)
SELECT :dealer, id, :today, :state, :at FROM made
"""


@pytest.mark.parametrize(
    ("work", "rows", "state", "who"),
    [
        (transfers, TRANSFERS, "in_transit", cast.order_desk),
        (transfers, TRANSFERS, "differing", cast.order_desk),
        (counts, COUNTS, "counting", cast.order_desk),
        (counts, COUNTS, "submitted", cast.order_desk),
        (reports, REPORTS, "reported", cast.quality),
        (receipts, RECEIPTS, "inspecting", cast.order_desk),
        (corrections, CORRECTIONS, "waiting", cast.hq_finance),
        (purchasing, DRAFTS, "waiting", cast.huadong.boss),
        (purchasing, RECURRING, "skipped", cast.huadong.buyer),
    ],
)
def test_what_waits_is_counted_as_far_as_a_page_would_say(database, owner, work, rows, state, who):
    about = {"here": cast.shanghai_warehouse.id, "there": cast.guangzhou_warehouse.id}
    about |= {
        "dealer": cast.huadong.id,
        "buyer": cast.huadong.buyer.id,
        "many": COUNTED_MAX + 20,
        "state": state,
        "today": cast.TODAY,
        "at": cast.NOW,
    }
    owner.execute(text(rows), {name: value for name, value in about.items() if f":{name}" in rows})
    with transaction(database.session_for(who.actor())) as session:
        now = {"actor": who.actor(), "at": cast.NOW, "today": cast.TODAY}
        found = work(session, *now.values())
        told = {one.count for one in counted(session, found, **now)}
    assert max(told) == COUNTED_MAX + 1
