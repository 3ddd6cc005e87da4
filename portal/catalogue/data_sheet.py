"""A product on one page of paper, in Chinese and English: what a dealer hands on to its customers.

Its words have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from babel.support import NullTranslations

from portal.kernel.paper.page import BODY, HAIRLINE, LABEL, LEFT, NAME, RIGHT, ROOM, SUBTITLE, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations

_VALUE_LEFT = LEFT + ROOM * 0.36
_LEADING = 11.0
_PICTURE = 96.0  # points of its side
_LINES_MAX = 4  # of a value: the sheet is one page


class SheetRow(NamedTuple):
    """A line of the sheet. key: of its label. values: in Chinese and English, or one for both."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataSheet:
    """What stands on the paper.

    company, names: in Chinese and English. groups: key of a heading, and its rows. moment: local time of the
    business, as it is written. picture: a JPEG, at the right of the names.
    """

    company: tuple[str, str]
    sku: str
    names: tuple[str, str]
    groups: tuple[tuple[str, tuple[SheetRow, ...]], ...]
    made_at: datetime
    moment: str
    picture: bytes | None = None


def render(document: DataSheet, stream: BinaryIO) -> None:
    """Write the sheet as PDF to `stream`; equal sheets give equal bytes."""
    chinese, english = _translated(translations("zh")), _translated(translations("en"))
    words = chinese | {"subtitle": english["title"].upper()}
    sheet = Sheet(
        stream,
        title=f"{chinese['title']} {document.sku}",
        author=document.company[0],
        subject=chinese["title"],
        lang="zh-CN",
        created=document.made_at,
    )
    paper = Paper(sheet, words)
    paper.masthead(*document.company, "")
    top, room = paper.y, ROOM
    if document.picture:
        room -= _PICTURE + 16
        paper.sheet.picture(RIGHT - _PICTURE, top - 10 - _PICTURE, _PICTURE, _PICTURE, document.picture)
    paper.y = paper.lines(LEFT, top - 22, break_lines(document.names[0], NAME, room), NAME, 15) + 2
    paper.y = paper.lines(LEFT, paper.y, break_lines(document.names[1], SUBTITLE, room), SUBTITLE, 11)
    if document.picture:
        paper.y = min(paper.y, top - 10 - _PICTURE)
    for heading, rows in document.groups:
        shown = [row for row in rows if any(row.values)]
        if shown:
            paper.heading(f"{chinese[heading]}  {english[heading]}")
            for row in shown:
                label = "  ".join(dict.fromkeys((chinese[row.key], english[row.key])))
                _row(paper, label, row.values)
    paper.y -= 8
    for note in (chinese["note"], english["note"]):
        paper.y = paper.lines(LEFT, paper.y - 6, break_lines(note, LABEL, ROOM), LABEL, 10)
    sheet.save(lambda page, pages: paper.foot(f"{document.sku}  {document.moment}", page, pages))


def _row(paper: Paper, label: str, values: Sequence[str]) -> None:
    room = RIGHT - _VALUE_LEFT
    told = list(dict.fromkeys(value for value in values if value))
    lines = [line for value in told for line in break_lines(value, BODY, room)][:_LINES_MAX]
    names = break_lines(label, LABEL, _VALUE_LEFT - LEFT - 10)
    height = _LEADING * max(len(lines), len(names)) + 4
    paper.require(height)
    paper.lines(LEFT, paper.y - _LEADING, names, LABEL, _LEADING)
    paper.lines(_VALUE_LEFT, paper.y - _LEADING, tuple(lines), BODY, _LEADING)
    paper.y -= height
    paper.sheet.rule(LEFT, paper.y, ROOM, HAIRLINE, 0.4)


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("data sheet", "Product data sheet"),
        "product": pgettext("data sheet", "Product"),
        "sku": pgettext("data sheet", "SKU"),
        "specification": pgettext("data sheet", "Specification"),
        "udi_di": pgettext("data sheet", "UDI-DI"),
        "class": pgettext("data sheet", "Class"),
        "category": pgettext("data sheet", "Product line"),
        "registration": pgettext("data sheet", "Registration"),
        "registrant": pgettext("data sheet", "Registrant"),
        "maker": pgettext("data sheet", "Maker"),
        "origin": pgettext("data sheet", "Origin"),
        "registration_no": pgettext("data sheet", "Certificate or filing no."),
        "validity": pgettext("data sheet", "Valid"),
        "packaging": pgettext("data sheet", "Packaging"),
        "unit": pgettext("data sheet", "Unit of sale"),
        "pack_multiple": pgettext("data sheet", "Order multiple"),
        "inner": pgettext("data sheet", "Inner pack"),
        "case": pgettext("data sheet", "Case"),
        "pallet": pgettext("data sheet", "Pallet"),
        "handling": pgettext("data sheet", "Storage and handling"),
        "storage": pgettext("data sheet", "Storage"),
        "temperature": pgettext("data sheet", "Storage temperature"),
        "managed_by": pgettext("data sheet", "Managed by"),
        "sterile": pgettext("data sheet", "Sterile"),
        "implantable": pgettext("data sheet", "Implantable"),
        "documents": pgettext("data sheet", "Documents"),
        "certificate": pgettext("data sheet", "Registration certificate"),
        "manual": pgettext("data sheet", "Instructions for use"),
        "brochure": pgettext("data sheet", "Brochures"),
        "note": pgettext(
            "data sheet", "Taken from the portal's catalogue; the label and the instructions for use decide."
        ),
        "page": pgettext("data sheet", "Page %(page)s of %(pages)s"),
    }
