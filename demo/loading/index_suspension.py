"""Tables without what makes single rows slow: foreign keys, secondary indexes, the triggers that look at one
document at a time or keep what was written.

All of it comes back as it was, and coming back it is checked for every row that was loaded, by whole sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from demo.scenario import Part

TABLES = (
    "allocation",
    "audit_event",
    "close_task",
    "invoice",
    "invoice_line",
    "journal_entry",
    "journal_line",
    "lot",
    "lot_stock",
    "order_line",
    "payment",
    "sales_order",
    "shipment",
    "shipment_line",
    "statement",
    "stock_level",
    "stock_movement",
)

# Each query gives a statement to take something away and one to bring it back, in the order of bringing back.
_INDEXES = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = ANY (%(tables)s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid)
 ORDER BY c.relname
"""
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (%(tables)s::regclass[])
 ORDER BY conrelid::regclass::text, conname
"""
_TRIGGERS = """
SELECT format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname),
       format('ALTER TABLE %%s ENABLE TRIGGER %%I', tgrelid::regclass, tgname)
  FROM pg_trigger WHERE tgname IN (
    'allocation_append_only', 'allocation_dated', 'allocation_within', 'invoice_append_only',
    'invoice_line_append_only', 'invoice_line_whole', 'journal_line_append_only',
    'journal_entry_append_only', 'journal_entry_balance', 'journal_line_balance', 'journal_line_whole',
    'order_line_priced', 'order_line_whole', 'sales_order_kept', 'sales_order_placed', 'shipment_line_whole',
    'shipment_line_sent', 'shipment_sent', 'stock_movement_append_only', 'stock_movement_followed',
    'stock_transfer_outcome_followed', 'serial_unit_followed', 'custody_movement_held')
 ORDER BY tgname
"""
_UNBALANCED = """
SELECT e.dealer_id, e.id FROM journal_entry e
  LEFT JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
 GROUP BY e.dealer_id, e.id, e.receivable
HAVING sum(l.amount) IS DISTINCT FROM 0
    OR coalesce(sum(l.amount) FILTER (WHERE l.account = 'receivable'), 0) IS DISTINCT FROM e.receivable
 LIMIT 1
"""


@contextmanager
def suspended_indexes(connection: psycopg.Connection, parts: Sequence[Part]) -> Iterator[None]:
    """Take the hindrances away for the block, from the tables of the past and those the parts load in bulk.

    Raises psycopg.Error at its end when the rows break what they stand for.
    """
    taken: list[tuple[str, str]] = []
    tables = [*TABLES, *(table for part in parts for table in part.in_bulk)]
    for query in (_INDEXES, _FOREIGN_KEYS, _TRIGGERS):
        taken += connection.execute(query, {"tables": tables}).fetchall()
    for away, _ in taken:
        connection.execute(away)
    yield
    for _, back in taken:
        connection.execute(back)
    unbalanced = connection.execute(_UNBALANCED).fetchone()
    if unbalanced:
        raise ValueError(f"journal entry {unbalanced} does not balance")
