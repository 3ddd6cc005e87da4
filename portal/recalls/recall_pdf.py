"""The papers of a recall: the notice to holders, the reports to the authorities.

Their words have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.money import ZERO
from portal.kernel.paper.page import BODY, HAIRLINE, LABEL, LEFT, RIGHT, ROOM, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import Cell, Table, columns
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations

_VALUE = LEFT + 132
_LEADING = 11.0
Entry = tuple[str, str]
_PIECE = 400  # characters that never take all the lines of `break_lines`


class PaperKind(StrEnum):
    """The papers there are of a recall."""

    NOTICE = "notice"
    EVENT_REPORT = "event_report"
    PLAN = "plan"
    PROGRESS = "progress"
    SUMMARY = "summary"


class TableKind(StrEnum):
    """The tables that stand on them."""

    LOTS = "lots"
    HOLDERS = "holders"


_SHAPES = {
    TableKind.LOTS: columns(
        ("sku", 96, False),
        ("product", 0, False),
        ("lot", 92, False),
        ("made", 66, False),
        ("expires", 66, False),
        ("here", 54, True),
    ),
    TableKind.HOLDERS: columns(
        ("holder", 0, False),
        ("answered", 84, False),
        ("held", 44, True),
        ("found", 44, True),
        ("used", 44, True),
        ("passed_on", 52, True),
        ("returned", 52, True),
        ("destroyed", 58, True),
    ),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper. title, labels: keys of the wording; a label of none of them stands as it is."""

    title: str
    entries: tuple[Entry, ...] = ()
    table: TableKind | None = None
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RecallPaper:
    """What stands on a paper; names, numbers and moments in its language."""

    locale: str
    kind: PaperKind
    company: tuple[str, str]
    number: str
    created: datetime
    facts: tuple[Entry, ...]
    sections: tuple[Section, ...]
    is_signed: bool = False


def render(document: RecallPaper, stream: BinaryIO) -> None:
    """Write the paper as PDF to `stream`; equal papers give equal bytes."""
    words = _words(document.locale, document.kind)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.number}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    paper.masthead(*document.company, "")
    paper.y -= 4
    for label, value in document.facts:
        _entry(paper, words[label], value)
    for section in document.sections:
        _section(paper, section)
    if document.is_signed:
        _signatures(paper)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _section(paper: Paper, section: Section) -> None:
    paper.require(64)
    paper.heading(paper.words[section.title])
    for label, value in section.entries:
        _entry(paper, paper.words.get(label, label), value)
    if section.table is None:
        return
    shape = _SHAPES[section.table]
    paper.y -= 4
    table = Table(paper, shape, [ZERO])
    table.head()
    for row in section.rows:
        cells: tuple[Cell, ...] = tuple(
            (text,) if column.numeric else break_lines(text, BODY, column.room)
            for text, column in zip(row, shape, strict=True)
        )
        table.row(*cells)
    table.end()


def _entry(paper: Paper, label: str, value: str) -> None:
    """Label and value over a hairline; what is long goes on over the page."""
    labelled = break_lines(label, LABEL, _VALUE - LEFT - 10)
    lines = [line for part in value.split("\n") for line in _every_line(part, RIGHT - _VALUE)]
    paper.require(_LEADING * max(len(labelled), min(len(lines), 2)) + 8)
    paper.y -= 13
    bottom = paper.lines(LEFT, paper.y, labelled, LABEL, _LEADING)
    for line in lines:
        if not paper.fits(_LEADING):
            paper.turn()
            paper.y -= 13
            bottom = paper.y
        paper.sheet.text(_VALUE, paper.y, line, BODY)
        paper.y -= _LEADING
    paper.y = min(bottom, paper.y) + 5
    paper.sheet.rule(LEFT, paper.y, ROOM, HAIRLINE, 0.4)


def _every_line(text: str, room: float) -> list[str]:
    """All lines of a text, however long: `break_lines` leaves out what is behind its last."""
    text, lines = " ".join(text.split()), list[str]()
    while text:
        begun, text = text[:_PIECE], text[_PIECE:]
        lines += break_lines(begun, BODY, room)
        if text and len(lines) > 1:
            text = lines.pop() + " " * begun.endswith(" ") + text
    return lines


def _signatures(paper: Paper) -> None:
    paper.require(70)
    paper.y -= 44
    for place, key in enumerate(("responsible", "date")):
        left = LEFT + place * (ROOM / 2)
        paper.sheet.text(left, paper.y, paper.words[key], LABEL)
        paper.sheet.rule(left + 110, paper.y - 2, ROOM / 2 - 140, HAIRLINE, 0.6)


