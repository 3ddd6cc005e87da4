"""Payments, the journal, the dealers' accounts, and the months that are closed with their statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

import psycopg
from psycopg.types.json import Jsonb

from config import Settings
from demo.world.business_days import MONTHS, local_date, moment, month_start
from portal.dealers.payment_reference import grouped, reference_of
from portal.kernel import clock
from portal.ledger.snapshot_checks import OPEN_AT_CLOSE, TOTAL_AT_CLOSE
from portal.statements.company import Issuer

CLOSED_ON_DAY = 5  # of the month after
OPEN_MONTHS = 2  # the current one, and the last full one, which waits for somebody to close it

_PAYMENTS = """
CREATE TEMPORARY TABLE past_transfer AS
SELECT row_number() OVER (ORDER BY p.received_on, o.dealer_id) AS id, o.dealer_id, p.received_on,
       sum(p.amount) AS amount,
       min(i.number) || CASE WHEN count(*) > 1 THEN ' +' || count(*) - 1 ELSE '' END AS reference
  FROM past_payment p
  JOIN past_order o ON o.id = p.order_id
  JOIN invoice i ON (i.dealer_id, i.id) = (o.dealer_id, o.id)
 GROUP BY o.dealer_id, p.received_on;
INSERT INTO payment (dealer_id, id, number, received_on, method, reference, amount)
SELECT dealer_id, id, pg_temp.document_number('PY', received_on, id), received_on, 'bank transfer', reference,
       amount
  FROM past_transfer ORDER BY id
"""

# The order of the keys is the order of time; a month's statement lists its entries by day and key.
_ENTRIES = """
CREATE TEMPORARY TABLE past_entry AS
SELECT row_number() OVER (ORDER BY posted_at, dealer_id, kind, document_no) AS id, e.*
  FROM (SELECT i.dealer_id, i.kind, i.number AS document_no, o.number AS reference,
               i.issued_on AS occurred_on, i.due_on,
               coalesce(c.at, h.shipped_at) AS posted_at, i.gross AS receivable, i.net, i.tax,
               CASE i.kind WHEN 'invoice' THEN 'warehouse' ELSE 'finance' END AS desk
          FROM invoice i
          JOIN sales_order o ON (o.dealer_id, o.id) = (i.dealer_id, i.order_id)
          JOIN shipment h ON (h.dealer_id, h.id) = (i.dealer_id, i.shipment_id)
          LEFT JOIN past_credit c ON c.id = i.id
        UNION ALL
        SELECT dealer_id, 'payment', number, reference, received_on, NULL, received_on + time '10:30',
               -amount, NULL, NULL, 'finance'
          FROM payment) e;
INSERT INTO journal_entry (dealer_id, id, kind, document_no, reference, occurred_on, due_on, period,
                           receivable, posted_at, posted_by)
SELECT e.dealer_id, e.id, e.kind, e.document_no, e.reference, e.occurred_on, e.due_on,
       to_char(e.occurred_on, 'YYYY-MM'), e.receivable, e.posted_at, s.key
  FROM past_entry e JOIN staff s USING (desk)
 ORDER BY e.id;
INSERT INTO journal_line (dealer_id, entry_id, account, amount)
SELECT e.dealer_id, e.id, l.account, l.amount
  FROM past_entry e
 CROSS JOIN LATERAL (VALUES ('receivable', e.receivable), ('revenue', -e.net), ('output_vat', -e.tax),
                            ('bank', CASE WHEN e.kind = 'payment' THEN -e.receivable END)) l(account, amount)
 WHERE l.account = 'receivable' OR l.amount <> 0
