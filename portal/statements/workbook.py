"""A statement as an Excel workbook: the same data object as page, PDF and API, to reckon on with."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.ledger.vocabulary import LedgerRight
from portal.statements.document import StatementDocument
from portal.statements.papers import LOCALES
from portal.statements.pdf import wording
from portal.statements.queries import document
from portal.statements.vocabulary import StatementAction, StatementRight

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | Decimal | date | None

_MONEY, _DAY = "#,##0.00", "yyyy-mm-dd"
_WIDTHS = (12, 16, 22, 26, 16, 16, 16)
_KEYS = ("date", "kind", "document", "details", "debit", "credit", "balance")


@dataclass(frozen=True, slots=True)
class StatementBook:
    """A workbook with the name it is saved under and the hash of its bytes."""

    filename: str
    content: bytes
    sha256: str


def workbook_of(
    session: Session, *, actor: Actor, number: str, locale: str, version: int | None = None
) -> StatementBook:
    """The statement's workbook in a language, Chinese for one that it is not printed in.

    version: None gives the current one.

    Raises NotFound when it is out of scope, Forbidden, InconsistentStatement.
    """
    actor.require(StatementRight.READ, LedgerRight.READ)
    locale = locale if locale in LOCALES else LOCALES[0]
    issued = document(session, number=number, locale=locale, version=version)
    content = write_workbook(issued)
    dealer_id = session.execute(_DEALER, {"number": number}).scalar_one()
    after = {"locale": locale, "form": "xlsx"}
    audit.record(
        session, StatementAction.STATEMENT_DOWNLOADED, number, actor=actor, dealer_id=dealer_id, after=after
    )
    name = f"{number}-v{issued.version}" if issued.version > 1 else number
    return StatementBook(f"{name}-{locale}.xlsx", content, hashlib.sha256(content).hexdigest())


def write_workbook(issued: StatementDocument) -> bytes:
    """Write the sheets: the entries with the balances, and what is open by due date."""
    stream = io.BytesIO()
    words = wording.words(issued.locale)
    with Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": f"{words['title']} {issued.number}", "created": issued.issued_at})
        _entries(_Pen(book, book.add_worksheet(words["movements"])), issued)
        if issued.due:
            _due(_Pen(book, book.add_worksheet(words["due"])), issued)
        if issued.corrections:
            _corrections(_Pen(book, book.add_worksheet(words["corrections"])), issued)
    return stream.getvalue()


class _Pen:
    """Writes rows of a sheet one below the other."""

    def __init__(self, book: Workbook, sheet: Worksheet) -> None:
        self.sheet, self.row = sheet, 0
        self.money = book.add_format({"num_format": _MONEY})
        self.strong_money = book.add_format({"num_format": _MONEY, "bold": True, "top": 1})
        self.day = book.add_format({"num_format": _DAY, "align": "left"})
        self.strong = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EAF0F6"})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)

    def line(self, cells: Sequence[Cell], *, strong: bool = False) -> None:
        """Write a row of texts, days and amounts; None leaves a cell empty."""
        for column, cell in enumerate(cells):
            if isinstance(cell, str):  # never a formula, whatever it begins with
                self.sheet.write_string(self.row, column, cell, self.strong if strong else None)
            elif isinstance(cell, Decimal):
                amount = self.strong_money if strong else self.money
                self.sheet.write_number(self.row, column, Fraction(cell), amount)
            elif isinstance(cell, date):
                self.sheet.write_datetime(self.row, column, datetime.combine(cell, time()), self.day)
            elif cell is not None:
                self.sheet.write_number(self.row, column, cell)
        self.row += 1

    def heads(self, labels: Sequence[str]) -> None:
        """Write the labels of columns and keep them in sight."""
        for column, label in enumerate(labels):
            self.sheet.write_string(self.row, column, label, self.head)
        self.row += 1
        self.sheet.freeze_panes(self.row, 0)


def _entries(pen: _Pen, issued: StatementDocument) -> None:
    words, locale = wording.words(issued.locale), issued.locale
    pen.line([words["title"], issued.number], strong=True)
    if issued.version > 1:
        pen.line([words["version"], words["version_value"] % {"version": issued.version}])
    pen.line([words["period"], wording.period(issued.period_start, issued.period_end, locale)])
    pen.line([words["issuer_seal"], wording.names(issued.issuer, locale)[0]])
    pen.line([words["addressee"], wording.names(issued.dealer, locale)[0], issued.dealer.code])
    pen.line([words["currency"], issued.currency])
    pen.row += 1
    pen.heads([words[key] for key in _KEYS])
    pen.line([words["opening"], None, None, None, None, None, issued.opening])
    for one in issued.lines:
        sides = (one.debit or None, one.credit or None)
        pen.line(
            [
                one.date,
                wording.kind_name(one.kind, locale),
                one.document_no,
                one.reference or None,
                *sides,
                one.balance,
            ]
        )
    totals = [issued.total_debit, issued.total_credit, issued.closing]
    pen.line([words["period_total"], None, None, None, *totals], strong=True)


def _due(pen: _Pen, issued: StatementDocument) -> None:
    words = wording.words(issued.locale)
    pen.heads([words[key] for key in ("date", "due_date", "document", "days_overdue", "open_amount")])
    for one in sorted(issued.due, key=lambda item: (item.due_date, item.document_no)):
        overdue = one.days_overdue(issued.period_end)
        pen.line([one.date, one.due_date, one.document_no, overdue, one.open_amount])


def _corrections(pen: _Pen, issued: StatementDocument) -> None:
    words = wording.words(issued.locale)
    pen.heads([words[key] for key in ("date", "kind", "document", "booked_in", "amount")])
    for one in issued.corrections:
        kind = wording.kind_name(one.kind, issued.locale)
        pen.line([one.date, kind, one.document_no, one.period, one.amount])
    pen.line([words["corrected_closing"], None, None, None, issued.corrected_closing], strong=True)


_DEALER = text("SELECT dealer_id FROM statement WHERE number = :number")
