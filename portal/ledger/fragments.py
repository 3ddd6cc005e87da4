"""What other capabilities ask of the books within a statement of their own; the SQL is the ledger's."""

from __future__ import annotations


def open_of(entry: str) -> str:
    """SQL for what of a row of `journal_entry` is neither settled nor settles anything: 0 or more."""
    return f"""
    abs({entry}.receivable)
    - coalesce((SELECT sum(a.amount) FROM allocation a
                 WHERE (a.dealer_id, a.credit_id) = ({entry}.dealer_id, {entry}.id)), 0)
    - coalesce((SELECT sum(a.amount) FROM allocation a
                 WHERE (a.dealer_id, a.debit_id) = ({entry}.dealer_id, {entry}.id)), 0)
    """
