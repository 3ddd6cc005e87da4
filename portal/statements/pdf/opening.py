"""The top of the first page: who writes to whom, about which month, and the four figures that matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.kernel.formats import money
from portal.kernel.paper.page import (
    GREY,
    LABEL,
    LEFT,
    META_LEFT,
    META_VALUE,
    NAVY,
    PALE,
    RIGHT,
    ROOM,
    STRONG_BODY,
    TINT,
    WHITE,
)
from portal.kernel.paper.table import amount
from portal.kernel.paper.typesetting import shrunk
from portal.statements.document import Party, StatementDocument
from portal.statements.pdf import wording
from portal.statements.pdf.paper import StatementPaper

_FIGURE = STRONG_BODY._replace(size=12.5)

_BAND, _ANSWER = 50.0, ROOM * 0.31


def masthead(paper: StatementPaper) -> None:
    """The issuing company at the left, the title at the right, a rule under both."""
    issuer = paper.document.issuer
    paper.masthead(*wording.names(issuer, paper.document.locale), _joined(issuer, paper.words))


def _joined(party: Party, words: Mapping[str, str]) -> str:
    code = f"{words['credit_code']} {party.credit_code}" if party.credit_code else ""
    return " | ".join(filter(None, (party.address, code)))


def parties(paper: StatementPaper) -> None:
    """The dealer's block at the left, the particulars of the statement at the right."""
    top = paper.y - 18
    paper.y = min(_dealer(paper, top), _particulars(paper, top)) + 2


def _dealer(paper: StatementPaper, y: float) -> float:
    dealer, words = paper.document.dealer, paper.words
    facts = (("dealer_code", dealer.code), ("credit_code", dealer.credit_code), ("address", dealer.address))
    labelled = [(words[key], value) for key, value in facts]
    return paper.addressee(y, *wording.names(dealer, paper.document.locale), labelled)


def _particulars(paper: StatementPaper, y: float) -> float:
    facts = [(paper.words[key], value) for key, value in _statement_facts(paper.document, paper.words)]
    return paper.facts(y, META_LEFT, META_VALUE, RIGHT, facts)


def _statement_facts(document: StatementDocument, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    locale = document.locale
    yield "number", document.number
    if document.version > 1:
        yield "version", words["version_value"] % {"version": document.version}
    yield "period", wording.period(document.period_start, document.period_end, locale)
    yield "issued", wording.long_date(document.issued_at.date(), locale)
    yield "terms", words["terms_value"] % {"days": document.terms_days}
    yield "payment_reference", document.payment_reference
    yield "currency", wording.currency_unit(document.currency, locale)


def summary(paper: StatementPaper) -> None:
    """Opening + charges − credits = closing, as four cells of one band; the last one is the answer."""
    top = paper.y
    paper.sheet.box(LEFT, top - _BAND, ROOM - _ANSWER, _BAND, TINT)
    paper.sheet.box(RIGHT - _ANSWER, top - _BAND, _ANSWER, _BAND, NAVY)
    _terms(paper)
    _answer(paper, RIGHT - _ANSWER + 12, _ANSWER - 24)
    paper.y = top - _BAND


def _terms(paper: StatementPaper) -> None:
    document, words = paper.document, paper.words
    figures = (
        ("", words["opening"], document.opening),
        ("+", words["charges"], document.total_debit),
        ("−", words["credits"], document.total_credit),
    )
    cell = (ROOM - _ANSWER) / 3
    widest = max((amount(value) for _, _, value in figures), key=len)
    style = shrunk(widest, _FIGURE, cell - 20)
    for index, (operator, label, value) in enumerate(figures):
        x = LEFT + index * cell
        paper.sheet.text_centred(x, paper.y - 31, operator, _FIGURE._replace(ink=GREY))
        paper.sheet.text(x + 10, paper.y - 15, label, shrunk(label, LABEL, cell - 20))
        paper.sheet.text(x + 10, paper.y - 31, amount(value), style)


def _answer(paper: StatementPaper, x: float, room: float) -> None:
    document, words, sheet = paper.document, paper.words, paper.sheet
    label = words["closing_due" if document.closing >= 0 else "closing_credit"]
    value = money(document.closing, currency=document.currency)
    note = LABEL._replace(ink=PALE)
    sheet.text(x, paper.y - 15, label, shrunk(label, note, room))
    sheet.text(x, paper.y - 31, value, shrunk(value, _FIGURE, room)._replace(ink=WHITE))
    if document.ageing.overdue:
        overdue = f"{words['overdue']} {money(document.ageing.overdue, currency=document.currency)}"
        sheet.text(x, paper.y - 43, overdue, shrunk(overdue, note, room))
