"""What was open at the end of a day, and how long it was overdue, as parts of statements.

From the last snapshot before the day and from what was posted since: the ledger behind it is not read.
"""

from __future__ import annotations

from portal.ledger.ageing_rules import LAST_DAYS
from portal.ledger.snapshots import LATEST, since

# What a snapshot left open, what was posted since, and what of either was settled since. An entry that was
# settled before and is open again has no due date among them; its own tells.
_ITEMS = """
base AS MATERIALIZED (
  SELECT d.id AS dealer_id, s.period, s.open_entries, s.open_due, s.open_amounts
    FROM dealer d LEFT JOIN LATERAL ({latest}) s ON true
   WHERE {dealers}
), part AS (
  SELECT b.dealer_id, o.entry_id, o.due, o.amount
    FROM base b
   CROSS JOIN LATERAL unnest(b.open_entries, b.open_due, b.open_amounts) o(entry_id, due, amount)
  UNION ALL
  SELECT b.dealer_id, e.id, coalesce(e.due_on, e.occurred_on), e.receivable
    FROM base b CROSS JOIN LATERAL ({entries}) e
   WHERE e.receivable <> 0
  UNION ALL
  SELECT b.dealer_id, v.entry_id, NULL, v.amount
    FROM base b CROSS JOIN LATERAL ({allocations}) a
   CROSS JOIN LATERAL (VALUES (a.debit_id, -a.amount), (a.credit_id, a.amount)) v(entry_id, amount)
), item AS MATERIALIZED (
  SELECT p.dealer_id, p.entry_id, sum(p.amount) AS amount,
         coalesce(max(p.due), (SELECT coalesce(e.due_on, e.occurred_on) FROM journal_entry e
                                WHERE (e.dealer_id, e.id) = (p.dealer_id, p.entry_id))) AS due
    FROM part p GROUP BY p.dealer_id, p.entry_id HAVING sum(p.amount) <> 0
)
"""
_POSTED_WITH = """EXISTS (SELECT FROM journal_entry w
         WHERE (w.dealer_id, w.id) = (a.dealer_id, a.posted_with_id) AND w.posted_at < :seen_by)
"""


def items(dealers: str, *, is_seen: bool) -> str:
    """SQL: the table ``item`` of what was open of each entry on a day, of the dealers ``d`` that are meant.

    Debts are positive, credits negative. is_seen: only of what was posted before ``:seen_by``.
    """
    return _ITEMS.format(
        dealers=dealers,
        latest=LATEST.format(dealer="d.id", seen="AND s.taken_at < :seen_by" if is_seen else ""),
        entries=since("journal_entry", "e", seen="e.posted_at < :seen_by" if is_seen else "true"),
        allocations=since("allocation", "a", seen=_POSTED_WITH if is_seen else "true"),
    )


def _buckets() -> str:
    """SQL: sums of ``i`` by age, under the names of `Buckets`."""
    late = "CAST(:day AS date) - i.due"
    within, after = [], None
    for name, last in LAST_DAYS.items():
        within.append((name, f"{late} <= {last}" if after is None else f"{late} BETWEEN {after} AND {last}"))
        after = last + 1
    within.append(("days_over_90", f"{late} >= {after}"))
    within.append(("overdue", f"{late} > 0"))
    sums = [
        f"coalesce(sum(i.amount) FILTER (WHERE i.amount > 0 AND {condition}), 0) AS {name}"
        for name, condition in within
    ]
    sums.append("coalesce(sum(i.amount) FILTER (WHERE i.amount < 0), 0) AS unallocated")
    return ", ".join([*sums, "sum(i.amount) AS balance"])


BUCKETS = _buckets()
"""SQL: what is open by age, of the items ``i`` of a group."""
