"""The body of the statement: every document with its running balance, and the invoices still open."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from portal.kernel.money import ZERO
from portal.kernel.paper.page import BODY
from portal.kernel.paper.table import (
    HEAD,
    ROW,
    Cell,
    Column,
    Table,
    amount,
    columns,
    number_width,
    row_height,
)
from portal.kernel.paper.typesetting import break_lines
from portal.statements.document import StatementDocument, StatementLine
from portal.statements.pdf import wording
from portal.statements.pdf.paper import StatementPaper


def movements(paper: StatementPaper) -> None:
    """Opening balance, one row per document, totals; sums carried over each page break (过次页, 承前页)."""
    document, words = paper.document, paper.words
    shape = _movement_columns(document)
    table = Table(paper, shape, (document.total_debit, document.total_credit, *_balances(document)))
    unit = wording.currency_unit(document.currency, document.locale)
    paper.heading(words["movements"], words["unit"] % {"currency": unit})
    table.head()
    table.sums(words["opening"], document.opening)
    sums = (ZERO, ZERO, document.opening)
    for line in document.lines:
        cells = _cells(paper, line, shape)
        # One more row is kept free, for the sums carried forward or for the total of the period.
        if not paper.fits(row_height(cells) + ROW):
            _carry(table, sums)
        table.row(*cells)
        sums = (sums[0] + line.debit, sums[1] + line.credit, line.balance)
    if not document.lines:
        table.row((), (), (), (words["no_movements"],), (), (), ())
    table.sums(words["period_total"], document.total_debit, document.total_credit, document.closing)
    table.end()


def _movement_columns(document: StatementDocument) -> tuple[Column, ...]:
    return columns(
        ("date", 51.5, False),
        ("kind", 52, False),
        ("document", 94, False),
        ("details", 0, False),
        ("debit", number_width((document.total_debit,)), True),
        ("credit", number_width((document.total_credit,)), True),
        ("balance", number_width(_balances(document)), True),
    )


def _balances(document: StatementDocument) -> tuple[Decimal, ...]:
    """Every balance the table shows."""
    return (document.opening, *(line.balance for line in document.lines))


def _cells(paper: StatementPaper, line: StatementLine, shape: tuple[Column, ...]) -> tuple[Cell, ...]:
    _, _, document_no, details, *_ = shape
    return (
        (line.date.isoformat(),),
        (wording.kind_name(line.kind, paper.document.locale),),
        break_lines(line.document_no, BODY, document_no.room),
        _details(line, details.room),
        (amount(line.debit) if line.debit else "",),
        (amount(line.credit) if line.credit else "",),
        (amount(line.balance),),
    )


def _details(line: StatementLine, room: float) -> Cell:
    """Reference and description, on one line where both fit."""
    parts = (*break_lines(line.reference, BODY, room), *break_lines(line.description, BODY, room))
    together = "  ".join(parts)
    return (together,) if len(parts) == 2 and BODY.width(together) <= room else parts


def _carry(table: Table, sums: tuple[Decimal, Decimal, Decimal]) -> None:
    words = table.paper.words
    table.sums(words["carried_forward"], *sums)
    table.paper.turn()
    table.head()
    table.sums(words["brought_forward"], *sums)


def open_invoices(paper: StatementPaper) -> None:
    """The unpaid invoices behind the ageing, longest due first.

    Nothing when the statement does not list them.
    """
    document, words = paper.document, paper.words
    if not document.due:
        return
    total = sum((item.open_amount for item in document.due), ZERO)
    shape = columns(
        ("document", 0, False),
        ("date", 96, False),
        ("due_date", 96, False),
        ("days_overdue", 84, True),
        ("open_amount", 110, True),
    )
    table = Table(paper, shape, (total,))
    paper.require(26 + HEAD + 3 * ROW)
    paper.heading(words["due"])
    table.head()
    for cells in _open_cells(document, shape[0].room):
        table.require(row_height(cells) + ROW)
        table.row(*cells)
    table.sums(words["total"], total)
    table.end()


def later_documents(paper: StatementPaper) -> None:
    """The documents of later months that belong to this one, with what the balance is together with them."""
    document, words = paper.document, paper.words
    if not document.corrections:
        return
    total = sum((one.amount for one in document.corrections), ZERO)
    shape = columns(
        ("document", 0, False),
        ("kind", 96, False),
        ("date", 96, False),
        ("booked_in", 84, False),
        ("amount", 110, True),
    )
    figures = (total, document.corrected_closing, *(one.amount for one in document.corrections))
    table = Table(paper, shape, figures)
    paper.require(26 + HEAD + 3 * ROW)
    paper.heading(words["corrections"], words["corrections_note"])
    table.head()
    for one in document.corrections:
        number = break_lines(one.document_no, BODY, shape[0].room)
        kind = wording.kind_name(one.kind, document.locale)
        cells = (number, (kind,), (one.date.isoformat(),), (one.period,), (amount(one.amount),))
        table.require(row_height(cells) + 2 * ROW)
        table.row(*cells)
    table.sums(words["total"], total)
    table.sums(words["corrected_closing"], document.corrected_closing)
    table.end()


def _open_cells(document: StatementDocument, room: float) -> Iterator[tuple[Cell, ...]]:
    as_of = document.period_end
    for item in sorted(document.due, key=lambda item: (item.due_date, item.document_no)):
        days = item.days_overdue(as_of)
        number = break_lines(item.document_no, BODY, room)
        dates = (item.date.isoformat(),), (item.due_date.isoformat(),)
        yield (number, *dates, (f"{days:,}" if days else "",), (amount(item.open_amount),))