"""

# Debts and credits of a dealer, each laid end to end in the order in which they settle each other: between
# two ends of either, one credit lies over one debt. The same as portal.ledger.rules.allocate after every
# posting, for all dealers at once.
_ALLOCATIONS = """
DELETE FROM allocation WHERE dealer_id = ANY (%(dealers)s::bigint[]);
CREATE TEMPORARY TABLE laid AS
SELECT dealer_id, id, period, occurred_on, receivable > 0 AS is_debt, row_number() OVER w AS place,
       sum(abs(receivable)) OVER w AS upto
  FROM journal_entry WHERE receivable <> 0 AND (%(everybody)s OR dealer_id = ANY (%(dealers)s::bigint[]))
WINDOW w AS (PARTITION BY dealer_id, receivable > 0 ORDER BY coalesce(due_on, occurred_on), occurred_on, id);
ANALYZE laid;
INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, occurred_on, posted_with_id)
SELECT p.dealer_id, c.id, d.id, p.amount, greatest(c.period, d.period),
       CASE WHEN (c.period, c.occurred_on) > (d.period, d.occurred_on) THEN c.occurred_on
            ELSE d.occurred_on END, greatest(c.id, d.id)
  FROM (SELECT dealer_id, upto - coalesce(lag(upto) OVER (PARTITION BY dealer_id ORDER BY upto), 0) AS amount,
               min(place) FILTER (WHERE is_debt)
                 OVER (PARTITION BY dealer_id ORDER BY upto DESC) AS debt_place,
               min(place) FILTER (WHERE NOT is_debt)
                 OVER (PARTITION BY dealer_id ORDER BY upto DESC) AS credit_place
          FROM laid) p
  JOIN laid d ON d.is_debt AND (d.dealer_id, d.place) = (p.dealer_id, p.debt_place)
  JOIN laid c ON NOT c.is_debt AND (c.dealer_id, c.place) = (p.dealer_id, p.credit_place)
 WHERE p.amount > 0;
DROP TABLE laid
"""

_ACCOUNTS = """
UPDATE dealer_account a SET balance = coalesce(j.balance, 0), open_orders = coalesce(o.open_orders, 0)
  FROM dealer d
  LEFT JOIN (SELECT dealer_id, sum(receivable) AS balance FROM journal_entry GROUP BY dealer_id) j
    ON j.dealer_id = d.id
  LEFT JOIN (SELECT dealer_id, sum(total) AS open_orders FROM sales_order
              WHERE status IN ('confirmed', 'on_hold', 'picking') GROUP BY dealer_id) o ON o.dealer_id = d.id
 WHERE a.dealer_id = d.id
"""

# Whoever has an order on hold stands so near its limit that the order does not fit; every 23rd dealer has
# little left; the limit of all others leaves a quarter on top of what is out.
_LIMITS = """
UPDATE dealer_account a
   SET credit_limit = CASE
         WHEN h.held IS NOT NULL
           THEN greatest(0, floor((a.balance + a.open_orders - h.held + h.smallest / 2) / 100) * 100)
         WHEN a.dealer_id % 23 = 0 AND a.balance + a.open_orders > 0
           THEN ceil((a.balance + a.open_orders) * 1.03 / 1000) * 1000
         ELSE greatest(a.credit_limit, ceil((a.balance + a.open_orders) * 1.25 / 10000) * 10000) END
  FROM dealer d
  LEFT JOIN (SELECT dealer_id, sum(total) AS held, min(total) AS smallest FROM sales_order
              WHERE status = 'on_hold' GROUP BY dealer_id) h ON h.dealer_id = d.id
 WHERE a.dealer_id = d.id
"""

_CLOSE = """
UPDATE accounting_period p
   SET state = 'closed', closing_at = %(at)s, closing_by = s.key, closed_at = %(at)s + interval '9 minutes'
  FROM staff s WHERE s.desk = 'finance' AND p.period = %(period)s
"""
_TASKS = """
INSERT INTO close_task (dealer_id, period, state, finished_at)
SELECT d.id, p.period, 'done', p.closing_at + interval '8 minutes' FROM dealer d, accounting_period p
 WHERE p.state = 'closed'
