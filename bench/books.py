"""BOOKS: a balance and the ageing of all dealers at the end of a past day, from snapshots and what was posted
since, against the same sums over the whole ledger.

Stands on made books of its own: dealers that are billed and pay for two years, of which all months but the
last are closed.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from launch.migrate import migrate
from launch.postgres import Postgres
from launch.storage import Storage, libpq_url, open_storage
from portal import capabilities
from portal.kernel.db import Database, transaction
from portal.ledger.ageing import ageing_by_dealer, ageing_by_region, open_on
from portal.ledger.ageing_rules import AsOf
from portal.ledger.snapshot_checks import OPEN_AT_CLOSE
from portal.ledger.snapshots import balance_at

GOALS = {"balance_ms": "p95 < 5", "ageing_seconds": "< 3 at 5 M lines"}
DEALERS = {"small": 1_000, "large": 10_400}
INVOICES = 100  # a dealer, one a week; each with a payment, but the last that are not due
DAYS = 7
PAID_AFTER = 40  # days
LINES = 2.5  # of the journal an entry: three of an invoice, two of a payment. They are not read and not made.
FIRST = date(2024, 11, 1)
LAST = FIRST + timedelta(days=INVOICES * DAYS)
ASKED = 300  # balances

_MADE = """
INSERT INTO region_node (id, code, name_zh, name_en, level, parent_id)
VALUES (1, 'A', '华东', 'East', 1, NULL), (2, 'P', '上海', 'Shanghai', 2, 1),
       (3, 'Q', '江苏', 'Jiangsu', 2, 1);
INSERT INTO dealer (id, code, name_zh, name_en, credit_code, city, address, contact_name, contact_phone,
                    payment_terms_days)
SELECT d, 'D' || d, '经销商' || d, 'Dealer ' || d, 'C' || d, 'x', 'x', 'x', 'x', 30
  FROM generate_series(1, %(dealers)s) d;
INSERT INTO dealer_account (dealer_id, credit_limit) SELECT id, 0 FROM dealer;
INSERT INTO dealer_region (dealer_id, valid_from, region_id, assigned_by)
SELECT id, '2020-01-01', 2 + id %% 2, 'x' FROM dealer;
INSERT INTO accounting_period (period, state)
SELECT to_char(m, 'YYYY-MM'), CASE WHEN m < date_trunc('month', %(last)s::date) THEN 'closed' ELSE 'open' END
  FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') m;
CREATE TEMPORARY TABLE billed AS
SELECT d AS dealer_id, n, (d - 1)::bigint * 2 * %(invoices)s + n AS id, %(first)s::date + n * %(days)s AS day,
       100 + n AS amount
  FROM generate_series(1, %(dealers)s) d, generate_series(1, %(invoices)s) n;
INSERT INTO journal_entry (dealer_id, id, kind, document_no, occurred_on, due_on, period, receivable,
                           posted_at, posted_by)
SELECT dealer_id, id, 'invoice', 'IN' || id, day, day + 30, to_char(day, 'YYYY-MM'), amount, day, 'x'
  FROM billed
UNION ALL
SELECT dealer_id, id + %(invoices)s, 'payment', 'PY' || id, day + %(after)s, NULL,
       to_char(day + %(after)s, 'YYYY-MM'), -amount, day + %(after)s, 'x'
  FROM billed WHERE day + %(after)s <= %(last)s;
INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, occurred_on, posted_with_id)
SELECT dealer_id, id + %(invoices)s, id, amount, to_char(day + %(after)s, 'YYYY-MM'), day + %(after)s,
       id + %(invoices)s
  FROM billed WHERE day + %(after)s <= %(last)s;
ANALYZE
"""
_SNAPSHOTS = f"""
WITH closed AS (
  SELECT d.id AS dealer_id, a.period FROM dealer d CROSS JOIN accounting_period a WHERE a.state = 'closed'
), {OPEN_AT_CLOSE.format(closed="closed", dealers="true")}
INSERT INTO account_snapshot (dealer_id, period, closing, open_entries, open_due, open_amounts,
                              accounts, debits, credits, taken_at)
