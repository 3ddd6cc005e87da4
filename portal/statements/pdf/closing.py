"""The end of the statement: ageing, how to pay, and the places for both companies' seals."""

from __future__ import annotations

from collections.abc import Iterator

from portal.kernel.formats import money
from portal.kernel.paper.page import (
    BLACK,
    BODY,
    GREY,
    HAIRLINE,
    LABEL,
    LEFT,
    NAVY,
    RIGHT,
    ROOM,
    STRONG_BODY,
    TINT,
)
from portal.kernel.paper.sheet import Style
from portal.kernel.paper.symbols import draw, qr_modules
from portal.kernel.paper.table import amount
from portal.kernel.paper.typesetting import break_lines, shrunk
from portal.statements.pdf import wording
from portal.statements.pdf.capitals import in_capitals
from portal.statements.pdf.paper import StatementPaper

_BUCKETS = ("current", "d1_30", "d31_60", "d61_90", "over_90", "unallocated", "total")
# A company seal is 40 mm or less across; the dashes mark its middle and may be stamped over.
_SEAL_RADIUS = 48.0
_SEAL_ROOM = 2 * _SEAL_RADIUS + 26
_PANEL = 110.0
_CODE = 56.0  # the code for the camera, at the right of how to pay
_CHECK = 16.0  # the line that says what it is for
_ROOT = 11.0  # the line with what vouches for the audit
_LABEL_ROOM = 76.0

# A label and the lines of its value.
Fact = tuple[str, tuple[str, ...]]


def ageing(paper: StatementPaper) -> None:
    """The closing balance by how long it is overdue: one row of seven cells."""
    document, words = paper.document, paper.words
    paper.require(26 + 34)
    note = words["ageing_note"] % {"date": wording.long_date(document.period_end, document.locale)}
    paper.heading(words["ageing"], note)
    ages = document.ageing
    paper.sheet.box(LEFT, paper.y - 16, ROOM, 16, TINT)
    _spread(paper, paper.y - 11, [words[key] for key in _BUCKETS], LABEL._replace(ink=BLACK))
    figures = [amount(figure) for figure in (*ages.buckets, ages.unallocated, ages.total)]
    _spread(paper, paper.y - 28, figures, BODY)
    paper.y -= 36
    paper.sheet.rule(LEFT, paper.y, ROOM, NAVY, 1)


def _spread(paper: StatementPaper, y: float, texts: list[str], style: Style) -> None:
    """Texts over the whole width, each at the right of its cell and the last one strong."""
    cell = ROOM / len(texts)
    for index, text in enumerate(texts, start=1):
        fitting = shrunk(text, style._replace(face=STRONG_BODY.face), cell - 8)
        face = STRONG_BODY.face if index == len(texts) else style.face
        paper.sheet.text_right(LEFT + index * cell - 5, y, text, fitting._replace(face=face))


def settlement(paper: StatementPaper) -> None:
    """How to pay, the request to confirm and the two seals.

    Kept on one page, since together they are what is signed.
    """
    document, words = paper.document, paper.words
    column = _column(paper)
    room = column - _LABEL_ROOM - 14
    facts = [(label, break_lines(value, BODY, room)) for label, value in _payment_facts(paper) if value]
    rows = [facts[index : index + 2] for index in range(0, len(facts), 2)]
    day = wording.long_date(document.period_end, document.locale)
    request = words["confirm"] % {"date": day, "amount": money(document.closing, currency=document.currency)}
    request_lines = break_lines(request, BODY, ROOM)
    check = _CHECK if document.verify_url else 0
    root = _ROOT if document.audit_root else 0
    height = max(sum(map(_fact_height, rows)), _CODE - 20 if check else 0)
    paper.require(34 + height + 11 * len(request_lines) + 5 + _PANEL + check + root)
    _payment(paper, rows)
    paper.y = paper.lines(LEFT, paper.y - 14, request_lines, BODY, 11) + 4
    _seals(paper)
    if check:
        _verification(paper)
    if root:
        _audit_root(paper)


def _payment_facts(paper: StatementPaper) -> Iterator[tuple[str, str]]:
    document, words = paper.document, paper.words
    if document.closing <= 0:
        yield words["amount_due"], words["nothing_due"]
        return
    yield words["amount_due"], money(document.closing, currency=document.currency)
    if wording.is_chinese(document.locale) and document.currency == "CNY":
        yield words["in_capitals"], in_capitals(document.closing)
    yield words["holder"], document.bank.holder or wording.names(document.issuer, document.locale)[0]
    yield words["bank"], document.bank.bank
    yield words["account"], document.bank.number
    yield words["payment_reference"], document.payment_reference