"""

# Debts due last are the open ones, since every credit went to the debts due first: back from the latest, they
# cover the closing balance. Reckoned without the allocations on purpose; `verify` compares the two.
_STATEMENTS = """
WITH month AS (
  SELECT period, (period || '-01')::date + interval '1 month' - interval '1 day' AS last_day, closing_at
    FROM accounting_period
   WHERE state = 'closed'
), sums AS (
  SELECT d.id AS dealer_id, m.period, m.last_day::date AS last_day, m.closing_at,
         coalesce(sum(e.receivable) FILTER (WHERE e.period < m.period), 0) AS opening,
         coalesce(sum(e.receivable) FILTER (WHERE e.period = m.period AND e.receivable > 0), 0) AS debits,
         coalesce(-sum(e.receivable) FILTER (WHERE e.period = m.period AND e.receivable < 0), 0) AS credits,
         coalesce(sum(e.receivable), 0) AS closing,
         count(e.id) FILTER (WHERE e.period = m.period) AS line_count
    FROM dealer d CROSS JOIN month m
    LEFT JOIN journal_entry e ON e.dealer_id = d.id AND e.period <= m.period
   GROUP BY d.id, m.period, m.last_day, m.closing_at
), debt AS (
  SELECT s.dealer_id, s.period, s.last_day - e.due_on AS days_over, e.id, e.document_no, e.occurred_on,
         e.due_on, e.receivable, s.closing,
         coalesce(sum(e.receivable) OVER (PARTITION BY s.dealer_id, s.period
                                          ORDER BY e.due_on DESC, e.occurred_on DESC, e.id DESC
                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS due_later
    FROM sums s
    JOIN journal_entry e ON e.dealer_id = s.dealer_id AND e.period <= s.period AND e.receivable > 0
   WHERE s.closing > 0
), aged AS (
  SELECT dealer_id, period,
         coalesce(sum(open) FILTER (WHERE days_over <= 0), 0) AS current_due,
         coalesce(sum(open) FILTER (WHERE days_over BETWEEN 1 AND 30), 0) AS days_1_30,
         coalesce(sum(open) FILTER (WHERE days_over BETWEEN 31 AND 60), 0) AS days_31_60,
         coalesce(sum(open) FILTER (WHERE days_over BETWEEN 61 AND 90), 0) AS days_61_90,
         coalesce(sum(open) FILTER (WHERE days_over > 90), 0) AS days_over_90,
         jsonb_agg(jsonb_build_object('document_no', document_no, 'date', occurred_on, 'due_date', due_on,
                                      'open_amount', open::text)
                   ORDER BY due_on, occurred_on, id) AS due
    FROM (SELECT debt.*, least(receivable, closing - due_later) AS open FROM debt WHERE due_later < closing) d
   GROUP BY dealer_id, period
)
INSERT INTO statement (dealer_id, id, number, period, currency, opening, debits, credits, closing,
                       current_due, days_1_30, days_31_60, days_61_90, days_over_90, unallocated, line_count,
                       issued_at, snapshot)
SELECT dealer_id, id, number, period, 'CNY', opening, debits, credits, closing,
       coalesce(current_due, 0), coalesce(days_1_30, 0), coalesce(days_31_60, 0), coalesce(days_61_90, 0),
       coalesce(days_over_90, 0), least(closing, 0), line_count, issued_at,
       jsonb_build_object(
         'version', 1,
         'dealer', jsonb_build_object(
           'code', code, 'name_zh', name_zh, 'name_en', name_en, 'credit_code', credit_code,
           'address', CASE WHEN starts_with(address, city) THEN address ELSE city || address END),
         'issuer', %(issuer)s, 'bank', %(bank)s, 'terms_days', payment_terms_days,
         'payment_reference', coalesce(CAST(%(references)s AS jsonb) ->> code, number),
         'issued_at', to_char(issued_at, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), 'due', coalesce(due, '[]'))
  FROM (SELECT s.*, pg_temp.document_number('ST', s.last_day, s.id) AS number,
               s.closing_at + interval '8 minutes' AS issued_at,
               d.code, d.name_zh, d.name_en, d.credit_code, d.city, d.address, d.payment_terms_days
          FROM (SELECT row_number() OVER (ORDER BY period, dealer_id) AS id, * FROM sums
                  LEFT JOIN aged USING (dealer_id, period)) s
          JOIN dealer d ON d.id = s.dealer_id) i
 ORDER BY id
"""

_SNAPSHOTS = f"""
WITH {OPEN_AT_CLOSE.format(closed="statement", dealers="true")},
{TOTAL_AT_CLOSE.format(closed="statement", dealers="true")}, side AS (
  SELECT dealer_id, period, array_agg(account ORDER BY account) AS accounts,
         array_agg(debit ORDER BY account) AS debits, array_agg(credit ORDER BY account) AS credits
    FROM total GROUP BY dealer_id, period
)
INSERT INTO account_snapshot (dealer_id, period, closing, open_entries, open_due, open_amounts,
                              accounts, debits, credits, taken_at)
SELECT s.dealer_id, s.period, s.closing,
       coalesce(array_agg(i.id ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       coalesce(array_agg(i.due ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       coalesce(array_agg(i.amount ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{{}}'),
       coalesce(a.accounts, '{{}}'), coalesce(a.debits, '{{}}'), coalesce(a.credits, '{{}}'), s.issued_at
  FROM statement s
  LEFT JOIN item i ON (i.dealer_id, i.period) = (s.dealer_id, s.period) AND i.amount <> 0
  LEFT JOIN side a ON (a.dealer_id, a.period) = (s.dealer_id, s.period)
 GROUP BY s.dealer_id, s.id, s.period, s.closing, s.issued_at, a.accounts, a.debits, a.credits
"""


def write_ledger(connection: psycopg.Connection, now: datetime) -> None:
    """Open the months of the history, post every document, and set the accounts to what the books say."""
    months = [clock.period_of(month) for month in _months(now)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO accounting_period (period) VALUES (%s)", [(month,) for month in months]
        )
    connection.execute(_PAYMENTS)
    connection.execute(_ENTRIES)
    allocate(connection)
    connection.execute(_ACCOUNTS)
    connection.execute(_LIMITS)
    connection.execute("ANALYZE journal_entry, journal_line, allocation")


def allocate(connection: psycopg.Connection, dealers: Sequence[int] | None = None) -> None:
    """Let credits settle debts, of everybody, or once more of some dealers whose books have changed."""
    connection.execute(_ALLOCATIONS, {"everybody": dealers is None, "dealers": list(dealers or ())})


def close_months(connection: psycopg.Connection, now: datetime) -> None:
    """Close every month but the last ones, and issue the statements.

    Their PDFs are rendered when somebody asks for them.
    """
    for month in _months(now)[:-OPEN_MONTHS]:
        following = month_start(month, 1)
        at = moment(following + timedelta(days=CLOSED_ON_DAY - 1), time(18))
        connection.execute(_CLOSE, {"at": at, "period": clock.period_of(month)})
    connection.execute(_TASKS)
    issuer = company()
    codes = [code for (code,) in connection.execute("SELECT code FROM dealer")]
    connection.execute(
        _STATEMENTS,
        {
            "issuer": Jsonb(asdict(issuer.party)),
            "bank": Jsonb(asdict(issuer.bank)),
            "references": Jsonb({code: grouped(reference_of(code)) for code in codes}),
        },
    )
    connection.execute(_SNAPSHOTS)


def company() -> Issuer:
    """Who issues, as the settings name it; what else they want is not used."""
    return Issuer.of(Settings(database_url="", redis_url="", secret_key="-" * 32))


def _months(now: datetime) -> list[date]:
    current = month_start(local_date(now))
    return [month_start(current, offset) for offset in range(1 - MONTHS, 1)]
