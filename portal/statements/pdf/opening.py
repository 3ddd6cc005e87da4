"""The top of the first page: who writes to whom, about which month, and the four figures that matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.kernel.formats import money
from portal.statements.document import Party, StatementDocument
from portal.statements.pdf import wording
from portal.statements.pdf.paper import (
    BLACK,
    BODY,
    GREY,
    LABEL,
    LEFT,
    NAVY,
    PALE,
    RIGHT,
    ROOM,
    STRONG_BODY,
    TINT,
    WHITE,
    Paper,
)
from portal.statements.pdf.typesetting import break_lines, shrunk

_COMPANY = STRONG_BODY._replace(size=13, ink=NAVY)
_TITLE = STRONG_BODY._replace(size=21, ink=NAVY)
_SUBTITLE = BODY._replace(size=8, ink=GREY)
_DEALER = STRONG_BODY._replace(size=11, ink=BLACK)
_FIGURE = STRONG_BODY._replace(size=12.5)

_META_LEFT = LEFT + ROOM * 0.58
_META_VALUE = _META_LEFT + 76
_BAND, _ANSWER = 50.0, ROOM * 0.31


def masthead(paper: Paper) -> None:
    """The issuing company at the left, the title at the right, a rule under both."""
    document, sheet, words = paper.document, paper.sheet, paper.words
    title = shrunk(words["title"], _TITLE, ROOM * 0.34)
    sheet.text_right(RIGHT, paper.y - 20, words["title"], title)
    sheet.text_right(RIGHT, paper.y - 33, words["subtitle"], _SUBTITLE)
    room = ROOM - title.width(words["title"]) - 30
    name, other = wording.names(document.issuer, document.locale)
    y = paper.lines(LEFT, paper.y - 13, break_lines(name, _COMPANY, room), _COMPANY, 17) + 4
    y = paper.lines(LEFT, y, break_lines(other, _SUBTITLE, room), _SUBTITLE, 11)
    contact = _joined(document.issuer, words)
    y = paper.lines(LEFT, y, break_lines(contact, LABEL, room), LABEL, 10.5)
    paper.y = min(y, paper.y - 40)
    sheet.rule(LEFT, paper.y, ROOM, NAVY, 1.6)


def _joined(party: Party, words: Mapping[str, str]) -> str:
    code = f"{words['credit_code']} {party.credit_code}" if party.credit_code else ""
    return " | ".join(filter(None, (party.address, code)))


def parties(paper: Paper) -> None:
    """The dealer's block at the left, the particulars of the statement at the right."""
    top = paper.y - 18
    paper.y = min(_dealer(paper, top), _particulars(paper, top)) + 2


def _dealer(paper: Paper, y: float) -> float:
    document, words = paper.document, paper.words
    room = _META_LEFT - LEFT - 22
    name, other = wording.names(document.dealer, document.locale)
    paper.sheet.text(LEFT, y, words["addressee"], LABEL)
    y = paper.lines(LEFT, y - 15, break_lines(name, _DEALER, room), _DEALER, 15) + 2
    y = paper.lines(LEFT, y, break_lines(other, _SUBTITLE, room), _SUBTITLE, 11) - 2
    dealer = document.dealer
    facts = (("dealer_code", dealer.code), ("credit_code", dealer.credit_code), ("address", dealer.address))
    widest = max(LABEL.width(words[key]) for key, _ in facts)
    return _facts(paper, y, LEFT, LEFT + widest + 10, LEFT + room, [(words[k], v) for k, v in facts if v])


def _particulars(paper: Paper, y: float) -> float:
    facts = [
        (paper.words[key], value) for key, value in _statement_facts(paper.document, paper.words) if value
    ]
    return _facts(paper, y, _META_LEFT, _META_VALUE, RIGHT, facts)


def _statement_facts(document: StatementDocument, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    locale = document.locale
    yield "number", document.number
    yield "period", wording.period(document.period_start, document.period_end, locale)
    yield "issued", wording.long_date(document.issued_at.date(), locale)
    yield "terms", words["terms_value"] % {"days": document.terms_days}
    yield "payment_reference", document.payment_reference
    yield "currency", wording.currency_unit(document.currency, locale)


def _facts(
    paper: Paper, y: float, left: float, value_left: float, right: float, facts: list[tuple[str, str]]
) -> float:
    """Label and value per line, values broken where long; returns the baseline that would follow."""
    for label, value in facts:
        paper.sheet.text(left, y, label, LABEL)
        y = paper.lines(value_left, y, break_lines(value, BODY, right - value_left), BODY, 11) - 2
    return y


def summary(paper: Paper) -> None:
    """Opening + charges − credits = closing, as four cells of one band; the last one is the answer."""
    top = paper.y
    paper.sheet.box(LEFT, top - _BAND, ROOM - _ANSWER, _BAND, TINT)
    paper.sheet.box(RIGHT - _ANSWER, top - _BAND, _ANSWER, _BAND, NAVY)
    _terms(paper)
    _answer(paper, RIGHT - _ANSWER + 12, _ANSWER - 24)
    paper.y = top - _BAND


def _terms(paper: Paper) -> None:
    document, words = paper.document, paper.words
    figures = (
        ("", words["opening"], document.opening),
        ("+", words["charges"], document.total_debit),
        ("−", words["credits"], document.total_credit),
    )
    cell = (ROOM - _ANSWER) / 3
    widest = max((wording.amount(value) for _, _, value in figures), key=len)
    style = shrunk(widest, _FIGURE, cell - 20)
    for index, (operator, label, value) in enumerate(figures):
        x = LEFT + index * cell
        paper.sheet.text_centred(x, paper.y - 31, operator, _FIGURE._replace(ink=GREY))
        paper.sheet.text(x + 10, paper.y - 15, label, shrunk(label, LABEL, cell - 20))
        paper.sheet.text(x + 10, paper.y - 31, wording.amount(value), style)


def _answer(paper: Paper, x: float, room: float) -> None:
    document, words, sheet = paper.document, paper.words, paper.sheet
    label = words["closing_due" if document.closing >= 0 else "closing_credit"]
    value = money(document.closing, currency=document.currency)
    note = LABEL._replace(ink=PALE)
    sheet.text(x, paper.y - 15, label, shrunk(label, note, room))
    sheet.text(x, paper.y - 31, value, shrunk(value, _FIGURE, room)._replace(ink=WHITE))
    if document.ageing.overdue:
        overdue = f"{words['overdue']} {money(document.ageing.overdue, currency=document.currency)}"
        sheet.text(x, paper.y - 43, overdue, shrunk(overdue, note, room))