def _fact_height(row: list[Fact]) -> float:
    return 13 + 11 * (max(len(lines) for _, lines in row) - 1)


def _payment(paper: StatementPaper, rows: list[list[Fact]]) -> None:
    if paper.document.verify_url:
        code = qr_modules(paper.document.verify_url, level="M")
        draw(paper.sheet, RIGHT - _CODE, paper.y - 12 - _CODE, _CODE, code)
    lowest = paper.y - 12 - _CODE if paper.document.verify_url else paper.y
    paper.heading(paper.words["payment_details"])
    paper.y -= 8
    for row in rows:
        for x, (label, lines) in zip((LEFT, LEFT + _column(paper)), row, strict=False):
            paper.sheet.text(x, paper.y, label, LABEL)
            paper.lines(x + _LABEL_ROOM, paper.y, lines, BODY, 11)
        paper.y -= _fact_height(row)
    paper.y = min(paper.y + 5, lowest + 4)


def _seals(paper: StatementPaper) -> None:
    """Two panels side by side: the issuer's seal, and the dealer's answer with signature and seal."""
    top, width = paper.y, (ROOM - 14) / 2
    _issuer_panel(paper, LEFT, top, width)
    _dealer_panel(paper, RIGHT - width, top, width)
    paper.y = top - _PANEL


def _column(paper: StatementPaper) -> float:
    """Width of a column of two; both make room for the code at their right, where there is one."""
    taken = _CODE + 10 if paper.document.verify_url else 0
    return (ROOM - taken) / 2 + 7


def _verification(paper: StatementPaper) -> None:
    """What the code is for, and its address for whoever has no camera."""
    said = f"{paper.words['verify']}  {paper.document.verify_url}"
    paper.sheet.text(LEFT, paper.y - 12, said, shrunk(said, LABEL, ROOM))
    paper.y -= _CHECK


def _audit_root(paper: StatementPaper) -> None:
    """By which the dealer can later prove what had been done by now."""
    said = f"{paper.words['audit_root']}  {paper.document.audit_root}"
    paper.sheet.text(LEFT, paper.y - 10, said, shrunk(said, LABEL, ROOM))
    paper.y -= _ROOT


def _panel(paper: StatementPaper, x: float, top: float, width: float, title: str) -> None:
    sheet = paper.sheet
    sheet.frame(x, top - _PANEL, width, _PANEL, HAIRLINE, 0.7)
    sheet.text(x + 10, top - 16, title, STRONG_BODY._replace(ink=NAVY))
    centre_x, centre_y = x + width - _SEAL_RADIUS - 8, top - _PANEL / 2
    sheet.dashed_circle(centre_x, centre_y, _SEAL_RADIUS, GREY)
    sheet.text_centred(centre_x, centre_y - 3, paper.words["seal"], LABEL)


def _issuer_panel(paper: StatementPaper, x: float, top: float, width: float) -> None:
    document, words = paper.document, paper.words
    _panel(paper, x, top, width, words["issuer_seal"])
    name = break_lines(wording.names(document.issuer, document.locale)[0], BODY, width - _SEAL_ROOM)
    paper.lines(x + 10, top - 32, name, BODY, 11)
    paper.sheet.text(
        x + 10, top - _PANEL + 11, wording.long_date(document.issued_at.date(), document.locale), LABEL
    )


def _dealer_panel(paper: StatementPaper, x: float, top: float, width: float) -> None:
    words, sheet = paper.words, paper.sheet
    _panel(paper, x, top, width, words["dealer_seal"])
    for key, y in (("agrees", 75), ("differs", 60)):
        sheet.frame(x + 10, top - _PANEL + y - 0.6, 6.2, 6.2, BLACK, 0.6)
        sheet.text(x + 21, top - _PANEL + y, words[key], BODY)
    ink, end = GREY, x + width - _SEAL_ROOM + 8
    after = x + 25 + BODY.width(words["differs"])
    sheet.rule(after, top - _PANEL + 58, end - after, ink)
    for key, y in (("remarks", 43), ("signature", 27), ("signed_on", 11)):
        sheet.text(x + 10, top - _PANEL + y, words[key], LABEL)
        sheet.rule(x + 50, top - _PANEL + y - 2, end - x - 50, ink)
