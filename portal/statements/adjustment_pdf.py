"""A note over a difference in price on paper: what it credits or charges, on which lines of which invoice.

Only what stands when the note is posted is on it, so that it is the same whenever it is rendered. Its words
have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.formats import percent
from portal.kernel.paper.page import BODY, LEFT, META_LEFT, META_VALUE, RIGHT, ROOM, STRONG_BODY, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import HEAD, ROW, Table, amount, columns, number_width
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations
from portal.ledger.adjustments import AdjustmentShown
from portal.statements.rate_sums import rate_sums


@dataclass(frozen=True, slots=True)
class AdjustmentPaper:
    """What stands on the paper. company: its name in the language of the paper, and the other one."""

    locale: str
    company: tuple[str, str]
    note: AdjustmentShown
    created: datetime

    def named(self, zh: str, en: str) -> tuple[str, str]:
        """A name in the language of the paper, and in the other."""
        return (zh, en) if self.locale == "zh" else (en or zh, zh)

    @property
    def gives(self) -> bool:
        """Whether it gives money back."""
        return self.note.gross < 0


def render(document: AdjustmentPaper, stream: BinaryIO) -> None:
    """Write the note as PDF to `stream`; equal notes give equal bytes."""
    words = _words(document)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.note.number}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _lines(paper, document)
    _said(paper, document)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


# Whose number begins so; every other note answers a dispute.
_SOURCES = {"CN": "credit_note", "RT": "return"}


def _head(paper: Paper, document: AdjustmentPaper) -> None:
    note, words = document.note, paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    name, other = document.named(note.dealer_zh, note.dealer_en)
    left = paper.addressee(top, name, other, [(words["dealer_code"], note.dealer_code)])
    source = _SOURCES.get(note.source[:2], "dispute")
    facts = [
        (words["number"], note.number),
        (words["issued_on"], note.issued_on.isoformat()),
        (words["due_on"], "" if document.gives else note.due_on.isoformat()),
        (words["invoice"], note.invoice),
        (words[source], note.source),
        (words["month"], note.period),
        (words["gross"], f"¥{amount(note.gross)}"),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _lines(paper: Paper, document: AdjustmentPaper) -> None:
    """What is adjusted, line by line, and what of it is net and tax by each rate."""
    note = document.note
    numbers = [note.net, note.tax, note.gross, *(line.gross for line in note.lines)]
    width = number_width(numbers, narrowest=70)
    shape = columns(
        ("line", 52, True),
        ("text", 0, False),
        ("rate", 56, True),
        *((name, width, True) for name in ("net", "tax", "gross")),
    )
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(paper.words["lines"], paper.words["unit"])
    table = Table(paper, shape, numbers)
    table.head()
    for line in note.lines:
        product = f"{line.sku} {document.named(line.name_zh, line.name_en)[0]}"
        cells = (
            (str(line.line_no),),
            break_lines(product, BODY, shape[1].room),
            (percent(line.tax_rate),),
            *((amount(figure),) for figure in (line.gross - line.tax, line.tax, line.gross)),
        )
        table.row(*cells)
    by_line = ((line.tax_rate, line.gross, line.tax) for line in note.lines)
    for label, sums in rate_sums(by_line, paper.words["total"], (note.net, note.tax, note.gross)):
        table.sums(label, *sums)
    table.end()


def _said(paper: Paper, document: AdjustmentPaper) -> None:
    """What it does to the account, and to the tax."""
    words = paper.words
    does, tax = ("gives", "red_letter") if document.gives else ("bills", "supplementary")
    lines = (*break_lines(words[does], STRONG_BODY, ROOM), *break_lines(words[tax], BODY, ROOM))
    paper.require(20 + 12 * len(lines))
    paper.y -= 20
    paper.y = paper.lines(LEFT, paper.y, lines, BODY, 12)


def _stamp(paper: Paper, document: AdjustmentPaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.note.number}"
    if page > 1:
        note = document.note
        paper.running_head(document.named(note.dealer_zh, note.dealer_en)[0], title)
    paper.foot(title, page, pages)


def _words(document: AdjustmentPaper) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if document.locale == "zh" else "zh"))
    words = _translated(translations(document.locale))
    title = "title.credit" if document.gives else "title.charge"
    return words | {"title": words[title], "subtitle": other[title].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title.credit": pgettext("adjustment note", "Price credit note"),
        "title.charge": pgettext("adjustment note", "Price debit note"),
        "addressee": pgettext("adjustment note", "Dealer"),
        "dealer_code": pgettext("adjustment note", "Dealer code"),
        "number": pgettext("adjustment note", "Number"),
        "issued_on": pgettext("adjustment note", "Issued on"),
        "due_on": pgettext("adjustment note", "Due on"),
        "invoice": pgettext("adjustment note", "Of invoice"),
        "dispute": pgettext("adjustment note", "Dispute"),
        "credit_note": pgettext("adjustment note", "Credit note"),
        "return": pgettext("adjustment note", "Return"),
        "month": pgettext("adjustment note", "Account month"),
        "unit": pgettext("adjustment note", "Amounts in CNY"),
        "lines": pgettext("adjustment note", "Differences in price"),
        "line": pgettext("adjustment note", "Line"),
        "text": pgettext("adjustment note", "Product"),
        "rate": pgettext("adjustment note", "Rate of tax"),
        "net": pgettext("adjustment note", "Without tax"),
        "tax": pgettext("adjustment note", "Tax"),
        "gross": pgettext("adjustment note", "In all"),
        "total": pgettext("adjustment note", "Total"),
        "gives": pgettext(
            "adjustment note", "This note credits the dealer's account and settles that invoice first."
        ),
        "bills": pgettext("adjustment note", "This note charges the dealer's account. No goods were moved."),
        "red_letter": pgettext(
            "adjustment note", "The red-letter tax invoice is issued on the tax invoice of that invoice."
        ),
        "supplementary": pgettext("adjustment note", "A supplementary tax invoice is issued for it."),
        "page": pgettext("adjustment note", "Page %(page)s of %(pages)s"),
    }
