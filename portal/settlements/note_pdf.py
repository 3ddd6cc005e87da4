"""A rebate note on paper: what was given or taken back, for which periods, on which invoices.

Only what stands when the note is posted is on it, so that it is the same whenever it is rendered. Its words
have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.formats import percent
from portal.kernel.paper.page import (
    BODY,
    LEFT,
    META_LEFT,
    META_VALUE,
    RIGHT,
    ROOM,
    STRONG_BODY,
    Paper,
)
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import (
    HEAD,
    ROW,
    Column,
    Table,
    amount,
    columns,
    number_width,
)
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations
from portal.settlements.notes import Note
from portal.settlements.rules import SettlementKind

LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class NotePaper:
    """What stands on the paper. company: its name in the language of the paper, and the other one."""

    locale: str
    company: tuple[str, str]
    note: Note
    created: datetime

    def named(self, zh: str, en: str) -> tuple[str, str]:
        """A name in the language of the paper, and in the other."""
        return (zh, en) if self.locale == "zh" else (en or zh, zh)


def render(document: NotePaper, stream: BinaryIO) -> None:
    """Write the note as PDF to `stream`; equal notes give equal bytes."""
    words = _words(document.locale)
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
    if document.note.periods:
        _periods(paper, document)
    _lines(paper, document.note)
    _said(paper, document.note)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: NotePaper) -> None:
    note, words = document.note, paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    name, other = document.named(note.dealer_zh, note.dealer_en)
    left = paper.addressee(top, name, other, [(words["dealer_code"], note.dealer_code)])
    facts = [
        (words["number"], note.number),
        (words["issued_on"], note.issued_on.isoformat()),
        (words["month"], note.month or ""),
        (words["source"], note.source),
        (words["treatment"], words[f"treatment.{note.treatment}"]),
        (words["in_all"], f"¥{amount(note.gross)}"),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _periods(paper: Paper, document: NotePaper) -> None:
    """A row for each period that it pays."""
    paid = [one.paid for one in document.note.periods]
    shape = columns(
        ("programme", 104, False),
        ("title_of", 0, False),
        ("period", 70, False),
        ("kind", 132, False),
        ("paid", number_width(paid), True),
    )
    table = _table(paper, "periods", shape, paid)
    for one in document.note.periods:
        title = document.named(one.title_zh, one.title_en)[0]
        texts = (one.programme, title, one.period, paper.words[f"kind.{one.kind}"])
        cells = tuple(break_lines(text, BODY, each.room) for text, each in zip(texts, shape, strict=False))
        table.row(*cells, (amount(one.paid),))
    table.end()


def _lines(paper: Paper, note: Note) -> None:
    """What it gives on each invoice at each rate of tax, and in all."""
    sums = (note.net, note.tax, note.gross)
    width = number_width([*sums, *(one.gross for one in note.lines)], narrowest=78)
    shape = columns(
        ("invoice", 0, False),
        ("rate", 60, True),
        *((name, width, True) for name in ("net", "tax", "gross")),
    )
    table = _table(paper, "lines", shape, sums)
    for one in note.lines:
        invoice = break_lines(one.invoice or paper.words["no_invoice"], BODY, shape[0].room)
        figures = ((amount(figure),) for figure in (one.net, one.tax, one.gross))
        table.row(invoice, (percent(one.tax_rate),), *figures)
    table.sums(paper.words["total"], *sums)
    table.end()


def _table(paper: Paper, title: str, shape: Sequence[Column], numbers: Sequence[Decimal]) -> Table:
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(paper.words[title], paper.words["unit"])
    table = Table(paper, shape, numbers)
    table.head()
    return table


def _said(paper: Paper, note: Note) -> None:
    """What it does to the account, and to the tax."""
    words = paper.words
    does = words["gives" if note.gross > 0 else "takes"]
    tax = words["red_letter" if note.treatment == "price_reduction" else "service"]
    lines = (*break_lines(does, STRONG_BODY, ROOM), *break_lines(tax, BODY, ROOM))
    paper.require(20 + 12 * len(lines))
    paper.y -= 20
    paper.y = paper.lines(LEFT, paper.y, lines, BODY, 12)


def _stamp(paper: Paper, document: NotePaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.note.number}"
    if page > 1:
        note = document.note
        paper.running_head(document.named(note.dealer_zh, note.dealer_en)[0], title)
    paper.foot(title, page, pages)


def _words(locale: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    return _translated(translations(locale)) | {"subtitle": other["title"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("rebate note", "Rebate note"),
        "addressee": pgettext("rebate note", "Dealer"),
        "dealer_code": pgettext("rebate note", "Dealer code"),
        "number": pgettext("rebate note", "Number"),
        "issued_on": pgettext("rebate note", "Issued on"),
        "month": pgettext("rebate note", "Month of the account"),
        "source": pgettext("rebate note", "Settlement or claim"),
        "treatment": pgettext("rebate note", "Treated as"),
        "treatment.price_reduction": pgettext("rebate note", "Price reduction"),
        "treatment.service": pgettext("rebate note", "Service of the dealer"),
        "in_all": pgettext("rebate note", "In all"),
        "unit": pgettext("rebate note", "Amounts in CNY"),
        "periods": pgettext("rebate note", "Periods it pays"),
        "programme": pgettext("rebate note", "Programme"),
        "title_of": pgettext("rebate note", "Title"),
        "period": pgettext("rebate note", "Period"),
        "kind": pgettext("rebate note", "Kind"),
        f"kind.{SettlementKind.PROVISIONAL}": pgettext("rebate note", "Advance"),
        f"kind.{SettlementKind.FINAL}": pgettext("rebate note", "Settlement"),
        f"kind.{SettlementKind.ADJUSTMENT}": pgettext("rebate note", "Adjustment of a settled period"),
        "paid": pgettext("rebate note", "Paid"),
        "lines": pgettext("rebate note", "By invoice and rate of tax"),
        "invoice": pgettext("rebate note", "Invoice"),
        "no_invoice": pgettext("rebate note", "no invoice"),
        "rate": pgettext("rebate note", "Rate of tax"),
        "net": pgettext("rebate note", "Without tax"),
        "tax": pgettext("rebate note", "Tax"),
        "gross": pgettext("rebate note", "In all"),
        "total": pgettext("rebate note", "Total"),
        "gives": pgettext(
            "rebate note", "This note credits the dealer's account and settles what fell due first."
        ),
        "takes": pgettext(
            "rebate note", "This note charges the dealer's account, since more was given than is due."
        ),
        "red_letter": pgettext(
            "rebate note",
            "The rebate is a reduction of the price. The red-letter invoice is issued on the invoices above.",
        ),
        "service": pgettext(
            "rebate note", "It pays a service of the dealer, who invoices it to us. The note carries no tax."
        ),
        "page": pgettext("rebate note", "Page %(page)s of %(pages)s"),
    }
