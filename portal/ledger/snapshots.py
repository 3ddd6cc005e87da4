"""Keep what a month leaves of a dealer's account, and read balances from it.

Written by the close, once and for good: nothing is posted in a month that is shut. A balance of any day is
one snapshot and the entries since.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.ledger.ageing_rules import AsOf
from portal.ledger.allocations import ALLOCATED

SUMS = """
coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit
"""
"""SQL: what lines ``l`` come to on either side."""

# From the whole ledger and not from the snapshot before: a fault does not travel on.
_FREEZE = text(
    f"""
    WITH allocated AS ({ALLOCATED.format(until="AND a.period <= :period")}), entry AS (
      SELECT e.id, coalesce(e.due_on, e.occurred_on) AS due, e.receivable,
             sign(e.receivable) * (abs(e.receivable) - coalesce(a.amount, 0)) AS open
        FROM journal_entry e LEFT JOIN allocated a ON a.entry_id = e.id
       WHERE e.dealer_id = :dealer_id AND e.period <= :period
    ), total AS (
      SELECT l.account, {SUMS}
        FROM journal_entry e JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
       WHERE e.dealer_id = :dealer_id AND e.period <= :period AND l.amount <> 0
       GROUP BY l.account
    )
    INSERT INTO account_snapshot (dealer_id, period, closing, open_entries, open_due, open_amounts,
                                  accounts, debits, credits, taken_at)
    SELECT :dealer_id, :period, coalesce(sum(receivable), 0),
           coalesce(array_agg(id ORDER BY id) FILTER (WHERE open <> 0), '{{}}'),
           coalesce(array_agg(due ORDER BY id) FILTER (WHERE open <> 0), '{{}}'),
           coalesce(array_agg(open ORDER BY id) FILTER (WHERE open <> 0), '{{}}'),
           coalesce((SELECT array_agg(account ORDER BY account) FROM total), '{{}}'),
           coalesce((SELECT array_agg(debit ORDER BY account) FROM total), '{{}}'),
           coalesce((SELECT array_agg(credit ORDER BY account) FROM total), '{{}}'), :at
      FROM entry
    ON CONFLICT (dealer_id, period) DO NOTHING
    """
)

LATEST = """
SELECT s.* FROM account_snapshot s
 WHERE s.dealer_id = {dealer} AND s.period <= :settled_through {seen}
 ORDER BY s.period DESC LIMIT 1
"""
"""SQL: the snapshot from which the books of a day are reckoned. seen: a condition on `taken_at`."""

_SINCE = """
SELECT * FROM {table} {row}
 WHERE {row}.dealer_id = b.dealer_id AND {row}.period > CASE WHEN b.period IS NULL THEN '' ELSE b.period END
   AND ({row}.period, {row}.occurred_on) <= (:period, :day) AND {seen} OFFSET 0
"""
_BALANCE = """
SELECT coalesce(max(b.closing), 0) + coalesce(sum(e.receivable), 0) AS balance
  FROM (SELECT d.dealer_id, s.period, s.closing FROM (SELECT CAST(:dealer_id AS bigint) AS dealer_id) d
          LEFT JOIN LATERAL ({latest}) s ON true) b
  LEFT JOIN LATERAL ({entries}) e ON true
"""


def since(table: str, row: str, *, seen: str = "true") -> str:
    """SQL: the rows that count after the snapshot of a row ``b``, up to the day.

    OFFSET keeps the planner from reading the rows of all dealers and all months first. CASE and not coalesce,
    which the planner does not trust to keep rows of others to itself: it would be no condition of the index.
    """
    return _SINCE.format(table=table, row=row, seen=seen)


def keep_snapshot(session: Session, *, dealer_id: int, period: str, at: datetime) -> None:
    """Keep what an account is at the end of a month that is shut.

    Part of its close, which has asked for the right. The first one stays.
    """
    session.execute(_FREEZE, {"dealer_id": dealer_id, "period": period, "at": at})


def balance_at(session: Session, *, dealer_id: int, as_of: AsOf) -> Decimal:
    """What a dealer owed at the end of a day: a snapshot and the entries since."""
    balance: Decimal = session.execute(
        _balance(as_of.seen_by is not None), {"dealer_id": dealer_id, **parameters_of(as_of)}
    ).scalar_one()
    return balance


def parameters_of(as_of: AsOf) -> dict[str, object]:
    """What the statements of this module and of `ageing` ask with."""
    values: dict[str, object] = {
        "settled_through": as_of.settled_through,
        "period": as_of.period,
        "day": as_of.day,
    }
    return values if as_of.seen_by is None else values | {"seen_by": as_of.seen_by}


@cache
def _balance(is_seen: bool) -> TextClause:
    latest = LATEST.format(dealer="d.dealer_id", seen="AND s.taken_at < :seen_by" if is_seen else "")
    seen = "e.posted_at < :seen_by" if is_seen else "true"
    return text(_BALANCE.format(latest=latest, entries=since("journal_entry", "e", seen=seen)))
