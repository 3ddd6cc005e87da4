"""The books from the documents: docs/ledger.md and docs/ageing.md.

Which document is debited and credited where, what a dealer owes, what settles what, and what the close of
each month has kept of it. Of the journal itself only dates, months and reversals are taken as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, asked, streamed

# Amounts by account as docs/ledger.md books them, debit positive; what a reversal takes back, with the other
# sign.
POSTED = """
    WITH document (dealer_id, number, account, amount) AS (
      SELECT v.dealer_id, v.number, x.account, x.amount
        FROM invoice v
       CROSS JOIN LATERAL (VALUES ('receivable', v.gross), ('revenue', -v.net), ('output_vat',
         -v.tax)) x (account, amount)
      UNION ALL
      SELECT v.dealer_id, v.number, x.account, x.amount
        FROM service_invoice v
       CROSS JOIN LATERAL (VALUES ('receivable', v.gross), ('revenue', -v.net), ('output_vat',
         -v.tax)) x (account, amount)
      UNION ALL
      SELECT v.dealer_id, v.number, x.account, x.amount
        FROM adjustment_note v
       CROSS JOIN LATERAL (VALUES ('receivable', v.gross), ('revenue', -v.net), ('output_vat',
         -v.tax)) x (account, amount)
      UNION ALL
      SELECT v.dealer_id, v.number, x.account, x.amount
        FROM rebate_note v
       CROSS JOIN LATERAL (VALUES ('receivable', v.gross), ('output_vat', -v.tax),
         (CASE v.treatment WHEN 'service' THEN 'channel_expense' ELSE 'rebates' END, -v.net)) x (account,
           amount)
      UNION ALL
      SELECT v.dealer_id, v.number, x.account, x.amount
        FROM payment v CROSS JOIN LATERAL (VALUES ('receivable', -v.amount), ('bank', v.amount)) x (account,
          amount)
      UNION ALL
      SELECT v.dealer_id, v.number, x.account, x.sign * v.amount
        FROM account_document v
        JOIN (VALUES ('opening', 'receivable', 1), ('opening', 'opening_equity', -1),
                     ('deposit', 'bank', 1), ('deposit', 'deposits_held', -1),
                     ('deposit_use', 'deposits_held', 1), ('deposit_use', 'receivable', -1),
                     ('deposit_return', 'deposits_held', 1), ('deposit_return', 'bank', -1),
                     ('write_off', 'bad_debt', 1), ('write_off', 'receivable', -1),
                     ('refund', 'receivable', 1), ('refund', 'bank', -1),
                     ('interest', 'receivable', 1), ('interest', 'interest_income', -1)) x (kind, account,
                       sign)
          ON x.kind = v.kind),
    posted AS (
      SELECT e.dealer_id, e.id AS entry_id, d.account,
             CASE WHEN e.reverses_id IS NULL THEN d.amount ELSE -d.amount END AS amount
        FROM journal_entry e JOIN document d ON (d.dealer_id, d.number) = (e.dealer_id, e.document_no)
       WHERE d.amount <> 0)
"""
_LINES = (
    POSTED
    + """
    SELECT e.document_no || ' entry ' || entry_id || ' ' || account, coalesce(x.meant, 0), coalesce(x.kept, 0)
      FROM (SELECT dealer_id, entry_id, account, p.amount AS meant, l.amount AS kept
              FROM posted p
              FULL JOIN (SELECT * FROM journal_line WHERE amount <> 0) l USING (dealer_id, entry_id,
                account)) x
      JOIN journal_entry e ON (e.dealer_id, e.id) = (x.dealer_id, x.entry_id)
"""
)
_UNPOSTED = """
    SELECT number, 1::bigint,
           (SELECT count(*) FROM journal_entry e
             WHERE (e.dealer_id, e.document_no) = (d.dealer_id, d.number) AND e.reverses_id IS NULL)
      FROM (SELECT dealer_id, number FROM invoice UNION ALL SELECT dealer_id, number FROM service_invoice
            UNION ALL SELECT dealer_id, number FROM adjustment_note UNION ALL SELECT dealer_id, number
              FROM rebate_note
            UNION ALL SELECT dealer_id, number FROM payment
            UNION ALL SELECT dealer_id, number FROM account_document) d
