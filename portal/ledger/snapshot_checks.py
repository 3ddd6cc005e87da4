"""What has to be true of snapshots: they are the sums of the ledger they spare. All at once, or by slices."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.checking import Check, Difference
from portal.kernel.errors import N_
from portal.ledger.snapshots import SUMS

SLICES = 24
"""Parts into which the dealers fall: one an hour compares each once a day."""

# An entry is open from its month to the one in which the last of it was settled.
OPEN_AT_CLOSE = """
settled AS (
  SELECT dealer_id, entry_id, sum(amount) AS amount, max(period) AS last
    FROM (SELECT dealer_id, credit_id AS entry_id, amount, period FROM allocation
           UNION ALL SELECT dealer_id, debit_id, amount, period FROM allocation) a
   WHERE {dealers} GROUP BY dealer_id, entry_id
), entry AS (
  SELECT e.dealer_id, e.id, e.document_no, e.period, coalesce(e.due_on, e.occurred_on) AS due, e.receivable,
         s.amount, s.last
    FROM (SELECT * FROM journal_entry WHERE {dealers}) e
    LEFT JOIN settled s ON (s.dealer_id, s.entry_id) = (e.dealer_id, e.id)
), item AS (
  SELECT s.dealer_id, s.period, e.id, e.due, sign(e.receivable) * (abs(e.receivable)
           - coalesce((SELECT sum(a.amount) FROM allocation a
                        WHERE (a.dealer_id, a.debit_id) = (e.dealer_id, e.id) AND a.period <= s.period), 0)
           - coalesce((SELECT sum(a.amount) FROM allocation a
                        WHERE (a.dealer_id, a.credit_id) = (e.dealer_id, e.id) AND a.period <= s.period), 0)
         ) AS amount
    FROM (SELECT * FROM {closed} WHERE {dealers}) s
    JOIN entry e ON e.dealer_id = s.dealer_id AND e.period <= s.period
     AND (e.amount IS NULL OR e.amount < abs(e.receivable) OR e.last > s.period)
)
"""
"""SQL: the table ``item`` of what was open of each entry when a month was closed.

closed: a table of dealers and months.
"""

TOTAL_AT_CLOSE = f"""
month AS (
  SELECT e.dealer_id, e.period, l.account, {SUMS}
    FROM (SELECT dealer_id, id, period FROM journal_entry WHERE {{dealers}}) e
    JOIN (SELECT * FROM journal_line WHERE {{dealers}} AND amount <> 0) l
      ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
   GROUP BY e.dealer_id, e.period, l.account
), total AS (
  SELECT s.dealer_id, s.period, m.account, sum(m.debit) AS debit, sum(m.credit) AS credit
    FROM (SELECT * FROM {{closed}} WHERE {{dealers}}) s
    JOIN month m ON m.dealer_id = s.dealer_id AND m.period <= s.period
   GROUP BY s.dealer_id, s.period, m.account
)
"""
"""SQL: the table ``total`` of what every account came to when a month was closed. closed: as before."""

_DIFFERENCES = f"""
WITH {OPEN_AT_CLOSE.format(closed="account_snapshot", dealers="{dealers}")},
{TOTAL_AT_CLOSE.format(closed="account_snapshot", dealers="{dealers}")}, kept AS (
  SELECT s.dealer_id, s.period, o.id, o.due, o.amount
    FROM account_snapshot s
   CROSS JOIN LATERAL unnest(s.open_entries, s.open_due, s.open_amounts) o(id, due, amount)
   WHERE {{dealers}}
), held AS (
  SELECT s.dealer_id, s.period, o.account, o.debit, o.credit
    FROM account_snapshot s
   CROSS JOIN LATERAL unnest(s.accounts, s.debits, s.credits) o(account, debit, credit)
   WHERE {{dealers}}
)
SELECT d.code || ' ' || coalesce(k.period, i.period) || ' ' || e.document_no AS subject,
       coalesce(k.amount, 0) || ' ' || coalesce(k.due::text, '') AS kept,
       coalesce(i.amount, 0) || ' ' || coalesce(i.due::text, '') AS counted
  FROM kept k
  FULL JOIN (SELECT * FROM item WHERE amount <> 0) i
    ON (i.dealer_id, i.period, i.id) = (k.dealer_id, k.period, k.id)
  JOIN journal_entry e ON (e.dealer_id, e.id) = (coalesce(k.dealer_id, i.dealer_id), coalesce(k.id, i.id))
  JOIN dealer d ON d.id = e.dealer_id
 WHERE (k.amount, k.due) IS DISTINCT FROM (i.amount, i.due)
UNION ALL
SELECT d.code || ' ' || s.period, s.closing::text, m.closing::text
  FROM account_snapshot s
  JOIN (SELECT dealer_id, period, sum(amount) OVER (PARTITION BY dealer_id ORDER BY period) AS closing
          FROM (SELECT dealer_id, period, sum(amount) AS amount
                  FROM (SELECT dealer_id, period, receivable AS amount FROM journal_entry WHERE {{dealers}}
                         UNION ALL SELECT dealer_id, period, 0 FROM account_snapshot WHERE {{dealers}}) part
                 GROUP BY dealer_id, period) month) m ON (m.dealer_id, m.period) = (s.dealer_id, s.period)
  JOIN dealer d ON d.id = s.dealer_id
 WHERE s.closing <> m.closing
UNION ALL
SELECT d.code || ' ' || coalesce(h.period, t.period) || ' ' || coalesce(h.account, t.account),
       coalesce(h.debit, 0) || ' ' || coalesce(h.credit, 0),
       coalesce(t.debit, 0) || ' ' || coalesce(t.credit, 0)
  FROM held h
  FULL JOIN total t ON (t.dealer_id, t.period, t.account) = (h.dealer_id, h.period, h.account)
  JOIN dealer d ON d.id = coalesce(h.dealer_id, t.dealer_id)
 WHERE (h.debit, h.credit) IS DISTINCT FROM (t.debit, t.credit)
"""

CHECK = Check(
    "ledger/snapshots",
    N_(
        "Balance, open items and sums of the accounts of every month that was closed are those of the ledger."
    ),
    _DIFFERENCES.format(dealers="true"),
)
_OF_SLICE = text(
    _DIFFERENCES.format(dealers=f"dealer_id % {SLICES} = :slice") + " ORDER BY subject LIMIT :most"
)


# Large books take longer than anybody waits for a page.
_PATIENCE = text("SET LOCAL statement_timeout = 0")


def differing(session: Session, *, part: int, most: int = 100) -> list[Difference]:
    """Snapshots of a slice of the dealers that are not the sum of their ledger.

    Needs a session that sees every dealer.
    """
    session.execute(_PATIENCE)
    rows = session.execute(_OF_SLICE, {"slice": part % SLICES, "most": most})
    return [Difference(**row._mapping) for row in rows]