SELECT s.dealer_id, s.period, coalesce(sum(i.amount), 0),
       coalesce(array_agg(i.id ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       coalesce(array_agg(i.due ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       coalesce(array_agg(i.amount ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       '{{}}', '{{}}', '{{}}', now()
  FROM closed s
  LEFT JOIN item i ON (i.dealer_id, i.period) = (s.dealer_id, s.period) AND i.amount <> 0
 GROUP BY s.dealer_id, s.period
"""
_TABLES = ("journal_entry", "allocation", "account_snapshot")
_WHOLE = text(
    """
    WITH allocated AS (
      SELECT v.dealer_id, v.entry_id, sum(v.amount) AS amount
        FROM (SELECT dealer_id, credit_id AS entry_id, amount FROM allocation WHERE occurred_on <= :day
               UNION ALL SELECT dealer_id, debit_id, amount FROM allocation WHERE occurred_on <= :day) v
       GROUP BY 1, 2)
    SELECT e.dealer_id, sum(e.receivable), sum(abs(e.receivable) - coalesce(a.amount, 0))
      FROM journal_entry e LEFT JOIN allocated a ON (a.dealer_id, a.entry_id) = (e.dealer_id, e.id)
     WHERE e.occurred_on <= :day GROUP BY e.dealer_id
    """
)


def run(scale: str) -> dict[str, Any]:
    """Milliseconds of a balance and of a dealer's items, seconds of all dealers' ages and of whole sums."""
    assert capabilities.CAPABILITIES  # errors of the database are told in their words
    dealers = DEALERS[scale]
    with tempfile.TemporaryDirectory(prefix="tonglu-books-") as folder, ExitStack() as stack:
        stack.callback(Postgres.erase, Path(folder) / "postgres")
        storage = open_storage(stack, Path(folder))
        migrate(storage.owner_url, storage.app_url, storage.issuer_url)
        entries = _fill(storage, dealers)
        database = Database(storage.app_url)
        stack.callback(database.dispose)
        return {
            "dealers": dealers,
            "entries": entries,
            "lines": int(entries * LINES),
            **_measured(database, dealers),
            "goals": GOALS,
        }


def _fill(storage: Storage, dealers: int) -> int:
    about = {"dealers": dealers, "invoices": INVOICES, "days": DAYS, "after": PAID_AFTER}
    about |= {"first": FIRST, "last": LAST}
    with psycopg.connect(
        libpq_url(storage.owner_url), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as connection:
        connection.execute("SELECT set_config('app.region_ids', '*', false)")
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(_MADE, about)
        connection.execute(_SNAPSHOTS)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            connection.execute(f"VACUUM ANALYZE {table}")
        [entries] = connection.execute("SELECT count(*) FROM journal_entry").fetchone()
    return entries


def _measured(database: Database, dealers: int) -> dict[str, Any]:
    chance = Random(7)
    middle, month_end = LAST - timedelta(days=200), date(2026, 3, 31)

    def some_day() -> AsOf:
        return AsOf(FIRST + timedelta(days=chance.randrange(60, INVOICES * DAYS)))

    def balances(session: Session) -> None:
        balance_at(session, dealer_id=chance.randint(1, dealers), as_of=some_day())

    def items(session: Session) -> None:
        open_on(session, dealer_id=chance.randint(1, dealers), as_of=some_day())

    with transaction(database.system_session()) as session:
        return {
            "balance_ms": _milliseconds(session, balances),
            "open_items_ms": _milliseconds(session, items),
            "ageing_mid_month_seconds": _seconds(lambda: ageing_by_dealer(session, as_of=AsOf(middle))),
            "ageing_month_end_seconds": _seconds(lambda: ageing_by_dealer(session, as_of=AsOf(month_end))),
            "ageing_by_region_seconds": _seconds(lambda: ageing_by_region(session, as_of=AsOf(middle))),
            "ageing_today_seconds": _seconds(lambda: ageing_by_region(session, as_of=AsOf(LAST))),
            "whole_ledger_seconds": _seconds(lambda: session.execute(_WHOLE, {"day": middle}).all()),
        }


def _milliseconds(session: Session, ask: Callable[[Session], None]) -> dict[str, float]:
    for _ in range(20):
        ask(session)
    taken = []
    for _ in range(ASKED):
        begun = time.perf_counter()
        ask(session)
        taken.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(taken, n=100)
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}


def _seconds(ask: Callable[[], object]) -> float:
    best = []
    for _ in range(3):
        begun = time.perf_counter()
        ask()
        best.append(time.perf_counter() - begun)
    return round(min(best), 2)
