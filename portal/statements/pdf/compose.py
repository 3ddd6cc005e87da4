"""A statement from first to last line."""

from __future__ import annotations

from typing import BinaryIO

from portal.kernel.paper.sheet import Sheet
from portal.statements.document import StatementDocument
from portal.statements.pdf import account, closing, opening, wording
from portal.statements.pdf.paper import StatementPaper


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
    paper = StatementPaper.blank(document, sheet)
    opening.masthead(paper)
    opening.parties(paper)
    opening.summary(paper)
    account.movements(paper)
    closing.ageing(paper)
    account.open_invoices(paper)
    account.later_documents(paper)
    closing.settlement(paper)
    sheet.save(lambda page, pages: _stamp(paper, page, pages))


def _stamp(paper: StatementPaper, page: int, pages: int) -> None:
    document, words = paper.document, paper.words
    if page > 1:
        issuer = wording.names(document.issuer, document.locale)[0]
        dealer = wording.names(document.dealer, document.locale)[0]
        month = wording.period(document.period_start, document.period_end, document.locale)
        paper.running_head(f"{issuer}  →  {dealer}", f"{words['title']}  {month}")
    paper.foot(f"{words['number']} {document.number}", page, pages)