"""
_ENTRIES = (
    POSTED
    + """
    SELECT e.document_no || ' entry ' || e.id,
           concat_ws(' ', 0.00, coalesce(sum(p.amount) FILTER (WHERE p.account = 'receivable'), 0.00),
                     e.late, e.period >= to_char(e.occurred_on, 'YYYY-MM'), true),
           concat_ws(' ', (SELECT sum(l.amount) FROM journal_line l
                            WHERE (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)), e.receivable,
                     e.period > to_char(e.occurred_on, 'YYYY-MM'), true,
                     NOT EXISTS (SELECT FROM accounting_period x
                                  WHERE x.period = e.period AND x.state = 'closed'
                                    AND e.posted_at > x.closed_at))
      FROM journal_entry e LEFT JOIN posted p ON (p.dealer_id, p.entry_id) = (e.dealer_id, e.id)
     GROUP BY e.dealer_id, e.id
"""
)
_DOCUMENT_DAYS = """
    SELECT e.document_no, d.day, e.occurred_on
      FROM journal_entry e
      JOIN (SELECT dealer_id, number, issued_on AS day FROM invoice
            UNION ALL SELECT dealer_id, number, issued_on FROM service_invoice
            UNION ALL SELECT dealer_id, number, issued_on FROM adjustment_note
            UNION ALL SELECT dealer_id, number, issued_on FROM rebate_note
            UNION ALL SELECT dealer_id, number, received_on FROM payment
            UNION ALL SELECT dealer_id, number, issued_on FROM account_document WHERE kind <> 'opening') d
        ON (d.dealer_id, d.number) = (e.dealer_id, e.document_no)
     WHERE e.reverses_id IS NULL
"""
_BALANCES = (
    POSTED
    + """
    SELECT 'dealer ' || a.dealer_id,
           coalesce(sum(p.amount), 0), a.balance
      FROM dealer_account a LEFT JOIN posted p ON p.dealer_id = a.dealer_id AND p.account = 'receivable'
     GROUP BY a.dealer_id
"""
)
# What each close kept: the balance, and all that was debited and credited to each account so far.
_CLOSINGS = (
    POSTED
    + """
    SELECT concat_ws(' ', 'dealer', s.dealer_id, s.period),
           coalesce(sum(p.amount), 0), s.closing
      FROM account_snapshot s
      LEFT JOIN (SELECT p.dealer_id, e.period, p.amount
                   FROM posted p JOIN journal_entry e ON (e.dealer_id, e.id) = (p.dealer_id, p.entry_id)
                  WHERE p.account = 'receivable') p ON p.dealer_id = s.dealer_id AND p.period <= s.period
     GROUP BY s.dealer_id, s.period
"""
)
_ACCOUNTS = (
    POSTED
    + """
    , kept AS (
      SELECT s.dealer_id, s.period, x.account, x.debit, x.credit
        FROM account_snapshot s CROSS JOIN LATERAL unnest(s.accounts, s.debits, s.credits) x (account, debit,
          credit)),
    monthly AS (
      SELECT p.dealer_id, e.period, p.account, sum(greatest(p.amount, 0)) AS debit, sum(greatest(-p.amount,
        0)) AS credit
        FROM posted p JOIN journal_entry e ON (e.dealer_id, e.id) = (p.dealer_id, p.entry_id) GROUP BY 1, 2,
          3),
    meant AS (
      SELECT s.dealer_id, s.period, m.account, sum(m.debit) AS debit, sum(m.credit) AS credit
        FROM account_snapshot s JOIN monthly m ON m.dealer_id = s.dealer_id AND m.period <= s.period
          GROUP BY 1, 2, 3)
    SELECT concat_ws(' ', 'dealer', dealer_id, period, account),
           ARRAY[coalesce(m.debit, 0), coalesce(m.credit, 0)], ARRAY[coalesce(k.debit, 0), coalesce(k.credit,
             0)]
      FROM meant m FULL JOIN (SELECT * FROM kept WHERE debit <> 0 OR credit <> 0) k USING (dealer_id, period,
        account)
