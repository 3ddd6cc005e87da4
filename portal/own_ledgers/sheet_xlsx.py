"""The reconciliation sheet as a workbook: figures as numbers, days as days, and texts as texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from portal.own_ledgers.rules import Side
from portal.own_ledgers.sheet import ReconciliationSheet, SheetLine
from portal.own_ledgers.sheet_pdf import SheetPaper
from portal.own_ledgers.sheet_words import words as words_of
from portal.own_ledgers.stored import amount_of, day_of_doc


def render(document: SheetPaper, stream: BinaryIO) -> None:
    """Write the sheet to `stream`: what both sides sign, and a row for each difference."""
    words = words_of(document.locale)
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = {
        "head": book.add_format({"bold": True, "bg_color": "#e8eef5", "text_wrap": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    _front(book.add_worksheet(words["title"][:31]), document, words, looks)
    _differences(book.add_worksheet(words["count"][:31]), document.sheet.lines, words, looks)
    book.close()


def _front(page: Worksheet, document: SheetPaper, words: Mapping[str, str], looks: Mapping[str, Any]) -> None:
    sheet = document.sheet
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 70)
    page.write_string(0, 0, words["title"], looks["title"])
    page.write_string(1, 0, document.named(*document.company)[0])
    texts = [
        ("addressee", document.named(sheet.dealer_zh, sheet.dealer_en)[0]),
        ("dealer_code", sheet.dealer_code),
        ("credit_code", sheet.credit_code),
        ("number", sheet.number),
        ("days", f"{sheet.first_day.isoformat()} – {sheet.last_day.isoformat()}"),
        ("file", sheet.filename),
        ("compared_at", document.moment(sheet.finished_at)),
        ("file_hash", sheet.sha256),
        *([("unread", f"{sheet.unread:,}")] if sheet.unread else []),
    ]
    row = 3
    for key, text in texts:
        page.write_string(row, 0, words[key])
        page.write_string(row, 1, text)
        row += 1
    for key in ("ours_sum", "theirs_sum", "difference"):
        page.write_string(row, 0, words[key])
        page.write_number(row, 1, Fraction(getattr(sheet, key)), looks["money"])
        row += 1
    for key, count in (("matched", sheet.matched), ("count", len(sheet.lines))):
        page.write_string(row, 0, words[key])
        page.write_number(row, 1, count)
        row += 1
    _signed(page, row + 1, document, sheet, words)


def _signed(
    page: Worksheet, row: int, document: SheetPaper, sheet: ReconciliationSheet, words: Mapping[str, str]
) -> None:
    for side in Side:
        signed = sheet.signature_of(side)
        page.write_string(row, 0, words[f"side.{side}"])
        said = words["unsigned"]
        if signed is not None:
            said = f"{signed.name} ({signed.signed_by_label}), {document.moment(signed.signed_at)}"
            page.write_string(row + 1, 0, words["hash"])
            page.write_string(row + 1, 1, signed.sha256)
        page.write_string(row, 1, said)
        row += 3


def _differences(
    page: Worksheet, lines: Sequence[SheetLine], words: Mapping[str, str], looks: Mapping[str, Any]
) -> None:
    book = [words["document"], words["date"], words["amount"]]
    heads = [words["no"], words["class"]]
    heads += [f"{words['ours']}: {one}" for one in book] + [f"{words['theirs']}: {one}" for one in book]
    heads += [words["amount"], words["dealer_answer"], words["staff_answer"]]
    for column, head in enumerate(heads):
        page.write_string(0, column, head, looks["head"])
    page.set_column(0, 0, 6)
    page.set_column(1, len(heads) - 1, 18)
    page.freeze_panes(1, 0)
    row = 1
    for line in lines:
        page.write_number(row, 0, line.no)
        page.write_string(row, 1, words[f"class.{line.kind}"])
        page.write_number(row, 8, Fraction(line.amount), looks["money"])
        page.write_string(row, 9, words[f"answer.{line.dealer_answer}"])
        page.write_string(row, 10, words[f"answer.{line.staff_answer}"])
        for left, docs in ((2, line.ours), (5, line.theirs)):
            for down, one in enumerate(docs):
                _document(page, row + down, left, one, looks)
        row += max(len(line.ours), len(line.theirs), 1)


def _document(page: Worksheet, row: int, left: int, one: Mapping[str, Any], looks: Mapping[str, Any]) -> None:
    page.write_string(row, left, one["document"] or f"#{one.get('row', '')}")
    page.write_datetime(row, left + 1, datetime.combine(day_of_doc(one), datetime.min.time()), looks["day"])
    page.write_number(row, left + 2, Fraction(amount_of(one)), looks["money"])