def _stamp(paper: Paper, document: RecallPaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.number}"
    if page > 1:
        paper.running_head(document.company[0], title)
    paper.foot(title, page, pages)


def _words(locale: str, kind: PaperKind) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _titles(translations("en" if locale == "zh" else "zh"))[kind]
    catalogue = translations(locale)
    titled = {"title": _titles(catalogue)[kind], "subtitle": other.upper()}
    return _translated(catalogue) | _cells(catalogue) | titled


def _titles(catalogue: NullTranslations) -> dict[PaperKind, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        PaperKind.NOTICE: pgettext("recall paper", "Recall notice"),
        PaperKind.EVENT_REPORT: pgettext("recall paper", "Recall event report"),
        PaperKind.PLAN: pgettext("recall paper", "Investigation report and recall plan"),
        PaperKind.PROGRESS: pgettext("recall paper", "Progress of the recall"),
        PaperKind.SUMMARY: pgettext("recall paper", "Summary of the recall"),
    }


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "number": pgettext("recall paper", "Recall no."),
        "recall_of": pgettext("recall paper", "Recall of"),
        "level": pgettext("recall paper", "Level"),
        "drill": pgettext("recall paper", "Drill"),
        "to": pgettext("recall paper", "To"),
        "your_units": pgettext("recall paper", "Units you hold"),
        "decided": pgettext("recall paper", "Decided on"),
        "decided_by": pgettext("recall paper", "Decided by"),
        "answer_by": pgettext("recall paper", "Answer by"),
        "as_of": pgettext("recall paper", "As of"),
        "ended": pgettext("recall paper", "Ended on"),
        "ended_by": pgettext("recall paper", "Closed by"),
        "goods": pgettext("recall paper", "Goods"),
        "lots": pgettext("recall paper", "Lots"),
        "why": pgettext("recall paper", "Why it is recalled"),
        "cause": pgettext("recall paper", "Reason"),
        "reason": pgettext("recall paper", "Reason and result of the investigation"),
        "demands": pgettext("recall paper", "What holders have to do"),
        "measures": pgettext("recall paper", "Measures"),
        "pass_on": pgettext("recall paper", "Whom to tell"),
        "handling": pgettext("recall paper", "What becomes of the goods"),
        "plan": pgettext("recall paper", "Recall plan"),
        "figures": pgettext("recall paper", "Figures"),
        "notices_by": pgettext("recall paper", "Notices by"),
        "report_by": pgettext("recall paper", "Report and plan by"),
        "summary_by": pgettext("recall paper", "Summary by"),
        "kept_until": pgettext("recall paper", "Record kept until"),
        "publication": pgettext("recall paper", "Publication"),
        "effect": pgettext("recall paper", "How the effect is measured"),
        "units_here": pgettext("recall paper", "Units in our warehouses"),
        "units_held": pgettext("recall paper", "Units that holders had"),
        "accounted": pgettext("recall paper", "Accounted for"),
        "answers": pgettext("recall paper", "Answers"),
        "holders": pgettext("recall paper", "Holders"),
        "end": pgettext("recall paper", "End of the recall"),
        "result": pgettext("recall paper", "Result"),
        "open": pgettext("recall paper", "What stays open, and why"),
        "responsible": pgettext("recall paper", "Responsible for quality"),
        "date": pgettext("recall paper", "Date"),
        "page": pgettext("recall paper", "Page %(page)s of %(pages)s"),
    }


def _cells(catalogue: NullTranslations) -> dict[str, str]:
    """The words of the tables."""

    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "sku": pgettext("recall paper", "SKU"),
        "product": pgettext("recall paper", "Product"),
        "lot": pgettext("recall paper", "Lot"),
        "made": pgettext("recall paper", "Made on"),
        "expires": pgettext("recall paper", "Expires on"),
        "here": pgettext("recall paper", "Here"),
        "holder": pgettext("recall paper", "Holder"),
        "answered": pgettext("recall paper", "Answered on"),
        "held": pgettext("recall paper", "Held"),
        "found": pgettext("recall paper", "Found"),
        "used": pgettext("recall paper", "Used"),
        "passed_on": pgettext("recall paper", "Passed on"),
        "returned": pgettext("recall paper", "Sent back"),
        "destroyed": pgettext("recall paper", "Destroyed"),
    }
