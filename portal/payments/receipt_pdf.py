"""The receipt of a payment on paper (收款收据), or of money that was paid back.

Only what stands since it was posted is on it, so that it is the same whenever it is rendered. Its words have
a context of their own in the catalogue of `portal/translations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.paper.page import BODY, META_LEFT, META_VALUE, RIGHT, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import HEAD, ROW, Table, amount, columns, number_width
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations
from portal.ledger.documents import PaymentDocument
from portal.ledger.rules import Method
from portal.statements.pdf.capitals import in_capitals


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a payment settled which document when it was posted."""

    document_no: str
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """What stands on the paper. company: its name in the language of the paper, and the other one.

    settled: at once; what then was left became the dealer's credit.
    """

    locale: str
    company: tuple[str, str]
    currency: str
    payment: PaymentDocument
    settled: Sequence[Settled]
    created: datetime

    @property
    def is_refund(self) -> bool:
        """Whether money was paid back."""
        return self.payment.amount < 0

    def named(self, zh: str, en: str) -> tuple[str, str]:
        """A name in the language of the paper, and in the other."""
        return (zh, en) if self.locale == "zh" else (en or zh, zh)


def render(document: ReceiptPaper, stream: BinaryIO) -> None:
    """Write the receipt as PDF to `stream`; equal receipts give equal bytes."""
    words = _words(document)
    number = document.payment.number
    sheet = Sheet(
        stream,
        title=f"{words['title']} {number}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _settled(paper, document)
    paper.y -= 26
    paper.lines(META_LEFT, paper.y, (f"{words['receiver']}  {document.company[0]}",), BODY, 11)
    sheet.save(lambda page, pages: paper.foot(f"{words['title']}  {number}", page, pages))


def _head(paper: Paper, document: ReceiptPaper) -> None:
    payment, words = document.payment, paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    name, other = document.named(payment.dealer_zh, payment.dealer_en)
    left = paper.addressee(top, name, other, [(words["dealer_code"], payment.dealer_code)])
    whole = abs(payment.amount)
    facts = [
        (words["number"], payment.number),
        (words["received_on"], payment.received_on.isoformat()),
        (words["method"], words.get(f"method.{payment.method}", payment.method)),
        (words["reference"], payment.reference),
        (words["amount"], f"{_sign(document)}{amount(whole)}"),
        (words["in_capitals"], _capitals(document, whole)),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _sign(document: ReceiptPaper) -> str:
    return "¥" if document.currency == "CNY" else f"{document.currency} "


def _capitals(document: ReceiptPaper, whole: Decimal) -> str:
    """大写, which Chinese paper asks for and no other does."""
    if document.locale != "zh" or document.currency != "CNY" or whole >= Decimal(10) ** 16:
        return ""
    return f"人民币{in_capitals(whole)}"


def _settled(paper: Paper, document: ReceiptPaper) -> None:
    """What was paid with it, and what of it became the dealer's credit."""
    words = paper.words
    if document.is_refund:
        return
    free = document.payment.amount - sum((one.amount for one in document.settled), Decimal(0))
    numbers = [document.payment.amount, free, *(one.amount for one in document.settled)]
    shape = columns(("document", 0, False), ("kind", 120, False), ("amount", number_width(numbers), True))
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(words["settled"], words["unit"] % {"currency": document.currency})
    table = Table(paper, shape, numbers)
    table.head()
    for one in document.settled:
        cells = (
            break_lines(one.document_no, BODY, shape[0].room),
            (words.get(f"kind.{one.kind}", ""),),
            (amount(one.amount),),
        )
        table.row(*cells)
    if free:
        table.row((words["credit"],), ("",), (amount(free),))
    table.sums(words["total"], document.payment.amount)
    table.end()


def _words(document: ReceiptPaper) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if document.locale == "zh" else "zh"))
    words = _translated(translations(document.locale))
    title = "title.refund" if document.is_refund else "title.receipt"
    return words | {"title": words[title], "subtitle": other[title].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title.receipt": pgettext("receipt", "Receipt"),
        "title.refund": pgettext("receipt", "Refund note"),
        "addressee": pgettext("receipt", "Dealer"),
        "dealer_code": pgettext("receipt", "Dealer code"),
        "number": pgettext("receipt", "Number"),
        "received_on": pgettext("receipt", "Value date"),
        "method": pgettext("receipt", "Paid by"),
        "reference": pgettext("receipt", "Reference"),
        "amount": pgettext("receipt", "Amount"),
        "in_capitals": pgettext("receipt", "In words"),
        "settled": pgettext("receipt", "What was paid with it"),
        "unit": pgettext("receipt", "Amounts in %(currency)s"),
        "document": pgettext("receipt", "Document"),
        "kind": pgettext("receipt", "Kind"),
        "credit": pgettext("receipt", "To the dealer's credit"),
        "total": pgettext("receipt", "Total"),
        "receiver": pgettext("receipt", "Received by"),
        "page": pgettext("receipt", "Page %(page)s of %(pages)s"),
        f"method.{Method.BANK_TRANSFER}": pgettext("receipt", "Bank transfer"),
        f"method.{Method.ACCEPTANCE_BILL}": pgettext("receipt", "Bank acceptance bill"),
        f"method.{Method.CHEQUE}": pgettext("receipt", "Cheque"),
        f"method.{Method.CASH}": pgettext("receipt", "Cash"),
        "kind.invoice": pgettext("receipt", "Invoice"),
        "kind.service": pgettext("receipt", "Service invoice"),
        "kind.opening": pgettext("receipt", "Opening entry"),
        "kind.payment": pgettext("receipt", "Refund note"),
        "kind.rebate": pgettext("receipt", "Rebate"),
    }
