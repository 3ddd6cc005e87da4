"""The reconciliation sheet on paper: both sums, every difference side by side, who signed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from portal.kernel.paper.page import BODY, LABEL, LEFT, META_LEFT, META_VALUE, RIGHT, ROOM, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import (
    HEAD,
    ROW,
    Cell,
    Table,
    amount,
    columns,
    number_width,
)
from portal.kernel.paper.typesetting import break_lines
from portal.own_ledgers.rules import Side
from portal.own_ledgers.sheet import ReconciliationSheet, SheetLine
from portal.own_ledgers.sheet_words import words as words_of
from portal.own_ledgers.stored import amount_of

LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class SheetPaper:
    """What stands on the paper. company: its Chinese and English name."""

    locale: str
    company: tuple[str, str]
    sheet: ReconciliationSheet
    zone: ZoneInfo

    def named(self, zh: str, en: str) -> tuple[str, str]:
        """A name in the language of the paper, and in the other."""
        return (zh, en) if self.locale == "zh" else (en or zh, zh)

    def moment(self, at: datetime) -> str:
        """A moment as it is printed."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"


def render(document: SheetPaper, stream: BinaryIO) -> None:
    """Write the sheet as PDF to `stream`; equal sheets give equal bytes."""
    words = words_of(document.locale)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.sheet.number}",
        author=document.named(*document.company)[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.sheet.finished_at,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _sums(paper, document.sheet)
    _lines(paper, document.sheet.lines)
    _signatures(paper, document)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: SheetPaper) -> None:
    sheet, words = document.sheet, paper.words
    paper.masthead(*document.named(*document.company), "")
    top = paper.y - 18
    name, other = document.named(sheet.dealer_zh, sheet.dealer_en)
    known = [(words["dealer_code"], sheet.dealer_code), (words["credit_code"], sheet.credit_code)]
    left = paper.addressee(top, name, other, known)
    facts = [
        (words["number"], sheet.number),
        (words["days"], f"{sheet.first_day.isoformat()} – {sheet.last_day.isoformat()}"),
        (words["file"], sheet.filename),
        (words["compared_at"], document.moment(sheet.finished_at)),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _sums(paper: Paper, sheet: ReconciliationSheet) -> None:
    words = paper.words
    paper.heading(words["sums"], words["unit"])
    paper.y -= 12
    facts = [
        (words["ours_sum"], amount(sheet.ours_sum)),
        (words["theirs_sum"], amount(sheet.theirs_sum)),
        (words["difference"], amount(sheet.difference)),
        (words["matched"], f"{sheet.matched:,}"),
        (words["count"], f"{len(sheet.lines):,}"),
        *([(words["unread"], f"{sheet.unread:,}")] if sheet.unread else []),
    ]
    paper.y = paper.facts(paper.y, LEFT, LEFT + 160, RIGHT, facts) + 6


def _lines(paper: Paper, lines: Sequence[SheetLine]) -> None:
    words = paper.words
    if not lines:
        paper.y -= 14
        paper.sheet.text(LEFT, paper.y, words["nothing"], BODY)
        return
    width = number_width([line.amount for line in lines])
    shape = columns(
        ("no", 28, False),
        ("class", 78, False),
        ("ours", 0, False),
        ("theirs", 138, False),
        ("amount", width, True),
        ("answers", 106, False),
    )
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(words["lines"])
    table = Table(paper, shape, [line.amount for line in lines])
    table.head()
    for line in lines:
        answers = f"{words[f'answer.{line.dealer_answer}']} / {words[f'answer.{line.staff_answer}']}"
        texts = (str(line.no), words[f"class.{line.kind}"])
        cells: tuple[Cell, ...] = (
            *(break_lines(text, BODY, column.room) for text, column in zip(texts, shape, strict=False)),
            _documents(line.ours, words, shape[2].room),
            _documents(line.theirs, words, shape[3].room),
            (amount(line.amount),),
            break_lines(answers, BODY, shape[5].room),
        )
        table.row(*cells)
    _total(table, words["difference"], sum((line.amount for line in lines), Decimal(0)))
    table.end()


def _total(table: Table, label: str, total: Decimal) -> None:
    table.row((), (label,), (), (), (amount(total),), ())


def _documents(docs: Sequence[Mapping[str, Any]], words: Mapping[str, str], room: float) -> Cell:
    """Each document as its number, or its row where it names none, and below it day and amount."""
    lines: list[str] = []
    for one in docs:
        name = one["document"] or f"{words['row']} {one.get('row', '')}"
        lines += break_lines(name, BODY, room)
        lines += break_lines(f"{one['date']}  {amount(amount_of(one))}", BODY, room)
    return tuple(lines) or ("—",)


def _signatures(paper: Paper, document: SheetPaper) -> None:
    words, sheet = paper.words, document.sheet
    paper.require(150)
    paper.heading(words["signatures"])
    paper.y -= 12
    for side in Side:
        signed = sheet.signature_of(side)
        facts = [(words[f"side.{side}"], words["unsigned"])]
        if signed is not None:
            who = f"{signed.name}  ({words['signed_by']} {signed.signed_by_label})"
            facts = [
                (words[f"side.{side}"], f"{who}  {document.moment(signed.signed_at)}"),
                (words["hash"], signed.sha256),
            ]
        paper.y = paper.facts(paper.y, LEFT, LEFT + 160, RIGHT, facts) - 6
    paper.sheet.text(LEFT, paper.y, words["file_hash"], LABEL)
    paper.lines(LEFT + 160, paper.y, break_lines(sheet.sha256, BODY, ROOM - 160), BODY, 11)
    paper.y -= 14


def _stamp(paper: Paper, document: SheetPaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.sheet.number}"
    if page > 1:
        paper.running_head(document.named(document.sheet.dealer_zh, document.sheet.dealer_en)[0], title)
    paper.foot(title, page, pages)
