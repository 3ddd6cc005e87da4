"""A statement from first to last line."""

from __future__ import annotations

from typing import BinaryIO

from portal.statements.document import StatementDocument
from portal.statements.pdf import account, closing, opening, wording
from portal.statements.pdf.paper import HAIRLINE, LABEL, LEFT, RIGHT, ROOM, STRONG_BODY, Paper
from portal.statements.pdf.sheet import HEIGHT, Sheet
from portal.statements.pdf.typesetting import shortened


def render(document: StatementDocument, stream: BinaryIO) -> None:
    """Write the statement as PDF to `stream`; equal documents give equal bytes.

    Raises InconsistentStatement, and writes nothing, when its figures contradict each other.
    """
    document.assert_consistent()
    words = wording.words(document.locale)
    name = wording.names(document.dealer, document.locale)[0]
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.number} {name}",
        author=wording.names(document.issuer, document.locale)[0],
        subject=f"{words['title']} {document.period}",
        lang="zh-CN" if wording.is_chinese(document.locale) else "en",
        created=document.issued_at,
    )
    compose(document, sheet)


def compose(document: StatementDocument, sheet: Sheet) -> None:
    """Draw every page on `sheet` and save it."""
    paper = Paper.blank(document, sheet)
    opening.masthead(paper)
    opening.parties(paper)
    opening.summary(paper)
    account.movements(paper)
    closing.ageing(paper)
    account.open_invoices(paper)
    closing.settlement(paper)
    sheet.save(lambda page, pages: _stamp(paper, page, pages))


def _stamp(paper: Paper, page: int, pages: int) -> None:
    if page > 1:
        _running_head(paper)
    document, sheet = paper.document, paper.sheet
    sheet.rule(LEFT, 46, ROOM, HAIRLINE, 0.5)
    sheet.text(LEFT, 34, f"{paper.words['number']} {document.number}", LABEL)
    sheet.text_right(RIGHT, 34, paper.words["page"] % {"page": page, "pages": pages}, LABEL)


def _running_head(paper: Paper) -> None:
    document, sheet, words = paper.document, paper.sheet, paper.words
    y = HEIGHT - 50
    month = wording.period(document.period_start, document.period_end, document.locale)
    right = f"{words['title']}  {month}"
    issuer = wording.names(document.issuer, document.locale)[0]
    dealer = wording.names(document.dealer, document.locale)[0]
    left = shortened(f"{issuer}  →  {dealer}", STRONG_BODY, ROOM - LABEL.width(right) - 24)
    sheet.text(LEFT, y, left, STRONG_BODY)
    sheet.text_right(RIGHT, y, right, LABEL)
    sheet.rule(LEFT, y - 8, ROOM, HAIRLINE, 0.5)