"""
)
_TRIAL = """
    SELECT period, 0.00, sum(x.debit) - sum(x.credit)
      FROM account_snapshot s CROSS JOIN LATERAL unnest(s.debits, s.credits) x (debit, credit) GROUP BY 1
"""
_SETTLED = """
    WITH settled AS (
      SELECT dealer_id, credit_id AS id, amount FROM allocation
      UNION ALL SELECT dealer_id, debit_id, amount FROM allocation)
    SELECT e.document_no || ' entry ' || e.id, true,
           coalesce(sum(s.amount), 0) BETWEEN 0 AND abs(e.receivable)
      FROM journal_entry e LEFT JOIN settled s ON (s.dealer_id, s.id) = (e.dealer_id, e.id)
     GROUP BY e.dealer_id, e.id
"""
# An allocation counts from the latest of its entries; what an undone one freed, from that day at the
# earliest.
_SIDES = """
    SELECT 'allocation ' || a.id,
           concat_ws(' ', true, greatest(c.period, d.period, w.period, f.period),
                     greatest(c.occurred_on, d.occurred_on, w.occurred_on, f.occurred_on)),
           concat_ws(' ', c.receivable < 0 AND d.receivable > 0, a.period, a.occurred_on)
      FROM allocation a
      JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)
      JOIN journal_entry d ON (d.dealer_id, d.id) = (a.dealer_id, a.debit_id)
      JOIN journal_entry w ON (w.dealer_id, w.id) = (a.dealer_id, a.posted_with_id)
      LEFT JOIN LATERAL (
        SELECT max(u.period) AS period, max(u.occurred_on) AS occurred_on FROM allocation u
         WHERE u.dealer_id = a.dealer_id AND u.amount < 0 AND u.id < a.id
           AND (u.credit_id = a.credit_id OR u.debit_id = a.debit_id)) f ON true
"""
_DEPOSITS = """
    SELECT d.number, true,
           coalesce(sum(u.amount) FILTER (WHERE r.id IS NULL), 0) <= d.amount
      FROM account_document d
      LEFT JOIN account_document u
        ON u.dealer_id = d.dealer_id AND u.source = d.number AND u.kind IN ('deposit_use', 'deposit_return')
      LEFT JOIN journal_entry r
        ON r.dealer_id = u.dealer_id AND r.document_no = u.number AND r.reverses_id IS NOT NULL
     WHERE d.kind = 'deposit' GROUP BY d.dealer_id, d.id, d.number, d.amount
"""
_HEADS = """
    SELECT number, concat_ws(' ', gross - tax, tax, gross), concat_ws(' ', net, head_tax, head_gross)
      FROM (SELECT n.number, sum(l.gross) AS gross, sum(l.tax) AS tax, n.net, n.tax AS head_tax, n.gross
        AS head_gross
              FROM rebate_note n JOIN rebate_note_line l ON (l.dealer_id, l.note_id) = (n.dealer_id, n.id)
             GROUP BY n.dealer_id, n.id
            UNION ALL
            SELECT n.number, sum(l.gross), sum(l.tax), n.net, n.tax, n.gross
              FROM adjustment_note n JOIN adjustment_note_line l ON (l.dealer_id, l.note_id) = (n.dealer_id,
                n.id)
             GROUP BY n.dealer_id, n.id
            UNION ALL
            SELECT n.number, sum(l.amount), sum(l.tax), n.net, n.tax, n.gross
              FROM service_invoice n
              JOIN service_invoice_line l ON (l.dealer_id, l.invoice_id) = (n.dealer_id, n.id)
             GROUP BY n.dealer_id, n.id) x
