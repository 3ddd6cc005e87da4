"""Whose view the sides of a ledger are in, as its figures show. Pure.

In a dealer's books we are a supplier: an invoice of ours is a credit. A layout of its own may be in our view,
where it is a debit. Documents that both books have tell which.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal.own_ledgers.cell_rules import key_of
from portal.own_ledgers.difference_rules import Doc
from portal.own_ledgers.layout_rules import Books
from portal.own_ledgers.line_rules import Line

TOLD_BY = 3  # times as many documents on one side as on the other


def books_of(lines: Sequence[Line], ours: Sequence[Doc], otherwise: Books) -> tuple[Books, bool]:
    """Whose view it is, and whether the documents said so; `otherwise` where they say nothing."""
    numbers = {(doc.number, doc.fen) for doc in ours if doc.number}
    keys = [key_of(line.number) for line in lines]
    same = sum((key, line.fen) in numbers for key, line in zip(keys, lines, strict=True))
    turned = sum((key, -line.fen) in numbers for key, line in zip(keys, lines, strict=True))
    if not same and not turned:
        days = {(doc.day, doc.fen) for doc in ours}
        same = sum((line.day, line.fen) in days for line in lines)
        turned = sum((line.day, -line.fen) in days for line in lines)
    if same == turned:
        return otherwise, False
    books = Books.THEIRS if same > turned else Books.OURS
    return books, max(same, turned) >= TOLD_BY * min(same, turned)
