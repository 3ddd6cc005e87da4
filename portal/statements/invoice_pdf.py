"""An invoice on paper: of goods or of a service, or a credit note.

Only what stands when it is issued is on it, so that it is the same whenever it is rendered. Its words have a
context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.formats import percent
from portal.kernel.paper.page import BODY, META_LEFT, META_VALUE, RIGHT, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import HEAD, ROW, Table, amount, columns, number_width
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations
from portal.ledger.issued import IssuedInvoice, IssuedLine
from portal.statements.rate_sums import rate_sums

_WIDEST = 70.0  # of a column of numbers, six of which leave room for words


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """What stands on the paper. company: its name in the language of the paper, and the other one."""

    locale: str
    company: tuple[str, str]
    invoice: IssuedInvoice
    created: datetime

    def named(self, zh: str, en: str) -> tuple[str, str]:
        """A name in the language of the paper, and in the other."""
        return (zh, en) if self.locale == "zh" else (en or zh, zh)

    def text_of(self, line: IssuedLine) -> str:
        """What a line is for."""
        if not line.sku:
            return line.text
        return f"{line.sku} {self.named(line.name_zh, line.name_en)[0]}"


def _words_of(document: InvoicePaper, line: IssuedLine, words: Mapping[str, str]) -> str:
    """What a line is for, and what was taken off its price: the amount is what is left."""
    said = document.text_of(line)
    return f"{said} ({words['discount']} {amount(line.discount)})" if line.discount else said


def render(document: InvoicePaper, stream: BinaryIO) -> None:
    """Write the invoice as PDF to `stream`; equal invoices give equal bytes."""
    words = _words(document.locale, document.invoice.kind)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.invoice.number}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _lines(paper, document)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: InvoicePaper) -> None:
    invoice, words = document.invoice, paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    name, other = document.named(invoice.dealer_zh, invoice.dealer_en)
    left = paper.addressee(top, name, other, [(words["dealer_code"], invoice.dealer_code)])
    facts = [
        (words["number"], invoice.number),
        (words["issued_on"], invoice.issued_on.isoformat()),
        (words["due_on"], invoice.due_on.isoformat()),
        (words["order"], invoice.order_no or ""),
        (words["shipment"], invoice.shipment_no or ""),
        (words["request"], invoice.request_no or ""),
        (words["month"], invoice.period),
        (words["gross"], f"¥{amount(invoice.gross)}"),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _lines(paper: Paper, document: InvoicePaper) -> None:
    """What is charged, line by line, and what of it is net and tax by each rate."""
    invoice = document.invoice
    numbers = [invoice.net, invoice.tax, invoice.gross, *(line.amount for line in invoice.lines)]
    numbers += [line.unit_price for line in invoice.lines]
    width = min(number_width(numbers, narrowest=56), _WIDEST)
    names = ("quantity", "price", "rate", "net", "tax", "gross")
    shape = columns(("text", 0, False), *((name, width, True) for name in names))
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(paper.words["lines"], paper.words["unit"])
    table = Table(paper, shape, numbers)
    table.head()
    for line in invoice.lines:
        cells = (
            break_lines(_words_of(document, line, paper.words), BODY, shape[0].room),
            (_quantity(line.quantity),),
            (amount(line.unit_price),),
            (percent(line.tax_rate),),
            *((amount(figure),) for figure in (line.amount - line.tax, line.tax, line.amount)),
        )
        table.row(*cells)
    by_line = ((line.tax_rate, line.amount, line.tax) for line in invoice.lines)
    for label, sums in rate_sums(by_line, paper.words["total"], (invoice.net, invoice.tax, invoice.gross)):
        table.sums(label, *sums)
    table.end()


def _quantity(quantity: Decimal) -> str:
    whole = quantity.to_integral_value()
    return f"{whole:,.0f}" if quantity == whole else f"{quantity.normalize():,f}"


def _stamp(paper: Paper, document: InvoicePaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.invoice.number}"
    if page > 1:
        invoice = document.invoice
        paper.running_head(document.named(invoice.dealer_zh, invoice.dealer_en)[0], title)
    paper.foot(title, page, pages)


def _words(locale: str, kind: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    words = _translated(translations(locale))
    return words | {"title": words[f"title.{kind}"], "subtitle": other[f"title.{kind}"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title.invoice": pgettext("invoice", "Invoice"),
        "title.credit_note": pgettext("invoice", "Credit note"),
        "title.service": pgettext("invoice", "Service invoice"),
        "addressee": pgettext("invoice", "Dealer"),
        "dealer_code": pgettext("invoice", "Dealer code"),
        "number": pgettext("invoice", "Number"),
        "issued_on": pgettext("invoice", "Issued on"),
        "due_on": pgettext("invoice", "Due on"),
        "order": pgettext("invoice", "Order"),
        "shipment": pgettext("invoice", "Shipment"),
        "request": pgettext("invoice", "Service request"),
        "month": pgettext("invoice", "Month of the account"),
        "unit": pgettext("invoice", "Amounts in CNY"),
        "lines": pgettext("invoice", "Lines"),
        "text": pgettext("invoice", "For"),
        "quantity": pgettext("invoice", "Quantity"),
        "price": pgettext("invoice", "Unit price"),
        "rate": pgettext("invoice", "Rate of tax"),
        "net": pgettext("invoice", "Without tax"),
        "tax": pgettext("invoice", "Tax"),
        "discount": pgettext("invoice", "less"),
        "gross": pgettext("invoice", "In all"),
        "total": pgettext("invoice", "Total"),
        "page": pgettext("invoice", "Page %(page)s of %(pages)s"),
    }