"""
_ENTRIES_OF_DEALERS = """
    SELECT e.dealer_id, e.id, e.kind, e.receivable AS amount, e.occurred_on, coalesce(e.due_on,
      e.occurred_on) AS due_on,
           e.reverses_id IS NOT NULL OR e.kind IN ('deposit_use', 'write_off', 'refund', 'opening')
             OR m.id IS NOT NULL OR o.id IS NOT NULL OR e.kind = 'payment' AND e.receivable > 0
             OR b.id IS NOT NULL AS named
      FROM journal_entry e
      LEFT JOIN bank_match m ON (m.dealer_id, m.payment_no) = (e.dealer_id, e.document_no)
      LEFT JOIN online_posting o ON (o.dealer_id, o.payment_no) = (e.dealer_id, e.document_no)
      LEFT JOIN rebate_balance_entry b ON (b.dealer_id, b.note_no) = (e.dealer_id, e.document_no)
     WHERE e.receivable <> 0
     ORDER BY e.dealer_id, e.id
"""
_ALLOCATIONS = """
    SELECT dealer_id, credit_id, debit_id, sum(amount) AS amount
      FROM allocation GROUP BY 1, 2, 3 HAVING sum(amount) <> 0
"""


@dataclass(slots=True)
class Item:
    """What is still open of an entry."""

    id: int
    day: date
    due_on: date
    left: Decimal


def recount(rows: Connection) -> Iterator[Compared]:
    """Entries from documents, balances, closes, and what settles what."""
    yield from asked(rows, "account of an entry", _LINES)
    yield from asked(rows, "entries of a document", _UNPOSTED)
    yield from asked(rows, "sum, receivable and month of an entry", _ENTRIES)
    yield from asked(rows, "day of an entry", _DOCUMENT_DAYS)
    yield from asked(rows, "balance of a dealer", _BALANCES)
    yield from asked(rows, "balance at the end of a month", _CLOSINGS)
    yield from asked(rows, "debits and credits of an account at the end of a month", _ACCOUNTS)
    yield from asked(rows, "trial balance at the end of a month", _TRIAL)
    yield from asked(rows, "settled of an entry", _SETTLED)
    yield from asked(rows, "sides, month and day of an allocation", _SIDES)
    yield from asked(rows, "left of a deposit", _DEPOSITS)
    yield from asked(rows, "net, tax and gross of a note", _HEADS)
    yield from _settled_by_due_date(rows)


def _settled_by_due_date(rows: Connection) -> Iterator[Compared]:
    """Of a dealer nobody named anything for: credits settle what fell due first,
    money ahead the next debt."""
    kept: dict[int, dict[tuple[int, int], Decimal]] = defaultdict(dict)
    for row in rows.execute(text(_ALLOCATIONS)):
        kept[row.dealer_id][row.credit_id, row.debit_id] = row.amount
    for dealer, group in groupby(streamed(rows, _ENTRIES_OF_DEALERS), lambda row: row.dealer_id):
        entries = list(group)
        settled = kept[dealer]
        open_of = defaultdict(Decimal, {entry.id: entry.amount for entry in entries})
        for (credit, debit), amount in settled.items():
            open_of[credit] += amount
            open_of[debit] -= amount
        both = min(open_of.values()) < 0 < max(open_of.values())
        yield Compared("credit beside an open debt", f"dealer {dealer}", False, both)
        if any(entry.named for entry in entries):
            continue
        meant = _by_due_date(entries)
        for pair in sorted(meant.keys() | settled.keys()):
            yield Compared(
                "what settles what",
                f"dealer {dealer} credit {pair[0]} debt {pair[1]}",
                meant.get(pair),
                settled.get(pair),
            )


def _by_due_date(entries: list) -> dict[tuple[int, int], Decimal]:
    debts: list[Item] = []
    credits: list[Item] = []
    meant: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for entry in entries:
        item = Item(entry.id, entry.occurred_on, entry.due_on, abs(entry.amount))
        mine, others = (debts, credits) if entry.amount > 0 else (credits, debts)
        others.sort(key=lambda one: (one.due_on, one.day, one.id))
        for other in others:
            part = min(item.left, other.left)
            if part:
                meant[(other.id, item.id) if entry.amount > 0 else (item.id, other.id)] += part
                item.left -= part
                other.left -= part
        others[:] = [other for other in others if other.left]
        if item.left:
            mine.append(item)
    return dict(meant)
